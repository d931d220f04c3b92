"""Endpoints of vectors and rerank scores, timed and counted like every other call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from assistant.operation.operations import endpoint_call
from vectorstore.entries import Matrix
from vectorstore.errors import EmbeddingFailed
from vectorstore.query_encoder import TextEncoder


class Scorer(Protocol):
    """What scores texts against a query."""

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return a score a text."""


class ObservedEncoder:
    """A `TextEncoder` whose calls are logged and counted."""

    def __init__(self, encoder: TextEncoder, url: str) -> None:
        self._encoder, self._url = encoder, url

    @property
    def name(self) -> str:
        """Model and endpoint."""
        return self._encoder.name

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return one row a text; raises `EmbeddingFailed`."""
        with _called("embeddings", self._url, texts):
            return self._encoder.encode(texts)


class ObservedScorer:
    """A scorer whose calls are logged and counted."""

    def __init__(self, scorer: Scorer, url: str) -> None:
        self._scorer, self._url = scorer, url

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return a score a text; raises `EmbeddingFailed`."""
        with _called("rerank", self._url, texts):
            return self._scorer.score(query, texts)


@contextmanager
def _called(service: str, url: str, texts: Sequence[str]) -> Iterator[None]:
    failure: EmbeddingFailed | None = None
    with endpoint_call(service, url) as call:
        call.note(texts=len(texts), sent_chars=sum(map(len, texts)))
        try:
            yield
        except EmbeddingFailed as error:
            # a named failure of the other side, to be counted as such and not as our breakage
            call.outcome, failure = "failed", error
    if failure is not None:
        raise failure

"""Vectors and rerank scores from an OpenAI-compatible endpoint. The only door to openai here."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from openai import DefaultHttpxClient, OpenAI, OpenAIError

from vectorstore.encoders import unit
from vectorstore.entries import Matrix
from vectorstore.errors import EmbeddingFailed

CACHED_FROM = 2
"""Fewer texts than this are a query: asked for, not kept."""


@dataclass(frozen=True, slots=True)
class EndpointConfig:
    """Where the endpoint is and how hard it may be asked."""

    base_url: str
    model: str
    api_key: str = "none"
    """Servers of one's own often want none, but the client wants some."""
    batch: int = 32
    at_once: int = 4
    per_minute: int = 0
    """Requests a minute; 0 is no limit of our own."""
    retries: int = 5
    timeout: float = 60.0
    query_timeout: float = 5.0
    use_proxy: bool = True
    """Whether the system's proxy may be used; an intranet endpoint must not go through it."""
    hooks: Mapping[str, list[Callable[..., Any]]] = field(default_factory=dict)
    """Event hooks of the HTTP client, for whoever keeps a record of what is sent."""


class OpenAIEmbeddings:
    """A `TextEncoder` over `/embeddings`.

    What has arrived is kept in a SQLite file, so that a build that failed half way goes on where
    it stopped, and texts that did not change are never asked for again.
    """

    def __init__(self, config: EndpointConfig, *, cache: Path) -> None:
        self._config, self._cache = config, cache
        self._client = _client(config)
        self._pace = _Pace(config.per_minute)
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Model and endpoint: another name, other vectors."""
        return f"{self._config.model}@{self._config.base_url}"

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return one unit row a text; raises `EmbeddingFailed`."""
        if len(texts) < CACHED_FROM:
            quick = self._client.with_options(timeout=self._config.query_timeout, max_retries=0)
            return unit(self._ask(quick, list(texts)))
        with self._lock:
            try:
                rows = self._of_one_model(texts)
            except sqlite3.OperationalError as error:  # locked, or no room on the disk
                raise EmbeddingFailed(f"{self._cache}: {error}") from error
            except sqlite3.DatabaseError:
                # What is kept was damaged: it can be asked for again.
                self._cache.unlink(missing_ok=True)
                rows = self._of_one_model(texts)
        return unit(np.vstack(rows))

    def _of_one_model(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        rows = self._fetched(texts)
        if len({len(row) for row in rows}) > 1:
            # The model behind the name was changed: what was kept belongs to the old one.
            self._forget()
            rows = self._fetched(texts)
        return rows

    def _fetched(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        held = self._kept(texts)
        self._fetch([text for text in dict.fromkeys(texts) if text not in held])
        held = self._kept(texts)
        return [held[text] for text in texts]

    def _fetch(self, missing: Sequence[str]) -> None:
        size = self._config.batch
        batches = [list(missing[at : at + size]) for at in range(0, len(missing), size)]
        with ThreadPoolExecutor(self._config.at_once) as pool:
            asked = [pool.submit(self._ask, self._client, batch) for batch in batches]
            try:
                for batch, answer in zip(batches, asked, strict=True):
                    self._keep(batch, answer.result())
            finally:  # whoever gives up, by a failure or an interrupt, asks for no more
                pool.shutdown(cancel_futures=True)

    def _ask(self, client: OpenAI, texts: list[str]) -> Matrix:
        self._pace.wait()
        # Some servers refuse an empty text; a full stop has no meaning either.
        wanted = [text if text.strip() else "。" for text in texts]
        try:
            answer = client.embeddings.create(
                model=self._config.model, input=wanted, encoding_format="float"
            )
            rows = [item.embedding for item in sorted(answer.data, key=lambda item: item.index)]
            matrix = np.array(rows, dtype=np.float32)
        except OpenAIError as error:
            raise EmbeddingFailed(f"{self.name}: {error}") from error
        except (ValueError, TypeError, AttributeError) as error:
            raise EmbeddingFailed(f"{self.name}: unreadable answer") from error
        if matrix.shape[:1] != (len(texts),) or matrix.ndim != 2 or not np.isfinite(matrix).all():
            raise EmbeddingFailed(f"{self.name}: {len(rows)} usable rows for {len(texts)} texts")
        return matrix

    # ------------------------------------------------------------------ kept rows

    def _connect(self) -> sqlite3.Connection:
        self._cache.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._cache, timeout=30)
        with ExitStack() as unless_ready:
            unless_ready.callback(connection.close)
            connection.execute(
                "CREATE TABLE IF NOT EXISTS kept(key BLOB PRIMARY KEY, name TEXT, vector BLOB)"
            )
            unless_ready.pop_all()
        return connection

    def _kept(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        held: dict[str, NDArray[np.float32]] = {}
        with closing(self._connect()) as connection:
            for text in texts:
                row = connection.execute(
                    "SELECT vector FROM kept WHERE key = ?", (self._key(text),)
                ).fetchone()
                if row:
                    held[text] = np.frombuffer(row[0], dtype=np.float32)
        return held

    def _keep(self, texts: Sequence[str], vectors: Matrix) -> None:
        with closing(self._connect()) as connection, connection:
            connection.executemany(
                "INSERT OR REPLACE INTO kept VALUES (?, ?, ?)",
                [
                    (self._key(t), self.name, v.tobytes())
                    for t, v in zip(texts, vectors, strict=True)
                ],
            )

    def _forget(self) -> None:
        with closing(self._connect()) as connection, connection:
            connection.execute("DELETE FROM kept WHERE name = ?", (self.name,))

    def _key(self, text: str) -> bytes:
        return hashlib.blake2b(f"{self.name}\0{text}".encode(), digest_size=16).digest()


class EndpointReranker:
    """Scores texts against a query over `/rerank`, as Jina, Cohere, vLLM and others speak it."""

    def __init__(self, config: EndpointConfig) -> None:
        self._config = config
        self._client = _client(config).with_options(timeout=config.query_timeout, max_retries=0)

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return a score a text, higher is better; raises `EmbeddingFailed`."""
        body = {"model": self._config.model, "query": query, "documents": list(texts)}
        try:
            answer = self._client.post("/rerank", cast_to=object, body=body)
            results = answer["results"]  # type: ignore[index]
            scores = {int(r["index"]): float(r["relevance_score"]) for r in results}
            return [scores[number] for number in range(len(texts))]
        except OpenAIError as error:
            raise EmbeddingFailed(f"{self._config.base_url}/rerank: {error}") from error
        except (KeyError, TypeError, ValueError) as error:
            raise EmbeddingFailed(f"{self._config.base_url}/rerank: unreadable answer") from error


def _client(config: EndpointConfig) -> OpenAI:
    # The client waits as long as a 429 asks (Retry-After) and backs off otherwise.
    return OpenAI(
        base_url=config.base_url,
        api_key=config.api_key,
        max_retries=config.retries,
        timeout=config.timeout,
        http_client=DefaultHttpxClient(
            trust_env=config.use_proxy,
            # A redirect could carry the texts to a host nobody chose.
            follow_redirects=False,
            event_hooks=dict(config.hooks),
        ),
    )


class _Pace:
    """Lets at most so many requests start a minute, evenly spread."""

    def __init__(self, per_minute: int) -> None:
        self._gap = 60 / per_minute if per_minute else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next request may start."""
        with self._lock:
            start = max(self._next, time.monotonic())
            self._next = start + self._gap
        time.sleep(max(0.0, start - time.monotonic()))

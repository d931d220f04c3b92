"""The model and the vector services as the rest of the product sees them: watched, and masked.

With masking on nothing leaves but what `MaskTable` made of it, and what returns is put back
before anybody reads it, so that verification and citations work on the real words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.chat_model import Completion, Message
from assistant.errors import ModelError
from assistant.operation.observed import Scorer
from assistant.outgoing.masking import MaskTable, Names, StreamRestorer, mask_alone
from assistant.outgoing.sent import SentLog
from prompts import render
from vectorstore.query_encoder import TextEncoder

if TYPE_CHECKING:
    from assistant.openai_model import OpenAIChatModel

KnownNames = Callable[[], Names]

_FENCED = re.compile(
    r"(?P<open>«(?P<name>输入|依据\[\d+\]) (?P<fence>\w+)»\n)(?P<data>.*?)"
    r"(?P<close>\n«/(?P=name) (?P=fence)»)",
    re.DOTALL,
)


class OutgoingModel:
    """A `ChatModel` over an endpoint whose requests are noted and, where asked for, masked."""

    def __init__(
        self, inner: OpenAIChatModel, log: SentLog, *, names: KnownNames | None = None
    ) -> None:
        self._inner, self._log, self._names = inner, log, names

    @property
    def name(self) -> str:
        """Name of the model as configured."""
        return self._inner.name

    @property
    def masks(self) -> bool:
        """Whether names and figures are replaced before sending."""
        return self._names is not None

    def stopping_when(self, should_stop: Callable[[], bool]) -> OutgoingModel:
        """Return this model with a question that ends its work early."""
        return OutgoingModel(self._inner.stopping_when(should_stop), self._log, names=self._names)

    def to(self, purpose: str) -> OutgoingModel:
        """Return this model with what it is asked for, as the record tells it."""
        watch = self._log.watch(purpose, key=self._inner.config.api_key, masked=self.masks)
        return OutgoingModel(self._inner.watched(watch), self._log, names=self._names)

    def complete(
        self, messages: Sequence[Message], *, schema: Mapping[str, object] | None = None
    ) -> Completion:
        """Return the whole answer with everything put back."""
        if self._names is None:
            return self._inner.complete(messages, schema=schema)
        table, masked = mask_messages(messages, self._names())
        try:
            said = self._inner.complete(masked, schema=schema)
        except ModelError as error:
            error.partial = table.restore(error.partial, in_json=schema is not None)
            raise
        text = table.restore(said.text, in_json=schema is not None)
        return Completion(text, said.model, said.finish)

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Yield the answer piece by piece with everything put back."""
        if self._names is None:
            yield from self._inner.stream(messages)
            return
        table, masked = mask_messages(messages, self._names())
        restorer = StreamRestorer(table)
        pieces = self._inner.stream(masked)
        try:
            for piece in pieces:
                if ready := restorer.feed(piece):
                    yield ready
        except ModelError as error:
            error.partial = table.restore(error.partial)
            raise
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()
        if rest := restorer.finish():
            yield rest


def mask_messages(
    messages: Sequence[Message], names: Names | None = None
) -> tuple[MaskTable, list[Message]]:
    """Mask what is data in the messages: all between fences, and all that stands without any."""
    stretches = [part for turn in messages for part in _data_of(turn)]
    table = MaskTable(names, avoid="\n".join(turn.content for turn in messages))
    for part in stretches:
        table.learn(part)
    masked = [Message(turn.role, _masked_turn(turn, table)) for turn in messages]
    note = render("masking")
    if masked and masked[0].role == "system":
        masked[0] = Message("system", f"{masked[0].content}\n\n{note}")
    else:
        masked.insert(0, Message("system", note))
    return table, masked


def _data_of(turn: Message) -> list[str]:
    if turn.role == "system":
        return []
    fenced = [found["data"] for found in _FENCED.finditer(turn.content)]
    return fenced or [turn.content]


def _masked_turn(turn: Message, table: MaskTable) -> str:
    if turn.role == "system":
        return turn.content
    if not _FENCED.search(turn.content):
        return table.mask(turn.content)
    return _FENCED.sub(
        lambda found: f"{found['open']}{table.mask(found['data'])}{found['close']}", turn.content
    )


@dataclass(frozen=True, slots=True)
class MaskedEmbeddings:
    """A `TextEncoder` that sends masked texts; its rows are others, and so is its name."""

    inner: TextEncoder
    names: KnownNames

    @property
    def name(self) -> str:
        """Model and endpoint, and that the texts were masked."""
        return f"{self.inner.name}+masked"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit row a text; raises `EmbeddingFailed`."""
        names = self.names()
        return self.inner.encode([mask_alone(text, names) for text in texts])


@dataclass(frozen=True, slots=True)
class MaskedReranker:
    """Scores masked texts against a masked query; one wording has one placeholder in all."""

    inner: Scorer
    names: KnownNames

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return a score a text, higher is better; raises `EmbeddingFailed`."""
        table = MaskTable(self.names(), avoid="\n".join((query, *texts)))
        for text in (query, *texts):
            table.learn(text)
        return self.inner.score(table.mask(query), [table.mask(text) for text in texts])

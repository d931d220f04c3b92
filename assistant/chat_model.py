"""The one Protocol to a language model. Knows no vendor and no network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model said in full, its thinking left out."""

    text: str
    model: str
    """The model that answered, as the server names it."""
    finish: str
    """Why it ended, in the server's word; never empty."""


class ChatModel(Protocol):
    """A model that answers messages; every failure is a `ModelError`."""

    @property
    def name(self) -> str:
        """Name shown beside what the model wrote."""
        ...

    def complete(
        self, messages: Sequence[Message], *, schema: Mapping[str, object] | None = None
    ) -> Completion:
        """Return the whole answer; with `schema`, as JSON text as far as the server can."""
        ...

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Yield the answer piece by piece; closing the iterator stops the server at once."""
        ...

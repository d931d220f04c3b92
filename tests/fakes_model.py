"""A `ChatModel` that says what it is told to, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from assistant.chat_model import Completion, Message


class ScriptedModel:
    """Each call takes the next text; the last one is repeated."""

    name = "scripted"

    def __init__(self, *texts: str) -> None:
        self._texts = list(texts)
        self.asked: list[list[Message]] = []
        self.closed = 0

    def _next(self, messages: Sequence[Message]) -> str:
        self.asked.append(list(messages))
        return self._texts.pop(0) if len(self._texts) > 1 else self._texts[0]

    def complete(
        self, messages: Sequence[Message], *, schema: Mapping[str, object] | None = None
    ) -> Completion:
        return Completion(self._next(messages), self.name, "stop")

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        try:
            yield from self._next(messages)
        finally:
            self.closed += 1

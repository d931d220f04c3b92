"""Collect one answer from whatever shape its pieces have. Pure: no network, no library.

Servers send pieces without choices, without a delta, with lists for text, with the thinking in a
field of either of two names; some ignore that a stream was asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from assistant.endpoints.failures import detail_of, finish_error, model_error
from assistant.endpoints.thinking import ThinkFilter

_THINKING_FIELDS = ("reasoning_content", "reasoning")


def _ignore(piece: str) -> None:
    """Take no notice of a piece."""


class Reply:
    """The answer so far; `emit` gets each piece that is certainly answer, blank start cut off."""

    def __init__(
        self,
        *,
        limit: int,
        starts_inside: bool = False,
        emit: Callable[[str], None] = _ignore,
    ) -> None:
        self.model = ""
        self.finish: str | None = None
        self._filter = ThinkFilter(starts_inside=starts_inside)
        self._limit = limit
        self._emit = emit
        self._emitted = False
        self._chunks = 0
        self._thinking = 0

    @property
    def text(self) -> str:
        """The answer without its thinking."""
        return self._filter.answer.strip()

    @property
    def thought_without_opening(self) -> bool:
        """Whether thinking reached the caller because only its closing tag showed."""
        return self._filter.late

    def take(self, chunk: object) -> None:
        """Add one event of a stream."""
        self._chunks += 1
        _raise_told_error(_field(chunk, "error") or _bare_message(chunk), self.text)
        choice = _first(_field(chunk, "choices"))
        if choice is None:
            return
        self.model = self.model or _word(_field(chunk, "model"))
        self.finish = _word(_field(choice, "finish_reason")) or self.finish
        self._add(_field(choice, "delta"))

    def take_whole(self, body: bytes) -> None:
        """Add an answer that came in one piece although a stream was asked for."""
        try:
            whole = json.loads(body)
        except (ValueError, RecursionError):
            whole = None
        _raise_told_error(_field(whole, "error") or _bare_message(whole), "")
        choices = _field(whole, "choices")
        if not isinstance(choices, Sequence):
            raise self._not_an_endpoint(detail_of(body))
        choice = _first(choices)
        self.model = _word(_field(whole, "model"))
        self._add(_field(choice, "message"))
        # A whole answer cannot be cut off unnoticed: a missing reason only means "stop".
        self.finish = _word(_field(choice, "finish_reason")) or "stop"

    def ended(self, *, streamed: bool) -> None:
        """Check that a stream that ended was one at all."""
        if not self._chunks and not streamed:
            raise self._not_an_endpoint("")

    def close(self) -> None:
        """Pass on what was held back, then raise `ModelError` unless the answer ended well."""
        self._pass_on(self._filter.finish())
        if self._filter.late:
            raise model_error("broken", "模型把思考过程混进了回答", partial=self.text)
        thinking = self._thinking + self._filter.thinking_chars
        error = finish_error(self.finish, text=self.text, thinking=thinking)
        if error is not None:
            raise error

    def _add(self, delta: object) -> None:
        for name in _THINKING_FIELDS:
            self._thinking += len(_word(_field(delta, name)))
        self._pass_on(self._filter.feed(_text_of(_field(delta, "content"))))
        said = len(self._filter.answer) + self._filter.thinking_chars + self._thinking
        if said > self._limit:
            raise model_error("length", "模型一直写个不停，已经停止", partial=self.text)

    def _pass_on(self, piece: str) -> None:
        if not self._emitted:
            piece = piece.lstrip()
        if piece:
            self._emitted = True
            self._emit(piece)

    @staticmethod
    def _not_an_endpoint(detail: str) -> Exception:
        return model_error(
            "config",
            "地址能访问，但返回的不是模型的回答，可能是登录页或网址写错",
            detail=detail[:80],
        )


def _field(value: object, name: str) -> object:
    if isinstance(value, Mapping):
        return value.get(name)
    return getattr(value, name, None)


def _first(choices: object) -> object:
    if isinstance(choices, Sequence) and not isinstance(choices, str) and choices:
        return choices[0]
    return None


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _text_of(content: object) -> str:
    """Return the text of a content field: a string, or a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, Sequence):
        return "".join(
            _word(_field(part, "text")) for part in content if _field(part, "type") == "text"
        )
    return ""


def _bare_message(value: object) -> object:
    """Return a whole event that is an error without saying so, such as `{"code", "message"}`."""
    if _field(value, "choices") is None and isinstance(_field(value, "message"), str):
        return {"message": _field(value, "message"), "code": _field(value, "code")}
    return None


def _raise_told_error(told: object, partial: str) -> None:
    if told:
        body = told if isinstance(told, Mapping) else {"message": str(told)}
        raise model_error(
            "server", "服务方出错，回答中断", partial=partial, detail=detail_of(dict(body))
        )

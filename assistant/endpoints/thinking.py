"""Keep a model's thinking out of its answer, also when a tag is cut over pieces. Pure."""

from __future__ import annotations

import re

_NAMES = ("think", "thinking", "thought", "reasoning")
_TAG = re.compile(rf"<(/?)(?:{'|'.join(_NAMES)})>", re.IGNORECASE)
_TAGS = tuple(f"<{slash}{name}>" for name in _NAMES for slash in ("", "/"))


class ThinkFilter:
    """Pass on what is answer and count what is thinking.

    Some chat templates open the thinking in the prompt, so that only the closing tag shows. What
    stood before it may have been passed on already: then `late` becomes true and `answer` starts
    anew. With `starts_inside` nothing is passed on before that tag.
    """

    def __init__(self, *, starts_inside: bool = False) -> None:
        self.answer = ""
        self.thinking_chars = 0
        self.late = False
        self._inside = self._presumed = starts_inside
        self._paired = starts_inside
        self._held = ""
        self._hidden = ""

    def feed(self, piece: str) -> str:
        """Return the part of the text held so far that is certainly answer."""
        self._held += piece
        passed = ""
        while tag := _TAG.search(self._held):
            passed += self._take(tag.start())
            self._held = self._held[len(tag.group()) :]
            closing = bool(tag.group(1))
            if closing and not self._paired:
                self._restart(passed)
                passed = ""
            self._inside, self._paired, self._presumed = not closing, True, False
        passed += self._take(len(self._held) - _tag_start(self._held))
        self.answer += passed
        return passed

    def finish(self) -> str:
        """Return what was held back at the end."""
        rest = self._take(len(self._held))
        if self._presumed:
            # No tag came at all: what was presumed to be thinking is the answer.
            rest, self.thinking_chars, self._presumed = self._hidden, 0, False
        self.answer += rest
        return rest

    def _restart(self, passed: str) -> None:
        self.late = bool(self.answer.strip())
        self.thinking_chars += len(self.answer) + len(passed)
        self.answer = ""

    def _take(self, length: int) -> str:
        text, self._held = self._held[:length], self._held[length:]
        if not self._inside:
            return text
        self.thinking_chars += len(text)
        if self._presumed:
            self._hidden += text
        return ""


def _tag_start(text: str) -> int:
    """Return how many characters at the end may be the beginning of a tag."""
    last = text.rfind("<")
    if last < 0:
        return 0
    tail = text[last:].lower()
    return len(tail) if any(tag.startswith(tail) for tag in _TAGS) else 0

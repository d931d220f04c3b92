"""Text that may run over several lines, with the way back to raw lines and offsets."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from assistant.cleaning import CleanLine
from assistant.models import Span


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of one line's norm text and where it begins in the flow."""

    at: int
    line: CleanLine
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Flow:
    """Norm text over one or more lines."""

    text: str
    parts: tuple[Part, ...]

    def _part(self, offset: int) -> Part:
        index = bisect_right(self.parts, offset, key=lambda part: part.at) - 1
        return self.parts[max(0, index)]

    def span(self, start: int, end: int) -> Span:
        """Raw place of `text[start:end]`."""
        first, last = self._part(start), self._part(max(start, end - 1))
        raw_start = first.line.norm.raw_span(
            first.start + start - first.at, min(first.end, first.start + max(end, start) - first.at)
        )[0]
        raw_end = last.line.norm.raw_span(
            last.start + max(0, start - last.at), last.start + end - last.at
        )[1]
        return Span(first.line.number, raw_start, last.line.number, raw_end)

    def raw(self, start: int, end: int) -> str:
        """The source's own words for `text[start:end]`."""
        pieces: list[str] = []
        for part in self.parts:
            low = max(start, part.at)
            high = min(end, part.at + part.end - part.start)
            if low < high:
                shift = part.start - part.at
                pieces.append(part.line.norm.raw_text(low + shift, high + shift))
        return "".join(pieces)

    def cut(self, start: int, end: int) -> Flow:
        """The flow of `text[start:end]`."""
        parts: list[Part] = []
        for part in self.parts:
            low = max(start, part.at)
            high = min(end, part.at + part.end - part.start)
            if low < high:
                shift = part.start - part.at
                parts.append(Part(low - start, part.line, low + shift, high + shift))
        return Flow(self.text[start:end], tuple(parts))

    def line_at(self, offset: int) -> int:
        """Line number of a character of the flow."""
        return self._part(offset).line.number

    @property
    def first_line(self) -> int:
        """Number of the first line."""
        return self.parts[0].line.number

    @property
    def last_line(self) -> int:
        """Number of the last line."""
        return self.parts[-1].line.number


def flow_of(lines: list[CleanLine]) -> Flow:
    """One flow from lines that belong together, outer spaces dropped."""
    parts: list[Part] = []
    texts: list[str] = []
    at = 0
    for line in lines:
        text = line.norm.text
        start = len(text) - len(text.lstrip())
        end = len(text.rstrip())
        parts.append(Part(at, line, start, end))
        texts.append(text[start:end])
        at += end - start
    return Flow("".join(texts), tuple(parts))

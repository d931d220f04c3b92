"""Rectification text → measures: 一是, ①, （1） units, or sentences where nothing is numbered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.models import Measure
from assistant.parsing.cues import Cues, load_cues
from assistant.parsing.flow import Flow
from assistant.parsing.sentences import split_sentences
from assistant.parsing.tokens import ordinal_of

NUMERAL = "[一二三四五六七八九十]{1,3}"
STOP = "。；：:;"
RUNS = (
    (re.compile(f"(?P<n>{NUMERAL})是(?!否)"), STOP + "，!！?？”）"),
    (re.compile(f"第(?P<n>{NUMERAL})[，、：,]"), STOP),
    (re.compile(r"其(?P<n>[一二三四五六七八九十])[，、：]"), STOP),
    (re.compile(r"(?P<n>[①-⑳])"), STOP + "，"),
    (re.compile(rf"[（(](?P<n>\d{{1,2}}|{NUMERAL})[）)]"), STOP),
    (re.compile(r"(?P<n>\d{1,2})[.．、](?:(?!\d)|(?=(?:19|20)\d\d年|\d{1,2}月))"), STOP),
    (re.compile(r"(?P<n>\d{1,2})[）)]"), STOP),
)
"""Shapes of numbering, and after which characters each may begin."""
SHORT_TITLE = 24
MIN_MEASURE = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of rectification text."""

    flow: Flow
    start: int
    end: int
    joins: bool = False
    """Belongs to the measure before it."""
    led: bool = False
    """Stands behind a lead of its own, such as 下一步打算：."""

    @property
    def text(self) -> str:
        """Norm text."""
        return self.flow.text[self.start : self.end]


def find_run(text: str) -> list[int]:
    """Starts of the numbered units of the outermost numbering in a text; empty if none."""
    best: list[int] = []
    for pattern, after in RUNS:
        if best and pattern.search(text, 0, best[0]) is None:
            continue
        marks = _consistent(pattern, after, text)
        if marks and (not best or marks[0] < best[0]):
            best = marks
    return best


def _consistent(pattern: re.Pattern[str], after: str, text: str) -> list[int]:
    """Marks of one numbering, begun by a first or standing at the very start."""
    found: list[int] = []
    last = 0
    for match in pattern.finditer(text):
        start = match.start()
        before = _before(text, start)
        if before and before not in after:
            continue
        ordinal = ordinal_of(match.group("n"))
        if not found and ordinal != 1 and start > 2:
            continue
        if found and not 0 < ordinal <= last + 4:
            continue
        if found and before == "，" and ordinal != last + 1:
            continue
        found.append(start)
        last = ordinal
    if len(found) == 1 and found[0] > 0 and not text[found[0] :].startswith(("一是", "①")):
        return []
    return found


def _before(text: str, start: int) -> str:
    """The character before, blanks passed over; empty at the beginning."""
    at = start - 1
    while at >= 0 and text[at] in " \t":
        at -= 1
    return text[at] if at >= 0 else ""


def split_measures(pieces: Sequence[Piece]) -> tuple[Measure, ...]:
    """Measures in order; leads before a numbered run are no measures."""
    cues = load_cues()
    spans: list[list[Piece]] = []
    opened = False
    for piece in pieces:
        text = piece.text
        if piece.joins and spans:
            spans[-1].append(piece)
            continue
        marks = find_run(text)
        if marks:
            for start, end in zip(marks, [*marks[1:], len(text)], strict=True):
                spans.append([Piece(piece.flow, piece.start + start, piece.start + end)])
            opened = len(marks) == 1 and _is_title(spans[-1][-1].text)
            continue
        if opened and spans and not piece.led:
            spans[-1].append(piece)
            opened = False
            continue
        spans += [
            [Piece(piece.flow, piece.start + start, piece.start + end)]
            for start, end in split_sentences(text)
        ]
    return tuple(measure for span in spans if (measure := _measure(span, cues)))


def _is_title(text: str) -> bool:
    """一是加强学习。 alone on a line: what follows belongs to it."""
    return len(text) <= SHORT_TITLE and len(list(split_sentences(text))) == 1


def _measure(span: list[Piece], cues: Cues) -> Measure | None:
    first, last = span[0], span[-1]
    low = first.start + len(first.text) - len(first.text.lstrip())
    high = last.end - (len(last.text) - len(last.text.rstrip()))
    if len(span) == 1 and high - low < MIN_MEASURE:
        return None
    if len(span) == 1:
        return Measure(first.flow.raw(low, high), first.flow.span(low, high))
    head, tail = first.flow.span(low, first.end), last.flow.span(last.start, high)
    text = first.flow.raw(low, first.end) + "".join(
        piece.flow.raw(piece.start, high if piece is last else piece.end) for piece in span[1:]
    )
    whole = type(head)(head.line, head.start, tail.end_line, tail.end)
    return Measure(text, whole)

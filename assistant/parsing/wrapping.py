"""Lines cut at a fixed width: which of them go on with the line before."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from assistant.cleaning import CleanLine
from assistant.parsing.cues import Cues

LEAST_FULL = 10
FULL_SHARE = 0.35
NARROWEST, WIDEST = 36, 110
SLACK = 5
"""A line may fall short of the width by what cannot be broken, such as a figure or a bracket."""
LONG = 0.8
"""Of the width: a line that may still be cut rather than ended."""
OUTLIERS = 0.03
ENDS = "。；：！？"
UNENDED_SHARE = 0.4
INDENT_SHARE = (0.08, 0.7)


class _Widths(dict[str, int]):
    """Width of each character met so far."""

    def __missing__(self, char: str) -> int:
        self[char] = 2 if unicodedata.east_asian_width(char) in "WFA" else 1
        return self[char]


_WIDTHS = _Widths()


def _width(text: str) -> int:
    return sum(map(_WIDTHS.__getitem__, text))


def _indented(raw: str) -> bool:
    return raw.startswith(("\u3000", "  ", "\u00a0\u00a0", "\t"))


def wrapped_lines(lines: Sequence[CleanLine], cues: Cues) -> frozenset[int]:
    """Numbers of the lines that continue their predecessor in a text cut at a fixed width."""
    kept = [line for line in lines if line.noise is None]
    widths = [_width(line.raw.rstrip()) for line in kept]
    if len(kept) < LEAST_FULL:
        return frozenset()
    edge = sorted(widths)[int(len(widths) * (1 - OUTLIERS)) - 1]
    full = [edge - SLACK <= width <= edge + SLACK for width in widths]
    count = sum(full)
    if not NARROWEST <= edge <= WIDEST or count < max(LEAST_FULL, FULL_SHARE * len(kept)):
        return frozenset()
    ended = sum(
        line.raw.rstrip().endswith(tuple(ENDS))
        for line, whole in zip(kept, full, strict=True)
        if whole
    )
    if ended > (1 - UNENDED_SHARE) * count:
        return frozenset()
    share = sum(_indented(line.raw) for line in kept) / len(kept)
    by_indent = INDENT_SHARE[0] <= share <= INDENT_SHARE[1]
    found = set()
    for index in range(1, len(kept)):
        line, before = kept[index], kept[index - 1].raw.rstrip()
        long = widths[index - 1] >= LONG * edge
        goes_on = full[index - 1] or (long and (by_indent or not before.endswith(tuple(ENDS))))
        if goes_on and not (_indented(line.raw) if by_indent else _begins(line, cues)):
            found.add(line.number)
    return frozenset(found)


def _begins(line: CleanLine, cues: Cues) -> bool:
    """Whether a line opens a paragraph by its numbering or its lead."""
    text = line.norm.text.strip()
    head = text[:40]
    return (
        any(style.pattern.match(head) for style in cues.labels)
        or any(lead.match(head) for lead in cues.leads.values())
        or cues.forms["tag"].match(head) is not None
        or cues.header["date_line"].match(text) is not None
    )

"""Glyphs on a page to lines of text: baselines, gaps, doubled glyphs. Knows no file format."""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CJK = (
    "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f\u2014\u2018\u2019\u201c\u201d\u2026\u00b7"
)
_BLANK = "[ \u3000\xa0]+"
_INNER = re.compile(
    f"(?<=[{CJK}]){_BLANK}(?=[{CJK}])"
    f"|(?<=[{CJK}]){_BLANK}(?=[0-9A-Za-z])"
    f"|(?<=[0-9A-Za-z%]){_BLANK}(?=[{CJK}])"
)
_REPEATABLE = "—…─-－_.·"


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character and its box, in points, origin at the lower left."""

    x0: float
    x1: float
    y0: float
    y1: float
    text: str

    @property
    def middle(self) -> float:
        """Height of the box's centre."""
        return (self.y0 + self.y1) / 2


Rows = list[tuple[list[Glyph], float]]
"""Glyphs of each baseline, and how tall it is."""

LEAST_ROWS = 5
"""Rows a gutter must run through."""
MOST_GAPS = 500


@dataclass(slots=True)
class Line:
    """A stretch of text on one baseline."""

    x0: float
    x1: float
    y0: float
    y1: float
    text: str
    page: int

    @property
    def size(self) -> float:
        """Height of the box: the font size, near enough."""
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        """Height of the box's centre."""
        return (self.y0 + self.y1) / 2


def lines_of(glyphs: Iterable[Glyph], page: int) -> list[Line]:
    """Glyphs of a page as lines, top to bottom, whatever order they were drawn in.

    Latin and Chinese runs are separate objects in most PDFs, so content order is not reading
    order even inside a line: sort by position.
    """
    rows = _rows(glyphs)
    for row, _ in rows:
        row.sort(key=lambda g: g.x0)
    gutter = _gutter(rows)
    lines: list[Line] = []
    for row, height in rows:
        lines.extend(_split(row, height, page, gutter))
    return lines


def tidy(text: str) -> str:
    """Drop the blanks that letter-spacing and mixed fonts put into Chinese text."""
    return _INNER.sub("", text).strip(" \u3000\xa0\t")


def _rows(glyphs: Iterable[Glyph]) -> Rows:
    rows: Rows = []
    anchor = 0.0
    for glyph in sorted(glyphs, key=lambda g: -g.middle):
        height = glyph.y1 - glyph.y0
        if rows and abs(anchor - glyph.middle) < 0.45 * max(height, rows[-1][1]):
            row, tallest = rows[-1]
            row.append(glyph)
            rows[-1] = row, max(tallest, height)
        else:
            rows.append(([glyph], height))
            anchor = glyph.middle
    return rows


def _gutter(rows: Rows) -> float | None:
    """Where a white strip runs down between two columns too close to be told by one row."""
    gaps: list[tuple[float, float]] = []
    for row, height in rows:
        wide = 0.8 * height + 2 * _usual_gap(row)
        gaps += [(a.x1, b.x0) for a, b in itertools.pairwise(row) if b.x0 - a.x1 > wide]
    if len(gaps) > MOST_GAPS:
        return None
    best, most = None, LEAST_ROWS - 1
    for left, right in gaps:
        middle = (left + right) / 2
        through = sum(start < middle < end for start, end in gaps)
        if through > most:
            best, most = middle, through
    if best is None:
        return None
    crossing = sum(row[0].x0 < best < row[-1].x1 for row, _ in rows)
    return best if most >= 0.8 * crossing else None


def _usual_gap(row: list[Glyph]) -> float:
    gaps = [b.x0 - a.x1 for a, b in itertools.pairwise(row)]
    return max(0.0, statistics.median(gaps)) if gaps else 0.0


def _split(row: list[Glyph], height: float, page: int, gutter: float | None) -> list[Line]:
    # 分散对齐的行处处是宽间距：只有比本行其他间距大得多的才是分栏
    column_gap = max(1.8 * height, 3 * _usual_gap(row))
    lines: list[Line] = []
    last_x = 0.0
    for glyph in row:
        gap = glyph.x0 - lines[-1].x1 if lines else column_gap
        parted = gutter is not None and bool(lines) and lines[-1].x1 <= gutter <= glyph.x0
        if gap >= column_gap or (parted and gap > 0.5 * height):
            lines.append(Line(glyph.x0, glyph.x1, glyph.y0, glyph.y1, glyph.text, page))
        elif not _is_double(lines[-1].text, glyph, last_x):
            _append(lines[-1], glyph, gap / height if height else 0.0)
        last_x = glyph.x0
    return lines


def _is_double(text: str, glyph: Glyph, last_x: float) -> bool:
    # 伪粗体把同一个字错开一点画两遍；破折号连字本来就是两个同位的字
    if glyph.text != text[-1] or glyph.text in _REPEATABLE:
        return False
    return abs(glyph.x0 - last_x) < 0.25 * (glyph.x1 - glyph.x0)


def _append(line: Line, glyph: Glyph, gap: float) -> None:
    latin = glyph.text.isascii() and line.text[-1].isascii()
    blank = " " if gap > 0.6 or (gap > 0.18 and latin) else ""
    line.text += blank + glyph.text
    line.x1 = max(line.x1, glyph.x1)
    line.y0, line.y1 = min(line.y0, glyph.y0), max(line.y1, glyph.y1)


def text_in_box(glyphs: Sequence[Glyph], page: int) -> str:
    """Glyphs of a table cell as one line of text."""
    return tidy("".join(join_wrapped(tidy(line.text)) for line in lines_of(glyphs, page)))


def join_wrapped(text: str) -> str:
    """A cell line as it joins the next: Latin words keep a blank."""
    return text + " " if text[-1:].isascii() and text[-1:].isalpha() else text

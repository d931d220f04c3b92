"""What stands where on a page: running heads and page numbers, columns, ruled tables."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass, field

from assistant.loading.geometry import Glyph, Line, tidy

Rows = tuple[tuple[str, ...], ...]

_PAGE_NUMBER = re.compile(
    r"[\s\-—–－_·•|.]*(第?\s*[0-9０-９]{1,4}\s*页?)(\s*[/／,，]?\s*共?\s*[0-9０-９]{1,4}\s*页?)?"
    r"[\s\-—–－_·•|.]*"
)
EDGE = 0.10
"""Share of the page height at top and bottom where page furniture stands."""
REPEATED = 0.4


@dataclass(frozen=True, slots=True)
class Ruled:
    """A ruled table on a page: where it stands, and its rows."""

    x0: float
    x1: float
    y0: float
    y1: float
    rows: Rows


@dataclass(slots=True)
class Page:
    """Lines and tables of one page."""

    lines: list[Line]
    width: float
    height: float
    glyphs: list[Glyph] = field(default_factory=list)
    tables: list[Ruled] = field(default_factory=list)
    turned: bool = False
    """Text runs sideways or upside down on the page as stored."""


@dataclass(slots=True)
class Column:
    """The strip of a page that lines of text fill."""

    x0: float
    x1: float
    lines: int = 1


# ------------------------------------------------------------------ headers and footers


def strip_furniture(pages: list[Page]) -> None:
    """Remove page numbers and what repeats at the top or bottom of the pages."""
    seen: Counter[tuple[str, bool]] = Counter()
    for page in pages:
        seen.update({_key(line, page) for line in page.lines if _at_edge(line, page)})
    least = max(2.0, REPEATED * len(pages))
    for page in pages:
        page.lines = [
            line
            for line in page.lines
            if not _at_edge(line, page)
            or not (
                _PAGE_NUMBER.fullmatch(line.text)
                or (len(pages) >= 3 and seen[_key(line, page)] >= least)
            )
        ]


def _at_edge(line: Line, page: Page) -> bool:
    return not EDGE * page.height <= line.middle <= (1 - EDGE) * page.height


def _key(line: Line, page: Page) -> tuple[str, bool]:
    return re.sub(r"\d+", "#", tidy(line.text)), line.middle > page.height / 2


# ------------------------------------------------------------------ columns


def columns_of(lines: list[Line], em: float) -> list[Column]:
    """Columns of a page, left to right; one when the lines do not show several."""
    columns: list[Column] = []
    for line in sorted((li for li in lines if li.x1 - li.x0 > 6 * em), key=lambda li: li.x0):
        for column in columns:
            overlap = min(column.x1, line.x1) - max(column.x0, line.x0)
            if overlap > 0.3 * min(column.x1 - column.x0, line.x1 - line.x0):
                column.x0, column.x1 = min(column.x0, line.x0), max(column.x1, line.x1)
                column.lines += 1
                break
        else:
            columns.append(Column(line.x0, line.x1))
    columns = sorted((c for c in columns if c.lines >= 3), key=lambda c: c.x0)
    touching = any(left.x1 > right.x0 - 0.3 * em for left, right in itertools.pairwise(columns))
    if not columns or (len(columns) > 1 and touching):
        return [Column(min(li.x0 for li in lines), max(li.x1 for li in lines))]
    return columns


def column_of(line: Line, columns: list[Column]) -> int:
    """Which column a line belongs to."""
    distances = [max(0.0, c.x0 - line.x0, line.x0 - c.x1) for c in columns]
    return distances.index(min(distances))

"""Ruled tables of PDF pages: cells from the ruling lines, text from the page's own glyphs."""

from __future__ import annotations

import io
import itertools
from typing import Any

import pdfplumber
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from assistant.loading.geometry import Glyph, lines_of, text_in_box
from assistant.loading.page_layout import Page, Ruled

Box = tuple[float, float, float, float]

MAX_TABLE_PAGES = 300
MAX_PAGE_GLYPHS = 20_000
_SNAP = 2.0
_FAILURES = (
    PdfminerException,
    MalformedPDFException,
    PSException,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
)
"""What the finder of ruling lines raises on files that its sibling reads without complaint."""


def find_ruled(content: bytes, pages: list[Page], numbers: list[int]) -> bool:
    """Move the tables of the numbered pages out of their lines; tell whether that worked."""
    try:
        _find(content, pages, numbers)
    except _FAILURES:
        return False
    return True


def _find(content: bytes, pages: list[Page], numbers: list[int]) -> None:
    with pdfplumber.open(io.BytesIO(content)) as document:
        for number in numbers[:MAX_TABLE_PAGES]:
            if len(pages[number].glyphs) > MAX_PAGE_GLYPHS:
                continue
            page = document.pages[number]
            if not page.rotation:
                for table in page.find_tables():
                    _move(pages[number], number, _flipped(table.cells, float(page.height)))
            page.close()


def _flipped(cells: list[Any], height: float) -> list[Box]:
    """Boxes with the origin at the lower left: (x0, y0, x1, y1)."""
    return [(c[0], height - c[3], c[2], height - c[1]) for c in cells if c]


def _move(page: Page, number: int, cells: list[Box]) -> None:
    xs = _edges([x for cell in cells for x in (cell[0], cell[2])])
    ys = _edges([y for cell in cells for y in (cell[1], cell[3])])
    if len(xs) < 3 or len(ys) < 3:
        return
    x0, x1, y0, y1 = xs[0], xs[-1], ys[0], ys[-1]
    inside = [g for g in page.glyphs if x0 <= (g.x0 + g.x1) / 2 <= x1 and y0 <= g.middle <= y1]
    texts = {cell: text_in_box(_glyphs_in(cell, inside), number) for cell in cells}
    rows = []
    for top, bottom in zip(reversed(ys[1:]), reversed(ys[:-1]), strict=True):
        middle = (top + bottom) / 2
        rows.append(
            tuple(
                _text_at(texts, (left + right) / 2, middle)
                for left, right in itertools.pairwise(xs)
            )
        )
    if not any(any(row) for row in rows):
        return
    taken = set(map(id, inside))
    page.glyphs = [g for g in page.glyphs if id(g) not in taken]
    page.lines = lines_of(page.glyphs, number)
    page.tables.append(Ruled(x0, x1, y0, y1, tuple(rows)))


def _edges(values: list[float]) -> list[float]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > _SNAP:
            edges.append(value)
    return edges


def _glyphs_in(cell: Box, glyphs: list[Glyph]) -> list[Glyph]:
    x0, y0, x1, y1 = cell
    return [g for g in glyphs if x0 <= (g.x0 + g.x1) / 2 <= x1 and y0 <= g.middle <= y1]


def _text_at(texts: dict[Box, str], x: float, y: float) -> str:
    for (x0, y0, x1, y1), text in texts.items():
        if x0 <= x <= x1 and y0 <= y <= y1:
            return text
    return ""

"""Tables of web pages: telling data from layout, and filling merged cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Node = Any

MAX_SPAN = 500
LAYOUT_CELL = 1_500
"""A cell longer than this holds an article, not a value."""


def is_data_table(table: Node) -> bool:
    """Whether a table holds data: several columns, no table inside, no article-sized cell."""
    if table.css_first("table table") is not None:
        return False
    rows = [_cells(row) for row in table.css("tr")]
    several = sum(len(cells) > 1 for cells in rows)
    if len(rows) < 2 or several < max(2, 0.5 * len(rows)):
        return False
    cells = [len(cell.text(strip=True)) for row in rows for cell in row]
    return sum(size > LAYOUT_CELL for size in cells) <= 0.1 * len(cells)


class TableCells:
    """The grid of a table with row and column spans filled."""

    def __init__(self, table: Node, text_of: Callable[[Node], str]) -> None:
        self._table = table
        self._text_of = text_of

    def rows(self) -> list[list[str]]:
        """All rows, each cell of a merged block holding the block's text."""
        grid: list[list[str]] = []
        hanging: dict[int, tuple[int, str]] = {}
        for row in self._table.css("tr"):
            cells: list[str] = []
            for cell in _cells(row):
                _fill(cells, hanging)
                text = self._text_of(cell)
                for _ in range(_span(cell, "colspan")):
                    if (down := _span(cell, "rowspan")) > 1:
                        hanging[len(cells)] = (down - 1, text)
                    cells.append(text)
            _fill(cells, hanging)
            grid.append(cells)
        return grid


def _fill(cells: list[str], hanging: dict[int, tuple[int, str]]) -> None:
    while len(cells) in hanging:
        column = len(cells)
        left, text = hanging[column]
        cells.append(text)
        if left == 1:
            del hanging[column]
        else:
            hanging[column] = (left - 1, text)


def _cells(row: Node) -> list[Node]:
    return [cell for cell in row.iter() if cell.tag in ("td", "th")]


def _span(cell: Node, name: str) -> int:
    value = cell.attributes.get(name) or "1"
    return max(1, min(int(value), MAX_SPAN)) if value.isdecimal() else 1

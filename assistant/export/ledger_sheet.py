"""Cells of a workbook exactly as they stand: line breaks kept, days as people write them.

Only for files that the guarded loader has accepted.
"""

from __future__ import annotations

import datetime
import io
from typing import Any

import openpyxl

from assistant.export.text import show_day
from assistant.loading.sheet import OPENPYXL_FAILURES

Rows = tuple[tuple[str, ...], ...]


def read_sheets(content: bytes) -> tuple[tuple[str, Rows], ...]:
    """Give the visible sheets by name, every cell as text; nothing where openpyxl cannot read."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    except OPENPYXL_FAILURES:
        return ()
    return tuple(
        (sheet.title, _rows(sheet)) for sheet in book.worksheets if sheet.sheet_state == "visible"
    )


def _rows(sheet: Any) -> Rows:
    """Only cells that exist: a stray cell in the last row must not make a million rows."""
    texts = {place: text for place, cell in sheet._cells.items() if (text := _text(cell.value))}
    columns = sorted({column for _, column in texts})
    rows: dict[int, dict[int, str]] = {}
    for (row, column), text in texts.items():
        rows.setdefault(row, {})[column] = text
    return tuple(tuple(rows[row].get(column, "") for column in columns) for row in sorted(rows))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime | datetime.date):
        return show_day(value)
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value).replace("\r\n", "\n").replace("_x000D_", "")

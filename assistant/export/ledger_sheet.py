"""Cells of a workbook exactly as they stand: line breaks kept, days as people write them.

Only for files that the guarded loader has accepted.
"""

from __future__ import annotations

import datetime
import io

import openpyxl

from assistant.export.text import show_day

Rows = tuple[tuple[str, ...], ...]


def read_sheets(content: bytes) -> tuple[tuple[str, Rows], ...]:
    """Give the visible sheets by name, every cell as text."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    return tuple(
        (
            sheet.title,
            tuple(
                tuple(_text(value) for value in row) for row in sheet.iter_rows(values_only=True)
            ),
        )
        for sheet in book.worksheets
        if sheet.sheet_state == "visible"
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime | datetime.date):
        return show_day(value)
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value).replace("\r\n", "\n").replace("_x000D_", "")

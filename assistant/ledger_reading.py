"""A 整改台账 the office filled in, read back as rows; what to do with them is decided elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.errors import ParseError
from assistant.export.ledger import STATES, load_ledger_format
from assistant.export.ledger_sheet import read_sheets
from assistant.export.text import parse_day, show_day
from assistant.models import LedgerRow
from assistant.reading import load_upload

Rows = tuple[tuple[str, ...], ...]

HEADER_WITHIN = 12
"""A ledger's header stands in one of the first rows; titles stand above it."""
MUST_HAVE = "problem"
LEAST_COLUMNS = 3
_BRACKETS = re.compile(r"[（(][^）)]*[）)]|\s")


def read_ledger(name: str, content: bytes) -> tuple[LedgerRow, ...]:
    """Read the rows of a ledger; raises `LoadError`, or `ParseError` where there is none."""
    document = load_upload(name, content)
    tables: list[Rows] = []
    if document.format == "xlsx":
        tables = [rows for _, rows in read_sheets(content)]
    tables = tables or [table.rows for table in document.tables]
    for rows in tables:
        found = _rows_of(rows)
        if found:
            return found
    raise ParseError(
        "未识别到台账（没有“反馈问题”一列，或没有内容）",
        where=name,
        todo="请使用本工具导出的台账，或把表头改为“反馈问题、整改措施、责任领导、完成时限”等名称",
    )


def _rows_of(rows: Rows) -> tuple[LedgerRow, ...]:
    names = _column_names()
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        columns = {
            column: field
            for column, words in enumerate(row)
            if (field := names.get(_BRACKETS.sub("", words)))
        }
        known = set(columns.values())
        if MUST_HAVE in known and len(known) >= LEAST_COLUMNS:
            read = (_row(columns, cells) for cells in rows[place + 1 :])
            return tuple(found for found in read if found.problem)
    return ()


def _column_names() -> dict[str, str]:
    table = load_ledger_format()
    names = {_BRACKETS.sub("", table["hidden"]): "base"}
    for column in table["columns"]:
        for words in (column["name"], *column["aliases"]):
            names.setdefault(_BRACKETS.sub("", words), column["field"])
    return names


def _row(columns: dict[int, str], cells: Sequence[str]) -> LedgerRow:
    values: dict[str, str] = {}
    for column, field in columns.items():
        words = cells[column].strip() if column < len(cells) else ""
        if words and field not in values:
            values[field] = words
    values.setdefault("problem", "")
    if "deadline" in values and (day := parse_day(values["deadline"])):
        values["deadline"] = show_day(day)
    if "state" in values:
        values["state"] = _state(values["state"])
    return LedgerRow(**values)


def _state(words: str) -> str:
    if words in STATES:
        return words
    for state, others in load_ledger_format()["state_words"].items():
        if words in others:
            return str(state)
    return words

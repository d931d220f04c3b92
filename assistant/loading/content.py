"""What every reader returns: lines, tables and what to know about them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.loading.limits import Limits, check_characters, check_lines
from assistant.models import Table

BLANKS = " \t\r\n\f\v\u3000\xa0\u2002\u2003\u200b\ufeff"

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Content:
    """The text of a file before it gets a name and a hash."""

    lines: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    warnings: tuple[str, ...] = ()
    front: tuple[str, ...] = ()
    """Lines of the first page as printed, page header included: where a 密级 mark stands."""


Reader = Callable[[bytes, str, Limits], Content]


class LineBuilder:
    """Collects paragraphs and tables in reading order; blank paragraphs leave no line."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._characters = 0
        self.lines: list[str] = []
        self.tables: list[Table] = []
        self.warnings: list[str] = []
        self.front: list[str] = []

    def add(self, text: str) -> None:
        """Add one paragraph; line breaks inside it make several lines."""
        for line in text.split("\n"):
            if line.strip(BLANKS):
                self._put(line.strip(BLANKS))

    def add_table(self, rows: Sequence[Row], *, name: str = "") -> None:
        """Add a table; title rows over its whole width become plain lines above it."""
        width = max((len(row) for row in rows), default=0)
        body = [_padded(row, width) for row in rows if any(cell.strip(BLANKS) for cell in row)]
        body = _without_empty_columns(body)
        while body and _is_title(body[0]):
            self.add(" ".join(dict.fromkeys(cell for cell in body.pop(0) if cell)))
        if not body:
            return
        self.tables.append(Table(first_line=len(self.lines) + 1, rows=tuple(body), name=name))
        for row in body:
            self._put("\t".join(row))

    def content(self) -> Content:
        """Everything collected, in order."""
        return Content(
            lines=tuple(self.lines),
            tables=tuple(self.tables),
            warnings=tuple(dict.fromkeys(self.warnings)),
            front=tuple(self.front),
        )

    def _put(self, line: str) -> None:
        self._characters += len(line)
        check_characters(self._characters, self._limits)
        check_lines(len(self.lines), self._limits)
        self.lines.append(line)


def cell_text(text: str) -> str:
    """Fold the text of a table cell into one line."""
    return re.sub(r"\s*[\t\n\r]\s*", " ", text.strip(BLANKS))


def _padded(row: Row, width: int) -> tuple[str, ...]:
    cells = tuple(cell_text(cell) for cell in row)
    return cells + ("",) * (width - len(cells))


def _without_empty_columns(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    kept = [column for column in range(len(rows[0]) if rows else 0) if any(r[column] for r in rows)]
    return [tuple(row[column] for column in kept) for row in rows]


def _is_title(row: tuple[str, ...]) -> bool:
    # 标题行、“填报单位：… 填报时间：…”行横跨全表，合并单元格填满后只剩一两个不同的值
    distinct = len({cell for cell in row if cell})
    return distinct <= max(1, len(row) // 4)

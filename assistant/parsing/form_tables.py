"""Tables laid out as forms: names of fields in one column, what was filled in beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.cleaning import CleanLine
from assistant.models import Case, Span, Table
from assistant.parsing.cues import Cues, load_cues
from assistant.parsing.ledger import ROLES, Row, cell_place, row_case
from assistant.parsing.measures import Piece

NAME_LIMIT = 14
LEAST_FIELDS = 3
WIDEST = 6


@dataclass(frozen=True, slots=True)
class Field:
    """One filled-in field: its role and the cell that holds its value."""

    role: str
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class FormTable:
    """A table read as one form or several below each other."""

    table: Table
    blocks: tuple[tuple[Field, ...], ...]

    @property
    def lines(self) -> range:
        """Lines of the document the table takes up."""
        return range(self.table.first_line, self.table.first_line + len(self.table.rows))


def find_form(table: Table) -> FormTable | None:
    """Read a table as forms; `None` when its first column does not name fields."""
    cues = load_cues()
    blocks: list[list[Field]] = []
    for found in _fields(table, cues):
        if not blocks or _begins(found.role, blocks[-1]):
            blocks.append([])
        blocks[-1].append(found)
    whole = [tuple(block) for block in blocks if _complete(block)]
    named = sum(len(block) for block in blocks)
    if not whole or named * 2 < len(table.rows):
        return None
    return FormTable(table, tuple(whole))


def _fields(table: Table, cues: Cues) -> Iterator[Field]:
    """Names and the value to the right of each, row by row."""
    for index, row in enumerate(table.rows):
        if len(row) > WIDEST:
            return
        column = 0
        while column + 1 < len(row):
            role = _role(row[column], cues)
            value = column + 1
            while value < len(row) and row[value].strip() == row[column].strip():
                value += 1  # a merged name stands in every cell it covers
            if role and value < len(row) and _role(row[value], cues) in ("", "category"):
                yield Field(role, index, value)
                column = value + 1
                while column < len(row) and row[column] == row[value]:
                    column += 1
            else:
                column += 1


def _role(cell: str, cues: Cues) -> str:
    plain = "".join(cell.split()).rstrip("：:")
    if not 2 <= len(plain) <= NAME_LIMIT or any(char in plain for char in "，。；"):
        return ""
    return next((name for name in ROLES if cues.columns[name].search(plain)), "")


def _begins(role: str, block: Sequence[Field]) -> bool:
    """A number or a problem where the block has one already begins the next form."""
    roles = [field.role for field in block]
    if role in ("number", "category"):
        return role in roles or "measures" in roles
    return role == "problem" and "problem" in roles and "measures" in roles


def _complete(block: Sequence[Field]) -> bool:
    roles = {field.role for field in block}
    return len(block) >= LEAST_FIELDS and "problem" in roles and bool(roles & {"measures"})


def form_cases(
    form: FormTable, lines: Sequence[CleanLine], notice_id: str, first_number: int
) -> tuple[Case, ...]:
    """One case for each form."""
    cues = load_cues()
    return tuple(
        row_case(_row(block, form, lines), f"{notice_id}-{number:02d}", notice_id, cues)
        for number, block in enumerate(form.blocks, first_number)
    )


def _row(block: Sequence[Field], form: FormTable, lines: Sequence[CleanLine]) -> Row:
    def line_of(entry: Field) -> CleanLine:
        return lines[form.table.first_line + entry.row - 1]

    def text_of(role: str) -> str:
        entry = next((one for one in block if one.role == role), None)
        return form.table.rows[entry.row][entry.column].strip() if entry else ""

    problem = next(entry for entry in block if entry.role == "problem")
    place = cell_place(form.table.rows[problem.row], problem.column, line_of(problem))
    category = text_of("category")
    last = max(line_of(entry).number for entry in block)
    row = Row(
        text_of("number"),
        place.text.strip(),
        (category,) if category else (),
        place,
        line_of(problem).number,
        last,
    )
    for entry in block:
        if entry.role == "measures":
            flow = cell_place(form.table.rows[entry.row], entry.column, line_of(entry))
            row.measures.append(Piece(flow, 0, len(flow.text)))
    row.status = text_of("status")
    row.body.append(Span(line_of(block[0]).number, 0, last, len(lines[last - 1].raw)))
    return row

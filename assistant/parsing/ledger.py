"""Ledger tables: which column holds what, and the cases its rows make."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.cleaning import CleanLine
from assistant.models import Case, Measure, Span, StatusClass, Table
from assistant.parsing.cues import Cues, load_cues
from assistant.parsing.flow import Flow, Part
from assistant.parsing.kind import problem_kind
from assistant.parsing.measures import Piece, split_measures
from assistant.parsing.problem_text import strip_problem
from assistant.parsing.status import field_class, is_status_only, status_class
from assistant.parsing.tabbed import gaps
from assistant.parsing.tokens import find_label

HEADER_ROWS = 4
HEADER_CELL = 24
STATUS_CELL = 40
TOTAL = re.compile(r"^(?:合\s*计|总\s*计|小\s*计)")
DONE = re.compile(r"(?:情况|进展)$")
"""Names of columns that tell what was done, beside a column of what was to be done."""
UNDERWAY = re.compile(r"正在|正(?=[推办落])|在办|办理中|剩余")
ROLES = (
    "number",
    "deadline",
    "leader",
    "owner",
    "cause",
    "goal",
    "status",
    "measures",
    "category",
    "detail",
    "problem",
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """A table read as a ledger: its columns by role, and the first row of content."""

    table: Table
    columns: Mapping[str, tuple[int, ...]]
    first_row: int

    @property
    def lines(self) -> range:
        """Lines of the document the table takes up."""
        return range(self.table.first_line, self.table.first_line + len(self.table.rows))


@dataclass(slots=True)
class Row:
    """One row read by column."""

    number: str
    problem: str
    category: tuple[str, ...]
    place: Flow
    line: int
    end_line: int
    measures: list[Piece] = field(default_factory=list)
    status: str = ""
    body: list[Span] = field(default_factory=list)


def find_ledger(table: Table) -> Ledger | None:
    """Read a table as a ledger; `None` when no column holds problems."""
    cues = load_cues()
    best: dict[str, list[int]] = {}
    first_row = 0
    labels = [""] * (len(table.rows[0]) if table.rows else 0)
    for index, row in enumerate(table.rows[:HEADER_ROWS]):
        if not _is_header(row, cues):
            if index and best:
                break
            continue
        labels = [
            _label(cell.strip(), above, cues, spans=labels.count(above) > 1)
            for cell, above in zip(row, labels, strict=False)
        ]
        best, first_row = _roles(labels, cues), index + 1
    if "problem" not in best or len(best) < 2:
        return None
    columns = {name: tuple(found) for name, found in best.items()}
    return Ledger(table, columns, first_row)


def _label(cell: str, above: str, cues: Cues, *, spans: bool) -> str:
    """A column's name in a head of two rows: 具体内容 under 反馈问题 goes by what spans it."""
    if not cell or (spans and _role(above, cues) and not _role(cell, cues)):
        return above
    return cell


def _is_header(row: Sequence[str], cues: Cues) -> bool:
    cells = [cell.strip() for cell in row if cell.strip()]
    if len(set(cells)) < 2 or any(len(cell) > HEADER_CELL for cell in cells):
        return False
    known = sum(
        any(pattern.search(cell.replace(" ", "")) for pattern in cues.columns.values())
        for cell in cells
    )
    return known * 2 >= len(cells)


def _role(label: str, cues: Cues) -> str:
    """What a column holds by its name; empty when the name tells nothing."""
    plain = "".join(label.split())
    return next((name for name in ROLES if plain and cues.columns[name].search(plain)), "")


def _roles(labels: Sequence[str], cues: Cues) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for index, label in enumerate(labels):
        role = _role(label, cues)
        if role:
            found.setdefault(role, []).append(index)
    if "problem" not in found and "detail" in found:
        found["problem"] = found.pop("detail")
    done = [
        index for index in found.get("measures", ()) if DONE.search("".join(labels[index].split()))
    ]
    planned = [index for index in found.get("measures", ()) if index not in done]
    if done and planned:
        # the same act twice: once as a measure, once as how far it has come
        found["measures"], found["progress"] = planned, done
    return found


def ledger_cases(
    ledger: Ledger,
    lines: Sequence[CleanLine],
    notice_id: str,
    first_number: int,
    *,
    above: Sequence[str] = (),
) -> tuple[Case, ...]:
    """Cases of a ledger in the order of its rows; a merged problem is one case.

    `above` are the headings the table stands under.
    """
    cues = load_cues()
    rows = list(_rows(ledger, lines, cues))
    for row in rows:
        row.category = (*above, *(name for name in row.category if name not in above))
    return tuple(
        row_case(row, f"{notice_id}-{number:02d}", notice_id, cues)
        for number, row in enumerate(rows, first_number)
    )


def _cell(row: Sequence[str], ledger: Ledger, name: str) -> str:
    for column in ledger.columns.get(name, ()):
        if column < len(row) and row[column].strip():
            return row[column].strip()
    return ""


def _rows(ledger: Ledger, lines: Sequence[CleanLine], cues: Cues) -> Iterator[Row]:
    current: Row | None = None
    section = ""
    for index in range(ledger.first_row, len(ledger.table.rows)):
        cells = ledger.table.rows[index]
        line = lines[ledger.table.first_line + index - 1]
        filled = {cell.strip() for cell in cells if cell.strip(" -—:：")}
        if any(TOTAL.match(cell) for cell in filled):
            continue
        if len(filled) <= 1:
            section = filled.pop() if filled else section
            continue
        problem = _cell(cells, ledger, "problem")
        number = _cell(cells, ledger, "number")
        if not problem and current is None:
            continue
        if _is_header(cells, cues) and problem in ledger.table.rows[ledger.first_row - 1]:
            continue
        repeats = current is not None and problem in ("", current.problem)
        if repeats and current is not None and number in ("", current.number):
            _add(current, cells, line, ledger)
            continue
        if current is not None:
            yield current
        current = _new_row(cells, line, ledger, section, number or "")
        _add(current, cells, line, ledger)
    if current is not None:
        yield current


def _new_row(
    cells: Sequence[str], line: CleanLine, ledger: Ledger, section: str, number: str
) -> Row:
    problem = _cell(cells, ledger, "problem")
    category = [section] if section else []
    for column in ledger.columns.get("category", ()):
        text = cells[column].strip() if column < len(cells) else ""
        if text and text not in category:
            category.append(text)
    column = ledger.columns["problem"][0]
    place = cell_place(cells, column, line)
    return Row(number, problem, tuple(category), place, line.number, line.number)


def _add(row: Row, cells: Sequence[str], line: CleanLine, ledger: Ledger) -> None:
    row.end_line = line.number
    before = len(row.measures)
    for column in ledger.columns.get("measures", ()):
        _add_measures(row, cell_place(cells, column, line))
    told = len(row.measures) > before
    for column in ledger.columns.get("progress", ()):
        flow = cell_place(cells, column, line)
        if not told:
            _add_measures(row, flow)
        elif len(text := flow.text.strip()) <= STATUS_CELL and _status_of(text, load_cues()):
            row.status = _told(row.status, text, load_cues())
    for column in ledger.columns.get("status", ()):
        flow = cell_place(cells, column, line)
        text = flow.text.strip()
        if len(text) <= STATUS_CELL:
            row.status = _told(row.status, text, load_cues())
        else:
            row.measures.append(Piece(flow, 0, len(flow.text)))
    row.body.append(Span(line.number, 0, line.number, len(line.raw)))


def _add_measures(row: Row, flow: Flow) -> None:
    text = flow.text.strip()
    if row.measures and is_status_only(text, load_cues()):
        row.status = row.status or text
    elif text:
        row.measures.append(Piece(flow, 0, len(flow.text)))


def _told(before: str, cell: str, cues: Cues) -> str:
    """Of two cells of status the first, but for one that says how far beside one that does not."""
    if before and not _status_of(before, cues) and _status_of(cell, cues):
        return cell
    return before or cell


def cell_place(cells: Sequence[str], column: int, line: CleanLine) -> Flow:
    """The stretch of the line that holds a cell."""
    text = line.norm.text
    if "\t" not in text and "|" not in text:
        bounds = gaps(text)
        start, end = bounds[column] if column < len(bounds) == len(cells) else (0, len(text))
        return Flow(text[start:end], (Part(0, line, start, end),))
    mark = "\t" if "\t" in text else "|"
    starts = [0] if mark == "\t" or not text.lstrip().startswith("|") else []
    starts += [at + 1 for at, char in enumerate(text) if char == mark]
    close = len(text)
    if mark == "|" and text.rstrip().endswith("|"):
        close = starts.pop() - 1
    if column >= len(cells):
        return Flow("", (Part(0, line, 0, 0),))
    if len(starts) == len(cells):
        start = starts[column]
        end = starts[column + 1] - 1 if column + 1 < len(starts) else close
    else:
        start, end = 0, len(text)
    return Flow(text[start:end], (Part(0, line, start, end),))


def row_case(row: Row, case_id: str, notice_id: str, cues: Cues) -> Case:
    """The case of one row."""
    text = row.place.text
    label = find_label(text, cues)
    start, end = strip_problem(text, label.end if label else 0, len(text), cues)
    kind = _status_of(row.status, cues) if row.status else None
    return Case(
        id=case_id,
        notice_id=notice_id,
        number=row.number or (label.text if label else ""),
        line=row.line,
        end_line=row.end_line,
        category=row.category,
        problem=row.place.raw(start, end),
        problem_span=row.place.span(start, end),
        kind=problem_kind(text[start:end]),
        measures=_measures(row.measures),
        status=row.status or None,
        status_class=kind,
        body=tuple(row.body),
        confidence=0.95 if row.measures else 0.8,
    )


def _status_of(cell: str, cues: Cues) -> StatusClass | None:
    """Class of a status cell: words of status, 是/否 under 是否完成, a percentage."""
    told = field_class(cell)
    if told is not None:
        return told
    kind = status_class(cell, cues)
    if kind is None and UNDERWAY.search(cell):
        return StatusClass.ONGOING
    return kind


def _measures(pieces: Sequence[Piece]) -> tuple[Measure, ...]:
    seen: set[tuple[int, int]] = set()
    kept = []
    for piece in pieces:
        key = (piece.flow.first_line, piece.flow.parts[0].start)
        if key not in seen:
            seen.add(key)
            kept.append(piece)
    texts: set[str] = set()
    found = []
    # Cell by cell: what one column tells is no part of the last measure of another.
    for measure in (measure for piece in kept for measure in split_measures([piece])):
        if measure.text not in texts:
            texts.add(measure.text)
            found.append(measure)
    return tuple(found)

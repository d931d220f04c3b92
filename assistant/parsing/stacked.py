"""A table pasted as plain text: each cell a line of its own, the column names above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.cleaning import CleanLine
from assistant.models import Case, Span
from assistant.parsing.cues import Cues, load_cues
from assistant.parsing.flow import Flow, flow_of
from assistant.parsing.ledger import ROLES, Row, row_case
from assistant.parsing.measures import Piece
from assistant.parsing.status import is_status_only

CELL_NAME = 12
LEAST_COLUMNS = 3
LAST_ROW = 60
ONE_LINE = frozenset({"status", "deadline", "leader", "owner", "other"})


@dataclass(frozen=True, slots=True)
class Stacked:
    """Column roles in order, and for each row the lines of its cells."""

    first_line: int
    columns: tuple[str, ...]
    rows: tuple[tuple[CleanLine, ...], ...]

    @property
    def lines(self) -> range:
        """Lines of the document it takes up."""
        return range(self.first_line, self.rows[-1][-1].number + 1)


def find_stacked(lines: Sequence[CleanLine]) -> tuple[Stacked, ...]:
    """Tables whose cells stand one below the other."""
    cues = load_cues()
    kept = [line for line in lines if line.noise is None]
    found: list[Stacked] = []
    at = 0
    while at < len(kept):
        columns = _columns(kept, at, cues)
        rows = _rows(kept, at + len(columns), cues, columns) if columns else ()
        if len(rows) > 1:
            found.append(Stacked(kept[at].number, columns, rows))
            at += len(columns) + sum(map(len, rows))
        else:
            at += 1
    return tuple(found)


def _role(text: str, cues: Cues) -> str:
    plain = text.replace(" ", "")
    if not 1 <= len(plain) <= CELL_NAME or any(char in plain for char in "，。；：、"):
        return ""
    if plain in ("备注", "佐证材料", "验收人", "说明"):
        return "other"
    return next((name for name in ROLES if cues.columns[name].search(plain)), "")


def _columns(kept: Sequence[CleanLine], at: int, cues: Cues) -> tuple[str, ...]:
    """Roles of the column names that begin here; empty when no table does."""
    if _role(kept[at].norm.text.strip(), cues) not in ("number", "category", "problem"):
        return ()
    found: list[str] = []
    for line in kept[at : at + 12]:
        role = _role(line.norm.text.strip(), cues)
        if not role:
            break
        found.append(role)
    if len(found) < LEAST_COLUMNS or "problem" not in found:
        return ()
    if found[0] != "number":
        ended = found[-1] == "status" and "measures" in found and len(set(found)) == len(found)
        return tuple(found) if ended else ()
    return tuple(found) if "measures" in found or "status" in found else ()


def _number(line: CleanLine) -> int:
    text = line.norm.text.strip().rstrip(".．、")
    return int(text) if text.isdecimal() and len(text) <= 3 else 0


def _rows(
    kept: Sequence[CleanLine], at: int, cues: Cues, columns: tuple[str, ...]
) -> tuple[tuple[CleanLine, ...], ...]:
    """Cells between one number and the next; the last row ends with its own last column."""
    if columns[0] != "number":
        return _rows_to_status(kept, at, cues, len(columns))
    if at >= len(kept) or _number(kept[at]) != 1:
        return ()
    starts = [at]
    for index in range(at + 1, len(kept)):
        if _number(kept[index]) == len(starts) + 1 and index - starts[-1] >= 2:
            starts.append(index)
    end = _last_end(kept, starts[-1], cues, columns)
    bounds = [*starts, end]
    rows = [tuple(kept[a:b]) for a, b in pairwise(bounds)]
    return tuple(rows) if all(2 <= len(row) <= LAST_ROW for row in rows) else ()


def _rows_to_status(
    kept: Sequence[CleanLine], at: int, cues: Cues, least: int
) -> tuple[tuple[CleanLine, ...], ...]:
    """Without numbers a row ends with its last cell, which tells how far."""
    rows: list[tuple[CleanLine, ...]] = []
    start = at
    for index in range(at, len(kept)):
        if index - start >= LAST_ROW:
            break
        if index - start + 1 >= least and is_status_only(kept[index].norm.text, cues):
            rows.append(tuple(kept[start : index + 1]))
            start = index + 1
    return tuple(rows)


def _last_end(kept: Sequence[CleanLine], start: int, cues: Cues, columns: tuple[str, ...]) -> int:
    closing = cues.header["closing_line"]
    for index in range(start + 1, min(len(kept), start + LAST_ROW)):
        text = kept[index].norm.text.strip()
        if closing.search(text) or cues.header["date_line"].match(text):
            return index
        if columns[-1] == "status" and is_status_only(text, cues):
            return index + 1
        if index - start >= len(columns) and text.startswith(("中共", "附")):
            return index
    return min(len(kept), start + max(len(columns), 2))


def stacked_cases(table: Stacked, notice_id: str, first_number: int) -> tuple[Case, ...]:
    """Cases of its rows, in order."""
    cues = load_cues()
    return tuple(
        row_case(_row(table.columns, cells), f"{notice_id}-{number:02d}", notice_id, cues)
        for number, cells in enumerate(table.rows, first_number)
    )


def _row(columns: Sequence[str], cells: Sequence[CleanLine]) -> Row:
    """Lines of a row told by column: one for each, what is over to the measures."""
    at = columns.index("problem")
    front, back = columns[:at], list(columns[at + 1 :])
    flows = [flow_of([cell]) for cell in cells]
    category = [flow.text for name, flow in zip(front, flows, strict=False) if name == "category"]
    place = flows[min(at, len(flows) - 1)]
    row = Row(
        cells[0].norm.text.strip() if columns[0] == "number" else "",
        place.text,
        tuple(category),
        place,
        place.first_line,
        cells[-1].number,
    )
    rest = flows[at + 1 :]
    row.body.append(Span(cells[0].number, 0, cells[-1].number, len(cells[-1].raw)))
    _fill(row, rest, back)
    return row


def _fill(row: Row, rest: list[Flow], back: list[str]) -> None:
    while back and rest and back[-1] in ONE_LINE and len(rest) >= len(back):
        flow, name = rest.pop(), back.pop()
        if name == "status":
            row.status = flow.text
    while back and rest and back[0] != "measures" and len(rest) >= len(back):
        rest.pop(0)
        back.pop(0)
    row.measures += [Piece(flow, 0, len(flow.text)) for flow in rest]

"""Tables in plain text: rows whose cells stand apart by tabs or bars."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.cleaning import CleanLine
from assistant.models import Table

LEAST_CELLS = 3
LEAST_ROWS = 3


def tabbed_tables(lines: Sequence[CleanLine], known: Sequence[Table]) -> tuple[Table, ...]:
    """Runs of lines that all have as many cells, outside the tables already `known`."""
    taken = {
        number
        for table in known
        for number in range(table.first_line, table.first_line + len(table.rows))
    }
    found: list[Table] = []
    run: list[tuple[str, ...]] = []
    first = 0
    for line in lines:
        cells = () if line.number in taken else _cells(line.norm.text)
        if run and len(cells) != len(run[0]):
            found += [Table(first, tuple(run))] if len(run) >= LEAST_ROWS else []
            run = []
        if len(cells) >= LEAST_CELLS:
            first = first if run else line.number
            run.append(cells)
    if len(run) >= LEAST_ROWS:
        found.append(Table(first, tuple(run)))
    return tuple(found)


def _cells(text: str) -> tuple[str, ...]:
    if "\t" in text:
        return tuple(text.split("\t"))
    bare = text.strip()
    if bare.count("|") < LEAST_CELLS - 1:
        return ()
    return tuple(bare.removeprefix("|").removesuffix("|").split("|"))

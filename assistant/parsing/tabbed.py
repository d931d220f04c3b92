"""Tables in plain text: rows whose cells stand apart by tabs, bars or wide gaps."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.cleaning import CleanLine
from assistant.models import Table

LEAST_CELLS = 3
GAPPED_CELLS = 4
GAP = re.compile(" {2,}")
LEAST_ROWS = 3


def gaps(text: str) -> list[tuple[int, int]]:
    """Bounds of the stretches of a line that two blanks or more keep apart."""
    bounds: list[tuple[int, int]] = []
    at = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    for gap in GAP.finditer(text, at, end):
        bounds.append((at, gap.start()))
        at = gap.end()
    return [*bounds, (at, end)] if end > at else bounds


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
        gapped = tuple(text[a:b] for a, b in gaps(text))
        return gapped if len(gapped) >= GAPPED_CELLS else ()
    return tuple(bare.removeprefix("|").removesuffix("|").split("|"))

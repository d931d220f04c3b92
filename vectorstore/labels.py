"""Labels of a segment's rows: for each label the rows that carry it, as plain arrays on disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vectorstore.entries import Entry, Rows

NO_ROWS: Rows = np.zeros(0, dtype=np.int64)


def write_labels(folder: Path, entries: Sequence[Entry]) -> None:
    """Write the labels of all entries, grouped by label: read at once however many there are."""
    held: dict[tuple[str, str], list[int]] = {}
    for row, entry in enumerate(entries):
        for key, values in entry.labels.items():
            for value in values:
                held.setdefault((key, value), []).append(row)
    (folder / "labels.json").write_text(
        json.dumps([[*label, len(rows)] for label, rows in held.items()], ensure_ascii=False),
        encoding="utf-8",
    )
    rows = [row for some in held.values() for row in some]
    np.save(folder / "label_rows.npy", np.array(rows, dtype=np.int32))


class Labels:
    """The labels of an open segment."""

    def __init__(self, folder: Path, count: int) -> None:
        described = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
        rows = np.load(folder / "label_rows.npy")
        ends = np.cumsum([size for _, _, size in described], dtype=np.int64)
        if len(rows) != (ends[-1] if len(ends) else 0):
            raise ValueError("labels do not belong together")
        parts = np.split(rows, ends[:-1]) if len(ends) else []
        self._count = count
        self._rows: dict[tuple[str, str], NDArray[np.int32]] = {
            (key, value): some for (key, value, _), some in zip(described, parts, strict=True)
        }

    def mask(self, key: str, values: Sequence[str]) -> NDArray[np.bool_]:
        """Tell for every row whether it has one of the values under the key."""
        accepted = np.zeros(self._count, dtype=bool)
        for value in values:
            accepted[self._rows.get((key, value), NO_ROWS)] = True
        return accepted

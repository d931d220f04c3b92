"""Entries on disk, for collections larger than memory should hold while an index is built."""

from __future__ import annotations

import json
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, overload

from vectorstore.entries import Entry


class Spool(Sequence[Entry]):
    """A list of entries in an unnamed file: appended once, read again as often as wanted.

    Not to be shared between threads. The file goes with the last user, however that ends.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        self._ends = array("Q", [0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def append(self, entry: Entry) -> None:
        """Add an entry at the end."""
        line = json.dumps(
            [entry.id, entry.text, entry.parts, dict(entry.labels)], ensure_ascii=False
        ).encode()
        self._file.seek(self._ends[-1])
        self._file.write(line)
        self._ends.append(self._ends[-1] + len(line))

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, place: int) -> Entry: ...

    @overload
    def __getitem__(self, place: slice) -> list[Entry]: ...

    def __getitem__(self, place: int | slice) -> Entry | list[Entry]:
        """Read one entry, or those of a slice."""
        if isinstance(place, slice):
            return [self._read(number) for number in range(*place.indices(len(self)))]
        return self._read(range(len(self))[place])

    def __iter__(self) -> Iterator[Entry]:
        return map(self._read, range(len(self)))

    def _read(self, number: int) -> Entry:
        start, end = self._ends[number], self._ends[number + 1]
        self._file.seek(start)
        name, text, parts, labels = json.loads(self._file.read(end - start))
        kept = {key: tuple(values) for key, values in labels.items()}
        return Entry(name, text, tuple(parts), kept)


class Texts(Sequence[str]):
    """The whole texts of entries, without holding them."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        """Give one text, or those of a slice."""
        if isinstance(place, slice):
            return [entry.text for entry in self._entries[place]]
        return self._entries[place].text

    def __iter__(self) -> Iterator[str]:
        return (entry.text for entry in self._entries)

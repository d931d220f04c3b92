"""Which cells of an xls show percentages: the reader of values does not say."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import olefile

Cells = dict[tuple[int, int], int]
"""(row, column), from 0 → decimals shown."""

_SHEET, _FORMAT, _XF = 0x85, 0x41E, 0xE0
_START, _NUMBER, _RK, _RKS, _FORMULA = 0x809, 0x203, 0x27E, 0xBD, 0x06
_BUILT_IN = {9: 0, 10: 2}


def percent_cells(content: bytes) -> dict[str, Cells]:
    """Percentage cells by sheet name; empty where the file's records cannot be followed."""
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as file:
            name = "Workbook" if file.exists("Workbook") else "Book"
            stream = bytes(file.openstream(name).read())
        return _sheets(stream)
    except (OSError, ValueError, IndexError, TypeError, struct.error):
        return {}


def _sheets(stream: bytes) -> dict[str, Cells]:
    percents = dict(_BUILT_IN)
    decimals: list[int | None] = []
    offsets: dict[int, str] = {}
    found: dict[str, Cells] = {}
    sheet: Cells = {}
    for place, kind, record in _records(stream):
        if kind == _SHEET:
            offsets[struct.unpack_from("<I", record)[0]] = _string(record[6:])
        elif kind == _FORMAT:
            text = _string(record[2:3] + record[4:])
            if "%" in text:
                shown = text.split(";")[0].partition(".")[2]
                percents[struct.unpack_from("<H", record)[0]] = shown.count("0")
        elif kind == _XF:
            decimals.append(percents.get(struct.unpack_from("<H", record, 2)[0]))
        elif kind == _START:
            sheet = found.setdefault(offsets.get(place, ""), {})
        else:
            sheet.update(_cells(kind, record, decimals))
    return found


def _cells(
    kind: int, record: bytes, decimals: list[int | None]
) -> Iterator[tuple[tuple[int, int], int]]:
    if kind not in (_NUMBER, _RK, _RKS, _FORMULA):
        return
    row, column = struct.unpack_from("<HH", record)
    count = (len(record) - 6) // 6 if kind == _RKS else 1
    for step in range(count):
        style = struct.unpack_from("<H", record, 4 + 6 * step)[0]
        shown = decimals[style] if style < len(decimals) else None
        if shown is not None:
            yield (row, column + step), shown


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    place = 0
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        yield place, kind, stream[place + 4 : place + 4 + size]
        place += 4 + size


def _string(data: bytes) -> str:
    """A short string: length, flags, characters of one or two bytes."""
    if len(data) < 2:
        return ""
    if data[1] & 1:
        return data[2 : 2 + 2 * data[0]].decode("utf-16-le", "replace")
    return data[2 : 2 + data[0]].decode("latin-1")

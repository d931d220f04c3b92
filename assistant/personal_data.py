"""ID, mobile and bank card numbers in text: found, counted, masked in the same length. Pure.

Masks keep the length, so that lines and spans of a source stay where they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from assistant.models import Document, Table

MASK = "*"


class Kind(StrEnum):
    """What a number is; the value is its Chinese name."""

    ID = "身份证号"
    PHONE = "手机号"
    CARD = "银行卡号"


@dataclass(frozen=True, slots=True)
class Number:
    """One number found."""

    kind: Kind
    start: int
    end: int


_ID = re.compile(r"(?<![0-9A-Za-z])[1-8]\d{5}((?:19|20)\d{6})\d{3}[0-9Xx](?![0-9A-Za-z])")
_PHONE = re.compile(r"(?<![0-9.])1[3-9]\d([- ]?)\d{4}\1\d{4}(?![0-9]|\.[0-9]|\s*[元万亿%])")
_CARD = re.compile(r"(?<![0-9A-Za-z])62\d{2}( ?)(?:\d{4}\1){2,3}\d{1,7}(?![0-9A-Za-z])")
_LEAST = re.compile(r"[0-9０-９][0-9０-９ -]{9}")
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_KEPT = {Kind.ID: (6, 0), Kind.PHONE: (3, 4), Kind.CARD: (4, 4)}
"""Characters left to be seen at the front and the end."""


def find_numbers(text: str) -> tuple[Number, ...]:
    """Find the numbers of persons, in order, none inside another."""
    if not _LEAST.search(text):
        return ()
    plain = _narrow(text)
    found = [Number(Kind.ID, *m.span()) for m in _ID.finditer(plain) if _is_day(m[1])]
    found += [Number(Kind.CARD, *m.span()) for m in _CARD.finditer(plain) if _is_card(m[0])]
    taken = [(number.start, number.end) for number in found]
    for match in _PHONE.finditer(plain):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            found.append(Number(Kind.PHONE, *match.span()))
    return tuple(sorted(found, key=lambda number: number.start))


def mask(text: str) -> str:
    """Give the text with such numbers masked, as long as it was."""
    for number in find_numbers(text):
        front, back = _KEPT[number.kind]
        start, end = number.start + front, number.end - back
        text = text[:start] + MASK * (end - start) + text[end:]
    return text


def told(texts: Iterable[str]) -> str:
    """Say in a Chinese phrase what such numbers the texts hold; empty where none."""
    counts = Counter(number.kind for text in texts for number in find_numbers(text))
    return "、".join(f"{kind.value}{counts[kind]}个" for kind in Kind if counts[kind])


def mask_document(document: Document) -> Document:
    """Give the document with such numbers masked in lines and tables, and a warning if any."""
    found = told(document.lines)
    tables = tuple(_masked_table(table) for table in document.tables)
    if not found and tables == document.tables:
        return document
    warning = f"含{found or '个人号码'}，已遮盖后保存"
    return replace(
        document,
        lines=tuple(mask(line) for line in document.lines),
        tables=tables,
        warnings=(*document.warnings, warning),
    )


def _masked_table(table: Table) -> Table:
    rows = tuple(tuple(mask(cell) for cell in row) for row in table.rows)
    return table if rows == table.rows else replace(table, rows=rows)


def _narrow(text: str) -> str:
    """Fold full-width digits and letters one for one."""
    return text.translate(_NARROW)


def _is_day(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])) <= date.today()
    except ValueError:
        return False


def _is_card(digits: str) -> bool:
    """Check length and the Luhn sum."""
    figures = [int(char) for char in digits if char.isdigit()][::-1]
    doubled = [sum(divmod(2 * figure, 10)) for figure in figures[1::2]]
    return 16 <= len(figures) <= 19 and (sum(figures[::2]) + sum(doubled)) % 10 == 0

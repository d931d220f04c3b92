"""Dates as notices write them → ISO, and whether their order is possible."""

from __future__ import annotations

import re

from assistant.models import DateField

NUMERALS = {char: str(value) for value, char in enumerate("〇一二三四五六七八九")} | {
    "○": "0",
    "零": "0",
}
ARABIC = re.compile(r"(?:(\d{4})\s*[年./-]\s*)?(\d{1,2})\s*[月./-]\s*(\d{1,2})?")
CHINESE = re.compile(
    r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十]{1,3})[日号])?"
)
YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})年")


def _tens(text: str) -> int:
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (int(NUMERALS.get(tens, "1")) if tens else 1) * 10 + (
            int(NUMERALS.get(ones, "0")) if ones else 0
        )
    return int(NUMERALS.get(text, "0"))


def read_date(raw: str, *, year: int | None = None, after: str = "") -> DateField:
    """A date as written and as ISO; a missing year is `year`, or the next that follows `after`."""
    chinese = CHINESE.search(raw)
    if chinese:
        value = int("".join(NUMERALS[char] for char in chinese.group(1)))
        day = _tens(chinese.group(3)) if chinese.group(3) else 0
        return DateField(raw, _iso(value, _tens(chinese.group(2)), day))
    arabic = ARABIC.search(raw)
    if arabic is None or not arabic.group(3):
        return DateField(raw, "")
    month, day = int(arabic.group(2)), int(arabic.group(3))
    if arabic.group(1):
        return DateField(raw, _iso(int(arabic.group(1)), month, day))
    if year is None or re.search(r"[X×*]{2,4}年", raw):
        return DateField(raw, "")
    iso = _iso(year, month, day)
    if after and iso and iso < after:
        iso = _iso(year + 1, month, day)
    return DateField(raw, iso)


def _iso(year: int, month: int, day: int) -> str:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return ""
    return f"{year:04d}-{month:02d}-{day:02d}"


def last_year(text: str) -> int | None:
    """The last year named in a text."""
    found = YEAR.findall(text)
    return int(found[-1]) if found else None

"""Text made fit for office files: characters, numerals, dates, names of files. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from assistant.facts.words import words_of

BLANK = re.compile(r"【[^】]*】|（推测，请核实）|_{2,}")
"""What a person still has to fill in or confirm."""
EMPTY = "【　】"
EMPTY_DAY = "【　】年【　】月【　】日"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DATE = re.compile(r"((?:19|20)\d{2})\s?[年\-./]\s?(\d{1,2})\s?[月\-./]\s?(\d{1,2})日?")
_ALL_OF_IT = re.compile(rf"{_DATE.pattern}(?:之?前)?")
_LEADING_LABEL = re.compile(r"^\s*(?:[（(]?[一二三四五六七八九十百\d]+[）)、.．]\s*)+")
CHINESE_DIGITS = "零一二三四五六七八九"
CELL_LIMIT = 32_000
_NOT_AT_HEAD = frozenset("的和与及等、，。》）”")
_MAX_LINES = 4


def printable(text: str) -> str:
    """Drop characters that XML forbids."""
    return _ILLEGAL.sub("", text)


def cell_text(text: str) -> str:
    """Cut text to what a spreadsheet cell holds."""
    clean = printable(text)
    return clean if len(clean) <= CELL_LIMIT else clean[:CELL_LIMIT] + "…（过长已截断）"


def chinese_number(number: int) -> str:
    """Write 1…999 in Chinese numerals, as headings count."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    tail = CHINESE_DIGITS[ones] if ones else ""
    if hundreds:
        middle = f"{CHINESE_DIGITS[tens]}十" if tens else ("零" if ones else "")
        return f"{CHINESE_DIGITS[hundreds]}百{middle}{tail}"
    if not tens:
        return CHINESE_DIGITS[ones]
    return f"{'' if tens == 1 else CHINESE_DIGITS[tens]}十{tail}"


def bare_heading(text: str) -> str:
    """Drop the label of a heading, so that it can be numbered anew."""
    return _LEADING_LABEL.sub("", text).strip().rstrip("：:。")


def parse_day(text: str) -> date | None:
    """Read a text that is a full date and nothing else, such as `2025年9月30日前`."""
    match = _ALL_OF_IT.fullmatch(text.strip())
    return _day(match) if match else None


def find_days(text: str) -> tuple[date, ...]:
    """Every full date in a text; impossible ones are left out."""
    return tuple(day for match in _DATE.finditer(text) if (day := _day(match)))


def show_day(day: date) -> str:
    """`2025年8月1日`: Arabic figures, no leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def tidy_days(text: str) -> str:
    """Write every full date of a text without leading zeros."""
    return _DATE.sub(lambda match: show_day(day) if (day := _day(match)) else match.group(), text)


def _day(match: re.Match[str]) -> date | None:
    try:
        return date(*(int(part) for part in match.groups()[:3]))
    except ValueError:
        return None


def title_lines(text: str, *, width: int) -> tuple[str, ...]:
    """Break a title between words into lines of like length, 关于 leading a line if it can."""
    if len(text) <= width:
        return (text,)
    places = [
        word.start
        for word in words_of(text)
        if word.start
        and text[word.start] not in _NOT_AT_HEAD
        and text[word.start - 1] not in "《（“"
    ]
    for count in range(2, _MAX_LINES + 1):
        cuts = _best_cuts(text, places, count, width)
        if cuts:
            return tuple(text[a:b] for a, b in pairwise((0, *cuts, len(text))))
    return (text,)


def _best_cuts(text: str, places: Sequence[int], count: int, width: int) -> tuple[int, ...]:
    found: list[tuple[float, tuple[int, ...]]] = []

    def grow(cuts: tuple[int, ...]) -> None:
        start = cuts[-1] if cuts else 0
        if len(cuts) == count - 1:
            if len(text) - start <= width:
                found.append((_uneven(text, cuts), cuts))
            return
        for place in places:
            if start < place <= start + width:
                grow((*cuts, place))

    grow(())
    return min(found)[1] if found else ()


def _uneven(text: str, cuts: tuple[int, ...]) -> float:
    lengths = [b - a for a, b in pairwise((0, *cuts, len(text)))]
    uneven = float(max(lengths) - min(lengths))
    # a line that begins with 关于 or ends with 的 reads well; a short last line looks torn off
    bonus = sum(text.startswith("关于", cut) * 14 + (text[cut - 1] == "的") * 3 for cut in cuts)
    return uneven - bonus + (4 if lengths[-1] < lengths[0] / 2 else 0)


def text_width(text: str) -> float:
    """Width in full-width characters: Latin letters and digits take half."""
    return sum(0.5 if ord(char) < 0x250 else 1.0 for char in text)


def file_name(words: str, suffix: str) -> str:
    """Make a file name of words: no path characters, not too long."""
    clean = re.sub(r'[\\/:*?"<>|\s\x00-\x1f]+', "", words).lstrip(".")[:40] or "导出"
    return f"{clean}.{suffix}"

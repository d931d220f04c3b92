"""Amounts, dates and figures in a sentence, and the numbers that state no fact. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assistant.facts.lexicon import load_lexicon
from assistant.facts.numerals import ARABIC, CHINESE, plain, read_number
from assistant.models import Fact

Spans = list[tuple[int, int]]

_ABOUT = r"(?:[余多]|几)?"
_NUMBER = rf"(?:(?:{ARABIC})[千百]?[万亿]{{0,2}}|{CHINESE}{{1,24}})"
_QUOTED = re.compile(r"[“‘\"](?=[^”’\"]{0,12}[一二三四五六七八九十两])[^”’\"\d]{1,14}[”’\"]")
_LIST_LABEL = re.compile(
    r"(?:^|(?<=[。；：:\n]))\s*[（(]?\d{1,2}(?:[）)、．]|\.(?!\d))", re.MULTILINE
)

_Y = r"(?:(?:19|20)\d{2}|二[〇零○O][〇零○一二三四五六七八九]{2}|一九[〇零一二三四五六七八九]{2})"
_M = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_D = (
    r"(?:3[01]|[12]\d|0?[1-9]|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?"
    r"|[一二三四五六七八九])"
)
_PART = r"(?:[末初底]|年?底|年?初|年中|年末|年内|上半年|下半年|第?[一二三四1-4]季度|前[一二三]季度)"
_DATE = re.compile(
    rf"(?P<y>{_Y})\s*年(?:度)?\s*(?:(?P<m>{_M})\s*月(?:份)?\s*(?:(?P<d>{_D})\s*[日号]|[初末底中]旬?|[上中下]旬)?|{_PART})?(?![级])"
    rf"|(?P<y2>(?:19|20)\d{{2}})[-./—](?P<m2>1[0-2]|0?[1-9])[-./—](?P<d2>3[01]|[12]\d|0?[1-9])(?!\d)"
    rf"|(?P<y3>(?:19|20)\d{{2}})(?:年)?(?=[-—至～~–](?:19|20)\d{{2}}年?)"
    rf"|(?<=[-—～~–])(?P<y4>(?:19|20)\d{{2}})(?=[)）])"
    rf"|(?<![\d.每]){_M}[-—至～~](?={_M}月)"
    rf"|(?<![\d.每])(?P<m3>{_M})\s*月(?:份)?(?:\s*(?P<d3>{_D})\s*[日号]|[初末底]|[上中下]旬)?"
    rf"|(?:今年|去年|前年|明年|本年|当年)?(?:第[一二三四1-4]季度|(?<=[年])[一二三四]季度|(?<![每一])[一二三四](?:、[一二三四])?季度(?=末|初|以来|[^一度]{{0,6}}(?:完成|召开|开展|组织)))"
    r"|(?<![\d每月个.至、-])(?:3[01]|[12]?\d)日(?![均常志记程益前内])(?=上午|下午|晚|，|、|召开|前往|组织|印发|$)"
)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    lexicon = load_lexicon()
    amount = re.compile(
        rf"[¥￥]\s*(?P<sign>{_NUMBER})"
        rf"|(?:人民币)?(?P<value>{_NUMBER}){_ABOUT}(?P<factor>[万亿]?){_ABOUT}(?P<money>{lexicon.money})"
        rf"(?P<jiao>(?:{CHINESE}|\d)角)?(?!旦|素|宵|件|器)"
    )
    arabic = re.compile(
        rf"(?<![A-Za-z\d.])(?P<value>(?:{ARABIC})[千百]?[万亿]{{0,2}})[余多几]?[万亿]?[余多]?"
        rf"(?P<unit>%|％|‰|个{lexicon.counted}|个?{lexicon.units}|个)?"
    )
    chinese = re.compile(
        rf"百分之(?P<percent>{CHINESE}{{1,12}})"
        rf"|(?P<value>{CHINESE}{{1,24}})[余多几]?(?:个(?={lexicon.counted}))?"
        rf"(?P<unit>{lexicon.units_chinese}|{lexicon.counted}|(?<=[十百千万亿])(?:余|多)?个|成(?=以上|的|左右|，|。))"
    )
    return amount, arabic, chinese


def protected_spans(text: str) -> Spans:
    """Stretches whose numbers state nothing: 三会一课, 一是, “四个意识”, 每年不少于两次."""
    lexicon = load_lexicon()
    spans = [match.span() for match in lexicon.fixed.finditer(text)]
    spans += [match.span() for match in lexicon.frequency.finditer(text)]
    spans += [match.span() for match in _QUOTED.finditer(text)]
    spans += [match.span() for match in _LIST_LABEL.finditer(text)]
    return spans


def find_amounts(text: str) -> Iterator[Fact]:
    """Amounts of money, normalised to 元 (other currencies keep their name)."""
    for match in _patterns()[0].finditer(text):
        number = match["sign"] or match["value"] + (match["factor"] or "")
        value = read_number(number)
        if value is None:
            continue
        currency = "" if match["money"] in (None, "元", "块钱") else match["money"]
        yield Fact("amount", match[0], match.start(), match.end(), plain(value) + currency)


def find_dates(text: str) -> Iterator[Fact]:
    """Dates, whole or partial; ISO as far as it goes (`--09-30` without a year)."""
    for match in _DATE.finditer(text):
        if match[0].endswith(("至", "-", "—", "～", "~")):
            month = read_number(match[0][:-1])
            value = f"--{int(month):02d}" if month is not None else ""
            yield Fact("date", match[0][:-1], match.start(), match.end() - 1, value)
            continue
        year = match["y"] or match["y2"] or match["y3"] or match["y4"]
        parts = (
            year,
            match["m"] or match["m2"] or match["m3"],
            match["d"] or match["d2"] or match["d3"],
        )
        yield Fact("date", match[0], match.start(), match.end(), _iso(*parts))


def _iso(year: str | None, month: str | None, day: str | None) -> str:
    numbers = [
        None if part is None else read_number(part.replace("○", "〇").replace("O", "〇"))
        for part in (year, month, day)
    ]
    if numbers[0] is None and numbers[1] is None:
        return ""
    text = "-" if numbers[0] is None else f"{int(numbers[0]):04d}"
    for number in numbers[1:]:
        if number is None:
            break
        text += f"-{int(number):02d}"
    return text


def find_figures(text: str) -> Iterator[Fact]:
    """Numbers with their unit; Chinese numerals only where a unit makes them a figure."""
    _, arabic, chinese = _patterns()
    for match in arabic.finditer(text):
        value = read_number(match["value"])
        if value is not None:
            yield Fact("figure", match[0], match.start(), match.end(), plain(value))
    for match in chinese.finditer(text):
        value = read_number(match["percent"] or match["value"])
        if value is not None:
            yield Fact("figure", match[0], match.start(), match.end(), plain(value))

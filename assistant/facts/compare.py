"""Whose fact is it? The same fact in another form is still the same fact. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.facts.lexicon import load_lexicon
from assistant.facts.numerals import ARABIC, CHINESE
from assistant.models import Fact

_LEADING_NUMBER = re.compile(rf"^(?:{ARABIC}|{CHINESE}+|百分之)[千百万亿余多几]*")
_SPACE = re.compile(r"[\s　《》“”\"'（）()〔〕﹝﹞\[\]【】]+")
_MASKED = re.compile(r"[XＸ×*]{1,}|某")
_SAME_UNIT = {"名": "人", "位": "人", "个": "", "余个": "", "％": "%", "号": "日", "年度": "年"}
_GENERAL_LENGTH = 14
_OWNER = re.compile(r"\d|[〇一二三四五六七八九]{4}|【|[省市县区镇乡村局]|街道|社区|公司|集团")
"""Signs in a title that somebody in particular issued it."""


def owned(fact: Fact, owner_facts: Sequence[Fact]) -> bool:
    """Whether the owner states this fact too, in whatever form.

    26,854元 is 2.6854万元 is 二万六千八百五十四元; 9月 is owned by 2022年9月30日 but not the other
    way round; a part of a longer name of the owner is the owner's. General titles
    (《财务管理制度》) and national rules belong to everyone.
    """
    if fact.kind == "document" and is_general_title(fact):
        return True
    return any(_same(fact, other) for other in owner_facts)


def is_general_title(fact: Fact) -> bool:
    """Whether a title names no unit and no year, or a rule of the whole country or Party."""
    lexicon = load_lexicon()
    title = fact.value
    if not title or _MASKED.search(title):
        return False
    if title.startswith(lexicon.public_titles):
        return True
    short = len(title) <= _GENERAL_LENGTH and not title.startswith("关于")
    bare = re.sub(r"[（(](?:试行|暂行|修订|草案)[）)]$", "", title)
    return short and bare.endswith(lexicon.title_types) and not _names_someone(title)


def _names_someone(title: str) -> bool:
    return _OWNER.search(title) is not None


def _same(fact: Fact, other: Fact) -> bool:
    if fact.kind in ("amount", "figure"):
        return other.kind in ("amount", "figure") and _same_number(fact, other)
    if fact.kind == "date":
        return other.kind == "date" and _same_date(fact, other)
    mine, theirs = _SPACE.sub("", fact.text), _SPACE.sub("", other.text)
    if fact.kind == "document":
        return other.kind == "document" and mine == theirs
    # A place may stand inside a body's name and the other way round.
    return (
        other.kind in ("place", "body", "person", "document") and len(mine) > 1 and mine in theirs
    )


def _same_number(fact: Fact, other: Fact) -> bool:
    if fact.value != other.value:
        return False
    mine, theirs = unit_of(fact), unit_of(other)
    return mine == theirs or not mine or not theirs


def unit_of(fact: Fact) -> str:
    """The unit of a figure or an amount, with synonyms folded: 名 and 位 are 人."""
    if fact.kind == "amount":
        return fact.value.lstrip("0123456789.") or "元"
    if fact.text.startswith("百分之"):
        return "%"
    unit = counter_of(fact)
    unit = unit.removeprefix("个") if len(unit) > 1 else unit
    return _SAME_UNIT.get(unit, unit)


def counter_of(fact: Fact) -> str:
    """What stands after the number, as written: 个项目 of 38个项目."""
    return _LEADING_NUMBER.sub("", fact.text, count=1)


def _same_date(fact: Fact, other: Fact) -> bool:
    """A date is owned by an equal or a more exact one; a year the fact leaves open is free."""
    if not fact.value:
        return fact.text == other.text
    mine, theirs = fact.value, other.value
    if mine.startswith("-"):
        mine, theirs = mine[1:], theirs[1:] if theirs.startswith("-") else theirs[4:]
    return theirs == mine or theirs.startswith(mine + "-")

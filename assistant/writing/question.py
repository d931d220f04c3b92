"""What a question asks for: a figure, a date, a status, or something we refuse. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.writing.nature import asks_fabrication

MATTERS_AT_MOST = 3
SHORTEST_MATTER = 4


class Asked(StrEnum):
    """What the lead sentence of an answer should hold."""

    PRACTICE = "practice"
    MONEY = "money"
    PEOPLE = "people"
    DATE = "date"
    STATUS = "status"
    BLAME = "blame"
    NAMES = "names"
    ARTICLE = "article"
    FABRICATION = "fabrication"
    VERDICT = "verdict"


HOLDS = {
    Asked.MONEY: re.compile(
        r"[\d.,]+\s*(?:余|多)?\s*(?:亿|万|千)?余?元|[一二三四五六七八九十百千万两]+元"
    ),
    Asked.PEOPLE: re.compile(r"\d|[一二三四五六七八九十两]+(?:个|名|人|次|家|台|年|天|项|件)"),
    Asked.DATE: re.compile(r"\d{1,4}年|\d{1,2}月(?:\d{1,2}日|底|初|中旬)?"),
    Asked.STATUS: re.compile(
        r"完成|(?<!不)到位|推进|尚未|未(?!履行|按|经|换届)|正在|阶段|整改完毕|研究解决|长期坚持|筹备"
    ),
    Asked.BLAME: re.compile(
        r"约谈|谈话|批评教育|书面检查|检讨|追究|处分|问责|追责|立案|诫勉|警告|免职|撤销"
        r"|(?<!账务)(?<!财务)(?<!会计)(?<!垃圾)(?<!污水)处理(?!厂|场|站|设施|能力|量)"
        r"|移交(?![^，。；]{0,14}(?:资料|档案|材料|管理|使用))"
    ),
}
"""What a sentence must hold to answer."""


@cache
def _lists() -> Mapping[str, Any]:
    path = Path(__file__).with_name("questions.yaml")
    loaded: Mapping[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return loaded


@cache
def _cues() -> dict[Asked, re.Pattern[str]]:
    lists = _lists()
    return {one: re.compile("|".join(lists[one])) for one in Asked if one in lists}


@cache
def _steps() -> dict[str, re.Pattern[str]]:
    return {step: re.compile(words) for step, words in _lists()["steps"].items()}


def asked_steps(question: str) -> frozenset[str]:
    """The steps of a plan a question asks for in particular; empty means all."""
    return frozenset(step for step, pattern in _steps().items() if pattern.search(question))


def asks_state(question: str) -> bool:
    """Whether the question asks how a unit stands, not how a matter is put right."""
    return bool(re.search(_lists()["state"], question.strip()))


def asks_standard(question: str) -> bool:
    """Whether the question asks what a rule allows or how something is reckoned."""
    return bool(re.search(_lists()["standard"], question))


def asks_whether(question: str) -> bool:
    """Whether the question asks if there is any case of the kind."""
    return bool(re.search(_lists()["exists"], question))


def compares(question: str) -> bool:
    """Whether units are to be set side by side."""
    return bool(re.search("|".join(_lists()["compare"]), question))


def lists_units(question: str) -> bool:
    """Whether the question wants every unit that fits."""
    return bool(re.search("|".join(_lists()["listing"]), question))


def asked_for(question: str) -> Asked:
    """What the question asks for; refusals first."""
    cues = _cues()
    if asks_fabrication(question) or cues[Asked.FABRICATION].search(question):
        return Asked.FABRICATION
    for asked in (Asked.VERDICT, Asked.NAMES, Asked.ARTICLE, *HOLDS):
        if cues[asked].search(question):
            return asked
    return Asked.PRACTICE


def matters_apart(question: str) -> tuple[str, ...]:
    """The two or three matters a question wants answered each by itself; else empty."""
    ways = _lists()["apart"]
    if not re.search(ways["asked"], question):
        return ()
    told = re.sub(ways["tail"], "", question.strip("？?。！ "))
    for mark in ways["between"]:
        parts = [
            part.strip("，、；。 ") for part in re.split(mark, told) if part.strip("，、；。 ")
        ]
        if 1 < len(parts) <= MATTERS_AT_MOST and min(map(len, parts)) >= SHORTEST_MATTER:
            return tuple(f"{part}怎么整改" for part in parts)
    return ()

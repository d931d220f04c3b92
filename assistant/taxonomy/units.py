"""What kind of unit a name belongs to, and at which level. Pure: names in, two words out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

OTHER = "其他"

_MASKED_PARTY = re.compile(r"D(?![A-CE-WYZa-z0-9])")
_SENTENCE = 40
"""A longer candidate is an intro sentence, not a name."""


@dataclass(frozen=True, slots=True)
class UnitType:
    """One row of the table: a name and how names of that type look."""

    name: str
    ending: re.Pattern[str] | None
    anywhere: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class UnitRules:
    """The whole table of units.yaml, compiled."""

    types: tuple[UnitType, ...]
    organs: tuple[str, ...]
    party_office: re.Pattern[str]
    inspectors: re.Pattern[str]
    inspected: tuple[re.Pattern[str], ...]
    levels: Mapping[str, str]


@cache
def load_unit_rules() -> UnitRules:
    """Read and compile units.yaml, once."""
    data = yaml.load(
        Path(__file__).with_name("units.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader
    )
    return UnitRules(
        types=tuple(
            UnitType(
                row["name"],
                _any_of(row.get("endings", ()), end=True),
                _any_of(row.get("anywhere", ()), end=False),
            )
            for row in data["types"]
        ),
        organs=tuple(sorted(data["organs"], key=len, reverse=True)),
        party_office=re.compile(data["party_offices"] + "$"),
        inspectors=re.compile(data["inspectors"]),
        inspected=tuple(re.compile(pattern) for pattern in data["inspected"]),
        levels=data["levels"],
    )


def _any_of(patterns: Sequence[str], *, end: bool) -> re.Pattern[str] | None:
    if not patterns:
        return None
    return re.compile("(?:" + "|".join(patterns) + ")" + ("$" if end else ""))


def classify_unit(names: Sequence[str]) -> tuple[str, str]:
    """Type and level of a unit from candidate names, best first (title, signature, intro).

    Returns one of the types of units.yaml (`其他` when nothing matches) and a level of
    `村社区 乡镇街道 县区 市 省 中央`, or an empty level.
    """
    rules = load_unit_rules()
    # 专卖局（分公司）党组: a second name in brackets hides what the first one ends with.
    bare = [re.sub(r"[（(][^）)]{1,16}[）)](?=党)", "", name) for name in names]
    cleaned = [_MASKED_PARTY.sub("党", name).strip() for name in bare]
    for name in cleaned:
        for candidate in _candidates(name, rules):
            unit_type = _type_of(candidate, rules)
            if unit_type is not None:
                return unit_type, _level_of(candidate, unit_type, cleaned, rules)
    return OTHER, ""


def _candidates(name: str, rules: UnitRules) -> Iterator[str]:
    """The stretches of a title, signature or sentence that may be the unit's name."""
    for pattern in rules.inspected:
        for match in pattern.finditer(name):
            yield _trimmed(match["unit"])
    if len(name) <= _SENTENCE:
        yield _trimmed(rules.inspectors.sub("", name.split("关于")[0]))
    else:
        for piece in re.split(r"[，。；：、\s]", rules.inspectors.sub("，", name)):
            yield _trimmed(piece.split("关于")[0])


def _trimmed(name: str) -> str:
    name = re.sub(r"[（(][^）)]*[）)]$", "", name.strip(" 　：:，,。"))
    return re.sub(r"^(?:中国共产党|中共)", "", name)


def _type_of(name: str, rules: UnitRules) -> str | None:
    if not name:
        return None
    if rules.party_office.search(name):
        return "党政部门"
    for row in rules.types:
        if row.anywhere and row.anywhere.search(name):
            return row.name
    for core in _cores(name, rules.organs):
        for row in rules.types:
            if row.ending and row.ending.search(core):
                return row.name
    return None


def _cores(name: str, organs: Sequence[str]) -> Iterator[str]:
    """The name as written, then with one organ word after another taken off its end."""
    core = name
    for _ in range(3):
        yield core
        organ = next((word for word in organs if core.endswith(word)), None)
        if organ is None or len(core) <= len(organ):
            return
        core = core[: -len(organ)]


def _level_of(name: str, unit_type: str, names: Sequence[str], rules: UnitRules) -> str:
    if unit_type in rules.levels:
        return rules.levels[unit_type]
    # 开发区 and the like end in 区 without being a county; what stands before decides.
    head = re.sub(r"(?:开发|高新|经开|集聚|工业园|产业园|集中|示范|园|新)区", "", name)
    head = re.sub(r"城市|都市|市政|市场|市民|上市|地区|社区|小区", "", head)
    if re.search(r"[县旗]|(?<!地)区(?!域)", head):
        return "县区"
    if re.search(r"省|自治区", head):
        return "省"
    if re.search(r"市\S*市", head):
        return "县区"
    if re.search(r"市|自治州|州(?=\S?[委社科])|盟", head):
        return "市"
    if unit_type == "开发区":
        return "市" if "国家级" in name else "县区"
    return _level_of_inspector(" ".join(names))


def _level_of_inspector(text: str) -> str:
    """The inspecting committee's level, where the unit's own name says nothing."""
    match = re.search(r"([省市县区州旗])委\S{0,12}?巡[视察]", text)
    if match is None:
        return "中央" if re.search(r"中央\S{0,8}巡视", text) else ""
    return {"省": "省", "市": "市", "州": "市"}.get(match[1], "县区")

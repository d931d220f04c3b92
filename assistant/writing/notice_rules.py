"""How people ask about notices as such, and which notices they mean. Rules are YAML; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.facts.find import find_facts
from assistant.models import Notice
from assistant.query_filters import suggest_filters
from assistant.writing.masking import plain
from assistant.writing.vocabulary import is_general

_MASK = re.compile("[XＸ×]+")
"""What hides a name: 共青团XX区 is asked for as 共青团区."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A matter that stands in the lines of a notice, and how a line tells it."""

    asked: re.Pattern[str]
    about: re.Pattern[str]
    holds: re.Pattern[str]
    what: str
    silent: str
    note: str
    each: int
    general: bool
    """Only for questions that name no matter of their own."""
    prose: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything `notice_lines.yaml` holds."""

    lookups: dict[str, Lookup]
    asked: dict[str, re.Pattern[str]]
    rank: dict[str, re.Pattern[str]]
    dates: dict[str, re.Pattern[str]]
    number: re.Pattern[str]
    every: re.Pattern[str]
    inspected: re.Pattern[str]
    """Names 巡视 or 巡察 as the scope, not as part of 巡察整改."""
    aliases: tuple[tuple[str, str], ...]
    lead: re.Pattern[str]
    organ: re.Pattern[str]
    last: re.Pattern[str]
    unit_types: tuple[tuple[str, re.Pattern[str]], ...]
    no_matter: frozenset[str]
    """Words of a question about a notice as such that name no matter."""


def _lookup(entry: dict[str, Any]) -> Lookup:
    return Lookup(
        re.compile(entry["asked"]),
        re.compile(entry["about"]),
        re.compile(entry["holds"]),
        entry["what"],
        entry["silent"],
        entry.get("note", ""),
        entry.get("each", 1),
        bool(entry.get("general", False)),
        bool(entry.get("prose", False)),
    )


@cache
def rules() -> Rules:
    """The rules, read once."""
    held = yaml.load(
        Path(__file__).with_name("notice_lines.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader
    )
    return Rules(
        {name: _lookup(entry) for name, entry in held["lookups"].items()},
        {
            name: re.compile(held[name]["asked"])
            for name in ("rank", "dates", "team", "open", "totals")
        },
        {name: re.compile(held["rank"][name]) for name in ("done", "least")},
        {
            "feedback_date": re.compile(held["dates"]["feedback"]),
            "published_date": re.compile(held["dates"]["published"]),
        },
        re.compile(held["totals"]["number"]),
        re.compile(held["every"]),
        re.compile(held["inspected"]),
        tuple(held["aliases"].items()),
        re.compile(held["lead"]),
        re.compile(held["organ"]),
        re.compile(held["last"]),
        tuple((name, re.compile(words)) for name, words in held["unit_types"].items()),
        frozenset(held["no_matter"]),
    )


def kind_of(question: str) -> str | None:
    """What a question about a notice asks for, or `None`."""
    ways = rules()
    if len(question) > 80:
        return None
    patterns = {name: rule.asked for name, rule in ways.lookups.items()} | ways.asked
    return next((name for name, pattern in patterns.items() if pattern.search(question)), None)


def _short_name(name: str) -> str:
    ways = rules()
    text = plain(name)
    text = ways.lead.sub("", text)
    for long, short in ways.aliases:
        text = text.replace(long, short)
    return ways.organ.sub("", text)


def named_notices(question: str, notices: Sequence[Notice]) -> tuple[Notice, ...]:
    """Notices of the units a question names, in full, in short or by the last part."""
    asked = plain(question)
    for long, short in rules().aliases:
        asked = asked.replace(long, short)
    found: list[tuple[int, Notice]] = []
    for notice in notices:
        core = _short_name(notice.unit or "")
        last = rules().last.search(core)
        full = rules().lead.sub("", plain(notice.unit or ""))
        names = {core, full, last.group(1) if last else core}
        fitting = [name for name in names if len(name) > 2 and name in asked]
        bare = _MASK.sub("", core)
        if bare != core and _stands_bare(bare, asked):
            fitting.append(bare)
        if fitting:
            found.append((max(map(len, fitting)), notice))
    longest = max((length for length, _ in found), default=0)
    return tuple(notice for length, notice in found if length == longest)


def _stands_bare(bare: str, asked: str) -> bool:
    """Whether a question names a masked unit by what is left, and by no name of its own.

    共青团区委 may be 共青团XX区委员会; 岳阳经开区 is another unit than XX经开区.
    """
    return len(bare) > 2 and bool(re.search(rf"(?:^|[^\u4e00-\u9fff]|[和与跟同]){bare}", asked))


def absent_names(question: str, notices: Sequence[Notice]) -> tuple[str, ...]:
    """Units or places a question names that no notice is about."""
    said = "\n".join(f"{notice.unit} {notice.title}" for notice in notices)
    return tuple(
        fact.text
        for fact in find_facts(question)
        if fact.kind in ("body", "place")
        and len(fact.text) > 2
        and not is_general(fact.text)
        and "组" not in fact.text[-2:]
        and fact.text not in said
    )


def kinds_named(question: str, *, leading: bool = False) -> tuple[str, ...]:
    """Kinds of unit a question names; `leading`: only one it begins with, as its subject."""
    return tuple(
        name
        for name, pattern in rules().unit_types
        if (pattern.match(question) if leading else pattern.search(question))
    )


def in_scope(question: str, notices: Sequence[Notice]) -> tuple[Notice, ...]:
    """Notices of the kind of unit or inspection that the question states."""
    stated = suggest_filters(question)
    inspected = stated.inspections if rules().inspected.search(question) else ()
    return tuple(
        notice
        for notice in notices
        if (not stated.unit_types or notice.unit_type in stated.unit_types)
        and (not stated.levels or notice.unit_level in stated.levels)
        and (not inspected or notice.inspection in inspected)
    )

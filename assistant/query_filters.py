"""Constraints read from a question, to be offered as chips. Pure; never applied by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from assistant.models import Filters, StatusClass

LONGEST = 60
"""A longer text tells a problem; what it mentions is the matter, not the scope."""
UNFINISHED = (StatusClass.OPEN.value, StatusClass.ONGOING.value, StatusClass.STAGED.value)


@dataclass(frozen=True, slots=True)
class _Rules:
    unit_types: tuple[tuple[str, re.Pattern[str]], ...]
    levels: tuple[tuple[str, re.Pattern[str]], ...]
    inspections: tuple[tuple[str, re.Pattern[str]], ...]
    statuses: tuple[tuple[str, re.Pattern[str]], ...]
    unfinished: re.Pattern[str]
    negated_before: re.Pattern[str]
    negated_after: re.Pattern[str]
    year: re.Pattern[str]
    since: re.Pattern[str]


def suggest_filters(query: str, *, years: Sequence[int] = ()) -> Filters:
    """Give the constraints a question states; `years` are those the library holds."""
    if len(query) > LONGEST:
        return Filters()
    rules = _rules()
    return Filters(
        unit_types=_named(query, rules.unit_types),
        inspections=_inspections(query, rules),
        statuses=_statuses(query, rules),
        levels=_named(query, rules.levels),
        years=_years(query, rules, years),
    )


def _named(query: str, patterns: Sequence[tuple[str, re.Pattern[str]]]) -> tuple[str, ...]:
    return tuple(name for name, pattern in patterns if pattern.search(query))


def _statuses(query: str, rules: _Rules) -> tuple[str, ...]:
    """Give the status named; 没完成 alone means every status short of finished."""
    named = _named(query, rules.statuses)
    if not named and rules.unfinished.search(query):
        return UNFINISHED
    return named


def _inspections(query: str, rules: _Rules) -> tuple[str, ...]:
    """Give the one kind that is wanted; naming both wants neither in particular."""
    wanted: set[str] = set()
    refused: set[str] = set()
    for name, pattern in rules.inspections:
        for match in pattern.finditer(query):
            around = query[max(0, match.start() - 3) : match.start()], query[match.end() :][:4]
            negated = rules.negated_before.search(around[0]) or rules.negated_after.match(around[1])
            (refused if negated else wanted).add(name)
    names = {name for name, _ in rules.inspections}
    if not wanted and len(refused) == 1:
        wanted = names
    wanted -= refused
    return tuple(wanted) if len(wanted) == 1 else ()


def _years(query: str, rules: _Rules, held: Sequence[int]) -> tuple[int, ...]:
    since = rules.since.search(query)
    if since and held:
        return tuple(sorted({year for year in held if year >= int(since.group(1))}))
    return tuple(sorted({int(match.group(1)) for match in rules.year.finditer(query)}))


@cache
def _rules() -> _Rules:
    path = Path(__file__).with_name("query_filters.yaml")
    held = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    before, after = held["frames_before"], held["frames_after"]
    return _Rules(
        unit_types=_framed(held["unit_types"], f"(?:{before})(?:{{0}})|(?:{{0}})(?:{after})"),
        levels=_framed(held["levels"], f"(?:{{0}})(?:{held['level_frames']})"),
        inspections=_framed(held["inspections"], "(?:{0})"),
        statuses=_framed(held["statuses"], "(?:{0})"),
        unfinished=re.compile(held["unfinished"]),
        negated_before=re.compile(f"(?:{held['negated_before']})$"),
        negated_after=re.compile(f"的?(?:{held['negated_after']})"),
        year=re.compile(rf"(?<!\d)(20\d\d){held['years_after']}"),
        since=re.compile(rf"(?<!\d)(20\d\d){held['years_since']}"),
    )


def _framed(names: Mapping[str, str], frame: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(frame.replace("{0}", words))) for name, words in names.items())


def without_filters(query: str) -> str:
    """Give the question without the words that name its scope."""
    rules = _rules()
    for _, pattern in (*rules.unit_types, *rules.levels, *rules.inspections, *rules.statuses):
        query = pattern.sub(" ", query)
    query = rules.unfinished.sub(" ", query)
    return rules.since.sub(" ", rules.year.sub(" ", query))

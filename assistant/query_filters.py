"""Constraints read from a question, to be offered as chips. Pure; never applied by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import yaml

from assistant.models import Filters, StatusClass

LONGEST = 60
"""A longer text tells a problem; what it mentions is the matter, not the scope."""
SHORTEST = 4
"""Characters that make a matter: with fewer, the scope is what a question is about."""
_CHARACTERS = re.compile(r"[\u4e00-\u9fff]")
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
    until: re.Pattern[str]
    unit_refused: tuple[tuple[str, re.Pattern[str]], ...]
    unit_others: tuple[tuple[str, re.Pattern[str]], ...]
    scope_words: re.Pattern[str]
    both_inspections: re.Pattern[str]


def suggest_filters(query: str, *, years: Sequence[int] = ()) -> Filters:
    """Give the constraints a question states; `years` are those the library holds."""
    if len(query) > LONGEST:
        return Filters()
    rules = _rules()
    return Filters(
        unit_types=_unit_types(query, rules),
        inspections=_inspections(query, rules),
        statuses=_statuses(query, rules),
        levels=_named(query, rules.levels),
        years=_years(query, rules, years),
    )


def _named(query: str, patterns: Sequence[tuple[str, re.Pattern[str]]]) -> tuple[str, ...]:
    return tuple(name for name, pattern in patterns if pattern.search(query))


def _unit_types(query: str, rules: _Rules) -> tuple[str, ...]:
    """Give the kinds named, or where some are only left out, all the others."""
    refused = _named(query, rules.unit_refused)
    wanted = tuple(name for name in _named(query, rules.unit_types) if name not in refused)
    if refused and not wanted:
        return tuple(name for name, _ in rules.unit_types if name not in refused)
    return wanted


def _statuses(query: str, rules: _Rules) -> tuple[str, ...]:
    """Give the status named; 没完成 alone means every status short of finished."""
    named = _named(query, rules.statuses)
    if not named and rules.unfinished.search(query):
        return UNFINISHED
    return named


def _inspections(query: str, rules: _Rules) -> tuple[str, ...]:
    """Give the one kind that is wanted; naming both wants neither in particular."""
    if rules.both_inspections.search(query):
        return ()
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
    since, until = rules.since.search(query), rules.until.search(query)
    if since and held:
        return tuple(sorted({year for year in held if year >= int(since.group(1))}))
    if until and held:
        last = int(until.group(1)) - ("及" not in until.group())
        return tuple(sorted({year for year in held if year <= last}))
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
        until=re.compile(rf"(?<!\d)(20\d\d){held['years_until']}"),
        unit_refused=_framed(held["unit_types"], f"(?:{held['unit_refused_before']})(?:{{0}})"),
        unit_others=_framed(held["unit_types"], f"(?:{held['others_before']})(?:{{0}})"),
        scope_words=re.compile(held["scope_words"]),
        both_inspections=re.compile(held["both_inspections"]),
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


def matter_of(query: str) -> str:
    """Give what a question wants looked for: without the kinds of unit and years it is limited to.

    A longer text tells a problem, and a question that names its scope only keeps it.
    """
    if len(query) > LONGEST:
        return query
    rules = _rules()
    rest = rules.scope_words.sub(" ", query)
    for _, pattern in (*rules.unit_refused, *rules.unit_types, *rules.levels):
        rest = pattern.sub(" ", rest)
    for pattern in (rules.since, rules.until, rules.year):
        rest = pattern.sub(" ", rest)
    return rest if len(_CHARACTERS.findall(rest)) >= SHORTEST else query


def firm_filters(query: str, *, years: Sequence[int] = ()) -> Filters:
    """Give those constraints that a question plainly sets to the cases it wants.

    How far a case has come is no such constraint (怎么还没改完 asks for a way), and 巡察整改 may be
    the matter itself.
    """
    stated = suggest_filters(query, years=years)
    limited = bool(_rules().scope_words.search(query))
    others = _named(query, _rules().unit_others)
    return replace(
        stated,
        unit_types=tuple(name for name in stated.unit_types if name not in others),
        statuses=(),
        inspections=stated.inspections if limited else (),
    )


def unit_kinds() -> tuple[str, ...]:
    """Give the kinds of unit a question can name."""
    return tuple(name for name, _ in _rules().unit_types)

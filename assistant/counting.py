"""Counting and listing questions, answered from the Library: exact, with the list, no model.

A question is answered only when its whole scope is understood: kind of unit, 巡视 or 巡察,
status, year, and a matter that cases name. Anything else is left to search (`None`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Protocol

import yaml

from assistant.cleaning import keeps_characters, put_in
from assistant.errors import NotFound
from assistant.labels import full_label, unit_label
from assistant.models import Case, Evidence, Filters, Notice, StatusClass
from assistant.passages import norm, year_of
from assistant.query_filters import suggest_filters, without_filters
from assistant.record.rows import CaseText
from assistant.taxonomy.thesaurus import (
    ConceptTest,
    find_concepts,
    fold,
    rarest_first,
    spellings,
)
from assistant.writing.masking import safe_text
from vectorstore.lexical import words

SHOWN = 30
"""Units named in the text; all are in the list."""
LISTED = 20
"""Problems named one by one where a list is asked for."""
FINISHED = (StatusClass.DONE, StatusClass.MOSTLY)


class NoticeReader(Protocol):
    """What counting needs of the Library."""

    def outlines(self) -> tuple[Notice, ...]:
        """Give all notices with cases that have id, topics and status but no text."""

    def texts(self, ids: Iterable[str]) -> Iterator[tuple[str, tuple[CaseText, ...]]]:
        """Give what the cases of some notices say."""

    def notice(self, notice_id: str) -> Notice:
        """Give one notice; raises `NotFound`."""


@dataclass(frozen=True, slots=True)
class CountAnswer:
    """A number, the sentence that says it and every case behind it."""

    text: str
    """Chinese, with `[n]` after each unit named."""
    count: int
    """Units, cases, notices or finished cases, as asked."""
    basis: str
    """What was counted and how, one sentence."""
    evidence: tuple[Evidence, ...]
    """Every case counted, numbered as cited."""


@dataclass(frozen=True, slots=True)
class _Scope:
    filters: Filters
    matter: tuple[str, ...]
    units: tuple[str, ...]
    """Names of units the question names."""


def answer_count(question: str, library: NoticeReader) -> CountAnswer | None:
    """Answer a counting or listing question exactly, or give `None` where it is not one."""
    kind = _kind(question)
    if kind is None:
        return None
    outlines = library.outlines()
    scope = _scope(question, outlines)
    fitting = _fitting(outlines, scope)
    if scope.matter:
        fitting = _about(scope.matter, fitting, library)
    found = list(_in_full(outlines, fitting, library))
    if not found:
        return None
    evidence = tuple(
        Evidence(number, case, notice) for number, (case, notice) in enumerate(found, 1)
    )
    told = _basis(scope, len(outlines))
    if kind == "cases" and _rules().listing.search(question):
        return _list_text(evidence, told)
    return _WRITERS[kind](evidence, told)


# ------------------------------------------------------------------ what is asked


def _kind(question: str) -> str | None:
    rules = _rules()
    if len(question) > 80 or rules.not_counting.search(question):
        return None
    return next((kind for kind, pattern in rules.kinds if pattern.search(question)), None)


def _scope(question: str, notices: Sequence[Notice]) -> _Scope:
    named = tuple(sorted({n.unit for n in notices if n.unit and _is_named(n.unit, question)}))
    years = sorted({year for notice in notices if (year := year_of(notice))})
    filters = suggest_filters(question, years=years)
    if named:
        filters = replace(filters, unit_types=(), levels=())
    return _Scope(filters, _matter(question, named), named)


def _is_named(unit: str, question: str) -> bool:
    """Tell whether the question names the unit, with or without 党委, 党组 …"""
    name = norm(unit)
    core = _rules().organ.sub("", name)
    return "X" not in core and len(core) > 2 and core in question


def _matter(question: str, named: Sequence[str]) -> tuple[str, ...]:
    """Give the words of the matter asked about: what is left when the scope is taken off."""
    rules = _rules()
    rest = question
    for name in named:
        rest = rest.replace(rules.organ.sub("", norm(name)), " ")
    rest = without_filters(rest)
    for _, pattern in rules.kinds:
        rest = pattern.sub(lambda match: _kept_inside(match.group()), rest)
    rest = without_filters(rest)
    rest = rules.drop.sub(" ", rest)
    return tuple(dict.fromkeys(w for w in words(rest) if len(w) > 1 and w not in rules.stop))


def _kept_inside(asked: str) -> str:
    """Give what stands between 几个 and 问题: it belongs to the matter."""
    inner = re.search(r"(?:个|条|项|件|起|列出|列举|列一下)(.*?)(?:问题|案例|事项|整改项)", asked)
    return f" {inner.group(1)} " if inner else " "


def _notice_fits(notice: Notice, scope: _Scope) -> bool:
    filters = scope.filters
    return (
        (not scope.units or notice.unit in scope.units)
        and (not filters.unit_types or notice.unit_type in filters.unit_types)
        and (not filters.levels or notice.unit_level in filters.levels)
        and (not filters.inspections or notice.inspection in filters.inspections)
        and (not filters.years or year_of(notice) in filters.years)
    )


def _fitting(outlines: Sequence[Notice], scope: _Scope) -> dict[str, set[str]]:
    """Give the cases within the scope by notice, whatever they say."""
    statuses = scope.filters.statuses
    return {
        outline.id: {
            case.id for case in outline.cases if not statuses or case.status_class in statuses
        }
        for outline in outlines
        if _notice_fits(outline, scope)
    }


def _about(
    matter: Sequence[str], fitting: dict[str, set[str]], library: NoticeReader
) -> dict[str, set[str]]:
    """Give those of the cases that speak of every word of the matter."""
    words_asked = [_Word(word) for word in matter]
    read = library.texts(notice_id for notice_id, ids in fitting.items() if ids)
    return {
        notice_id: {
            case.id
            for case in cases
            if case.id in fitting[notice_id] and _is_about(case, words_asked)
        }
        for notice_id, cases in read
    }


def _is_about(case: CaseText, asked: Sequence[_Word]) -> bool:
    raw = "\n".join([case.problem, *case.category[-1:], *(m.text for m in case.measures)])
    if keeps_characters(raw) and not all(word.may_stand_in(raw) for word in asked):
        return False
    text = norm(raw)
    return all(word.is_meant_by(text) for word in asked)


class _Word:
    """A word of the matter: as it stands, or whatever says the same."""

    def __init__(self, word: str) -> None:
        self._word, self._meant = word, ConceptTest(find_concepts(word))
        ways = {fold(word), *("".join(pieces) for pieces in self._meant.terms)}
        needed = {tuple(rarest_first(set(way) - put_in())) for way in ways}
        self._needed = [[spellings(character) for character in one] for one in sorted(needed)]

    def may_stand_in(self, raw: str) -> bool:
        """Tell by its characters whether a raw text could say so in norm: most are out at once."""
        for needed in self._needed:
            for spelt in needed:
                if not (spelt in raw if len(spelt) == 1 else any(one in raw for one in spelt)):
                    break
            else:
                return True
        return False

    def is_meant_by(self, text: str) -> bool:
        """Tell whether the text has the word or speaks of what it means."""
        return self._word in text or self._meant.holds(text)


def _in_full(
    outlines: Iterable[Notice], wanted: dict[str, set[str]], library: NoticeReader
) -> Iterator[tuple[Case, Notice]]:
    """Give the wanted cases with all they say; one removed meanwhile is left out."""
    for outline in outlines:
        ids = wanted.get(outline.id)
        if not ids:
            continue
        with suppress(NotFound):
            notice = library.notice(outline.id)
            yield from ((case, notice) for case in notice.cases if case.id in ids)


# ------------------------------------------------------------------ how it is said


def _units_text(evidence: Sequence[Evidence], basis: str) -> CountAnswer:
    by_unit = _by_unit(evidence)
    shown = "、".join(
        f"{name}（{len(held)}条）[{held[0].number}]"
        for name, held in list(by_unit.values())[:SHOWN]
    )
    more = f"等，其余{len(by_unit) - SHOWN}个见清单" if len(by_unit) > SHOWN else ""
    text = f"共有{len(by_unit)}个单位，涉及{len(evidence)}条案例：{shown}{more}。"
    return CountAnswer(text, len(by_unit), basis, tuple(evidence))


def _cases_text(evidence: Sequence[Evidence], basis: str) -> CountAnswer:
    by_unit = _by_unit(evidence)
    shown = "、".join(
        f"{name}{len(held)}条[{held[0].number}]" for name, held in list(by_unit.values())[:SHOWN]
    )
    text = f"共有{len(evidence)}条，分布在{len(by_unit)}个单位：{shown}。"
    return CountAnswer(text, len(evidence), basis, tuple(evidence))


def _list_text(evidence: Sequence[Evidence], basis: str) -> CountAnswer:
    """Give the problems themselves, each with its unit, for who asked to have them listed."""
    lines = "\n".join(
        f"- {norm(unit_label(e.notice))}：{safe_text(e.case.problem).rstrip('。')}[{e.number}]。"
        for e in evidence[:LISTED]
    )
    more = f"\n其余{len(evidence) - LISTED}条见依据清单。" if len(evidence) > LISTED else ""
    text = f"共有{len(evidence)}条，分布在{len(_by_unit(evidence))}个单位：\n{lines}{more}"
    return CountAnswer(text, len(evidence), basis, tuple(evidence))


def _rate_text(evidence: Sequence[Evidence], basis: str) -> CountAnswer:
    done = [e for e in evidence if e.case.status_class in FINISHED]
    silent = sum(e.case.status_class is None for e in evidence)
    counted = [
        f"{status.value}{number}条"
        for status in StatusClass
        if (number := sum(e.case.status_class == status for e in evidence))
    ]
    if silent:
        counted.append(f"原文未写明状态{silent}条")
    share = f"{100 * len(done) / len(evidence):.1f}%"
    first = f"[{done[0].number}]" if done else ""
    text = (
        f"共{len(evidence)}条案例，其中写明完成或基本完成{len(done)}条{first}，占{share}。"
        f"各状态为：{'、'.join(counted)}。"
    )
    note = "完成按原文对整条问题的表述认定；未写明的不算完成。" if silent else ""
    return CountAnswer(text + note, len(done), basis, tuple(evidence))


def _notices_text(evidence: Sequence[Evidence], basis: str) -> CountAnswer:
    firsts = {e.notice.id: e for e in reversed(evidence)}
    listed = sorted(firsts.values(), key=lambda e: e.number)
    shown = "、".join(f"{norm(unit_label(e.notice))}[{e.number}]" for e in listed[:SHOWN])
    text = f"共有{len(listed)}份通报：{shown}{'等' if len(listed) > SHOWN else ''}。"
    return CountAnswer(text, len(listed), basis, tuple(evidence))


_WRITERS = {
    "rate": _rate_text,
    "units": _units_text,
    "cases": _cases_text,
    "notices": _notices_text,
}


def _by_unit(evidence: Iterable[Evidence]) -> dict[str, tuple[str, list[Evidence]]]:
    """Give the cases of each unit; a masked name is no name, so its notices stay apart."""
    held: dict[str, tuple[str, list[Evidence]]] = {}
    for item in evidence:
        unit = item.notice.unit or ""
        named = bool(unit) and "X" not in unit.upper() and "某" not in unit
        # masked units share a name: team and feedback date tell them apart
        label = unit_label(item.notice) if named else full_label(item.notice)
        held.setdefault(unit if named else item.notice.id, (norm(label), []))[1].append(item)
    return held


def _basis(scope: _Scope, notices: int) -> str:
    filters = scope.filters
    parts = [
        *scope.units,
        *filters.unit_types,
        *filters.levels,
        *filters.inspections,
        *filters.statuses,
        *(f"{year}年" for year in filters.years),
    ]
    if scope.matter:
        parts.append(f"原文出现“{'”“'.join(scope.matter)}”或其同义说法")
    return f"按{'、'.join(parts) or '全部案例'}逐条统计，范围为库内{notices}份通报。"


# ------------------------------------------------------------------ rules


@dataclass(frozen=True, slots=True)
class _Rules:
    kinds: tuple[tuple[str, re.Pattern[str]], ...]
    listing: re.Pattern[str]
    not_counting: re.Pattern[str]
    drop: re.Pattern[str]
    stop: frozenset[str]
    organ: re.Pattern[str]


@cache
def _rules() -> _Rules:
    held = yaml.load(
        Path(__file__).with_name("counting.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader
    )
    unit = f"(?:{held['unit_words']})"
    return _Rules(
        tuple(
            (kind, re.compile("|".join(p.replace("{unit}", unit) for p in held[kind])))
            for kind in ("rate", "notices", "units", "cases")
        ),
        re.compile(held["listing"]),
        re.compile(held["not_counting"]),
        re.compile(f"(?:{held['matter_drop']})"),
        frozenset(held["matter_stop"].split()),
        re.compile(f"(?:{held['organ_words']})$"),
    )

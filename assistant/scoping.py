"""The scope a question states, kept to in its answer and told there; nothing is filtered silently.

只看国企, 2023年以后, 不要乡镇的: who asks so wants no other cases. Where the library holds none of
them on the matter, that is said, and what others did is shown in their place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Protocol

from assistant.followup import ANY_YEARS, own_matter
from assistant.models import Answerable, Filters, Notice, SearchResult
from assistant.passages import year_of
from assistant.query_filters import firm_filters, matter_of, unit_kinds, without_filters
from assistant.writing.notice_rules import kinds_named
from assistant.writing.question import compares

MOST_NAMED = 3
NEAR_THE_TOP = 2
"""Hits of the whole library among which one within the scope shows that the scope holds some."""
KEPT = "按问题所说的范围（{scope}）查找案例库。"
UNMET = "案例库中{scope}的通报里没有与所问直接相关的案例，以下来自其他通报，供参考。"
ALONE = "案例库中没有{scope}的通报。"
UNHELD = "案例库中没有{scope}的通报，以下来自其他通报，供参考。"


class Search(Protocol):
    """A search for one question."""

    def __call__(self, *, filters: Filters) -> SearchResult:
        """Give what is found within the filters."""


@dataclass(frozen=True, slots=True)
class Scoped:
    """What was found, and the sentence that tells within which scope."""

    result: SearchResult
    told: str = ""


def search_in_scope(
    question: str,
    search: Search,
    *,
    filters: Filters,
    outlines: Callable[[], Sequence[Notice]],
) -> Scoped:
    """Search within what the user chose and the question states; wider where that holds nothing."""
    if not compares(question) and firm_filters(question, years=ANY_YEARS) == Filters():
        return Scoped(search(filters=filters))
    notices = outlines()
    stated = _stated(question, notices)
    if stated == Filters():
        return Scoped(search(filters=filters))
    scope = scope_label(stated)
    if not any(_fits(notice, stated) for notice in notices):
        wider = search(filters=filters)
        if not own_matter(matter_of(without_filters(question))):
            wider = replace(wider, hits=(), answerable=Answerable.NO)
        return Scoped(
            wider, UNHELD.format(scope=scope) if wider.hits else ALONE.format(scope=scope)
        )
    found = search(filters=_both(filters, stated))
    if found.hits and found.answerable is not Answerable.NO:
        return Scoped(found, KEPT.format(scope=scope))
    wider = search(filters=filters)
    if any(_fits(hit.notice, stated) for hit in wider.hits[:NEAR_THE_TOP]):
        # what lies nearest of all is within the scope: only its neighbours are not
        found = replace(found, answerable=wider.answerable, confidence=wider.confidence)
        return Scoped(found, KEPT.format(scope=scope))
    told = UNMET.format(scope=scope) if wider.answerable is not Answerable.NO else ""
    return Scoped(wider, told)


def _stated(question: str, notices: Sequence[Notice]) -> Filters:
    years = sorted({year for notice in notices if (year := year_of(notice))})
    stated = firm_filters(question, years=years)
    if not compares(question):
        return stated
    # units of one kind are compared with each other, those of two are found without a filter
    kinds = kinds_named(question)
    held = kinds if len(kinds) == 1 and any(n.unit_type in kinds for n in notices) else ()
    return replace(stated, unit_types=held, levels=())


def _fits(notice: Notice, stated: Filters) -> bool:
    return (
        (not stated.unit_types or notice.unit_type in stated.unit_types)
        and (not stated.levels or notice.unit_level in stated.levels)
        and (not stated.inspections or notice.inspection in stated.inspections)
        and (not stated.years or year_of(notice) in stated.years)
    )


def _both(chosen: Filters, stated: Filters) -> Filters:
    """Add what is stated where the user chose nothing of that sort."""
    wanted = {
        field.name: getattr(chosen, field.name) or getattr(stated, field.name)
        for field in fields(Filters)
    }
    return Filters(**wanted)


def scope_label(stated: Filters) -> str:
    """Name a scope as people say it."""
    kinds = stated.unit_types
    named = f"“{'、'.join(kinds)}”类单位" if kinds else ""
    if len(kinds) > MOST_NAMED:
        left_out = "、".join(kind for kind in unit_kinds() if kind not in kinds)
        named = f"除“{left_out}”类以外的单位"
    years = f"{stated.years[0]}年反馈" if stated.years else ""
    if len(stated.years) > 1:
        years = f"{min(stated.years)}年至{max(stated.years)}年反馈"
    parts = [named, "、".join(stated.levels), "、".join(stated.inspections), years]
    return "，".join(part for part in parts if part)

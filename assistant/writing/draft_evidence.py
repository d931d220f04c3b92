"""Which cases a draft is written from: the nearest, and those of its topic the search passed by."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.models import Evidence, Filters, Hit, SearchResult

AT_MOST = 8
NEAREST_KEPT = 3
"""The nearest cases stay whatever their topic."""
MISCELLANEOUS = "T40"


def topic_filter(topics: Sequence[str]) -> Filters | None:
    """What to search a second time: the problem's own topic; `None` where it has none to tell."""
    telling = tuple(topic for topic in topics if topic != MISCELLANEOUS)[:1]
    return Filters(topics=telling) if telling else None


def evidence_for_draft(
    result: SearchResult, on_topic: SearchResult | None, topics: Sequence[str]
) -> tuple[Evidence, ...]:
    """Cases numbered for a draft: far ones of other topics give way to near ones of its own."""
    first = list(result.hits[:AT_MOST])
    offered = list(on_topic.hits) if on_topic else []
    if offered:
        wanted = set(topics)
        first = [
            hit
            for rank, hit in enumerate(first)
            if rank < NEAREST_KEPT or wanted.intersection(hit.case.topics)
        ]
    known = {hit.case.id for hit in first}
    found: list[Hit] = [*first, *(hit for hit in offered if hit.case.id not in known)]
    if len(found) < AT_MOST:
        kept = {hit.case.id for hit in found}
        found += [hit for hit in result.hits[:AT_MOST] if hit.case.id not in kept]
    return tuple(
        Evidence(number, hit.case, hit.notice, hit.score)
        for number, hit in enumerate(found[:AT_MOST], 1)
    )

"""What is counted of a notice: distinct problems, topics, measure kinds, statuses. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from assistant.models import (
    Case,
    Cell,
    CompletionRow,
    Notice,
    ProgressRow,
    StatusClass,
    TopicRow,
)

CATCH_ALL_KINDS = frozenset({"M13", "M16"})
NO_TOPIC = "未归类"
UNSAID = "未写明"

_PUNCTUATION = re.compile(r"[^\w]+")
_STATUS_COUNTS = {
    "完成数": (StatusClass.DONE,),
    "基本完成数": (StatusClass.MOSTLY, StatusClass.STAGED),
    "推进数": (StatusClass.ONGOING, StatusClass.OPEN),
}
"""Totals notices state, and the statuses that make them up."""


def distinct_cases(notice: Notice) -> tuple[Case, ...]:
    """Give the cases of a notice with repeats of one problem folded into the first."""
    seen: dict[str, Case] = {}
    for case in notice.cases:
        seen.setdefault(_PUNCTUATION.sub("", case.problem), case)
    return tuple(seen.values())


def _topics(case: Case) -> tuple[str, ...]:
    return case.topics or (NO_TOPIC,)


def count_topics(cases: Iterable[tuple[str, Sequence[str]]]) -> Counter[str]:
    """Count topics as `topic_counts` does, of (problem, topics) of each case."""
    seen: dict[str, Sequence[str]] = {}
    for problem, topics in cases:
        seen.setdefault(_PUNCTUATION.sub("", problem), topics or (NO_TOPIC,))
    return Counter(topic for topics in seen.values() for topic in topics)


def topic_counts(notice: Notice) -> Counter[str]:
    """Count the distinct problems of a notice by topic."""
    return count_topics((case.problem, case.topics) for case in notice.cases)


def _cells(notice: Notice) -> dict[str, Cell]:
    by_topic: dict[str, list[str]] = {}
    for case in distinct_cases(notice):
        for topic in _topics(case):
            by_topic.setdefault(topic, []).append(case.id)
    return {topic: Cell(len(ids), tuple(ids)) for topic, ids in by_topic.items()}


def topic_matrix(unit: Notice, peers: Sequence[Notice]) -> tuple[TopicRow, ...]:
    """Count topics by unit; every cell names its cases."""
    mine = _cells(unit)
    theirs = [(peer.id, _cells(peer)) for peer in peers]
    topics = sorted({*mine, *(topic for _, cells in theirs for topic in cells)})
    return tuple(
        TopicRow(
            topic,
            mine.get(topic, Cell(0)),
            tuple((peer_id, cells.get(topic, Cell(0))) for peer_id, cells in theirs),
        )
        for topic in topics
    )


def progress_of(notice: Notice) -> ProgressRow:
    """Count the distinct problems of a notice by status."""
    distinct = distinct_cases(notice)
    # a problem listed as done and as ongoing is ongoing: the later part says what is left
    last = {_PUNCTUATION.sub("", case.problem): case for case in notice.cases}
    statuses = Counter(
        str(case.status_class) if case.status_class else UNSAID for case in last.values()
    )
    return ProgressRow(notice.id, len(distinct), tuple(sorted(statuses.items())), notice.counts)


def kinds_by_topic(notice: Notice) -> dict[str, dict[str, list[str]]]:
    """Give topic → measure kind → ids of distinct cases that use it; catch-all kinds left out."""
    found: dict[str, dict[str, list[str]]] = {}
    for case in distinct_cases(notice):
        for topic in case.topics:
            for kind in telling_kinds(case):
                found.setdefault(topic, {}).setdefault(kind, []).append(case.id)
    return found


def telling_kinds(case: Case) -> tuple[str, ...]:
    """Give the kinds of a case's measures that say something, each once, sorted."""
    return tuple(
        sorted({kind for measure in case.measures for kind in measure.kinds} - CATCH_ALL_KINDS)
    )


def completion_of(notice: Notice) -> tuple[CompletionRow, ...]:
    """Lay each total a notice states beside its items.

    The problems are the distinct ones where repeats explain the difference; statuses are those of
    the distinct problems; what cannot be counted stays uncounted.
    """
    statuses = dict(progress_of(notice).statuses)
    rows = []
    for count in notice.counts:
        counted = count.counted
        kinds = _STATUS_COUNTS.get(count.name)
        if kinds and any(name != UNSAID for name in statuses):
            counted = sum(statuses.get(str(kind), 0) for kind in kinds)
        if count.name == "问题数" and counted != count.stated:
            distinct = len(distinct_cases(notice))
            counted = distinct if distinct == count.stated else counted
        rows.append(
            CompletionRow(notice.id, count.name, count.stated, counted, count.line, count.quote)
        )
    return tuple(rows)

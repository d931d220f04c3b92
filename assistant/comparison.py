"""A unit beside similar units: counted from the Library, never generated. Pure.

What is compared is whether a topic occurs and which kinds of measure answer it. Raw numbers of
problems are shown but never ranked: notices cut their problems finer or coarser.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from assistant.labels import full_label, unit_label
from assistant.models import (
    Case,
    Cell,
    CheckItem,
    Comparison,
    Gap,
    Notice,
    Peer,
    ProgressRow,
    TopicRow,
)

PEERS_AT_MOST = 6
SMALL_SAMPLE = 2
QUESTIONS_PER_TOPIC = 3
LEVELS = ("村社区", "乡镇街道", "县区", "市", "省", "中央")
COMPARABLE_YEARS = 3
CATCH_ALL_KINDS = frozenset({"M13", "M16"})
NO_TOPIC = "未归类"
UNSAID = "未写明"

_PUNCTUATION = re.compile(r"[^\w]+")


def compare(
    unit: Notice,
    others: Sequence[Notice],
    *,
    topic_names: Mapping[str, str],
    kind_names: Mapping[str, str],
    peer_ids: Sequence[str] = (),
) -> Comparison:
    """Count a unit against its peers.

    Peers are `peer_ids` where given, else the most comparable notices of the same unit type, at
    most six. Topics of a case listed twice in one notice (in its done and its ongoing part) count
    once. Every cell names its cases.
    """
    peers = _choose(unit, others, peer_ids)
    notices = [peer.notice for peer in peers]
    matrix = _matrix(unit, notices)
    gaps = _topic_gaps(matrix, topic_names)
    return Comparison(
        unit=unit,
        peers=peers,
        basis=_basis(unit, notices),
        matrix=matrix,
        gaps=gaps,
        measure_gaps=_measure_gaps(unit, notices, topic_names, kind_names),
        self_check=_self_check(gaps, notices),
        notes=_notes(unit, peers),
        progress=tuple(_progress(notice) for notice in (unit, *notices)),
    )


# ------------------------------------------------------------------ peers


def similarity(unit: Notice, other: Notice) -> tuple[float, str]:
    """Give how comparable two notices are, 0…1, and why in words.

    Same type weighs most; then level (one step apart still counts half), 巡察 or 巡视, feedback
    within three years, and the likeness of their topics (cosine).
    """
    score, reasons = 0.0, []
    if unit.unit_type == other.unit_type:
        score += 0.5
        reasons.append(f"同为{unit.unit_type}")
    else:
        reasons.append(f"类型不同（{other.unit_type}），仅供参考")
    apart = _levels_apart(unit, other)
    if apart is not None and apart <= 1:
        score += 0.15 if apart == 0 else 0.075
        reasons.append("层级相同" if apart == 0 else "层级相邻")
    if unit.inspection and unit.inspection == other.inspection:
        score += 0.1
        reasons.append(f"同为{unit.inspection}")
    years = _years_apart(unit, other)
    if years is not None and years <= COMPARABLE_YEARS:
        score += 0.1
        reasons.append(f"反馈时间相差{years}年" if years else "同年反馈")
    alike = _cosine(_topic_counts(unit), _topic_counts(other))
    score += 0.15 * alike
    reasons.append(f"主题相近度{alike:.0%}")
    return round(min(score, 1.0), 3), "，".join(reasons)


def _choose(unit: Notice, others: Sequence[Notice], peer_ids: Sequence[str]) -> tuple[Peer, ...]:
    rated = [
        Peer(other, *similarity(unit, other))
        for other in others
        if other.id != unit.id and other.cases
    ]
    if peer_ids:
        by_id = {peer.notice.id: peer for peer in rated}
        return tuple(by_id[i] for i in dict.fromkeys(peer_ids) if i in by_id)
    same = [peer for peer in rated if peer.notice.unit_type == unit.unit_type]
    same.sort(key=lambda peer: (-peer.similarity, peer.notice.id))
    return tuple(same[:PEERS_AT_MOST])


def _levels_apart(unit: Notice, other: Notice) -> int | None:
    if unit.unit_level not in LEVELS or other.unit_level not in LEVELS:
        return None
    return abs(LEVELS.index(unit.unit_level) - LEVELS.index(other.unit_level))


def feedback_year(notice: Notice) -> int | None:
    """Give the year of feedback, else of publication; `None` where both are masked."""
    for date in (notice.feedback_date, notice.published_date):
        if date and date.iso:
            return int(date.iso[:4])
    return None


def _years_apart(unit: Notice, other: Notice) -> int | None:
    mine, theirs = feedback_year(unit), feedback_year(other)
    return None if mine is None or theirs is None else abs(mine - theirs)


def _cosine(a: Counter[str], b: Counter[str]) -> float:
    dot = sum(a[key] * b[key] for key in a.keys() & b.keys())
    norm = math.sqrt(sum(v * v for v in a.values()) * sum(v * v for v in b.values()))
    return dot / norm if norm else 0.0


# ------------------------------------------------------------------ counting


def distinct_cases(notice: Notice) -> tuple[Case, ...]:
    """Give the cases of a notice with repeats of one problem folded into the first."""
    seen: dict[str, Case] = {}
    for case in notice.cases:
        seen.setdefault(_PUNCTUATION.sub("", case.problem), case)
    return tuple(seen.values())


def _topics(case: Case) -> tuple[str, ...]:
    return case.topics or (NO_TOPIC,)


def _topic_counts(notice: Notice) -> Counter[str]:
    return Counter(topic for case in distinct_cases(notice) for topic in _topics(case))


def _cells(notice: Notice) -> dict[str, Cell]:
    by_topic: dict[str, list[str]] = {}
    for case in distinct_cases(notice):
        for topic in _topics(case):
            by_topic.setdefault(topic, []).append(case.id)
    return {topic: Cell(len(ids), tuple(ids)) for topic, ids in by_topic.items()}


def _matrix(unit: Notice, peers: Sequence[Notice]) -> tuple[TopicRow, ...]:
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


def _progress(notice: Notice) -> ProgressRow:
    distinct = distinct_cases(notice)
    # a problem listed as done and as ongoing is ongoing: the later part says what is left
    last = {_PUNCTUATION.sub("", case.problem): case for case in notice.cases}
    statuses = Counter(
        str(case.status_class) if case.status_class else UNSAID for case in last.values()
    )
    return ProgressRow(notice.id, len(distinct), tuple(sorted(statuses.items())), notice.counts)


# ------------------------------------------------------------------ gaps


def _wide_enough(count: int, total: int) -> bool:
    return count >= 1 and count * 2 >= total


def _topic_gaps(matrix: Sequence[TopicRow], names: Mapping[str, str]) -> tuple[Gap, ...]:
    gaps = []
    for row in matrix:
        having = [cell for _, cell in row.peers if cell.count]
        if row.unit.count or row.topic == NO_TOPIC or not _wide_enough(len(having), len(row.peers)):
            continue
        gaps.append(
            Gap(
                row.topic,
                "",
                len(having),
                len(row.peers),
                tuple(case_id for cell in having for case_id in cell.case_ids),
                f"{len(row.peers)}家同类单位中{len(having)}家被查出"
                f"“{names.get(row.topic, row.topic)}”方面的问题，本单位未提，不等于不存在",
            )
        )
    return tuple(sorted(gaps, key=lambda gap: (-gap.peer_count, gap.topic)))


def _kinds_by_topic(notice: Notice) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for case in notice.cases:
        kinds = {kind for measure in case.measures for kind in measure.kinds} - CATCH_ALL_KINDS
        for topic in case.topics:
            for kind in kinds:
                found.setdefault(topic, {}).setdefault(kind, []).append(case.id)
    return found


def _measure_gaps(
    unit: Notice,
    peers: Sequence[Notice],
    topic_names: Mapping[str, str],
    kind_names: Mapping[str, str],
) -> tuple[Gap, ...]:
    mine = _kinds_by_topic(unit)
    answered = {topic for case in unit.cases if case.measures for topic in case.topics}
    theirs = [_kinds_by_topic(peer) for peer in peers]
    gaps = []
    for topic in sorted(answered):
        having = [kinds[topic] for kinds in theirs if topic in kinds]
        for kind in sorted({kind for kinds in having for kind in kinds}):
            used = [kinds[kind] for kinds in having if kind in kinds]
            if kind in mine.get(topic, {}) or not _wide_enough(len(used), len(having)):
                continue
            gaps.append(
                Gap(
                    topic,
                    kind,
                    len(used),
                    len(having),
                    tuple(case_id for ids in used for case_id in ids),
                    f"“{topic_names.get(topic, topic)}”：{len(having)}家同类单位中{len(used)}家"
                    f"采取了“{kind_names.get(kind, kind)}”，本单位未见",
                )
            )
    return tuple(sorted(gaps, key=lambda gap: (-gap.peer_count, gap.topic, gap.kind)))


def _self_check(gaps: Sequence[Gap], peers: Sequence[Notice]) -> tuple[CheckItem, ...]:
    by_id = {case.id: case for peer in peers for case in peer.cases}
    items = []
    for gap in gaps:
        by_notice: dict[str, Case] = {}
        for case_id in gap.case_ids:
            by_notice.setdefault(by_id[case_id].notice_id, by_id[case_id])
        for case in list(by_notice.values())[:QUESTIONS_PER_TOPIC]:
            items.append(
                CheckItem(gap.topic, f"本单位是否存在“{case.problem}”一类问题？", (case.id,))
            )
    return tuple(items)


# ------------------------------------------------------------------ words


def _basis(unit: Notice, peers: Sequence[Notice]) -> str:
    mine = len(distinct_cases(unit))
    theirs = sum(len(distinct_cases(peer)) for peer in peers)
    return (
        f"以{unit_label(unit)}（{mine}个问题）与{len(peers)}家单位（{theirs}个问题）相比；"
        "按问题主题有无和措施类型计，同一通报内重复列出的问题只计一次"
    )


def _notes(unit: Notice, peers: Sequence[Peer]) -> tuple[str, ...]:
    notes = []
    if len(peers) <= SMALL_SAMPLE:
        notes.append(f"样本不足：可比单位仅{len(peers)}家，以下差异只能作线索，不能作结论")
    notes.append("各通报对问题的拆分粗细不一，不宜比较问题个数多少")
    notes.append("同类单位查出、本单位未提，不等于不存在")
    for notice in (unit, *(peer.notice for peer in peers)):
        notes.extend(_contradictions(notice))
    if any(peer.notice.unit_type != unit.unit_type for peer in peers):
        notes.append("所选单位中有类型不同的单位，其结果仅供参考")
    return tuple(notes)


def _contradictions(notice: Notice) -> Iterable[str]:
    for count in notice.counts:
        if count.counted is not None and count.counted != count.stated:
            yield (
                f"{full_label(notice)}：原文称{count.name}为{count.stated}，"
                f"按条目实数为{count.counted}，两数不符（第{count.line}行）"
            )

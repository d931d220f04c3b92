"""A unit beside similar units: counted from the Library, never generated. Pure.

What is compared is whether a topic occurs and which kinds of measure answer it. Raw numbers of
problems are shown but never ranked: notices cut their problems finer or coarser.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from assistant.comparing.counts import (
    NO_TOPIC,
    completion_of,
    distinct_cases,
    kinds_by_topic,
    progress_of,
    topic_matrix,
)
from assistant.comparing.peers import choose_peers
from assistant.comparing.practices import match_problems, peer_practices
from assistant.comparing.wording import find_overlaps, find_repeats
from assistant.labels import full_label, unit_label
from assistant.models import (
    Case,
    CheckItem,
    Comparison,
    CompletionRow,
    Gap,
    Notice,
    Overlap,
    Peer,
    TopicRow,
)

SMALL_SAMPLE = 2
QUESTIONS_PER_TOPIC = 3
SAME_MOULD = 0.3
"""Share of common wording from which two notices look made in one mould."""


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
    once. Every cell names its cases. Repeats are looked for in all of `others`.
    """
    peers = choose_peers(unit, others, peer_ids)
    notices = [peer.notice for peer in peers]
    matrix = topic_matrix(unit, notices)
    gaps = _topic_gaps(matrix, topic_names)
    overlaps = find_overlaps(unit, notices)
    completion = tuple(row for notice in (unit, *notices) for row in completion_of(notice))
    return Comparison(
        unit=unit,
        peers=peers,
        basis=_basis(unit, notices),
        matrix=matrix,
        gaps=gaps,
        measure_gaps=_measure_gaps(unit, notices, topic_names, kind_names),
        self_check=_self_check(gaps, notices),
        notes=_notes(unit, peers, completion, overlaps),
        progress=tuple(progress_of(notice) for notice in (unit, *notices)),
        practices=peer_practices(unit, notices, [gap.topic for gap in gaps]),
        problem_matches=match_problems(unit, notices),
        repeats=find_repeats(unit, others),
        overlaps=overlaps,
        completion=completion,
    )


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


def _measure_gaps(
    unit: Notice,
    peers: Sequence[Notice],
    topic_names: Mapping[str, str],
    kind_names: Mapping[str, str],
) -> tuple[Gap, ...]:
    mine = kinds_by_topic(unit)
    answered = {topic for case in unit.cases if case.measures for topic in case.topics}
    theirs = [kinds_by_topic(peer) for peer in peers]
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


def _notes(
    unit: Notice,
    peers: Sequence[Peer],
    completion: Sequence[CompletionRow],
    overlaps: Sequence[Overlap],
) -> tuple[str, ...]:
    names = {notice.id: full_label(notice) for notice in (unit, *(peer.notice for peer in peers))}
    notes = []
    if len(peers) <= SMALL_SAMPLE:
        notes.append(f"样本不足：可比单位仅{len(peers)}家，以下差异只能作线索，不能作结论")
    notes.append("各通报对问题的拆分粗细不一，不宜比较问题个数多少")
    notes.append("同类单位查出、本单位未提，不等于不存在")
    if not any(case.measures for case in unit.cases):
        notes.append("本单位只有问题清单，没有整改措施，措施差异和完成情况不作比较")
    notes.extend(_contradictions(completion, names))
    if any(peer.notice.unit_type != unit.unit_type for peer in peers):
        notes.append("所选单位中有类型不同的单位，其结果仅供参考")
    notes.extend(
        f"与{names[overlap.notice_id]}的文字重合率为{overlap.share:.0%}，"
        "写法相近，请核对是否套用；重合率只计文字，不作定性"
        for overlap in overlaps
        if overlap.share >= SAME_MOULD
    )
    return tuple(notes)


def _contradictions(completion: Sequence[CompletionRow], names: Mapping[str, str]) -> Iterable[str]:
    for row in completion:
        if row.counted is not None and row.counted != row.stated:
            yield (
                f"{names[row.notice_id]}：原文称{row.name}为{row.stated}，"
                f"按条目实数为{row.counted}，两数不符（第{row.line}行）"
            )

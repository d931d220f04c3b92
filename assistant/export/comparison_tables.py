"""The tables of a comparison, for Word and Excel alike: totals equal what is counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assistant.export.xlsx import Value
from assistant.labels import full_label, place_label, unit_label
from assistant.models import Case, Comparison, Notice
from assistant.taxonomy.classify import load_taxonomy
from assistant.writing.masking import safe_text

TOTAL = "合计（一个问题可属多个主题）"


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows."""

    header: tuple[str, ...]
    rows: list[tuple[Value, ...]]


def topic_name(topic: str) -> str:
    """Name a topic for people."""
    topics = load_taxonomy().topics
    return topics[topic].name if topic in topics else topic


def kind_name(kind: str) -> str:
    """Name a measure kind for people."""
    kinds = load_taxonomy().kinds
    return kinds[kind].name if kind in kinds else kind


def notices_of(comparison: Comparison) -> Mapping[str, Notice]:
    """Give the notices compared by id, the unit first."""
    both = (comparison.unit, *(peer.notice for peer in comparison.peers))
    return {notice.id: notice for notice in both}


def cases_of(comparison: Comparison) -> Mapping[str, tuple[Notice, Case]]:
    """Give every case of the notices compared by id."""
    return {
        case.id: (notice, case)
        for notice in notices_of(comparison).values()
        for case in notice.cases
    }


def place_of(comparison: Comparison) -> Callable[[str], str]:
    """Give a function from case id to file and line."""
    cases = cases_of(comparison)

    def place(case_id: str) -> str:
        if case_id not in cases:
            return case_id
        notice, case = cases[case_id]
        return place_label(notice, case.line)

    return place


def matrix_table(comparison: Comparison) -> Table:
    """Give topics by units, with a row of sums."""
    header = ["主题", unit_label(comparison.unit)]
    header += [full_label(peer.notice) for peer in comparison.peers]
    rows: list[tuple[Value, ...]] = [
        (topic_name(row.topic), row.unit.count, *(cell.count for _, cell in row.peers))
        for row in comparison.matrix
    ]
    sums = [
        sum(row.unit.count for row in comparison.matrix),
        *(
            sum(row.peers[place][1].count for row in comparison.matrix)
            for place in range(len(comparison.peers))
        ),
    ]
    return Table(tuple(header), [*rows, (TOTAL, *sums)])


def practice_table(comparison: Comparison) -> Table:
    """Give what peers do for each topic: how many of them, one example, where it stands."""
    place, cases = place_of(comparison), cases_of(comparison)
    rows: list[tuple[Value, ...]] = []
    for practice in comparison.practices:
        example = practice.examples[0] if practice.examples else None
        where = ""
        if example and example.case_id in cases:
            where = place_label(cases[example.case_id][0], example.line)
        rows.append(
            (
                topic_name(practice.topic),
                kind_name(practice.kind),
                f"{practice.peer_count}/{practice.peer_total}",
                "有" if practice.unit_uses else "未见",
                safe_text(example.text) if example else "",
                where or "；".join(place(case_id) for case_id in practice.case_ids[:1]),
            )
        )
    header = ("主题", "做法类型", "采用家数", "本单位", "例（原文）", "出处")
    return Table(header, rows)


def repeat_table(comparison: Comparison) -> Table:
    """Give problems that another notice of the same unit lists too."""
    cases = cases_of(comparison)
    rows: list[tuple[Value, ...]] = [
        (
            safe_text(cases[repeat.case_id][1].problem) if repeat.case_id in cases else "",
            repeat.message,
            f"{repeat.likeness:.0%}",
            f"{repeat.case_id}；{repeat.other_case_id}",
        )
        for repeat in comparison.repeats
    ]
    return Table(("本次问题", "另一次", "相近度", "案例编号"), rows)


def overlap_table(comparison: Comparison) -> Table:
    """Give how much wording each peer shares with the unit."""
    names = notices_of(comparison)
    rows: list[tuple[Value, ...]] = [
        (
            full_label(names[overlap.notice_id]),
            f"{overlap.share:.1%}",
            overlap.grams,
            "\n".join(safe_text(words) for words, _, _ in overlap.samples[:3]),
        )
        for overlap in comparison.overlaps
        if overlap.notice_id in names
    ]
    return Table(("参照单位", "文字重合率", "比对片段数", "重合最长的文字"), rows)


def progress_table(comparison: Comparison) -> Table:
    """Give how far each unit says it is, counted item by item, with its own words beside."""
    names = notices_of(comparison)
    stated: dict[str, list[str]] = {}
    for row in comparison.completion:
        counted = "未能统计" if row.counted is None else f"实数{row.counted}"
        differs = "，不符" if row.counted is not None and row.counted != row.stated else ""
        stated.setdefault(row.notice_id, []).append(
            f"{row.name}{row.stated}（{counted}{differs}，第{row.line}行）"
        )
    rows: list[tuple[Value, ...]] = [
        (
            full_label(names[row.notice_id]),
            row.cases,
            "；".join(f"{status}{count}" for status, count in row.statuses),
            "；".join(stated.get(row.notice_id, [])) or "未写明",
        )
        for row in comparison.progress
    ]
    return Table(("单位", "问题数（去重）", "按条目统计", "原文自述"), rows)

"""Comparison is counted: totals equal an independent count, gaps and caveats are said."""

from __future__ import annotations

from dataclasses import replace

from assistant.comparing.counts import distinct_cases
from assistant.comparing.peers import similarity
from assistant.comparison import compare
from assistant.models import Case, Notice, StatedCount, StatusClass
from tests.factory import make_notice

TOPICS = {"T11": "财务报销", "T13": "固定资产", "T19": "党费"}
KINDS = {"M03": "制度建设", "M05": "追缴清退", "M16": "日常管理"}


def _notice(
    notice_id: str, cases: dict[str, tuple[str, tuple[str, ...]]], **changes: object
) -> Notice:
    """Build a notice from problem → (topic, measure kinds)."""
    _, notice = make_notice(
        notice_id, {problem: ("改。",) * len(kinds) for problem, (_, kinds) in cases.items()}
    )
    built: list[Case] = []
    for case, (topic, kinds) in zip(notice.cases, cases.values(), strict=True):
        measures = tuple(replace(m, kinds=(k,)) for m, k in zip(case.measures, kinds, strict=True))
        built.append(replace(case, topics=(topic,), measures=measures))
    return replace(notice, cases=tuple(built), **changes)  # type: ignore[arg-type]


UNIT = _notice("aaaa0000", {"报销不规范": ("T11", ("M03",)), "附件不全": ("T11", ("M16",))})
PEER = _notice("bbbb0000", {"白条入账": ("T11", ("M03", "M05")), "账实不符": ("T13", ("M03",))})
THIRD = _notice("cccc0000", {"资产闲置": ("T13", ("M03",)), "超标准报销": ("T11", ("M05",))})


def test_every_cell_equals_an_independent_count() -> None:
    result = compare(UNIT, (UNIT, PEER, THIRD), topic_names=TOPICS, kind_names=KINDS)
    by_id = {n.id: n for n in (UNIT, PEER, THIRD)}
    for row in result.matrix:
        for notice_id, cell in ((UNIT.id, row.unit), *row.peers):
            expected = [c.id for c in by_id[notice_id].cases if row.topic in c.topics]
            assert list(cell.case_ids) == expected
            assert cell.count == len(expected)
    assert sum(row.unit.count for row in result.matrix) == len(UNIT.cases)


def test_what_peers_show_and_the_unit_does_not_is_a_gap_with_its_cases() -> None:
    result = compare(UNIT, (PEER, THIRD), topic_names=TOPICS, kind_names=KINDS)
    assert [(g.topic, g.peer_count, g.peer_total) for g in result.gaps] == [("T13", 2, 2)]
    assert "不等于不存在" in result.gaps[0].message
    assert [g.kind for g in result.measure_gaps] == ["M05"]
    assert {item.case_ids for item in result.self_check} == {("bbbb0000-02",), ("cccc0000-01",)}


def test_a_problem_listed_twice_counts_once_and_its_last_status_holds() -> None:
    case = UNIT.cases[0]
    again = replace(
        case, id="aaaa0000-03", status_class=StatusClass.ONGOING, problem=case.problem + "。"
    )
    twice = replace(UNIT, cases=(*UNIT.cases, again))
    assert len(distinct_cases(twice)) == 2
    progress = compare(twice, (PEER,), topic_names=TOPICS, kind_names=KINDS).progress[0]
    assert progress.cases == 2
    assert dict(progress.statuses) == {"完成": 1, "持续推进": 1}


def test_a_small_sample_and_contradicted_totals_are_said() -> None:
    wrong = replace(PEER, counts=(StatedCount("问题数", 31, 30, "反馈问题31个", 5),))
    notes = compare(UNIT, (wrong,), topic_names=TOPICS, kind_names=KINDS).notes
    assert any("样本不足" in note for note in notes)
    assert any("31" in note and "30" in note and "不符" in note for note in notes)


def test_peers_are_of_the_same_type_unless_the_user_chooses() -> None:
    other = replace(THIRD, unit_type="国资国企")
    auto = compare(UNIT, (PEER, other), topic_names=TOPICS, kind_names=KINDS)
    assert [p.notice.id for p in auto.peers] == [PEER.id]
    chosen = compare(
        UNIT, (PEER, other), topic_names=TOPICS, kind_names=KINDS, peer_ids=(other.id,)
    )
    assert [p.notice.id for p in chosen.peers] == [other.id]
    assert any("类型不同" in note for note in chosen.notes)


def test_similarity_falls_with_level_kind_and_time_apart() -> None:
    near, _ = similarity(UNIT, PEER)
    far, reason = similarity(
        UNIT, replace(PEER, unit_level="省", inspection="巡视", feedback_date=None)
    )
    assert near > far
    assert "同为乡镇" in reason


def test_a_case_with_no_topic_is_counted_as_unsorted_and_is_no_gap() -> None:
    loose = replace(PEER, cases=(replace(PEER.cases[0], topics=()),))
    result = compare(UNIT, (loose,), topic_names=TOPICS, kind_names=KINDS)
    assert {row.topic for row in result.matrix} == {"T11", "未归类"}
    assert result.gaps == ()


def test_measure_kinds_that_say_nothing_are_no_gap() -> None:
    vague = _notice("dddd0000", {"报账拖延": ("T11", ("M16",))})
    unit = _notice("eeee0000", {"报账拖延": ("T11", ("M03",))})
    assert compare(unit, (vague,), topic_names=TOPICS, kind_names=KINDS).measure_gaps == ()

"""Practices, repeats, shared wording, completion: every number counted again independently."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.cli_text import compared
from assistant.comparing.wording import GRAM, pair_share
from assistant.comparison import compare
from assistant.contract import comparison_json
from assistant.export.bundle import export
from assistant.loading.load import load_file
from assistant.models import Comparison, DateField, Notice, StatedCount, StatusClass, UnitProfile
from assistant.unit_file import notice_of_document
from tests.factory import make_notice
from tests.fakes_export import open_xlsx
from tests.world import open_reviewer

TOPICS = {"T11": "财务报销", "T13": "固定资产"}
KINDS = {"M03": "制度建设", "M05": "追缴清退", "M04": "自查清理", "M16": "日常管理"}


def tagged(
    notice_id: str, cases: dict[str, tuple[str, dict[str, str]]], **changes: object
) -> Notice:
    """Build a notice from problem → (topic, measure → kind)."""
    _, notice = make_notice(notice_id, {p: tuple(m) for p, (_, m) in cases.items()})
    built = []
    for case, (topic, kinds) in zip(notice.cases, cases.values(), strict=True):
        measures = tuple(replace(m, kinds=(kinds[m.text],)) for m in case.measures)
        built.append(replace(case, topics=(topic,), measures=measures))
    fields: dict[str, object] = {"sha256": notice_id, **changes}
    return replace(notice, cases=tuple(built), **fields)  # type: ignore[arg-type]


UNIT = tagged("aaaa0000", {"报销附件不齐全": ("T11", {"修订报销规定。": "M03"})})
PEER = tagged(
    "bbbb0000",
    {
        "报销附件缺失较多": ("T11", {"退回多报款项。": "M05", "制定报销细则。": "M03"}),
        "差旅报销超标准": ("T11", {"退回超标部分。": "M05"}),
        "设备未登记": ("T13", {"盘点补录。": "M04"}),
    },
    unit="云桥镇党委",
)
THIRD = tagged("cccc0000", {"凭证审核不严": ("T11", {"自查三年凭证。": "M04"})}, unit="石门镇党委")
ALL = (UNIT, PEER, THIRD)


def compared_all(unit: Notice = UNIT, others: tuple[Notice, ...] = ALL) -> Comparison:
    return compare(unit, others, topic_names=TOPICS, kind_names=KINDS)


def test_practices_count_peers_not_cases_and_name_every_case() -> None:
    practices = {(p.topic, p.kind): p for p in compared_all().practices}
    for (topic, kind), practice in practices.items():
        using = {
            n.id: [
                c.id
                for c in n.cases
                if topic in c.topics and any(kind in m.kinds for m in c.measures)
            ]
            for n in (PEER, THIRD)
        }
        assert practice.peer_count == sum(bool(ids) for ids in using.values())
        assert set(practice.case_ids) == {case_id for ids in using.values() for case_id in ids}
        assert practice.peer_total == sum(
            any(topic in c.topics and c.measures for c in n.cases) for n in (PEER, THIRD)
        )
    recovery = practices["T11", "M05"]
    assert (recovery.peer_count, recovery.peer_total, recovery.unit_uses) == (1, 2, False)
    assert practices["T11", "M03"].unit_uses
    assert recovery.examples[0].text == "退回多报款项。"
    assert recovery.examples[0].line == PEER.cases[0].measures[0].span.line


def test_topics_of_gaps_have_their_practices_too() -> None:
    others = (PEER, tagged("dddd0000", {"资产闲置": ("T13", {"盘活。": "M04"})}))
    comparison = compared_all(others=others)
    assert "T13" in {gap.topic for gap in comparison.gaps}
    assert "T13" in {practice.topic for practice in comparison.practices}


def test_a_problem_finds_the_cases_of_peers_most_like_it() -> None:
    [match] = compared_all().problem_matches
    assert match.matches[0] == PEER.cases[0].id
    assert match.matches.count(PEER.cases[2].id) == 0
    assert dict(match.kinds) == dict(
        Counter(
            kind
            for notice in (PEER, THIRD)
            for case in notice.cases
            if case.id in match.matches
            for kind in {k for m in case.measures for k in m.kinds}
        )
    )


def test_a_problem_listed_again_in_another_round_of_the_unit_is_told() -> None:
    earlier = tagged(
        "eeee0000",
        {"报销附件不齐": ("T11", {"补齐。": "M03"}), "会议记录不全": ("T04", {"补记。": "M03"})},
        feedback_date=DateField("2021年5月1日", "2021-05-01"),
    )
    [repeat] = compared_all(others=(*ALL, earlier)).repeats
    assert (repeat.case_id, repeat.other_case_id) == (UNIT.cases[0].id, earlier.cases[0].id)
    assert "2021年5月1日反馈" in repeat.message


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": "云桥镇党委"},
        {"sha256": "aaaa0000"},
        {"feedback_date": UNIT.feedback_date},
    ],
    ids=["another unit", "the same file", "the same feedback"],
)
def test_what_is_no_other_round_is_no_repeat(changes: dict[str, object]) -> None:
    other = replace(UNIT, id="ffff0000", sha256="other", feedback_date=None)
    assert compared_all(others=(replace(other, **changes),)).repeats == ()  # type: ignore[arg-type]


def test_a_masked_name_is_nobodys() -> None:
    unit = replace(UNIT, unit="XX镇党委")
    other = replace(unit, id="ffff0000", sha256="other", feedback_date=None)
    assert compared_all(unit, (other,)).repeats == ()


def test_shared_wording_equals_an_independent_count() -> None:
    mould = "对照制度逐项核查问题原因并明确专人负责限期整改"
    unit = tagged("aaaa0001", {"账目不清": ("T11", {mould + "补齐凭证。": "M04"})})
    peer = tagged("bbbb0001", {"登记不全": ("T13", {"首先" + mould + "。": "M04"})})

    def grams(notice: Notice) -> set[str]:
        pieces = [c.problem for c in notice.cases]
        pieces += [m.text.rstrip("。") for c in notice.cases for m in c.measures]
        return {p[i : i + GRAM] for p in pieces for i in range(len(p) - GRAM + 1)}

    [overlap] = compared_all(unit, (peer,)).overlaps
    shorter = min(len(grams(unit)), len(grams(peer)))
    assert overlap.grams == shorter
    assert overlap.share == round(len(grams(unit) & grams(peer)) / shorter, 4)
    assert overlap.samples[0] == (mould, unit.cases[0].id, peer.cases[0].id)
    assert any("写法相近" in note for note in compared_all(unit, (peer,)).notes)


def test_two_texts_of_their_own_share_nothing() -> None:
    assert {overlap.share for overlap in compared_all().overlaps} == {0.0}
    assert not any("写法相近" in note for note in compared_all().notes)


def test_wording_of_ten_long_notices_is_compared_within_a_second() -> None:
    long = {
        f"第{n}项工作": ("T11", {f"第{n}步{'逐项核查并明确责任' * 60}{n}。": "M04"})
        for n in range(60)
    }
    unit = tagged("aaaa0002", long)
    peers = tuple(tagged(f"bbbb{n:04d}", long) for n in range(6))
    started = time.thread_time()
    compared_all(unit, peers)
    assert time.thread_time() - started < 3


def test_stated_completion_stands_beside_the_count_of_distinct_problems() -> None:
    case = UNIT.cases[0]
    again = replace(case, id="aaaa0000-02", status_class=StatusClass.ONGOING)
    other = replace(case, id="aaaa0000-03", problem="接待无公函")
    unit = replace(
        UNIT,
        cases=(case, again, other),
        counts=(
            StatedCount("问题数", 2, 3, "反馈问题2个", 4),
            StatedCount("完成数", 2, 2, "完成2个", 5),
            StatedCount("制度数", 5, None, "制定制度5项", 6),
        ),
    )
    rows = {row.name: row for row in compared_all(unit).completion if row.notice_id == unit.id}
    # listed three times, two distinct: the notice counts right
    assert (rows["问题数"].stated, rows["问题数"].counted) == (2, 2)
    assert (rows["完成数"].stated, rows["完成数"].counted) == (2, 1)
    assert rows["制度数"].counted is None
    notes = compared_all(unit).notes
    assert [note for note in notes if "不符" in note] == [
        note for note in notes if "完成数" in note
    ]


def test_words_of_degree_do_not_make_two_problems_alike() -> None:
    assert pair_share("财务报销不规范", "安全检查不规范") == 0
    assert pair_share("报销附件不齐全", "报销附件缺失") > 0.5


def test_a_list_without_a_notice_is_compared_as_the_unit(tmp_path: Path) -> None:
    path = tmp_path / "问题清单.txt"
    path.write_text(
        "巡察清溪镇党委反馈问题清单\n1.报销审核不严，附件不全。\n2.固定资产账实不符。\n",
        encoding="utf-8",
    )
    unit = notice_of_document(load_file(path))
    comparison = open_reviewer(tmp_path / "home").compare_notice(unit)
    assert len(comparison.problem_matches) == 2
    assert all(row.unit.count == len(row.unit.case_ids) for row in comparison.matrix)
    assert any("只有问题清单" in note for note in comparison.notes)
    assert "同类单位的做法" in compared(comparison)


def test_every_number_of_the_matrix_has_its_rows_in_the_workbook() -> None:
    comparison = compared_all()
    book = open_xlsx(export("comparison", comparison, "xlsx", profile=UnitProfile())[1])
    matrix = list(book["主题对照"].iter_rows(min_row=4, values_only=True))
    places = list(book["数字出处"].iter_rows(min_row=2, values_only=True))
    total = sum(value for row in matrix[:-1] for value in row[1:])
    assert total == len(places) == sum(matrix[-1][1:])


def test_the_json_carries_the_new_parts_beside_the_old() -> None:
    content = comparison_json(compared_all())
    assert {"practices", "problem_matches", "repeats", "overlaps", "completion"} <= set(content)
    assert {"matrix", "gaps", "measure_gaps", "self_check", "progress", "notes"} <= set(content)

"""Questions that have no answer, lack their matter, or ask for notices by their kind."""

from __future__ import annotations

import pytest

from assistant.models import Answerable, Notice
from assistant.writing.answer import VAGUE, ExtractiveAnswerWriter
from assistant.writing.answer_match import (
    absent_persons,
    absent_sums,
    is_vague,
    missing_terms,
)
from assistant.writing.notice_lines import answer_from_lines
from assistant.writing.notice_rules import kind_of, kinds_named, named_notices
from assistant.writing.question import asks_state
from tests.fakes_writing import Source


def answered(question: str, source: Source, answerable: Answerable = Answerable.YES) -> str:
    return "".join(
        ExtractiveAnswerWriter().stream(question, source.evidence(), answerable=answerable)
    )


@pytest.fixture
def source() -> Source:
    held = Source(unit="青禾县水务局党组")
    held.add("党费收缴不足额，部分党员少缴党费", "逐人核定缴费基数，补缴党费3200元。")
    held.add("专项资金使用不规范", "修订专项资金管理办法，收回资金8.5万元。")
    return held


@pytest.mark.parametrize("question", ["整改", "怎么办", "那街道呢", "第二条具体怎么做的", "还有吗"])
def test_a_question_without_a_matter_is_asked_back(question: str, source: Source) -> None:
    assert is_vague(question)
    assert answered(question, source) == VAGUE


@pytest.mark.parametrize("question", ["党费", "公车加油卡", "党费少缴怎么处理呢", "食堂采购"])
def test_a_short_matter_is_a_matter(question: str) -> None:
    assert not is_vague(question)


def test_a_person_no_case_names_is_not_talked_about(source: Source) -> None:
    question = "水务局书记覃海棠被判了几年？"
    assert absent_persons(question, source.evidence()) == ("覃海棠",)
    text = answered(question, source)
    assert text.startswith("案例库中没有提到“覃海棠”")
    assert "专项资金" not in text


def test_a_sum_taken_for_granted_is_contradicted(source: Source) -> None:
    assert absent_sums("为什么认定水务局贪污900万元？", source.evidence()) == ("900万元",)
    assert absent_sums("收回85000元的是哪个问题", source.evidence()) == ()
    assert "没有提到“900万元”" in answered("为什么认定水务局贪污900万元？", source)


def test_a_figure_no_case_holds_brings_no_practices(source: Source) -> None:
    text = answered("专项资金闲置多少万元", source)
    assert "没有写明金额" in text
    assert "修订专项资金管理办法" not in text


def test_general_nouns_are_never_missing(source: Source) -> None:
    assert missing_terms("镇里的党费少缴，整改措施有哪些？", source.evidence()) == ()


def test_words_of_one_phrase_are_missed_together(source: Source) -> None:
    missing = missing_terms("优亲厚友怎么改", source.evidence())
    assert missing in ((), ("优亲厚友",))


@pytest.mark.parametrize(
    ("question", "state"),
    [("青禾县水务局整改得怎么样？", True), ("党费少缴怎么整改？", False)],
)
def test_how_a_unit_stands_is_not_how_to_mend(question: str, *, state: bool) -> None:
    assert asks_state(question) is state


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("完成率最高的是哪个单位？", "rank"),
        ("问题最多的是哪家单位", "rank"),
        ("国企有哪些问题没整改完？", "open"),
        ("为什么巡察组认定有问题", None),
    ],
)
def test_what_a_question_about_notices_asks_is_known(question: str, kind: str | None) -> None:
    assert kind_of(question) == kind


def test_kinds_of_unit_are_read_from_a_question() -> None:
    assert set(kinds_named("街道和开发区有什么不同")) == {"街道", "开发区"}
    assert kinds_named("意识形态方面街道怎么改的", leading=True) == ()


def test_a_masked_unit_is_found_by_what_is_left_of_its_name(source: Source) -> None:
    masked = Source(unit="共青团XX区委员会")
    masked.add("组织生活不规范", "修订制度。")
    notices = (masked.notice(),)
    assert named_notices("共青团区委完成了几条", notices) == notices


def test_notices_are_ranked_by_what_is_counted() -> None:
    few, many = Source(unit="甲溪镇党委", name="a.txt"), Source(unit="乙溪镇党委", name="b.txt")
    few.add("学习不深入", "补学。")
    many.add("学习不深入", "补学。")
    many.add("记录不规范", "修订制度。")

    class Both:
        def outlines(self) -> tuple[Notice, ...]:
            return few.notice(), many.notice()

        def notice(self, notice_id: str) -> Notice:
            return next(one for one in self.outlines() if one.id == notice_id)

        def lines(self, notice_id: str) -> tuple[str, ...]:
            return tuple(few.lines if notice_id == "a.txt" else many.lines)

    looked = answer_from_lines("问题最多的是哪个单位？", Both())
    assert looked is not None
    assert looked.text.index("乙溪镇") < looked.text.index("甲溪镇")

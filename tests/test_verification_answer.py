"""Checking answers: citations exact, sentences supported or marked."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.verification.answers import CheckedAnswer, check_answer
from assistant.verification.support import is_supported, missing_figures, negation_differs
from tests.fakes_writing import Source

SOURCE = Source().add(
    "公务用车管理不规范",
    "一是清理D员干部名下加油卡，收回加油卡9张，退回费用3150元。",
    "二是尚未完成车辆定位系统安装，正在推进。",
    "三是修订公务用车管理办法，实行一车一卡。",
    topics=("T09",),
)


def check(text: str) -> CheckedAnswer:
    return check_answer("公车怎么整改", text, SOURCE.evidence(), lambda notice: SOURCE.lines)


@pytest.mark.parametrize(
    "text",
    [
        "该单位清理党员干部名下加油卡，收回加油卡9张[1]。",
        "修订公务用车管理办法，实行一车一卡。[1]",
        "车辆定位系统安装尚未完成，正在推进[1]。",
        "案例库中只有1个单位的相关案例，仅供参考。",
        "案例库中没有找到能够回答这个问题的案例或依据。",
        "纠正处置：",
        "检索到的案例原文没有写明金额。",
    ],
)
def test_supported_sentences_pass(text: str) -> None:
    assert check(text).unsupported == ()


@pytest.mark.parametrize(
    "text",
    [
        "收回加油卡19张[1]。",
        "退回费用5000元[1]。",
        "已完成车辆定位系统安装[1]。",
        "给予两名责任人党内警告处分[1]。",
        "该单位组织全员体检并发放体检卡[1]。",
        "修订公务用车管理办法，实行一车一卡。",
        "检索到相关案例88条。",
        "梅林镇党委：修订公务用车管理办法，实行一车一卡[1]。",
        "案例库显示，涉事人员均被开除党籍。",
        "以下单位全部退还购车款，仅供参考。",
        "给予党内警告处分",
        "检索到的案例中相关责任人已被立案审查。",
        "根据《公务车辆特别条例》，修订公务用车管理办法[1]。",
    ],
)
def test_unsupported_sentences_are_marked(text: str) -> None:
    assert check(text).unsupported != ()


def test_invented_citation_numbers_are_removed_and_reported() -> None:
    checked = check("收回加油卡9张[7]。")
    assert "[7]" not in checked.text
    assert checked.findings[0].rule == "citation"
    assert checked.unsupported


def test_citations_in_other_brackets_are_understood() -> None:
    checked = check("收回加油卡9张【1】。修订公务用车管理办法[1，1]。")
    assert checked.unsupported == ()
    assert "【" not in checked.text


def test_a_broken_formula_in_an_answer_is_an_error() -> None:
    rules = {one.rule for one in check("坚持以同志为核心的党中央集中统一领导[1]。").findings}
    assert "formula" in rules


def test_the_quote_is_the_raw_text_of_its_place() -> None:
    citations = check("清理党员干部名下加油卡，收回加油卡9张，退回费用3150元[1]。").citations
    assert len(citations) == 1
    one = citations[0]
    assert SOURCE.lines[one.line - 1][one.start : one.end] == one.quote
    assert "D员" in one.quote


WORDS = st.lists(
    st.sampled_from(
        [
            "清理加油卡",
            "退回费用",
            "D员",
            "XX镇",
            "，",
            "。",
            "；",
            " ",
            "\u3000",
            "3150元",
            "一是",
            "①",
        ]
    ),
    min_size=1,
    max_size=30,
).map("".join)


@given(raw=WORDS, claim=WORDS)
@settings(max_examples=150, deadline=None)
def test_every_quote_is_found_exactly_where_it_is_said_to_be(raw: str, claim: str) -> None:
    source = Source().add("加油卡管理问题", raw)
    checked = check_answer(
        "加油卡", f"{claim}[1]。", source.evidence(), lambda notice: source.lines
    )
    for one in checked.citations:
        assert source.lines[one.line - 1][one.start : one.end] == one.quote
        assert one.quote


def test_a_line_that_is_no_longer_there_gives_no_citation() -> None:
    checked = check_answer("公车", "收回加油卡9张[1]。", SOURCE.evidence(), lambda notice: ())
    assert checked.citations == ()
    assert checked.unsupported


def test_figures_must_be_in_the_source() -> None:
    assert missing_figures("退回3150元", "退回费用3,150元") == ()
    assert missing_figures("退回3151元", "退回费用3,150元") == ("3151",)


def test_denial_is_not_support() -> None:
    assert negation_differs("未发现违规问题", "发现违规问题")
    assert not negation_differs("发现违规问题", "发现违规问题")
    assert not is_supported("发现私车公养问题", "未发现私车公养问题", "未发现私车公养问题", "")

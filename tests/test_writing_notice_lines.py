"""Questions about notices as such: headers, totals and prose, cited at their lines."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from assistant.models import Answerable, Notice, ParseReport, Span, StatedCount, StatusClass
from assistant.record.rows import read_outline, write_outline
from assistant.verification.answers import check_answer
from assistant.writing.notice_lines import answer_from_lines
from assistant.writing.notice_page import Looked, is_own
from assistant.writing.notice_totals import differs
from tests.factory import make_case, make_document, make_notice

PROSE = (
    "镇党委认真履行主体责任。2031年4月9日召开巡察整改专题民主生活会，查摆问题20个。",
    "经过三个月集中整改，修订制度7项，批评教育4人，追缴资金2.5万元，对反馈的3个问题全部销号。",
)


@dataclass
class Shelf:
    """A library of invented notices."""

    held: tuple[tuple[tuple[str, ...], Notice], ...]

    def outlines(self) -> tuple[Notice, ...]:
        return tuple(read_outline(write_outline(notice)) for _, notice in self.held)

    def notice(self, notice_id: str) -> Notice:
        return next(notice for _, notice in self.held if notice.id == notice_id)

    def lines(self, notice_id: str) -> tuple[str, ...]:
        return next(lines for lines, notice in self.held if notice.id == notice_id)


def notice_with_prose(
    notice_id: str, unit: str, prose: tuple[str, ...] = PROSE
) -> tuple[tuple[str, ...], Notice]:
    document, notice = make_notice(
        notice_id,
        {"党费收缴不及时": ("一是补缴党费。",), "台账不全": ("一是补登台账。",)},
        unit=unit,
    )
    lines = (*document.lines, *prose)
    first = len(document.lines) + 1
    roles = tuple((first + at, "组织情况") for at in range(len(prose)))
    count = StatedCount("问题数", 3, 2, "对反馈的3个问题全部销号", first + 1)
    return lines, replace(
        notice,
        end_line=len(lines),
        report=ParseReport("x", 1.0, roles=roles),
        counts=(count,),
        evidence=(("feedback_date", Span(1, 0, 1, 5)),),
    )


@pytest.fixture
def shelf() -> Shelf:
    silent = ("班子召开了巡察整改专题民主生活会。",)
    return Shelf(
        (
            notice_with_prose("a1a1a1a1", "中共清溪镇委员会"),
            notice_with_prose("b2b2b2b2", "云桥街道党工委", silent),
        )
    )


def asked(question: str, shelf: Shelf) -> Looked:
    looked = answer_from_lines(question, shelf)
    assert looked is not None
    return looked


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("各单位专题民主生活会什么时候开的", "2031年4月9日召开巡察整改专题民主生活会"),
        ("集中整改期是几个月", "经过三个月集中整改"),
        ("哪些单位写了追责问责人数", "批评教育4人"),
        ("清溪镇追缴了多少资金", "追缴资金2.5万元"),
        ("各单位修订了多少项制度", "修订制度7项"),
        ("清溪镇是哪天反馈的", "反馈日期为2024年6月1日"),
        ("清溪镇是哪个巡察组巡察的", "县委第一巡察组"),
        ("清溪镇有没有没完成的问题", "没有单列未完成事项"),
    ],
)
def test_a_notice_answers_from_its_own_lines(question: str, said: str, shelf: Shelf) -> None:
    looked = asked(question, shelf)
    assert said in looked.text
    checked = check_answer(
        question, looked.text, looked.evidence, lambda notice: shelf.lines(notice.id)
    )
    assert not [one for one in checked.unsupported if not is_own(one, looked)]


def test_the_citation_stands_at_the_line_of_the_prose(shelf: Shelf) -> None:
    looked = asked("专题民主生活会什么时候开的", shelf)
    checked = check_answer("", looked.text, looked.evidence, lambda notice: shelf.lines(notice.id))
    first = checked.citations[0]
    assert "4月9日" in first.quote
    assert shelf.lines(first.notice_id)[first.line - 1][first.start : first.end] == first.quote


def test_a_notice_without_a_date_is_said_to_be_silent(shelf: Shelf) -> None:
    text = asked("专题民主生活会什么时候开的", shelf).text
    assert "另有1份只写明开过专题民主生活会、没有写日期：\n- 云桥街道党工委" in text


def test_totals_that_differ_are_told_with_both_numbers(shelf: Shelf) -> None:
    text = asked("清溪镇反馈的3个问题完成了几个", shelf).text
    assert "自述问题数为3，逐条清点为2，两者不一致" in text


def test_a_number_no_notice_states_is_refused(shelf: Shelf) -> None:
    looked = asked("那个反馈99个问题的镇完成了几个", shelf)
    assert looked.answerable is Answerable.NO
    assert "没有自述反馈99个问题的通报" in looked.text


def test_a_unit_the_library_does_not_hold_is_refused_without_guessing(shelf: Shelf) -> None:
    looked = asked("白石岭镇哪天反馈的", shelf)
    assert looked.answerable is Answerable.NO
    assert looked.evidence == ()
    assert "案例库中没有“白石岭镇”的通报" in looked.text


@pytest.mark.parametrize("question", ["党费少缴怎么整改", "党费问题追责追到谁", "台账不全改了没"])
def test_questions_about_a_matter_are_left_to_search(question: str, shelf: Shelf) -> None:
    assert answer_from_lines(question, shelf) is None


def test_what_is_still_open_is_listed(shelf: Shelf) -> None:
    document = make_document(("石溪乡通报", "", "水利设施失修：正在修复。"))
    _, notice = make_notice("c3c3c3c3", {}, unit="石溪乡党委")
    case = make_case("c3c3c3c3", 1, "水利设施失修", ("正在修复。",))
    case = replace(case, status="正在推进", status_class=StatusClass.ONGOING)
    text = asked(
        "石溪乡还有哪些没完成的问题", Shelf(((document.lines, replace(notice, cases=(case,))),))
    ).text
    assert "- 水利设施失修（正在推进）[1]。" in text


def test_a_doubtful_reading_of_a_total_is_no_contradiction(shelf: Shelf) -> None:
    notice = shelf.held[0][1]
    assert differs(notice, notice.counts[0])
    led = StatedCount("问题数", 6, 18, "书记领办疑难问题6个", 1)
    assert not differs(notice, led)

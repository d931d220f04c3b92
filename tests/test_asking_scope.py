"""A scope stated in a question is kept to and told; a follow-up carries what it takes along."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from assistant.answering import AnswerStream, Question, lead_of
from assistant.followup import (
    asked_number,
    asks_for_others,
    carry_over,
    is_courtesy,
    leans,
)
from assistant.models import Answerable, Filters, Hit, SearchResult
from assistant.query_filters import firm_filters, matter_of, suggest_filters
from assistant.scoping import Scoped, scope_label, search_in_scope
from assistant.writing.answer import ExtractiveAnswerWriter
from tests.fakes_retrieval import NOTICES, FakeLibrary
from tests.fakes_writing import Source

LIBRARY = FakeLibrary(NOTICES)
YEARS = (2021, 2022, 2023, 2024)


@dataclass
class Searcher:
    """A search that remembers how it was filtered and answers as told."""

    bands: list[Answerable] = field(default_factory=lambda: [Answerable.YES])
    asked: list[Filters] = field(default_factory=list)
    nearest: str = "c3c3c3c3"

    def __call__(self, *, filters: Filters) -> SearchResult:
        self.asked.append(filters)
        band = self.bands[min(len(self.asked), len(self.bands)) - 1]
        notice = LIBRARY.notice(self.nearest)
        hits = (Hit(notice.cases[0], notice, 0.6, (), ()),)
        return SearchResult("问", () if band is Answerable.NO else hits, band, 0.6)


def scoped(question: str, search: Searcher, filters: Filters = Filters()) -> Scoped:
    return search_in_scope(question, search, filters=filters, outlines=LIBRARY.outlines)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("只看国企，报账不规范怎么改", Filters(unit_types=("国资国企",))),
        ("街道的案例里怎么管物业", Filters(unit_types=("街道",))),
        ("2023年以后的通报讲没讲物业", Filters(years=(2023, 2024))),
        ("2022年以前的案例", Filters(years=(2021,))),
        ("2022年反馈的里面有没有讲招商的", Filters(years=(2022,))),
        ("光看巡视的：债务怎么化", Filters(inspections=("巡视",))),
        ("党费怎么补缴", Filters()),
    ],
)
def test_a_firm_scope_is_read(question: str, expected: Filters) -> None:
    assert firm_filters(question, years=YEARS) == expected


def test_kinds_left_out_leave_all_the_others() -> None:
    kinds = suggest_filters("不要乡镇的，看看怎么抓物业").unit_types
    assert "乡镇" not in kinds
    assert {"街道", "村社区", "国资国企"} <= set(kinds)
    assert scope_label(Filters(unit_types=kinds)) == "除“乡镇”类以外的单位"


@pytest.mark.parametrize(
    "question",
    [
        "我们社区没人管，别的社区咋弄",
        "巡察整改台账怎么建",
        "怎么还没改完",
        "巡视和巡察反馈的问题有什么区别",
    ],
)
def test_what_may_be_the_matter_itself_is_no_firm_scope(question: str) -> None:
    assert firm_filters(question, years=YEARS) == Filters()


def test_the_scope_is_not_what_is_looked_for() -> None:
    assert "巡视" not in matter_of("省委巡视指出的物业问题，巡察的不要")
    assert "物业" in matter_of("省委巡视指出的物业问题，巡察的不要")
    assert matter_of("街道的案例") == "街道的案例"


def test_a_stated_scope_is_searched_and_told() -> None:
    search = Searcher()
    found = scoped("只看街道，物业怎么管", search)
    assert search.asked == [Filters(unit_types=("街道",))]
    assert found.told == "按问题所说的范围（“街道”类单位）查找案例库。"


def test_what_the_user_chose_is_kept_beside_the_scope() -> None:
    search = Searcher()
    scoped("只看街道，物业怎么管", search, Filters(years=(2023,)))
    assert search.asked == [Filters(unit_types=("街道",), years=(2023,))]


def test_a_scope_that_holds_nothing_on_the_matter_is_widened_and_told() -> None:
    search = Searcher([Answerable.NO, Answerable.YES])
    found = scoped("只看街道，债务怎么化", search)
    assert search.asked == [Filters(unit_types=("街道",)), Filters()]
    assert "没有与所问直接相关的案例，以下来自其他通报" in found.told


def test_a_scope_that_holds_the_nearest_case_of_all_is_kept_though_its_others_are_far() -> None:
    search = Searcher([Answerable.NO, Answerable.WEAK], nearest="b2b2b2b2")
    found = scoped("只看街道，物业怎么管", search)
    assert found.told.startswith("按问题所说的范围")
    assert found.result.answerable is Answerable.WEAK


def test_a_kind_of_unit_the_library_lacks_is_said_to_be_lacking() -> None:
    found = scoped("只看医院，药品采购怎么改", Searcher())
    assert found.told.startswith("案例库中没有“学校医院”类单位的通报，以下来自其他通报")
    alone = scoped("医院系统的案例有吗", Searcher())
    assert alone.told == "案例库中没有“学校医院”类单位的通报。"
    assert alone.result.hits == ()


def test_a_question_without_a_scope_reads_no_outlines() -> None:
    def unread() -> tuple[()]:
        raise AssertionError("the library was read")

    found = search_in_scope("党费怎么补缴", Searcher(), filters=Filters(), outlines=unread)
    assert found.told == ""


def test_a_comparison_within_one_kind_looks_at_that_kind_only() -> None:
    search = Searcher()
    scoped("两个街道在物业上做法有啥不一样", search)
    assert search.asked == [Filters(unit_types=("街道",))]
    both = Searcher()
    scoped("街道和开发区在物业上做法有啥不一样", both)
    assert both.asked == [Filters()]


def test_years_are_named_as_a_span() -> None:
    assert scope_label(Filters(years=(2022, 2024))) == "2022年至2024年反馈"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("街道的呢", "食堂没建怎么改，只看街道的通报"),
        ("只要2023年的", "食堂没建怎么改，只看2023年的通报"),
        ("有没有具体金额", "食堂没建怎么改，有没有具体金额"),
        ("他们建了啥制度", "食堂没建怎么改，他们建了啥制度"),
        ("那水库维修呢", "水库维修怎么改"),
        ("谢谢", "谢谢"),
        ("水库维修资金被挪用", "水库维修资金被挪用"),
    ],
)
def test_a_followup_takes_along_what_it_needs(question: str, expected: str) -> None:
    assert carry_over(question, ["食堂没建怎么改？"]) == expected


def test_limits_add_up_and_a_later_one_of_the_same_sort_replaces_the_earlier() -> None:
    earlier = ["食堂没建怎么改", "街道的呢", "好的，谢谢"]
    assert carry_over("只要2023年的", earlier) == (
        "食堂没建怎么改，只看街道的通报，只看2023年的通报"
    )
    assert carry_over("乡镇呢", [*earlier, "只要2023年的"]) == (
        "食堂没建怎么改，只看2023年的通报，只看乡镇的通报"
    )
    assert carry_over("追责了没有", earlier).endswith("只看街道的通报，追责了没有")


def test_a_short_matter_stands_alone() -> None:
    assert not any(leans(text) for text in ("公车私用", "躺平", "强拆", "水库维修"))


def test_what_a_followup_wants_is_known() -> None:
    assert asks_for_others("其他单位呢")
    assert not asks_for_others("其他应收款长期挂账怎么整改才算数")
    assert asked_number("第二条详细说说") == 2
    assert asked_number("第二批巡察反馈的问题里物业怎么改") == 0
    assert is_courtesy("好嘞，辛苦了")
    assert not is_courtesy("好的做法有哪些")


def test_a_long_text_is_neither_thanks_nor_a_limit_however_it_repeats_itself() -> None:
    for word in ("谢谢了", "好的", "只看街道的", "那"):
        assert not is_courtesy(word * 400 + "吗")
        assert carry_over(word * 400, ["食堂没建怎么改"]) == word * 400


def test_the_scope_is_told_first_and_is_no_claim_to_be_checked() -> None:
    source = Source().add("会议记录不全", "一是补写会议要点。", "二是指定专人记录。")
    item = source.evidence()[0]
    hit = Hit(item.case, item.notice, 0.8, (), ())
    result = SearchResult("会议记录不全怎么改", (hit,), Answerable.YES, 0.8)
    asked = Question(
        result.query, result.query, result, "按问题所说的范围（2031年反馈）查找案例库。"
    )
    writer = ExtractiveAnswerWriter()
    stream = AnswerStream(asked, writer=writer, stand_in=writer, lines=lambda _: source.lines)
    said = "".join(stream)
    assert said.startswith("按问题所说的范围（2031年反馈）查找案例库。\n\n")
    assert stream.answer.text == said
    assert stream.answer.unsupported == ()
    assert stream.answer.citations


def test_a_refusal_needs_no_word_on_the_scope() -> None:
    result = SearchResult("只看街道，书记叫什么", (), Answerable.NO, 0.1)
    assert lead_of(Question(result.query, result.query, result, "按范围查找。")) == ""

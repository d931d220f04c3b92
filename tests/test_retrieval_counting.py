"""Counting and listing questions: exact, with every case behind the number."""

from __future__ import annotations

import pytest

from assistant.counting import answer_count
from tests.fakes_retrieval import NOTICES, FakeLibrary, make_notice

LIBRARY = FakeLibrary(NOTICES)


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("有多少份通报", 4),
        ("有几个单位存在党费问题", 1),
        ("有几个单位查出了党费问题", 1),
        ("哪些单位提到了党费", 1),
        ("巡视指出的问题有多少条", 4),
        ("还没完成的问题有几个", 5),
        ("整改完成率是多少", 7),
        ("望江街道一共有几个问题", 4),
        ("云溪县国有资产投资集团完成了几个问题", 2),
        ("2023年通报的问题有多少条", 4),
    ],
)
def test_counts_are_exact(question: str, count: int) -> None:
    answer = answer_count(question, LIBRARY)
    assert answer is not None
    assert answer.count == count


def test_the_text_says_the_number_and_cites_cases() -> None:
    answer = answer_count("哪些单位存在党费问题", LIBRARY)
    assert answer is not None
    assert "共有1个单位" in answer.text
    assert "青禾镇党委" in answer.text
    assert "[1]" in answer.text
    assert [item.case.id for item in answer.evidence] == ["a1a1a1a1-01"]
    assert "4份通报" in answer.basis


def test_every_case_counted_is_in_the_list_under_its_number() -> None:
    answer = answer_count("巡察发现的问题有多少条", LIBRARY)
    assert answer is not None
    assert [item.number for item in answer.evidence] == list(range(1, 13))
    assert answer.count == len(answer.evidence)


def test_units_with_a_masked_name_are_counted_apart() -> None:
    item = ("党费收缴不及时", ["补缴。"], None)
    masked = [make_notice(name * 4, "XX街道党工委", "街道", [item]) for name in ("f1", "f2")]
    answer = answer_count("有几个单位存在党费问题", FakeLibrary(masked))
    assert answer is not None
    assert answer.count == 2


def test_what_the_text_does_not_say_is_not_called_finished() -> None:
    answer = answer_count("整改完成率是多少", LIBRARY)
    assert answer is not None
    assert "未写明" in answer.text
    assert "43.8%" in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "党费没交齐怎么整改",
        "引进人才有哪些办法",
        "退了多少钱",
        "集中整改期是几个月",
        "哪个单位把合同重新签了",
        "有几个单位存在火箭发射问题",
        "哪些单位写了追责问责人数",
        "",
    ],
)
def test_what_is_no_count_or_not_understood_is_left_to_search(question: str) -> None:
    assert answer_count(question, LIBRARY) is None


def test_an_empty_library_counts_nothing() -> None:
    assert answer_count("有多少份通报", FakeLibrary()) is None


def test_who_asks_for_a_list_gets_the_problems_themselves() -> None:
    answer = answer_count("列一下望江街道的问题", LIBRARY)
    assert answer is not None
    assert answer.text.startswith("共有4条，分布在1个单位：")
    assert "\n- 望江街道党工委：小区物业服务监管缺位[1]。" in answer.text


def test_a_kind_of_unit_is_the_scope_of_a_count_and_not_its_matter() -> None:
    answer = answer_count("街道的案例一共几条", LIBRARY)
    assert answer is not None
    assert answer.count == 4
    assert "原文出现" not in answer.basis


def test_that_something_was_done_badly_is_no_word_to_look_for() -> None:
    answer = answer_count("哪些单位提到党费没抓好", LIBRARY)
    assert answer is not None
    assert answer.count == 1

"""Follow-ups keep the thread without a model."""

from __future__ import annotations

import pytest

from assistant.followup import carry_over


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("那追责了吗？", "党费少缴怎么改，那追责了吗？"),
        ("还有哪些做法", "党费少缴怎么改，还有哪些做法"),
        ("村里呢？", "党费少缴怎么改，只看村的通报"),
        ("公务用车管理不规范一般怎么整改", "公务用车管理不规范一般怎么整改"),
    ],
)
def test_a_leaning_question_is_searched_with_the_one_before(question: str, expected: str) -> None:
    assert carry_over(question, ["党费少缴怎么改？"]) == expected


def test_a_chain_of_leaning_questions_reaches_back_to_the_one_that_stood_alone() -> None:
    earlier = ["党费少缴怎么改？", "那追责了吗？"]
    assert carry_over("还有呢", earlier) == "党费少缴怎么改，还有呢"


def test_the_first_question_stays_as_it_is() -> None:
    assert carry_over("那追责了吗", []) == "那追责了吗"

"""The questions people ask, on the reference corpus: right lines, honest refusals, no names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.models import Answer, Answerable
from assistant.review import Reviewer, build_reviewer
from assistant.settings import load_settings

pytestmark = [pytest.mark.reference, pytest.mark.slow]

JUDGED = yaml.safe_load((Path(__file__).parent / "data/questions.yaml").read_text("utf-8"))
QUESTIONS: list[dict[str, Any]] = JUDGED["questions"]
RIGHT_LINES = 0.9


@pytest.fixture(scope="module")
def reviewer(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Reviewer:
    opened = build_reviewer(load_settings(home=tmp_path_factory.mktemp("home")))
    opened.ingest([shared / "corpus"])
    return opened


@pytest.fixture(scope="module")
def answers(reviewer: Reviewer) -> dict[str, Answer]:
    return {one["ask"]: reviewer.ask(one["ask"]) for one in QUESTIONS}


def missing_groups(judged: dict[str, Any], answer: Answer) -> list[dict[str, list[int]]]:
    cited = {(citation.source, citation.line) for citation in answer.citations}
    return [
        group
        for group in judged["lines"]
        if not any(
            (JUDGED["files"][file], line) in cited
            for file, lines in group.items()
            for line in lines
        )
    ]


def test_the_right_lines_are_cited_for_nine_questions_of_ten(answers: dict[str, Answer]) -> None:
    judged = [one for one in QUESTIONS if "lines" in one]
    wrong = {
        one["ask"]: missing
        for one in judged
        if (missing := missing_groups(one, answers[one["ask"]]))
    }
    assert len(wrong) <= (1 - RIGHT_LINES) * len(judged), wrong


@pytest.mark.parametrize("judged", QUESTIONS, ids=lambda one: str(one["ask"]))
def test_an_answer_says_what_it_must_first_and_hides_what_it_must(
    judged: dict[str, Any], answers: dict[str, Answer]
) -> None:
    answer = answers[judged["ask"]]
    if "band" in judged:
        assert answer.answerable is Answerable(judged["band"])
    assert judged.get("first", "") in answer.text.split("\n\n")[0]
    for said in judged.get("says", ()):
        assert said in answer.text
    for hidden in judged.get("hides", ()):
        assert hidden not in answer.text


def test_every_sentence_is_supported_and_every_quote_stands_at_its_line(
    reviewer: Reviewer, answers: dict[str, Answer]
) -> None:
    for answer in answers.values():
        assert answer.unsupported == (), answer.question
        for one in answer.citations:
            line = reviewer.lines(one.notice_id)[one.line - 1]
            assert line[one.start : one.end] == one.quote


def test_contradicted_totals_are_told(reviewer: Reviewer) -> None:
    text = reviewer.ask("共青团XX区委员会反馈的3个问题完成了几个").text
    assert "自述问题数为3，逐条清点为4，两者不一致" in text

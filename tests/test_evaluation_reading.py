"""Figures on reading and writing: an independent count by hand stands beside each."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import AssistantError
from assistant.evaluation_reading import (
    read_judged_notices,
    score_citations,
    score_drafts,
    score_parsing,
)
from assistant.models import Answer, Answerable, Citation, Draft, Finding
from tests.factory import make_notice

DOCUMENT, NOTICE = make_notice(
    "aaaa0001", {"党费少缴": ("一是补缴党费。", "二是公示。"), "白条入账": ("清理白条。",)}
)
GOLD = {
    "file": "示例.txt",
    "start_line": 1,
    "end_line": 6,
    "problems": [
        {
            "line": 3,
            "problem": "党费少缴",
            "measures": ["补缴党费。", "另一条。"],
            "category": ["一、反馈问题整改情况"],
            "status_class": "完成",
        },
        {"line": 9, "problem": "没有解析到的问题", "measures": [], "category": []},
    ],
}


def test_parsing_figures_equal_a_count_by_hand() -> None:
    # problems: 1 of 2 held, 1 of 2 wanted; measures: 1 hit, 3 held, 2 wanted
    assert score_parsing([GOLD], [NOTICE]) == {
        "notices": 1,
        "problem_f1": 0.5,
        "measure_f1": 0.4,
        "category_accuracy": 1.0,
        "status_accuracy": 1.0,
    }


def test_a_notice_that_was_not_read_counts_as_missed() -> None:
    assert score_parsing([GOLD], [replace(NOTICE, source="别的.txt")])["problem_f1"] == 0.0


def test_a_quote_that_does_not_stand_at_its_place_is_counted() -> None:
    right = Citation(1, "aaaa0001-01", "aaaa0001", "示例.txt", 3, 3, 0, 4, "党费少缴")
    wrong = replace(right, start=1)
    answer = Answer("问", "答", (right, wrong), (), Answerable.YES, unsupported=("无据。",))
    assert score_citations([answer], lambda _notice: DOCUMENT.lines) == {
        "citations": 2,
        "exact": 1,
        "unsupported_sentences": 1,
    }


def test_foreign_facts_and_errors_in_drafts_are_counted() -> None:
    findings = (Finding("R17", "error", "外来金额"), Finding("R01", "warn", "责任人待填"))
    draft = Draft("问题", (), "", "", (), (), findings)
    assert score_drafts([draft]) == {"drafts": 1, "foreign_facts": 1, "errors": 1}


def test_a_wrong_line_of_judged_notices_is_named(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(GOLD) + "\n{}\n", encoding="utf-8")
    with pytest.raises(AssistantError, match="第2行"):
        read_judged_notices(path)

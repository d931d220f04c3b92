"""Scoring judged questions: the same figures as the outside scorer gives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.errors import AssistantError
from assistant.evaluation import difference, evaluate, from_json, read_judged, to_json
from assistant.models import Answerable, Hit, SearchResult
from tests.fakes_retrieval import NOTICES

FIRST, SECOND = {"file": "a1a1a1a1.txt", "line": 1}, {"file": "a1a1a1a1.txt", "line": 2}
OTHER = {"file": "b2b2b2b2.txt", "line": 2, "grade": 1}
QUESTIONS = [
    {"id": "1", "type": "ask", "query": "党费", "relevant": [{**FIRST, "grade": 3}, OTHER]},
    {"id": "2", "type": "draft", "query": "合同", "relevant": [{**SECOND, "grade": 2}]},
    {"id": "3", "type": "none", "query": "火箭", "relevant": []},
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    held = tmp_path / "judged.jsonl"
    held.write_text("\n".join(json.dumps(q, ensure_ascii=False) for q in QUESTIONS) + "\n")
    return held


def search(query: str) -> SearchResult:
    """Find case 1 of the first notice, then case 2, whatever is asked; refuse 火箭."""
    notice = NOTICES[0]
    hits = tuple(Hit(case, notice, 1.0) for case in notice.cases[:2])
    band = Answerable.NO if query == "火箭" else Answerable.YES
    return SearchResult(query, hits, band, 0.5)


def test_figures_are_those_worked_out_by_hand(path: Path) -> None:
    found = evaluate(read_judged(path), search)
    ideal = 7 + 1 / 1.5849625
    assert found.by_type["ask"].ndcg == pytest.approx(7 / ideal)
    assert found.by_type["ask"].mrr == 1.0
    assert found.by_type["draft"].ndcg == pytest.approx(1.0)  # its line is off by one: still it
    assert found.by_type["all"].questions == 2
    assert (found.refused, found.unanswerable) == (1, 1)
    assert (found.wrongly_refused, found.answerable) == (0, 2)


def test_a_saved_baseline_gives_the_difference(path: Path) -> None:
    found = evaluate(read_judged(path), search)
    again = from_json(json.loads(json.dumps(to_json(found))))
    assert difference(found, again)["all"] == pytest.approx(0.0, abs=1e-3)


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    held = tmp_path / "judged.jsonl"
    held.write_text('{"id": "1", "query": "a", "relevant": []}\n{"id": 2}\n')
    with pytest.raises(AssistantError, match="第2行"):
        read_judged(held)

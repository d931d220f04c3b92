"""Retrieval figures on judged questions, by type, with the difference to a saved baseline. Pure.

A judged question is one JSON object a line: `id`, `type`, `query` and `relevant`, a list of
`{file, line, grade}` with grades 1…3; an empty list means that nothing in the library answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path

from assistant.errors import AssistantError
from assistant.models import Answerable, SearchResult

DEPTH = 20
NEAR_LINES = 1
GOOD = 2
"""Grade from which a case counts as found."""

Search = Callable[[str], SearchResult]


@dataclass(frozen=True, slots=True)
class Judged:
    """One question with what answers it: (file, line) → grade."""

    id: str
    type: str
    query: str
    relevant: Mapping[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the questions of one type."""

    questions: int
    ndcg: float
    recall_10: float
    recall_20: float
    mrr: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures of one run."""

    by_type: Mapping[str, Figures]
    """`all` first, then each type."""
    refused: int
    unanswerable: int
    """Questions nothing answers, and how many of them were called 没有."""
    wrongly_refused: int
    answerable: int


def read_judged(path: Path) -> tuple[Judged, ...]:
    """Read judged questions; raises `AssistantError` naming the line that is wrong."""
    return parse_judged(path.read_text(encoding="utf-8-sig", errors="replace"), name=path.name)


def parse_judged(text: str, *, name: str) -> tuple[Judged, ...]:
    """Read judged questions from the text of a file called `name`."""
    judged = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            held = json.loads(line)
            relevant = {(c["file"], int(c["line"])): int(c["grade"]) for c in held["relevant"]}
            judged.append(Judged(str(held["id"]), held.get("type", ""), held["query"], relevant))
        except (ValueError, KeyError, TypeError) as error:
            raise AssistantError(
                "评测题目格式不对",
                where=f"{name} 第{number}行",
                todo="每行须是含 id、query、relevant 的 JSON 对象",
            ) from error
    return tuple(judged)


def evaluate(judged: Sequence[Judged], search: Search) -> Evaluation:
    """Ask every question and score the answers."""
    rows: dict[str, list[tuple[float, float, float, float]]] = {"all": []}
    refused = unanswerable = wrongly = 0
    for question in judged:
        result = search(question.query)
        said_no = result.answerable is Answerable.NO or not result.hits
        if not question.relevant:
            unanswerable += 1
            refused += said_no
            continue
        wrongly += said_no
        row = _row(question, result)
        rows["all"].append(row)
        rows.setdefault(question.type, []).append(row)
    figures = {name: _mean(held) for name, held in rows.items() if held}
    return Evaluation(figures, refused, unanswerable, wrongly, len(rows["all"]))


def difference(now: Evaluation, before: Evaluation) -> Mapping[str, float]:
    """Give the change in nDCG@10 by type, for the types both runs have."""
    return {
        name: round(figures.ndcg - before.by_type[name].ndcg, 4)
        for name, figures in now.by_type.items()
        if name in before.by_type
    }


def _row(question: Judged, result: SearchResult) -> tuple[float, float, float, float]:
    grades = _grades(question, result)
    ideal = sorted(question.relevant.values(), reverse=True)[:10]
    good = sum(grade >= GOOD for grade in question.relevant.values()) or 1
    first = next((1 / place for place, grade in enumerate(grades, 1) if grade >= GOOD), 0.0)
    return (
        _gain(grades[:10]) / _gain(ideal),
        sum(grade >= GOOD for grade in grades[:10]) / min(10, good),
        sum(grade >= GOOD for grade in grades[:20]) / min(20, good),
        first,
    )


def _grades(question: Judged, result: SearchResult) -> list[int]:
    """Grade each hit; a judged case counts once, and its line may be off by one."""
    left = dict(question.relevant)
    grades = []
    for hit in result.hits[:DEPTH]:
        name, line = Path(hit.notice.source).name, hit.case.line
        near = [(name, line + shift) for shift in (0, -NEAR_LINES, NEAR_LINES)]
        place = next((place for place in near if place in left), None)
        grades.append(left.pop(place) if place else 0)
    return grades


def _gain(grades: Sequence[int]) -> float:
    return sum((float(2**grade) - 1) / log2(place + 2) for place, grade in enumerate(grades))


def _mean(rows: Sequence[tuple[float, float, float, float]]) -> Figures:
    means = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    return Figures(len(rows), *means)


def to_json(evaluation: Evaluation) -> dict[str, object]:
    """Give the figures as they are saved and printed."""
    return {
        "by_type": {
            name: {
                "n": f.questions,
                "ndcg@10": round(f.ndcg, 4),
                "recall@10": round(f.recall_10, 4),
                "recall@20": round(f.recall_20, 4),
                "mrr": round(f.mrr, 4),
            }
            for name, f in evaluation.by_type.items()
        },
        "unanswerable_refused": [evaluation.refused, evaluation.unanswerable],
        "answerable_refused": [evaluation.wrongly_refused, evaluation.answerable],
    }


def from_json(held: Mapping[str, object]) -> Evaluation:
    """Read what `to_json` gave, for comparing with a saved baseline."""
    by_type, no, wrong = (
        held["by_type"],
        held["unanswerable_refused"],
        held["answerable_refused"],
    )
    if not (isinstance(by_type, dict) and isinstance(no, list) and isinstance(wrong, list)):
        raise AssistantError("评测基线文件格式不对", todo="请用 zhenggai eval 重新保存基线")
    figures = {
        str(name): Figures(
            int(f["n"]), float(f["ndcg@10"]), float(f["recall@10"]), float(f["recall@20"]),
            float(f["mrr"]),
        )
        for name, f in by_type.items()
    }  # fmt: skip
    return Evaluation(figures, int(no[0]), int(no[1]), int(wrong[0]), int(wrong[1]))

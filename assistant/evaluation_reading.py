"""Figures on what was read and written: parsing, citations, foreign facts. Pure.

A judged notice is one JSON object a line: `file`, `start_line`, `end_line` and `problems`, each
with `line`, `problem`, `measures`, `category` and `status_class`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError
from assistant.models import Answer, Case, Draft, Notice

_NOTICE_KEYS = ("file", "start_line", "end_line", "problems")
_PROBLEM_KEYS = ("line", "problem", "measures")
NEAR_LINES = 1
ALIKE_PROBLEM, ALIKE_MEASURE = 0.92, 0.95
FOREIGN_RULES = frozenset({"R17"})

_PUNCTUATION = re.compile(r"[^\w]+")
_MARK = re.compile(r"^(?:[一二三四五六七八九十]{1,3}是|[（(]?\d{1,2}[)）.．、]|[①-⑳])")

Lines = Callable[[str], Sequence[str]]


@dataclass(slots=True)
class _Tally:
    hit: int = 0
    held: int = 0
    wanted: int = 0

    def f1(self) -> float:
        total = self.held + self.wanted
        return round(2 * self.hit / total, 4) if total else 0.0


@dataclass(slots=True)
class _Sums:
    problems: _Tally = field(default_factory=_Tally)
    measures: _Tally = field(default_factory=_Tally)
    categories: _Tally = field(default_factory=_Tally)
    statuses: _Tally = field(default_factory=_Tally)


def read_judged_notices(path: Path) -> tuple[Mapping[str, Any], ...]:
    """Read judged notices; raises `AssistantError` naming the line that is wrong."""
    judged = []
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            held = json.loads(line)
            for key in _NOTICE_KEYS:
                held[key]
            for problem in held["problems"]:
                for key in _PROBLEM_KEYS:
                    problem[key]
        except (ValueError, KeyError, TypeError) as error:
            raise AssistantError(
                "评测通报格式不对",
                where=f"{path.name} 第{number}行",
                todo=f"每行须是含 {'、'.join(_NOTICE_KEYS)} 的 JSON 对象，"
                f"problems 各项含 {'、'.join(_PROBLEM_KEYS)}",
            ) from error
        judged.append(held)
    return tuple(judged)


def score_parsing(
    judged: Sequence[Mapping[str, Any]], notices: Sequence[Notice]
) -> dict[str, object]:
    """Compare the notices of the Library with judged ones of the same file and lines."""
    sums = _Sums()
    for gold in judged:
        notice = _counterpart(gold, notices)
        _compare(gold, notice.cases if notice else (), sums)
    return {
        "notices": len(judged),
        "problem_f1": sums.problems.f1(),
        "measure_f1": sums.measures.f1(),
        "category_accuracy": _share(sums.categories),
        "status_accuracy": _share(sums.statuses),
    }


def score_citations(answers: Iterable[Answer], lines: Lines) -> dict[str, object]:
    """Count the citations whose quote stands exactly where they say, and unsupported sentences."""
    total = exact = unsupported = 0
    for answer in answers:
        unsupported += len(answer.unsupported)
        for citation in answer.citations:
            total += 1
            found = list(lines(citation.notice_id)[citation.line - 1 : citation.end_line])
            found[-1] = found[-1][: citation.end]
            found[0] = found[0][citation.start :]
            exact += "\n".join(found) == citation.quote
    return {"citations": total, "exact": exact, "unsupported_sentences": unsupported}


def score_drafts(drafts: Iterable[Draft]) -> dict[str, object]:
    """Count foreign facts and other errors in drafts."""
    held = list(drafts)
    findings = [finding for draft in held for finding in draft.findings]
    return {
        "drafts": len(held),
        "foreign_facts": sum(f.rule in FOREIGN_RULES for f in findings),
        "errors": sum(f.level == "error" for f in findings),
    }


def _counterpart(gold: Mapping[str, Any], notices: Sequence[Notice]) -> Notice | None:
    def overlap(notice: Notice) -> int:
        first, last = int(gold["start_line"]), int(gold["end_line"])
        return min(notice.end_line, last) - max(notice.start_line, first)

    same = [n for n in notices if n.source == gold["file"] and overlap(n) > 0]
    return max(same, key=overlap, default=None)


def _compare(gold: Mapping[str, Any], cases: Sequence[Case], sums: _Sums) -> None:
    left = list(cases)
    sums.problems.held += len(left)
    sums.problems.wanted += len(gold["problems"])
    sums.measures.held += sum(len(case.measures) for case in left)
    sums.measures.wanted += sum(len(problem["measures"]) for problem in gold["problems"])
    for problem in gold["problems"]:
        case = next((c for c in left if _same_problem(c, problem)), None)
        if case is None:
            continue
        left.remove(case)
        sums.problems.hit += 1
        sums.measures.hit += _common([m.text for m in case.measures], problem["measures"])
        sums.categories.wanted += 1
        wanted = [_flat(heading) for heading in problem.get("category", ())]
        sums.categories.hit += [_flat(heading) for heading in case.category] == wanted
        sums.statuses.wanted += 1
        sums.statuses.hit += case.status_class == problem.get("status_class")


def _same_problem(case: Case, problem: Mapping[str, Any]) -> bool:
    near = abs(case.line - int(problem["line"])) <= NEAR_LINES
    return near and _alike(_flat(case.problem), _flat(problem["problem"]), ALIKE_PROBLEM)


def _common(held: Sequence[str], wanted: Sequence[str]) -> int:
    left = [_flat(_MARK.sub("", text)) for text in held]
    hits = 0
    for text in wanted:
        key = _flat(_MARK.sub("", text))
        found = next((other for other in left if _alike(other, key, ALIKE_MEASURE)), None)
        if found is not None:
            left.remove(found)
            hits += 1
    return hits


def _flat(text: str) -> str:
    return _PUNCTUATION.sub("", text)


def _alike(a: str, b: str, least: float) -> bool:
    return a == b or SequenceMatcher(None, a, b, autojunk=False).ratio() >= least


def _share(tally: _Tally) -> float:
    return round(tally.hit / tally.wanted, 4) if tally.wanted else 0.0

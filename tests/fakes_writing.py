"""Evidence for tests of writing and verification: invented cases, and judged ones if present."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.models import (
    Case,
    DateField,
    Evidence,
    Measure,
    Notice,
    ProblemKind,
    Span,
    StatusClass,
)
from assistant.taxonomy.classify import load_taxonomy
from assistant.writing.words import pairs


@dataclass
class Source:
    """An invented notice under construction: cases added line by line."""

    unit: str = "青禾县水务局党组"
    name: str = "qinghe.txt"
    lines: list[str] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)

    def add(
        self,
        problem: str,
        *measures: str,
        topics: tuple[str, ...] = ("T11",),
        kinds: Sequence[tuple[str, ...]] = (),
        status: str | None = None,
    ) -> Source:
        text = problem + "。" + "".join(measures)
        self.lines.append(text)
        line = len(self.lines)
        found = []
        at = len(problem) + 1
        for position, measure in enumerate(measures):
            span = Span(line, at, line, at + len(measure))
            of_measure = kinds[position] if position < len(kinds) else ()
            found.append(Measure(measure, span, of_measure or load_taxonomy().kinds_of(measure)))
            at += len(measure)
        self.cases.append(
            Case(
                id=f"{self.name}-{line:02d}",
                notice_id=self.name,
                number="",
                line=line,
                end_line=line,
                category=(),
                problem=problem,
                problem_span=Span(line, 0, line, len(problem)),
                kind=ProblemKind.STATED,
                measures=tuple(found),
                status=status,
                status_class=StatusClass.DONE if status else None,
                topics=topics,
            )
        )
        return self

    def notice(self) -> Notice:
        return Notice(
            id=self.name,
            source=self.name,
            sha256="0" * 64,
            title="关于巡察整改进展情况的通报",
            unit=self.unit,
            unit_type="党政部门",
            unit_level="县区",
            inspection="巡察",
            team="县委第二巡察组",
            period=None,
            feedback_date=DateField("2031年3月4日", "2031-03-04"),
            published_date=DateField("2031年9月5日", "2031-09-05"),
            start_line=1,
            end_line=max(1, len(self.lines)),
            cases=tuple(self.cases),
        )

    def evidence(self, first: int = 1) -> tuple[Evidence, ...]:
        notice = self.notice()
        return tuple(Evidence(first + at, case, notice, 1.0) for at, case in enumerate(self.cases))


def judged_notices(shared: Path) -> tuple[tuple[Notice, tuple[str, ...]], ...]:
    """The judged notices with exact spans, and the lines of their files."""
    topics: dict[object, object] = {}
    for row in (shared / "gold/topics.jsonl").read_text(encoding="utf-8").splitlines():
        label = json.loads(row)
        topics[label["file"], label["line"], label["problem"]] = label
    built = []
    for number, row in enumerate(
        (shared / "gold/notices.jsonl").read_text(encoding="utf-8").splitlines()
    ):
        gold = json.loads(row)
        text = (shared / "corpus" / gold["file"]).read_text(encoding="utf-8-sig")
        lines = tuple(text.split("\n"))
        built.append((_judged_notice(gold, number, lines, topics), lines))
    return tuple(built)


def _span(lines: Sequence[str], wanted: str, first: int, last: int) -> Span:
    for line in range(first, last + 1):
        at = lines[line - 1].find(wanted)
        if at >= 0:
            return Span(line, at, line, at + len(wanted))
    return Span(first, 0, last, len(lines[last - 1]))


def _judged_notice(
    gold: dict[str, object], number: int, lines: Sequence[str], topics: dict[object, object]
) -> Notice:
    cases = []
    problems = gold["problems"]
    assert isinstance(problems, list)
    for at, item in enumerate(problems):
        label = topics.get((gold["file"], item["line"], item["problem"]), {})
        assert isinstance(label, dict)
        kinds = label.get("measure_kinds") or []
        first, last = item["line"], item["end_line"]
        measures = tuple(
            Measure(
                text,
                _span(lines, text, first, last),
                tuple(kinds[index]) if index < len(kinds) else load_taxonomy().kinds_of(text),
            )
            for index, text in enumerate(item["measures"])
        )
        cases.append(
            Case(
                id=f"N{number:02d}-{at:03d}",
                notice_id=f"N{number:02d}",
                number=item.get("no") or "",
                line=first,
                end_line=last,
                category=tuple(item["category"]),
                problem=item["problem"],
                problem_span=_span(lines, item["problem"], first, last),
                kind=ProblemKind(item["kind"]),
                measures=measures,
                status=item["status"],
                status_class=StatusClass(item["status_class"]) if item["status_class"] else None,
                topics=tuple(label.get("topics", ())),
            )
        )
    unit = gold["unit"]
    return Notice(
        id=f"N{number:02d}",
        source=str(gold["file"]),
        sha256=str(number),
        title=str(gold["title"]),
        unit=str(unit) if unit else None,
        unit_type=str(gold["unit_type"]),
        unit_level="",
        inspection=str(gold["inspection"]),
        team=str(gold["team"]),
        period=str(gold["period"]),
        feedback_date=DateField(str(gold["feedback_date"])) if gold["feedback_date"] else None,
        published_date=DateField(str(gold["published_date"])) if gold["published_date"] else None,
        start_line=int(str(gold["start_line"])),
        end_line=int(str(gold["end_line"])),
        cases=tuple(cases),
    )


def find_evidence(
    notices: Sequence[Notice], query: str, topics: Sequence[str] = (), limit: int = 6
) -> tuple[Evidence, ...]:
    """A plain search: shared character pairs, same topic first."""
    wanted = pairs(re.sub(r"[^\u4e00-\u9fff]", "", query))
    scored = []
    for notice in notices:
        for case in notice.cases:
            if not case.measures:
                continue
            whole = case.problem + "".join(measure.text for measure in case.measures)
            score = len(wanted & pairs(case.problem)) * 2 + len(wanted & pairs(whole))
            score += 6 * len(set(topics) & set(case.topics))
            scored.append((score, case.id, case, notice))
    scored.sort(key=lambda one: (-one[0], one[1]))
    return tuple(
        Evidence(at, case, notice, float(score))
        for at, (score, _, case, notice) in enumerate(scored[:limit], start=1)
    )

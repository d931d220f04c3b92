"""Small invented notices for tests that need data but no parser."""

from __future__ import annotations

from dataclasses import replace

from assistant.models import (
    Case,
    DateField,
    Document,
    Measure,
    Notice,
    ProblemKind,
    Span,
    StatusClass,
)


def make_document(
    lines: tuple[str, ...], *, source: str = "示例.txt", sha256: str = ""
) -> Document:
    return Document(source, sha256 or f"sha-{source}-{len(lines)}", "txt", lines)


def make_case(
    notice_id: str, position: int, problem: str, measures: tuple[str, ...], **changes: object
) -> Case:
    line = position * 2 + 1
    start = len(problem) + 1
    built: list[Measure] = []
    for text in measures:
        built.append(Measure(text, Span(line, start, line, start + len(text))))
        start += len(text)
    case = Case(
        id=f"{notice_id}-{position:02d}",
        notice_id=notice_id,
        number=f"{position}.",
        line=line,
        end_line=line,
        category=("一、反馈问题整改情况",),
        problem=problem,
        problem_span=Span(line, 0, line, len(problem)),
        kind=ProblemKind.STATED,
        measures=tuple(built),
        status=None,
        status_class=StatusClass.DONE,
    )
    return replace(case, **changes)  # type: ignore[arg-type]


def make_notice(
    notice_id: str,
    problems: dict[str, tuple[str, ...]],
    *,
    source: str = "示例.txt",
    sha256: str = "sha",
    unit: str = "清溪镇党委",
    unit_type: str = "乡镇",
    year: int = 2024,
) -> tuple[Document, Notice]:
    """Build a notice and the document it stands in: one problem with measures every two lines."""
    cases = tuple(
        make_case(notice_id, i, problem, measures)
        for i, (problem, measures) in enumerate(problems.items(), 1)
    )
    lines = [f"{unit}关于巡察整改进展情况的通报", ""]
    for case in cases:
        lines += [f"{case.problem}：{''.join(m.text for m in case.measures)}", ""]
    notice = Notice(
        id=notice_id,
        source=source,
        sha256=sha256,
        title=lines[0],
        unit=unit,
        unit_type=unit_type,
        unit_level="乡镇街道",
        inspection="巡察",
        team="县委第一巡察组",
        period=f"{year}年3月1日至4月30日",
        feedback_date=DateField(f"{year}年6月1日", f"{year}-06-01"),
        published_date=None,
        start_line=1,
        end_line=len(lines),
        cases=cases,
    )
    # case lines start at 3: position 1 stands on line 3
    return make_document(tuple(lines), source=source, sha256=sha256), notice

"""A unit's own file for comparison: a notice, or a bare list of problems with no notice yet."""

from __future__ import annotations

import hashlib

from assistant.errors import ParseError
from assistant.models import Case, Document, FeedbackItem, Notice, ProblemKind, Span
from assistant.parsing.feedback import find_problems
from assistant.parsing.parse import parse_document
from assistant.taxonomy.classify import classify, classify_unit, load_taxonomy


def notice_of_document(document: Document) -> Notice:
    """Give a unit's document as a notice; a list of problems becomes one without measures.

    Raises `ParseError` where neither cases nor problems are found.
    """
    taxonomy = load_taxonomy()
    try:
        parsed = [notice for notice in parse_document(document) if notice.cases]
    except ParseError:
        parsed = []
    if len(parsed) > 1:
        raise ParseError(
            f"文件里有{len(parsed)}份通报",
            where=document.source,
            todo="请先导入，再用编号指定其中一份",
        )
    measured = [notice for notice in parsed if any(case.measures for case in notice.cases)]
    if measured:
        return classify(measured[0], taxonomy)
    items = find_problems(document)
    if not items:
        raise ParseError(
            "未识别到问题条目",
            where=document.source,
            todo="请检查文件是否为整改通报、反馈意见或问题清单",
        )
    return classify(_bare(document, items), taxonomy)


def _bare(document: Document, items: tuple[FeedbackItem, ...]) -> Notice:
    notice_id = hashlib.sha256(document.sha256.encode()).hexdigest()[:8]
    title = next((line.strip() for line in document.lines if line.strip()), document.source)
    unit_type, level = classify_unit([title])
    return Notice(
        id=notice_id,
        source=document.source,
        sha256=document.sha256,
        title=title,
        unit=None,
        unit_type=unit_type,
        unit_level=level,
        inspection="巡视" if "巡视" in title else "巡察",
        team=None,
        period=None,
        feedback_date=None,
        published_date=None,
        start_line=1,
        end_line=len(document.lines),
        cases=tuple(_case(notice_id, n, item) for n, item in enumerate(items, 1)),
    )


def _case(notice_id: str, position: int, item: FeedbackItem) -> Case:
    return Case(
        id=f"{notice_id}-{position:02d}",
        notice_id=notice_id,
        number=item.number,
        line=item.line,
        end_line=item.line,
        category=item.category,
        problem=item.text,
        problem_span=Span(item.line, 0, item.line, len(item.text)),
        kind=ProblemKind.STATED,
        measures=(),
        status=None,
        status_class=None,
    )

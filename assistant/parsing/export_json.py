"""A notice as the JSON object the command line promises."""

from __future__ import annotations

from assistant.models import Case, Notice


def _case_json(case: Case) -> dict[str, object]:
    return {
        "number": case.number,
        "line": case.line,
        "end_line": case.end_line,
        "category": list(case.category),
        "problem": case.problem,
        "kind": case.kind.value,
        "measures": [measure.text for measure in case.measures],
        "status": case.status,
        "status_class": case.status_class.value if case.status_class else None,
        "topics": list(case.topics),
    }


def notice_json(notice: Notice) -> dict[str, object]:
    """The keys of `zhenggai parse --format json`; dates as the notice writes them."""
    return {
        "source": notice.source,
        "title": notice.title,
        "unit": notice.unit,
        "unit_type": notice.unit_type,
        "inspection": notice.inspection,
        "team": notice.team,
        "period": notice.period,
        "feedback_date": notice.feedback_date.raw if notice.feedback_date else None,
        "published_date": notice.published_date.raw if notice.published_date else None,
        "start_line": notice.start_line,
        "end_line": notice.end_line,
        "problems": [_case_json(case) for case in notice.cases],
    }

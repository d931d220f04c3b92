"""Between what the record holds as text and the dataclasses the product works with. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from pydantic import TypeAdapter

from assistant.corrections import Correction, apply_corrections
from assistant.models import (
    Case,
    Document,
    Notice,
    ParseReport,
    ProblemKind,
    Span,
    StatusClass,
)


@dataclass(frozen=True, slots=True)
class MeasureText:
    """What a stored measure says."""

    text: str


@dataclass(frozen=True, slots=True)
class CaseText:
    """What a stored case says, without where it says it: read in a fifth of the time."""

    id: str
    problem: str
    category: tuple[str, ...]
    measures: tuple[MeasureText, ...]
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Texts:
    cases: tuple[CaseText, ...]


@cache
def _document() -> TypeAdapter[Document]:
    return TypeAdapter(Document)


@cache
def _notice() -> TypeAdapter[Notice]:
    return TypeAdapter(Notice)


@cache
def _correction() -> TypeAdapter[Correction]:
    return TypeAdapter(Correction)


@cache
def _texts() -> TypeAdapter[_Texts]:
    return TypeAdapter(_Texts)


_NOWHERE = Span(0, 0, 0, 0)


def read_document(body: str) -> Document:
    """Read a stored source file."""
    return _document().validate_json(body)


def write_document(document: Document) -> str:
    """Give a source file as stored."""
    return _document().dump_json(document).decode()


def read_notice(body: str, made: Sequence[Correction] = ()) -> Notice:
    """Read a stored notice and lay people's corrections over it."""
    return apply_corrections(_notice().validate_json(body), made)


def read_texts(body: str, made: Sequence[Correction] = ()) -> tuple[CaseText, ...]:
    """Read what the cases of a stored notice say, people's corrections laid over it."""
    if not made:
        return _texts().validate_json(body).cases
    return tuple(
        CaseText(
            case.id,
            case.problem,
            case.category,
            tuple(MeasureText(measure.text) for measure in case.measures),
            case.topics,
        )
        for case in read_notice(body, made).cases
    )


def write_notice(notice: Notice) -> str:
    """Give a notice as stored; corrections are stored apart."""
    return _notice().dump_json(notice).decode()


def read_correction(body: str) -> Correction:
    """Read a stored correction."""
    return _correction().validate_json(body)


def write_correction(correction: Correction) -> str:
    """Give a correction as stored."""
    return _correction().dump_json(correction).decode()


def figures_of(notice: Notice) -> dict[str, str | int | None]:
    """Give what is counted and listed without reading the body, corrections applied."""
    dates = [field.iso for field in (notice.feedback_date, notice.published_date) if field]
    years = sorted(int(iso[:4]) for iso in dates if iso)
    # a masked unit (某X局) may be any: it counts for itself alone
    named = notice.unit and "X" not in notice.unit
    return {
        "unit": notice.unit if named else notice.id,
        "cases": len(notice.cases),
        "first_year": years[0] if years else None,
        "last_year": years[-1] if years else None,
        "outline": write_outline(notice),
    }


def write_outline(notice: Notice) -> str:
    """Give what lists and filters show of a notice: its head, topics and status of its cases."""
    head = replace(notice, cases=(), counts=(), evidence=(), report=ParseReport("", 0.0))
    cases = [[case.id, case.topics, case.status_class] for case in notice.cases]
    return json.dumps([write_notice(head), cases], ensure_ascii=False, separators=(",", ":"))


def read_outline(body: str) -> Notice:
    """Read an outline: a notice whose cases have id, topics and status but no text."""
    head, held = json.loads(body)
    notice = _notice().validate_json(head)
    cases = (
        _outlined(notice.id, case_id, tuple(topics), status) for case_id, topics, status in held
    )
    return replace(notice, cases=tuple(cases))


def _outlined(notice_id: str, case_id: str, topics: tuple[str, ...], status: str | None) -> Case:
    return Case(
        id=case_id,
        notice_id=notice_id,
        number="",
        line=0,
        end_line=0,
        category=(),
        problem="",
        problem_span=_NOWHERE,
        kind=ProblemKind.STATED,
        measures=(),
        status=None,
        status_class=StatusClass(status) if status else None,
        topics=topics,
    )


def count_cases(notices: Sequence[Notice]) -> int:
    """Count the cases of notices."""
    return sum(len(notice.cases) for notice in notices)

"""A page of an answer read from notices: lines said, evidence numbered as it comes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from assistant.labels import day_label
from assistant.models import Answerable, Case, Evidence, Notice, ProblemKind, Span
from assistant.writing.masking import safe_text


class LineReader(Protocol):
    """What is needed of the Library."""

    def outlines(self) -> tuple[Notice, ...]:
        """Give all notices with cases that have id, topics and status but no text."""

    def notice(self, notice_id: str) -> Notice:
        """Give one notice with all it says; raises `NotFound`."""

    def lines(self, notice_id: str) -> tuple[str, ...]:
        """Give the raw lines of the whole file of a notice."""


@dataclass(frozen=True, slots=True)
class Looked:
    """An answer read from the lines of the notices."""

    text: str
    evidence: tuple[Evidence, ...]
    answerable: Answerable
    own: frozenset[str]
    """Sentences counted or concluded by code: they need no quotation."""


class Page:
    """Lines of an answer with their evidence, numbered as they come."""

    def __init__(self) -> None:
        self.evidence: list[Evidence] = []
        self.parts: list[str] = []
        self.own: list[str] = []

    def number(self, case: Case, notice: Notice) -> int:
        """Give the number of a case, new or known."""
        known = next((e.number for e in self.evidence if e.case.id == case.id), None)
        if known is not None:
            return known
        self.evidence.append(Evidence(len(self.evidence) + 1, case, notice))
        return len(self.evidence)

    def say(self, text: str) -> None:
        """Add what code concluded."""
        self.parts.append(text)
        self.own.append(text)

    def looked(self, band: Answerable = Answerable.YES) -> Looked:
        """Give the whole."""
        own = frozenset(_bare(line) for text in self.own for line in re.split(r"(?<=。)|\n", text))
        return Looked("\n\n".join(self.parts), tuple(self.evidence), band, own)


def _bare(text: str) -> str:
    return re.sub(r"\[\d+\]|^[-\s]+|[\s。：]+$", "", text)


def is_own(sentence: str, looked: Looked) -> bool:
    """Whether a sentence of the answer was concluded by code."""
    return _bare(sentence) in looked.own


def prose_case(notice: Notice, line: int, start: int, raw: str) -> Case:
    """A line outside the cases, in the form every page can show."""
    span = Span(line, start, line, start + len(raw))
    return Case(
        id=f"{notice.id}-L{line}",
        notice_id=notice.id,
        number="",
        line=line,
        end_line=line,
        category=(),
        problem=raw,
        problem_span=span,
        kind=ProblemKind.TOPIC,
        measures=(),
        status=None,
        status_class=None,
    )


def unit_of(notice: Notice) -> str:
    """Name the unit; a masked name is told apart by the day of the feedback."""
    name = safe_text(notice.unit or notice.title or notice.unit_type or "某单位")
    if notice.feedback_date and notice.feedback_date.iso and re.search("[XＸ某]", name):
        return f"{name}（{day_label(notice.feedback_date)}反馈）"
    return name

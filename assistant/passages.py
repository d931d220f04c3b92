"""Case → Passages: the norm text that is searched. Pure: knows no index.

The raw text is cited, never this one, so nothing here needs to keep offsets.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from assistant.cleaning import normalise
from assistant.models import Case, Notice, Passage
from vectorstore.later import Later

if TYPE_CHECKING:
    import langchain_text_splitters as splitters
else:  # needed to index, not to search
    splitters = Later("langchain_text_splitters")

STANDS_ALONE = 20
"""Characters a measure needs to be a passage by itself; shorter ones say nothing alone."""
TOO_LONG = 400
"""Longer parts are split, so that one sentence among many is still found."""

_SEPARATORS = ["\n", "。", "；", "，", ""]


def passages_of(case: Case, notice: Notice) -> tuple[Passage, ...]:
    """Give the whole case first, then its problem, then each measure that stands alone."""
    problem = norm(case.problem)
    measures = [norm(measure.text) for measure in case.measures]
    passages = [
        Passage(
            f"{case.id}/case", case.id, "case", "\n".join([*_context(case), problem, *measures])
        ),
        Passage(f"{case.id}/problem", case.id, "problem", problem),
    ]
    pieces = [piece for text in measures for piece in _pieces(text)]
    for number, piece in enumerate(pieces):
        passages.append(Passage(f"{case.id}/measure-{number}", case.id, "measure", piece))
    return tuple(passages)


def norm(raw: str) -> str:
    """Give the text as it is searched: masks undone, marks gone."""
    return normalise(raw).text.strip()


def year_of(notice: Notice) -> int | None:
    """Give the year of feedback, else of publication."""
    for field in (notice.feedback_date, notice.published_date):
        if field and field.iso[:4].isdigit():
            return int(field.iso[:4])
    return None


def _context(case: Case) -> list[str]:
    """Give the innermost heading: the outer ones are the same for half a notice."""
    return [norm(case.category[-1])] if case.category else []


def _pieces(text: str) -> list[str]:
    if len(text) < STANDS_ALONE:
        return []
    if len(text) <= TOO_LONG:
        return [text]
    return [piece for piece in _splitter().split_text(text) if len(piece) >= STANDS_ALONE]


@cache
def _splitter() -> splitters.RecursiveCharacterTextSplitter:
    return splitters.RecursiveCharacterTextSplitter(
        chunk_size=TOO_LONG,
        chunk_overlap=0,
        separators=_SEPARATORS,
        keep_separator="end",
        strip_whitespace=True,
    )

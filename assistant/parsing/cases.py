"""Items → cases: verbatim problem, measures, status, with the place of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.models import Case, Doubt, Measure, ProblemKind, Span, StatusClass
from assistant.parsing.cues import Cues, load_cues
from assistant.parsing.items import Item
from assistant.parsing.kind import problem_kind
from assistant.parsing.measures import Piece, split_measures
from assistant.parsing.problem_text import heading_end
from assistant.parsing.sections import Section
from assistant.parsing.sentences import split_sentences
from assistant.parsing.status import (
    BRACKETS,
    field_class,
    heading_status,
    is_status_only,
    of_the_problem,
    paren_status,
    prefix_status,
    progress_clauses,
    status_class,
    still_open,
    weakest,
)
from assistant.parsing.stretches import Stretch
from assistant.parsing.tokens import Token

RESULT_LIMIT = 40
RESULT_SHORT = 12
DEADLINE = re.compile(
    r"(?:(?:19|20)\d\d年)?(?:\d{1,2}月)?(?:\d{1,2}日)?(?:上半年|下半年|年?底|月?底|中旬|上旬|下旬|末)?"
    r"(?:之?前|以前)?[。；;]?"
)
"""完成时限：2025年6月底前 says when, not how far."""
DONE_BY_NOW = re.compile(r"(?:已|全部|基本)+(?:整改)?(?:完成|到位|销号|办结)")
"""整改时限：已完成."""
MOVED = re.compile(r"[^，。；]*已(?:经|全部|均)?于[^，。；]{2,14}(?:月|日|年|底|初)[^，。；]{4,40}")
"""All that was done is one clause: 某款已于某月退回财政专户."""
NOTE_ALONE = re.compile(r"[（【〔\[(]([^（）【】〔〕\[\]()。；]{2,40})[）】〕\])]。?")
HABIT_SHARE = 0.6
HABIT_ITEMS = 4


@dataclass(frozen=True, slots=True)
class _Habit:
    """How this notice tells how far its items are."""

    progress: bool
    """目前… at the end of measures."""
    closing: bool
    """Most items carry a status."""


@dataclass(frozen=True, slots=True)
class _Read:
    item: Item
    problem: tuple[int, int]
    measures: tuple[Measure, ...]
    status: str | None
    status_class: StatusClass | None
    unnumbered: bool


def build_cases(
    items: Sequence[Item], notice_id: str
) -> tuple[tuple[Case, ...], tuple[Doubt, ...]]:
    """Cases in the order their items stand, and what is doubtful about them."""
    cues = load_cues()
    read = [_read(item, cues) for item in items]
    habit = _Habit(_tells_progress(read, cues), _closes_with_status(read))
    cases: list[Case] = []
    doubts: list[Doubt] = []
    for number, entry in enumerate(read, 1):
        case = _case(entry, f"{notice_id}-{number:02d}", notice_id, cues, habit)
        cases.append(case)
        doubts += _doubts(case, entry, cues)
    return tuple(cases), tuple(doubts)


def _read(item: Item, cues: Cues) -> _Read:
    text = item.token.text
    start, end = item.head.start, item.head.end
    status: str | None = None
    if item.head.note is not None:
        status = text[slice(*item.head.note)]
    prefix = prefix_status(text, cues) if item.token.label is not None else None
    if status is None and prefix is not None:
        status = text[slice(*prefix)]
    noted = paren_status(text[:end]) if status is None and end - start > 8 else None
    if noted is not None and noted[0] - start > 4 and is_status_only(text[slice(*noted)], cues):
        status = text[slice(*noted)]
        end = noted[0] - 1
    pieces, found = _pieces(item.stretches, cues)
    found = ([status] if status else []) + found
    measures = split_measures(pieces)
    first = found[0] if found else None
    kind = None
    for candidate in found:
        kind = field_class(candidate) or status_class(candidate, cues)
        if kind is not None:
            first = candidate
            break
    unnumbered = len(pieces) > 0 and all(
        len(measure.text) < 2 or measure.text[1:2] != "是" for measure in measures
    )
    return _Read(item, (start, end), measures, first, kind, unnumbered)


def _pieces(stretches: Sequence[Stretch], cues: Cues) -> tuple[list[Piece], list[str]]:
    """Text that holds measures, and the status wording found beside it."""
    pieces: list[Piece] = []
    statuses: list[str] = []
    acted = any(stretch.kind == "measures" for stretch in stretches)
    for stretch in stretches:
        flow = stretch.token.flow
        start, end = stretch.start, stretch.end
        text = flow.text[start:end].strip()
        acting = bool(pieces)
        if stretch.kind == "duty" and DONE_BY_NOW.match(text):
            statuses.append(text.rstrip("。；; "))
        if stretch.kind in ("detail", "cause", "duty"):
            continue
        told = stretch.kind != "result" or acting or _tells_state(text, cues)
        if stretch.kind in ("result", "effect") and told and _whole_status(text, cues):
            if DEADLINE.fullmatch(text) is None:
                statuses.append(text.rstrip("。；; "))
            continue
        if pieces and stretch.token.lead == "measures" and _opens_with_status(text, cues):
            statuses.append(text.rstrip("。；; "))
            continue
        start, end, found = _without_status(flow.text, start, end, cues)
        statuses += found
        if flow.text[start:end].strip() and not (stretch.kind == "effect" and acted):
            pieces.append(Piece(flow, start, end, stretch.joins, stretch.led))
    return pieces, statuses


def _tells_state(text: str, cues: Cues) -> bool:
    """Whether a field of result says how far, where nothing was said of measures before it."""
    short = len(text) < RESULT_SHORT and re.search(r"\d", text) is None
    return short or field_class(text) is not None or is_status_only(text, cues)


def _whole_status(text: str, cues: Cues) -> bool:
    if len(text) <= RESULT_LIMIT and "。" not in text.rstrip("。"):
        return True
    return is_status_only(text, cues)


def _without_status(text: str, start: int, end: int, cues: Cues) -> tuple[int, int, list[str]]:
    """Cut sentences off either end that only say how far the matter has come."""
    found: list[str] = []
    sentences = [(start + a, start + b) for a, b in split_sentences(text[start:end])]
    while sentences and is_status_only(text[slice(*sentences[0])], cues):
        first = sentences.pop(0)
        found.append(text[slice(*first)].strip().rstrip("。；; "))
        start = first[1]
    while sentences and _bracketed(text[slice(*sentences[-1])], cues):
        last = sentences.pop()
        found.append(text[slice(*last)].strip().strip(BRACKETS))
        end = last[0]
    while len(sentences) > 1 and is_status_only(text[slice(*sentences[-1])], cues):
        last = sentences.pop()
        found.append(text[slice(*last)].strip().rstrip("。；; "))
        end = last[0]
    return start, end, found


def _opens_with_status(text: str, cues: Cues) -> bool:
    """整改进展：部分整改，结算审计尚未完成. behind the measures: how far, and what is left."""
    opening = re.split(r"[，；]", text, maxsplit=1)[0]
    return _whole_status(text, cues) and is_status_only(opening, cues)


def _bracketed(text: str, cues: Cues) -> bool:
    """（正在整改，预计年底完成）: a note of its own on how far the matter has come."""
    note = NOTE_ALONE.fullmatch(text.strip())
    return note is not None and status_class(note.group(1)[:8], cues) is not None


def _tells_progress(read: Sequence[_Read], cues: Cues) -> bool:
    """Whether this notice has the habit of closing measures with 目前…."""
    telling = sum(
        any(progress_clauses(measure.text) for measure in entry.measures) for entry in read
    )
    return telling >= HABIT_ITEMS and telling >= HABIT_SHARE * len(read)


def _closes_with_status(read: Sequence[_Read]) -> bool:
    """Whether most items of this notice say how far they are."""
    told = sum(entry.status_class is not None for entry in read)
    return told >= HABIT_ITEMS and told >= HABIT_SHARE * len(read)


def _closing_status(
    entry: _Read, cues: Cues, habit: _Habit
) -> tuple[str | None, StatusClass | None]:
    clauses = [
        (kind, clause)
        for measure in entry.measures
        for clause in progress_clauses(measure.text)
        if (kind := status_class(clause, cues)) is not None
    ]
    every = len(clauses) == len(entry.measures) and len({kind for kind, _ in clauses}) == 1
    if clauses and (habit.progress or (every and len(clauses) > 1)):
        chosen = weakest(clauses)
        return (chosen[1], chosen[0]) if chosen else (None, None)
    if entry.measures:
        clause = of_the_problem(entry.measures[-1].text, cues, bare=habit.closing)
        if clause:
            return clause, status_class(clause, cues)
    if entry.unnumbered and entry.measures:
        last = entry.measures[-1].text.rstrip("。；; ")
        only = len(entry.measures) == 1 and MOVED.fullmatch(last) is not None
        if only or cues.closing_all.search(last[-40:]):
            return last, StatusClass.DONE
    return None, None


def _section_status(item: Item, cues: Cues) -> tuple[str | None, StatusClass | None]:
    for token in reversed(item.above):
        body = token.text[token.body :]
        found = heading_status(body, cues) if token.form is None else None
        if found is not None:
            words = body[: heading_end(body)].strip("。：:；; ")
            return words, status_class(body[slice(*found)], cues)
    return None, None


def _case(entry: _Read, case_id: str, notice_id: str, cues: Cues, habit: _Habit) -> Case:
    item = entry.item
    token, flow = item.token, item.token.flow
    status, kind = entry.status, entry.status_class
    if kind is None:
        by_section = _section_status(item, cues)
        if by_section[1] is not None:
            status, kind = by_section
    if kind is None and status is None:
        status, kind = _closing_status(entry, cues, habit)
    problem = flow.raw(*entry.problem)
    place = flow.span(*entry.problem)
    tagged = token.form is not None and token.form.name == "tag"
    return Case(
        id=case_id,
        notice_id=notice_id,
        number=flow.raw(0, token.body).strip() if token.label else "",
        line=place.line if tagged else token.line,
        end_line=max(part.flow.last_line for part in item.tokens),
        category=tuple(_heading(above) for above in item.above),
        problem=problem,
        problem_span=place,
        kind=_kind(item, flow.text[slice(*entry.problem)]),
        measures=entry.measures,
        status=status,
        status_class=kind,
        body=_body(item.tokens),
        confidence=item.confidence,
    )


def _heading(token: Token) -> str:
    return token.flow.raw(0, heading_end(token.text)).strip()


def _kind(item: Item, problem: str) -> ProblemKind:
    return ProblemKind.STATED if item.token.form is not None else problem_kind(problem)


def _body(tokens: Sequence[Token]) -> tuple[Span, ...]:
    return tuple(token.flow.span(0, len(token.text)) for token in tokens)


def _doubts(case: Case, entry: _Read, cues: Cues) -> list[Doubt]:
    found: list[Doubt] = []
    if not case.measures and entry.item.section is not Section.OPEN:
        found.append(Doubt(case.line, "这一条下面没有读到整改内容，请核对原文。"))
    if case.status_class is StatusClass.DONE and any(
        still_open(measure.text, cues) for measure in case.measures
    ):
        found.append(Doubt(case.line, "写明已完成，但正文里有尚在办理的内容，两处不一致。"))
    if len(case.problem) > 300:
        found.append(Doubt(case.line, "问题文字过长，可能与整改内容未分开。"))
    return found

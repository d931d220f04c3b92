"""Let a model divide a notice whose layout the rules doubt; keep only what the source says.

The model may point, never write: each text it returns must stand in the source at the line it
names or close by. What does not is dropped with its whole item.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel

from assistant.chat_model import ChatModel, Message
from assistant.cleaning import CleanLine, clean_lines
from assistant.endpoints.structured import ask_structured
from assistant.models import Case, Document, Doubt, Notice, ParseReport
from assistant.parsing.cues import load_cues
from assistant.parsing.flow import Flow, flow_of
from assistant.parsing.kind import problem_kind
from assistant.parsing.measures import Piece, split_measures
from assistant.parsing.problem_text import strip_problem
from assistant.parsing.status import status_class
from assistant.parsing.tokens import find_label
from assistant.taxonomy.classify import classify, load_taxonomy
from assistant.writing.evidence_text import as_data, fence_input, make_fence
from prompts import render

LEAST_CONFIDENCE = 0.6
"""Below this the rules' own reading of a notice is doubted."""
NEAR = 2
"""Lines a model may be off by."""
CHUNK_CHARS = 3_000
"""Source text of one request: the answer repeats most of it."""
MOST_REQUESTS = 20
LEAST_CHARS = 4
"""A shorter text stands anywhere and proves nothing."""
LEAST_STATUS = 2
LAYOUT = "模型辅助"
DOUBT = "由模型辅助划分，请核对"
CASE_CONFIDENCE = 0.5


class _Stretch(BaseModel):
    line: int
    text: str


class _Item(BaseModel):
    line: int
    problem: str
    measures: list[_Stretch]
    status: str = ""


class _Division(BaseModel):
    items: list[_Item]


@dataclass(frozen=True, slots=True)
class _Found:
    """An item all of whose texts stand in the source."""

    problem: Piece
    measures: tuple[Piece, ...]
    status: Piece | None

    @property
    def line(self) -> int:
        """Line of the problem."""
        return self.problem.flow.first_line

    @property
    def end_line(self) -> int:
        """Last line of the item."""
        pieces = (*self.measures, *([self.status] if self.status else []))
        return max((piece.flow.last_line for piece in pieces), default=self.line)


Flows = Mapping[int, Flow]


def is_doubted(notice: Notice) -> bool:
    """Whether the rules found no item or are not sure of what they found."""
    return not notice.cases or notice.report.confidence < LEAST_CONFIDENCE


def reread(document: Document, notice: Notice, model: ChatModel) -> Notice | None:
    """Give a doubted notice as a model divides it, or nothing where the rules' reading stays.

    Raises `ModelError`.
    """
    if not is_doubted(notice):
        return None
    flows = {
        line.number: flow_of([line])
        for line in clean_lines(document.lines)[notice.start_line - 1 : notice.end_line]
        if _is_text(line)
    }
    found = _ask_all(flows, model)
    if len(found) < max(1, len(notice.cases)):
        return None
    return classify(_with_cases(notice, found), load_taxonomy())


def _is_text(line: CleanLine) -> bool:
    return line.noise is None and bool(line.norm.text.strip())


# ------------------------------------------------------------------ ask


def _ask_all(flows: Flows, model: ChatModel) -> list[_Found]:
    """Items of all chunks; the last item of a chunk may go on, so the next begins with it."""
    found: list[_Found] = []
    numbers = sorted(flows)
    at = 0
    for _ in range(MOST_REQUESTS):
        if at >= len(numbers):
            break
        end = _chunk_end(flows, numbers, at)
        chunk = {number: flows[number] for number in numbers[at:end]}
        fresh = _verified(_ask(chunk, model), chunk)
        again = fresh[-1].line if fresh and end < len(numbers) else 0
        if again > numbers[at]:
            fresh = [item for item in fresh if item.line < again]
            end = numbers.index(again)
        found += fresh
        at = end
    return found


def _chunk_end(flows: Flows, numbers: Sequence[int], at: int) -> int:
    size, end = 0, at
    while end < len(numbers) and (end == at or size < CHUNK_CHARS):
        size += len(flows[numbers[end]].text)
        end += 1
    return end


def _ask(chunk: Flows, model: ChatModel) -> _Division:
    text = "\n".join(f"{number}｜{flow.text}" for number, flow in chunk.items())
    fence = make_fence(text)
    messages = (
        Message("system", render("system", fence=fence)),
        Message("user", render("reading", lines=fence_input(text, fence))),
    )
    return ask_structured(model, messages, _Division)


# ------------------------------------------------------------------ verify


def _verified(reply: _Division, flows: Flows) -> list[_Found]:
    """Items that stand in the source, in its order; of two that overlap the first."""
    items = [item for said in reply.items if (item := _verify(said, flows)) is not None]
    kept: list[_Found] = []
    for item in sorted(items, key=lambda item: (item.line, item.problem.start)):
        if not kept or _place(item.problem) >= _end(kept[-1]):
            kept.append(item)
    return kept


def _verify(said: _Item, flows: Flows) -> _Found | None:
    problem = _locate(said.problem, said.line, flows)
    if problem is None:
        return None
    measures: list[Piece] = []
    for stretch in said.measures:
        piece = _locate(stretch.text, stretch.line, flows, after=(measures or [problem])[-1])
        if piece is None:
            return None
        measures.append(piece)
    status: Piece | None = None
    if said.status.strip():
        lines = dict.fromkeys([problem.flow.first_line, *(m.flow.first_line for m in measures)])
        status = next(
            (p for n in lines if (p := _locate(said.status, n, flows, least=LEAST_STATUS))), None
        )
        if status is None:
            return None
    return _Found(problem, tuple(measures), status)


def _locate(
    text: str, line: int, flows: Flows, *, after: Piece | None = None, least: int = LEAST_CHARS
) -> Piece | None:
    """Where a text stands at a line or near it, behind `after`."""
    wanted = text.strip()
    if len(wanted) < least:
        return None
    for number in _near(line):
        flow = flows.get(number)
        if flow is None:
            continue
        low = 0
        if after is not None and number == after.flow.first_line:
            low = after.end
        elif after is not None and number < after.flow.first_line:
            continue
        at = as_data(flow.text).find(wanted, low)
        if at >= 0:
            return Piece(flow, at, at + len(wanted))
    return None


def _near(line: int) -> Iterator[int]:
    yield line
    for distance in range(1, NEAR + 1):
        yield line + distance
        yield line - distance


def _place(piece: Piece) -> tuple[int, int]:
    return piece.flow.first_line, piece.start


def _end(item: _Found) -> tuple[int, int]:
    last = (item.measures or (item.problem,))[-1]
    return last.flow.last_line, last.end


# ------------------------------------------------------------------ build


def _with_cases(notice: Notice, found: Sequence[_Found]) -> Notice:
    cases = tuple(
        _case(item, f"{notice.id}-{number:02d}", notice.id) for number, item in enumerate(found, 1)
    )
    lines = {n for case in cases for n in range(case.line, case.end_line + 1)}
    old = notice.report
    report = ParseReport(
        layout=LAYOUT,
        confidence=max(old.confidence, CASE_CONFIDENCE),
        unassigned=tuple(number for number in old.unassigned if number not in lines),
        doubts=(Doubt(cases[0].line, DOUBT),),
        roles=tuple((n, _role(n, role, lines)) for n, role in old.roles),
    )
    # totals were counted against the items of the rules
    counts = tuple(replace(count, counted=None) for count in notice.counts)
    return replace(notice, cases=cases, report=report, counts=counts)


def _role(number: int, role: str, lines: set[int]) -> str:
    if number in lines:
        return "案例"
    return "附注" if role in ("案例", "未完成") else role


def _case(item: _Found, case_id: str, notice_id: str) -> Case:
    cues = load_cues()
    flow, start = item.problem.flow, item.problem.start
    label = find_label(flow.text, cues)
    if label is not None and start < label.end < item.problem.end:
        start = label.end
    low, high = strip_problem(flow.text, start, item.problem.end, cues)
    status = item.status
    flows = {piece.flow.first_line: piece.flow for piece in (item.problem, *item.measures)}
    return Case(
        id=case_id,
        notice_id=notice_id,
        number=label.text if label is not None and label.end <= start else "",
        line=item.line,
        end_line=item.end_line,
        category=(),
        problem=flow.raw(low, high),
        problem_span=flow.span(low, high),
        kind=problem_kind(flow.text[low:high]),
        measures=split_measures(item.measures),
        status=status.flow.raw(status.start, status.end) if status else None,
        status_class=status_class(status.text, cues) if status else None,
        body=tuple(flow.span(0, len(flow.text)) for flow in flows.values()),
        confidence=CASE_CONFIDENCE,
    )

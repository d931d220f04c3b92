"""People's corrections to parsed cases: an overlay applied on reading. Pure.

A correction names its case by id and by the problem text it was made on, so it finds its case
again when the file is read anew and ids have moved; where the case is gone it rests unused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from assistant.models import Case, Notice, StatusClass


class Action(StrEnum):
    """What a person may do to a parsed case."""

    PROBLEM = "problem"
    """Set the problem text to `value`."""
    STATUS = "status"
    """Set the status class to `value`; empty means the text says nothing."""
    DROP = "drop"
    """The item is no case."""
    MERGE = "merge"
    """Join this case to the one before it."""
    SPLIT = "split"
    """Measures from `position` on become a case of their own with problem `value`."""
    MOVE = "move"
    """Move the measure at `position` to the case with id `value`."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One change a person made; `anchor` is the problem text of the case at that time."""

    case_id: str
    action: Action
    anchor: str
    value: str = ""
    position: int = 0


def apply_corrections(notice: Notice, made: Sequence[Correction]) -> Notice:
    """Lay corrections over a notice, oldest first; those whose case is gone change nothing."""
    cases = list(notice.cases)
    for correction in made:
        place = _find(cases, correction)
        if place is not None:
            _STEPS[correction.action](cases, place, correction)
    return replace(notice, cases=tuple(cases)) if made else notice


def _find(cases: Sequence[Case], correction: Correction) -> int | None:
    by_id = next((i for i, case in enumerate(cases) if case.id == correction.case_id), None)
    if by_id is not None and cases[by_id].problem == correction.anchor:
        return by_id
    same = [i for i, case in enumerate(cases) if case.problem == correction.anchor]
    return same[0] if len(same) == 1 else None


def _set_problem(cases: list[Case], place: int, correction: Correction) -> None:
    cases[place] = replace(cases[place], problem=correction.value, corrected=True)


def _set_status(cases: list[Case], place: int, correction: Correction) -> None:
    status = StatusClass(correction.value) if correction.value else None
    cases[place] = replace(cases[place], status_class=status, corrected=True)


def _drop(cases: list[Case], place: int, _correction: Correction) -> None:
    del cases[place]


def _merge(cases: list[Case], place: int, _correction: Correction) -> None:
    if place == 0:
        return
    before, case = cases[place - 1], cases[place]
    cases[place - 1] = replace(
        before,
        end_line=max(before.end_line, case.end_line),
        measures=before.measures + case.measures,
        body=before.body + case.body,
        corrected=True,
    )
    del cases[place]


def _split(cases: list[Case], place: int, correction: Correction) -> None:
    case = cases[place]
    kept, moved = case.measures[: correction.position], case.measures[correction.position :]
    if not moved:
        return
    taken = {other.id for other in cases}
    new_id = next(
        f"{case.id}s{n}" for n in range(1, len(cases) + 2) if f"{case.id}s{n}" not in taken
    )
    line = moved[0].span.line
    cases[place] = replace(case, measures=kept, corrected=True)
    cases.insert(
        place + 1,
        replace(
            case,
            id=new_id,
            problem=correction.value or case.problem,
            measures=moved,
            line=line,
            body=tuple(m.span for m in moved),
            corrected=True,
        ),
    )


def _move(cases: list[Case], place: int, correction: Correction) -> None:
    case = cases[place]
    target = next((i for i, c in enumerate(cases) if c.id == correction.value), None)
    if target is None or target == place or correction.position >= len(case.measures):
        return
    measure = case.measures[correction.position]
    rest = case.measures[: correction.position] + case.measures[correction.position + 1 :]
    joined = sorted((*cases[target].measures, measure), key=lambda m: (m.span.line, m.span.start))
    cases[place] = replace(case, measures=rest, corrected=True)
    cases[target] = replace(cases[target], measures=tuple(joined), corrected=True)


_STEPS = {
    Action.PROBLEM: _set_problem,
    Action.STATUS: _set_status,
    Action.DROP: _drop,
    Action.MERGE: _merge,
    Action.SPLIT: _split,
    Action.MOVE: _move,
}

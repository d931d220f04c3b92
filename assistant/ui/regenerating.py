"""Writing one measure of a draft anew: another wording of its step, the others untouched. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from assistant.models import Draft, DraftMeasure, UnitProfile
from assistant.ui.adopting import adopted
from assistant.writing.borrow import step_of


def regenerated(draft: Draft, place: int, fresh: Draft, profile: UnitProfile) -> Draft | None:
    """Put another measure of the same step in place; `None` where there is no other.

    First what a new run of the writer gives for the step, then what similar cases did in it.
    Owner, deadline and deliverable stay where the user has filled them in.
    """
    old = draft.measures[place]
    held = {measure.text for measure in draft.measures}
    for new in _candidates(old, fresh, profile):
        if new.text not in held:
            kept = replace(
                new,
                responsible=old.responsible or new.responsible,
                deadline=old.deadline or new.deadline,
                deliverable=new.deliverable or old.deliverable,
                evidence=_numbered(new, draft, fresh),
            )
            measures = (*draft.measures[:place], kept, *draft.measures[place + 1 :])
            return replace(draft, measures=measures)
    return None


def _candidates(old: DraftMeasure, fresh: Draft, profile: UnitProfile) -> Iterator[DraftMeasure]:
    yield from (measure for measure in fresh.measures if measure.step == old.step)
    for item in fresh.evidence:
        for measure in item.case.measures:
            if measure.kinds and step_of(measure.kinds[0]) == old.step:
                yield adopted(item, measure, problem=fresh.problem, profile=profile)


def _numbered(new: DraftMeasure, draft: Draft, fresh: Draft) -> tuple[int, ...]:
    """Give the evidence of a new measure by the numbers of the draft it goes into."""
    cases = {item.number: item.case.id for item in fresh.evidence}
    numbers = {item.case.id: item.number for item in draft.evidence}
    return tuple(numbers[cases[number]] for number in new.evidence if cases.get(number) in numbers)

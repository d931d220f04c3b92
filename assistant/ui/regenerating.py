"""Writing one measure of a draft anew: another wording of its step, the others untouched. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from assistant.models import Draft, DraftMeasure, Evidence, Measure, UnitProfile
from assistant.ui.adopting import adopted
from assistant.writing.borrow import step_of
from assistant.writing.words import content_words

OFFERED = 5


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


@dataclass(frozen=True)
class Offer:
    """A measure of a similar case that speaks of what the user asks for."""

    evidence: Evidence
    measure: Measure
    words: tuple[str, ...]
    """Words of the instruction it holds."""


def offers(draft: Draft, instruction: str) -> list[Offer]:
    """Give the measures of similar cases that hold words of an instruction, most words first.

    This is choosing, not writing: nothing is put into the words of the instruction.
    """
    wanted = content_words(instruction)
    found = []
    for item in draft.evidence:
        for measure in item.case.measures:
            held = tuple(sorted(word for word in wanted if word in measure.text))
            if held:
                found.append(Offer(item, measure, held))
    found.sort(key=lambda offer: (-len(offer.words), offer.evidence.number))
    return found[:OFFERED]


def put_in(draft: Draft, place: int, new: DraftMeasure) -> Draft:
    """Put a measure in place of another; what the user filled in stays."""
    old = draft.measures[place]
    kept = replace(
        new,
        step=old.step or new.step,
        responsible=old.responsible or new.responsible,
        deadline=old.deadline or new.deadline,
        deliverable=new.deliverable or old.deliverable,
    )
    measures = (*draft.measures[:place], kept, *draft.measures[place + 1 :])
    return replace(draft, measures=measures)


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

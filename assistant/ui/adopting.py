"""Taking up another unit's measure: its action in the future tense, its facts left behind."""

from __future__ import annotations

from assistant.cleaning import normalise
from assistant.display import display_text
from assistant.models import DraftMeasure, Evidence, Measure, UnitProfile
from assistant.writing.borrow import step_of
from assistant.writing.draft import owned_text
from assistant.writing.generalise import general_runs
from assistant.writing.tense import to_plan
from assistant.writing.vocabulary import trade_words
from assistant.writing.words import strip_label


def adopted(
    item: Evidence, measure: Measure, *, problem: str, profile: UnitProfile
) -> DraftMeasure:
    """Write a measure of a similar case as one of the user's own plan.

    What cannot be said without the other unit's facts is taken over as a plan sentence; the
    quality check then marks those facts.
    """
    source = strip_label(normalise(measure.text).text)
    clauses = general_runs(source, owned=owned_text(problem, profile), vocabulary=trade_words())
    text = "，".join(clauses) + "。" if clauses else to_plan(display_text(source))
    kind = measure.kinds[0] if measure.kinds else ""
    return DraftMeasure(
        text=text,
        kind=kind,
        step=step_of(kind) if kind else "",
        evidence=(item.number,),
        responsible="",
        deadline=profile.deadline and f"{profile.deadline}前",
        deliverable="",
    )

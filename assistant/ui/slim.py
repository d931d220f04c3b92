"""What of an answer or a draft is stored: the cases it rests on, not the whole notices around them.

A notice carries all its cases and its reading; eight of them a turn would make a long conversation
slow to open and hard to search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.models import Answer, Draft, Evidence, ParseReport


def slim_answer(answer: Answer) -> Answer:
    """Keep of each notice only the case that is evidence."""
    return replace(answer, evidence=slim_evidence(answer.evidence))


def slim_draft(draft: Draft) -> Draft:
    """Keep of each notice only the case that is evidence."""
    return replace(draft, evidence=slim_evidence(draft.evidence))


def slim_evidence(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Keep of each notice only the case that is evidence."""
    return tuple(
        replace(
            item,
            notice=replace(
                item.notice,
                cases=(item.case,),
                counts=(),
                report=ParseReport(item.notice.report.layout, item.notice.report.confidence),
            ),
        )
        for item in evidence
    )

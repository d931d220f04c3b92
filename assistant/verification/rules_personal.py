"""Numbers of persons in what goes out: identity, mobile and bank card numbers, typed or taken over.

What somebody typed is never changed by itself: it is told here with a fix of one click, and every
export masks it.
"""

from __future__ import annotations

from collections.abc import Iterator

from assistant.models import Finding
from assistant.personal_data import Kind, find_numbers, mask
from assistant.verification.draft_check import DraftCheck


def check_personal(check: DraftCheck) -> Iterator[Finding]:
    """No number of a person stands open in a draft."""
    for where, text in _parts(check):
        for number in find_numbers(text):
            shown = mask(text[number.start : number.end])
            level = "warn" if number.kind is Kind.PHONE else "error"
            yield Finding(
                "personal",
                level,
                f"含{number.kind.value}“{shown}”，导出时会遮盖；确无必要请删去，或点“修正”遮盖。",
                where,
                number.start,
                number.end,
                shown,
            )


def _parts(check: DraftCheck) -> Iterator[tuple[str, str]]:
    yield from check.parts()
    for at, measure in enumerate(check.draft.measures):
        yield f"responsible:{at}", measure.responsible

"""Text made to keep patterns busy: endless runs cost about as much as a text of that length."""

from __future__ import annotations

import time

import pytest

from assistant.models import Draft, DraftMeasure, UnitProfile
from assistant.verification.drafts import check_draft
from assistant.writing.matter import object_of
from assistant.writing.practice import _AMOUNT

LENGTH = 9_999
CPU_SECONDS = 8.0
"""An ordinary text of this length takes under one; what looks again from every character took
twenty and more."""


@pytest.mark.parametrize("unit", ["1", "“", "（", "中", "三", "a", "a.", "1,", "《", " ", "2024年"])
def test_a_long_run_is_checked_in_the_time_of_a_long_text(unit: str) -> None:
    text = unit * (LENGTH // len(unit))
    measure = DraftMeasure(text, "", "", (), "", "", "")
    draft = Draft(text, (), "", "", (measure,) * 3, ())
    began = time.thread_time()
    check_draft(draft, profile=UnitProfile())
    object_of(text)
    for _ in range(40):  # once for each matter that could be meant
        _AMOUNT.findall(text)
    assert time.thread_time() - began < CPU_SECONDS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("挪用12.5万元", ["12.5万元"]),
        ("共3,000元", ["000元"]),
        ("2024年5元", ["5元"]),
        ("1" * 50, []),
    ],
)
def test_amounts_are_found_as_before(text: str, found: list[str]) -> None:
    assert _AMOUNT.findall(text) == found

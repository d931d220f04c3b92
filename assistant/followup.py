"""A follow-up question made to stand alone without a model. Pure.

A short question that leans on the one before (那…呢, 还有哪些, 它…) is searched together with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LEANING_LENGTH = 14
_LEANING = re.compile(
    r"^(那|那么|这|这些|这个|它|他们|其|还有|另外|其他|其中|具体|然后|上面|前面|第[一二三四五六七八九十\d]+[条个])|呢[？?]?$"
)


def leans(question: str) -> bool:
    """Tell whether a question cannot be understood without the one before."""
    text = question.strip()
    return len(text) <= LEANING_LENGTH and bool(_LEANING.search(text))


def carry_over(question: str, earlier: Sequence[str]) -> str:
    """Join a leaning question to the last one that stood alone; others stay as they are."""
    if not earlier or not leans(question):
        return question
    anchor = next((past for past in reversed(earlier) if not leans(past)), earlier[-1])
    return f"{anchor.rstrip('？?。 ')}，{question.strip()}"

"""How far what was found can answer: a figure 0…1 and one of three bands. Pure.

The figure is a logistic function of two signals: how near the nearest cases are, and how much of
the question's weight the library and the thesaurus know at all. Its weights were fitted once on
judged and invented questions, see docs/RETRIEVAL.md. It must refuse rarely: what is called
`没有` is shown as not held, while `相近但不充分` only says that the nearest cases are another
matter.
"""

from __future__ import annotations

from math import exp

from assistant.models import Answerable
from vectorstore.entries import Found

NEAREST = 5
BIAS, NEARNESS, KNOWN = -7.0, 13.6, 11.3
NO_BELOW, YES_FROM = 0.17, 0.5


def judge(found: Found) -> tuple[float, Answerable]:
    """Give the confidence that the library answers what was asked, and its band."""
    if not found.matches:
        return 0.0, Answerable.NO
    best = sorted((match.dense for match in found.matches), reverse=True)[:NEAREST]
    total = BIAS + NEARNESS * sum(best) / len(best) + KNOWN * found.known
    confidence = 1 / (1 + exp(-total))
    if confidence < NO_BELOW:
        return confidence, Answerable.NO
    return confidence, Answerable.YES if confidence >= YES_FROM else Answerable.WEAK

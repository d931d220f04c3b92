"""From each sentence of a draft to the case it leans on, and to the line of the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.export.entries import Entry
from assistant.labels import full_label, place_label
from assistant.models import Evidence
from assistant.writing.masking import card_text, safe_text
from assistant.writing.words import likeness

BASIS_COLUMNS = ("序号", "草稿句子", "借鉴案例", "原文做法", "出处")
BASIS_WIDTHS = (0.8, 5, 3.4, 5, 2.6)
GENERAL = "通用写法"
_SENTENCE = re.compile(r"[^。；！？\n]+[。；！？]?")
_QUOTE = 120


def basis_rows(entries: Sequence[Entry]) -> list[list[str]]:
    """Give one row a sentence; what leans on no case is marked as general wording."""
    return [row for entry in entries for row in _rows(entry)]


def _rows(entry: Entry) -> Iterator[list[str]]:
    shown = {evidence.number: evidence for evidence in entry.draft.evidence}
    for place, measure in enumerate(entry.draft.measures, 1):
        cited = [shown[number] for number in measure.evidence if number in shown]
        for sentence in _SENTENCE.findall(measure.text):
            label = f"{entry.position}-{place}"
            if cited:
                yield [label, sentence, *_support(sentence, cited)]
            else:
                yield [label, sentence, GENERAL, "—", "—"]


def _support(sentence: str, cited: Sequence[Evidence]) -> list[str]:
    """Give the measure nearest to the sentence among those of the cases cited."""
    nearest = max(
        ((evidence, measure) for evidence in cited for measure in evidence.case.measures),
        key=lambda pair: likeness(sentence, pair[1].text),
        default=None,
    )
    if nearest is None:
        first = cited[0]
        return [_case(first), "—", place_label(first.notice, first.case.line)]
    evidence, measure = nearest
    words = card_text(measure.text)
    quote = words if len(words) <= _QUOTE else words[:_QUOTE] + "…"
    return [_case(evidence), quote, place_label(evidence.notice, measure.span.line)]


def _case(evidence: Evidence) -> str:
    return f"{full_label(evidence.notice)}：{safe_text(evidence.case.problem)}"

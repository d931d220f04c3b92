"""The parts of an item's text: measures, results, causes, duties, details."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.parsing.bare import RUN_START
from assistant.parsing.bracket_fields import bracket_run
from assistant.parsing.cues import LEADS, Cues
from assistant.parsing.problem_text import Head
from assistant.parsing.tokens import Token
from assistant.parsing.wording import INLINE_RUN, lead_breaks

FIELD = re.compile(
    r"[\u4e00-\u9fff]{0,8}(?:情况|措施|举措|成效|成果|结果|效果|进展|任务|目标|要求|时限|计划|打算|安排"
    r"|责任|领导|单位|人|原因|问题|表现|建设|机制|状态|进度)："
)
"""（1）整改任务：… the short name of a field, known or not."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of an item's text and what it is: the name of its lead, or `detail`."""

    token: Token
    kind: str
    start: int
    end: int
    joins: bool = False
    led: bool = False
    """Whether a lead of its own stands before it."""


def lead_follows(body: Sequence[Token]) -> bool:
    """Whether the text of measures plainly begins below: then the line above is the problem."""
    if not body:
        return False
    if any(token.lead == "measures" for token in body[:4]) or body[0].lead in ("cause", "duty"):
        return True
    first = body[0].text
    return (
        body[0].label is not None
        or RUN_START.match(first) is not None
        or INLINE_RUN.search(first[:40]) is not None
    )


def inline_stretches(token: Token, head: Head, cues: Cues) -> list[Stretch]:
    """The text of measures on the line of the problem itself."""
    if head.rest >= len(token.text.rstrip()):
        return []
    return _pieces(token, head.rest, cues, kind="measures")


def _pieces(token: Token, start: int, cues: Cues, *, kind: str) -> list[Stretch]:
    """Cut a paragraph where 整改情况： or 整改结果： stands inside it."""
    text = token.text
    found: list[Stretch] = []
    at = start
    led = token.lead_end == start > 0
    for offset in (start, *lead_breaks(text, start)):
        for name in LEADS:
            lead = cues.leads[name].match(text, offset)
            if lead:
                if offset > at:
                    found.append(Stretch(token, kind, at, offset, led=led))
                at, kind, led = lead.end(), name, True
                break
    if at < len(text):
        found.append(Stretch(token, kind, at, len(text), led=led))
    return found


def _numbered_fields(body: Sequence[Token]) -> bool:
    """1.整改情况：… 2.整改结果：…: the numbers count fields, not measures."""
    labelled = [token for token in body if token.label is not None]
    names = {token.text[token.body : token.lead_end] for token in labelled}
    named = all(token.lead or FIELD.match(token.text, token.body) for token in labelled)
    return len(labelled) > 1 and len(names) > 1 and named and any(t.lead for t in labelled)


def stretches_below(body: Sequence[Token], cues: Cues) -> list[Stretch]:
    """Stretches of the paragraphs below a head; those before 整改情况： only describe."""
    leads = [index for index, token in enumerate(body) if token.lead == "measures"]
    first_lead = leads[0] if leads else -1
    primary = next((token.label.style for token in body if token.label is not None), "")
    found: list[Stretch] = []
    following = "measures"
    numbered_fields = _numbered_fields(body)
    for index, token in enumerate(body):
        fields = bracket_run(token.text, 0, cues) if token.text[0] in "【（[〔" else None
        if fields is not None and fields.start == 0 and fields.end == len(token.text):
            found += [Stretch(token, f.kind, f.start, f.end, led=True) for f in fields.fields]
            continue
        if token.lead:
            counted = token.label is not None and token.label.style != "bullet"
            listed = counted and token.lead == "measures" and not numbered_fields
            start = 0 if listed else token.lead_end
            if token.lead_end >= len(token.text.rstrip()):
                following = token.lead
                continue
            found += _pieces(token, start, cues, kind=token.lead)
            following = "measures"
            continue
        tagged = token.form is not None and token.form.name == "tag"
        if index < first_lead and (token.label is None or tagged):
            found.append(Stretch(token, "detail", 0, len(token.text)))
            continue
        joins = token.label is not None and token.label.style != primary
        named = FIELD.match(token.text, token.body) if numbered_fields and token.label else None
        pieces = _pieces(token, named.end() if named else 0, cues, kind=following)
        if joins and pieces and found:
            first = pieces[0]
            pieces[0] = Stretch(first.token, first.kind, first.start, first.end, joins=True)
        found += pieces
        if following != "measures":
            following = "measures"
    return found

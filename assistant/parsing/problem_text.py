"""Where a problem's own words begin and end in the line that announces it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from assistant.parsing.bracket_fields import bracket_run
from assistant.parsing.cues import LEADS, Cues
from assistant.parsing.status import is_status_only, paren_status
from assistant.parsing.tokens import Token
from assistant.parsing.wording import acts, first_sentence, is_deficient, lead_breaks

QUOTES = {"“": "”", "‘": "’", "「": "」", "『": "』", '"': '"', "'": "'", "《": "》"}
OUTER = "“‘「『\"'"
TRAILING = "。．.；;：:，,、 \t"
RUN_LIMIT = 400
SENTENCE_END = re.compile(r"[。！？]")
RUN_MARK = re.compile(
    r"(?:(?<=[。：；:;])|(?<=^))\s*(?:一是|第一[，、：]|①|[（(][1一][）)]|1[.．、](?!\d))"
)


@dataclass(frozen=True, slots=True)
class Head:
    """Offsets in a token's text: the problem's own words, and where the rest begins."""

    start: int
    end: int
    rest: int
    note: tuple[int, int] | None = None
    """A status in brackets behind the problem."""


FIELD_NAME = re.compile(r"[^，。；：“”]{2,16}方面[。：:]\s*(?=\S{6})")
"""师资配置方面。缺额大: the field of work before the problem."""
OWNER_NOTE = re.compile(
    r"[（(【\[][^（）()【】\[\]]{0,10}(?:责任|牵头|时限|期限|领导|完成时间)[^（）()【】\[\]]{0,60}[）)】\]]\s*[。：:]?$"
)
"""（责任单位：某科；完成时限：某月） behind a problem."""
NOTE = re.compile(r"\s*[（(【\[](?P<s>[^（）()【】\[\]]{2,16})[）)】\]]\s*[。：:]?")


def split_head(token: Token, cues: Cues, *, body_follows: bool, lead_follows: bool) -> Head:
    """Tell the problem from the boilerplate around it and from a remedy on the same line."""
    text = token.text
    start = token.body
    form = token.form
    limit = len(text)
    if form is not None:
        start = form.start
    noted = bracket_run(text[:RUN_LIMIT], start + 2, cues)
    if (
        noted is not None
        and SENTENCE_END.search(text[: noted.start].rstrip(TRAILING), start) is None
    ):
        return replace(_stripped(text, start, noted.start, noted.end, cues), note=noted.status())
    if form is not None and form.name != "tag":
        return _announced(token, cues)
    lead_at = _lead_inside(text, start, cues)
    if lead_at is not None:
        return _stripped(text, start, lead_at, lead_at, cues)
    if lead_follows:
        return _stripped(text, start, limit, limit, cues)
    clause = None if body_follows else _aimed_clause(text, start, cues)
    if clause is not None:
        return _stripped(text, clause.start("p"), clause.end("p"), clause.end(), cues)
    run = RUN_MARK.search(text, start)
    if run is not None and run.start() > start:
        end = _before_run(text, start, run.start(), cues)
        return _stripped(text, start, end, end, cues)
    return _by_sentences(text, start, cues, body_follows=body_follows)


def _announced(token: Token, cues: Cues) -> Head:
    """关于…问题: the form says where the problem is; a status in brackets may follow."""
    text, form = token.text, token.form
    assert form is not None
    note = NOTE.match(text, form.after)
    if note is not None and is_status_only(note.group("s"), cues):
        head = _trimmed(text, form.start, form.end, _skip(text, note.end()))
        return replace(head, note=note.span("s"))
    return _trimmed(text, form.start, form.end, _skip(text, form.after))


def _by_sentences(text: str, start: int, cues: Cues, *, body_follows: bool) -> Head:
    limit = len(text)
    if SENTENCE_END.search(text, start, limit - 1) is None:
        colon = text.find("：", start)
        if not body_follows and start + 4 <= colon < min(limit - 8, start + 120):
            return _stripped(text, start, colon, colon + 1, cues)
        return _stripped(text, start, limit, limit, cues)
    noted = paren_status(text)
    whole = text[: noted[0] - 1] if noted and is_status_only(text[slice(*noted)], cues) else text
    if body_follows and whole.rstrip()[-1:] not in "。！？":
        return _stripped(text, start, limit, limit, cues)
    cut = _problem_sentences(text, start, cues, body_follows=body_follows)
    return _stripped(text, start, cut, cut, cues)


def _aimed_clause(text: str, start: int, cues: Cues) -> re.Match[str] | None:
    """针对…不到位，制定…: a problem and its remedy in one sentence."""
    clause = AIMED.match(text, start)
    if clause is None or not is_deficient(clause.group("p"), cues):
        return None
    return clause if cues.action.match(text[clause.end() :]) else None


AIMED = re.compile(r"(?:针对|关于)(?P<p>[^，。；：]{4,80})，")
LEAD_IN = re.compile(r"^(?:针对|对照|围绕|为此|对此|按照|根据|为|[^，。]{0,12}高度重视)")


def _before_run(text: str, start: int, run: int, cues: Cues) -> int:
    """Sentences before 一是 state the problem, but for a lead-in or a status at their end."""
    ends = [match.end() for match in SENTENCE_END.finditer(text, start, run)]
    bounds = [start, *ends] if ends and ends[-1] == run else [start, *ends, run]
    while len(bounds) > 2:
        sentence = text[bounds[-2] : bounds[-1]].strip()
        acts = cues.action.match(sentence) and not is_deficient(sentence, cues)
        if not (acts or LEAD_IN.match(sentence) or is_status_only(sentence, cues)):
            break
        bounds.pop()
    return bounds[-1]


def _problem_sentences(text: str, start: int, cues: Cues, *, body_follows: bool) -> int:
    """End of the sentences that state the problem, before those that tell the remedy."""
    end = start
    for match in SENTENCE_END.finditer(text, start):
        sentence = text[end : match.start()].strip()
        states = is_deficient(sentence, cues) and not acts(sentence, cues)
        if end > start and not states:
            return end
        end = match.end()
        if end == start:
            continue
    if end >= len(text.rstrip()) and not body_follows:
        first = SENTENCE_END.search(text, start)
        return first.end() if first else len(text)
    return max(end, start) if end > start else len(text)


def _lead_inside(text: str, start: int, cues: Cues) -> int | None:
    for at in lead_breaks(text, start, start + 1500):
        if any(cues.leads[name].match(text, at) for name in LEADS):
            return at
    return None


def _skip(text: str, offset: int) -> int:
    while offset < len(text) and text[offset] in TRAILING:
        offset += 1
    return offset


def _stripped(text: str, start: int, end: int, rest: int, cues: Cues) -> Head:
    """Drop 关于, 问题的整改情况 and outer quotes around `text[start:end]`."""
    low, high = _bare(text, start, end)
    named = FIELD_NAME.match(text, low, high)
    if named is not None:
        low = named.end()
    owner = OWNER_NOTE.search(text, low, high)
    if owner is not None and owner.start() > low + 2:
        low, high = _bare(text, low, owner.start())
    opener = cues.problem_openers.match(text[low:high])
    quoted = opener is not None and text[opener.end() + low] in OUTER
    tail = cues.problem_tails.search(text[low:high])
    if tail is not None and tail.start() > 2:
        high = low + tail.start()
    if opener is not None and (tail or quoted or is_deficient(text[low:high], cues)):
        low += opener.end()
    return _trimmed(text, low, high, _skip(text, rest))


def strip_problem(text: str, start: int, end: int, cues: Cues) -> tuple[int, int]:
    """Offsets of a problem's own words in `text[start:end]`."""
    head = _stripped(text, start, end, end, cues)
    return head.start, head.end


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in TRAILING:
        start += 1
    while end > start and text[end - 1] in TRAILING:
        end -= 1
    return start, end


def _trimmed(text: str, start: int, end: int, rest: int) -> Head:
    low, high = _bare(text, start, end)
    while high - low > 2 and text[low] in OUTER and _closes(text, low, high):
        low, high = _bare(text, low + 1, high - 1)
    return Head(low, high, rest)


def _closes(text: str, low: int, high: int) -> bool:
    """Whether the quote that opens at `low` closes at the very end."""
    opening, closing = text[low], QUOTES[text[low]]
    if text[high - 1] != closing:
        return False
    if opening == closing:
        return opening not in text[low + 1 : high - 1]
    depth = 0
    for offset in range(low, high):
        depth += (text[offset] == opening) - (text[offset] == closing)
        if depth == 0:
            return offset == high - 1
    return False


def heading_end(text: str) -> int:
    """Where a category heading ends when prose follows on its line."""
    if len(text) <= 60:
        return len(text)
    sentence = first_sentence(text)
    return len(sentence) + 1 if 0 < len(sentence) < len(text) - 1 else len(text)

"""What the words of a heading or paragraph tell on their own: deficiency, action, leads inside."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.parsing.cues import LEADS, Cues
from assistant.parsing.kind import ends_short
from assistant.parsing.outline import Node
from assistant.parsing.status import is_status_only, paren_status
from assistant.parsing.tokens import Token

FIRST_SENTENCE = re.compile(r"[^。！？；：]{0,200}")
INLINE_RUN = re.compile(r"[。：；，]\s*一是|[。：]\s*(?:[（(]1[）)]|①|1[.．、](?!\d)|第一[，、])")
COLON_RUN = re.compile(r"[^。：；]{3,50}：\s*(?:一是|①|[（(]1[）)])")
"""环境卫生“一阵风”：一是…: a problem and its remedies on one line."""
LEAD_BREAK = re.compile(
    r"(?:(?<=[。；！？])|(?<=\s))\s*(?=[【\[（〔]?[\u4e00-\u9fff、]{2,14}(?:[：:】\]）〕]|[ \t])"
    r"|对此[，,：:]|整改(?:措施|情况)?\s*\d)|(?=【[\u4e00-\u9fff]{2,8}】)"
)
"""Where 整改情况： and the like may begin inside a paragraph."""
RUN_ON = {"arab_paren": "（{}）", "arab": "{}.", "arab_half": "{}）"}
BRACKETED = re.compile(r"[（(【\[][^（）()【】\[\]]{2,16}[）)】\]]\s*$")
SHORT_HEAD = 60
MENDED = 45


def lead_breaks(text: str, start: int = 0, end: int | None = None) -> Iterator[int]:
    """Where a lead may begin inside a paragraph; what stands in brackets is left alone."""
    for match in LEAD_BREAK.finditer(text, start, len(text) if end is None else end):
        opened = text.rfind("（", start, match.start())
        if opened < 0 or text.find("）", opened, match.end()) >= 0:
            yield match.end()


def first_sentence(text: str) -> str:
    """Text up to the first sentence mark."""
    match = FIRST_SENTENCE.match(text)
    return match.group() if match else ""


def section_heading(node: Node) -> str:
    """A heading as far as it tells a section: first sentence, a status in brackets dropped."""
    return BRACKETED.sub("", first_sentence(node.text()[:90]))


def is_deficient(text: str, cues: Cues) -> bool:
    """Whether a text words something lacking."""
    return cues.deficiency.search(text[:200]) is not None


def acts(sentence: str, cues: Cues) -> bool:
    """Whether a sentence tells of something done; 县级平台建设滞后 only opens like one."""
    return cues.action.match(sentence) is not None and not ends_short(sentence)


def problem_like(node: Node, cues: Cues) -> float:
    """How much the heading reads like a problem; below 0 it reads like something done."""
    text = node.text()
    sentence = first_sentence(text)
    score = _worded(node, sentence, cues)
    body = node.first_told()
    if body is not None and body.lead == "measures":
        score += 3
    elif body is not None and body.lead in ("result", "effect"):
        score += 1
    if inline_lead(text, cues):
        score += 3
    elif INLINE_RUN.search(text):
        score += 3 if COLON_RUN.match(text) and not acts(sentence, cues) else 1.5
    if node.token is not None and _runs_on(node.token):
        score -= 4
    if node.contents and len(text) <= SHORT_HEAD:
        score += 1.5
    return score


def _worded(node: Node, sentence: str, cues: Cues) -> float:
    """What a heading's own words say for its naming a problem."""
    text = node.text()
    score = 3.0 if node.token is not None and node.token.form is not None else 0.0
    acting = acts(sentence, cues)
    if is_deficient(sentence, cues) and not cues.frame_only.match(text[:100]):
        score += 1 if acting else 2
    elif acting and not node.contents:
        score -= 2
    score += _states_and_mends(text, cues)
    score += 3 if has_note(text, cues) else 0
    return score


def _states_and_mends(text: str, cues: Cues) -> float:
    """某事不规范。修订某办法…: a short deficiency, and in the next sentence what was done.

    A next sentence that only tells how far (某事超期。已整改。…) says so the surer.
    """
    sentence = first_sentence(text)
    if not 4 <= len(sentence) <= MENDED or text[len(sentence) : len(sentence) + 1] != "。":
        return 0.0
    rest = text[len(sentence) + 1 :].lstrip()
    if acts(sentence, cues):
        return 0.0
    if is_status_only(first_sentence(rest), cues):
        return 3.0
    return 2.0 if is_deficient(sentence, cues) and cues.action.match(rest) else 0.0


def has_note(text: str, cues: Cues) -> bool:
    """Whether a heading closes with how far its problem has come: …【已完成】."""
    noted = paren_status(text)
    return noted is not None and is_status_only(text[slice(*noted)], cues)


def has_lead(node: Node, cues: Cues) -> bool:
    """Whether 整改情况： follows the heading, below it or on its own line."""
    body = node.first_body()
    return (body is not None and body.lead == "measures") or inline_lead(node.text(), cues)


def _runs_on(token: Token) -> bool:
    """（1）…。（2）…。 on one line: a run of measures, not a heading."""
    label = token.label
    if label is None or label.style not in RUN_ON:
        return False
    following = RUN_ON[label.style].format(label.ordinal + 1)
    at = token.text.find(following, label.end)
    return at > 0 and token.text[at - 1] in "。；;"


def inline_lead(text: str, cues: Cues) -> bool:
    """Whether 整改情况： or the like stands inside a paragraph, after a full stop."""
    return any(
        cues.leads[name].match(text, at) for at in lead_breaks(text[:800]) for name in LEADS[:3]
    )

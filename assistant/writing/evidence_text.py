"""Write evidence and user input for a prompt: fenced as data, within a budget. Pure.

A fence carries a number made from what it encloses, which nothing inside can know; so a notice
that imitates the fence, or orders the reader about, stays a text among texts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.display import display_text
from assistant.models import Case, Evidence
from assistant.writing.guard import BLANK, local_facts

_SENTENCE = re.compile(r"[^。；！？]*[。；！？]+[”」』）]*|[^。；！？]+$")
_WHOLE_UP_TO = 160
"""A measure this short is kept or left out whole; a longer one goes sentence by sentence."""
_PROBLEM_UP_TO = 300
_CONTROL = re.compile(r"<(?=[|/!a-zA-Z｜])|(?<=[|｜])>|\[/?INST\]", re.IGNORECASE)
_BLANKS = re.compile(f"{BLANK}(?:[年月日、至到—-]?{BLANK})+")
_MARKS = str.maketrans({"«": "‹", "»": "›"})
_HAN_PAIR = re.compile(r"(?=([\u4e00-\u9fff]{2}))")
_LEFT_OUT = "（篇幅所限，此处略去部分措施）"


@dataclass(frozen=True, slots=True)
class EvidenceText:
    """Evidence as a model reads it."""

    text: str
    numbers: tuple[int, ...]
    """What may be cited, in order; evidence that found no room is not among them."""
    trimmed: bool

    @property
    def citable(self) -> str:
        """The numbers as the prompt lists them."""
        return "".join(f"[{number}]" for number in self.numbers) or "（无）"


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A stretch of a measure that stays whole."""

    evidence: int
    measure: int
    text: str
    value: float


def make_fence(*texts: str) -> str:
    """Return a fence number for these texts: the same for the same texts, foreseeable by none."""
    digest = hashlib.sha256("\x1f".join(texts).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:12]


def fence_input(text: str, fence: str, *, otherwise: str = "（未提供）") -> str:
    """Enclose what a user gave."""
    return f"«输入 {fence}»\n{as_data(text) or otherwise}\n«/输入 {fence}»"


def as_data(text: str) -> str:
    """Disarm what a chat template or our fence would take for its own marks."""
    return _CONTROL.sub(lambda found: _WIDE.get(found.group(), "［INST］"), text.strip()).translate(
        _MARKS
    )


_WIDE = {"<": "＜", ">": "＞"}


def render_evidence(
    evidence: Sequence[Evidence],
    *,
    fence: str,
    budget: int,
    question: str = "",
    with_facts: bool = True,
) -> EvidenceText:
    """Write as much evidence as `budget` characters hold, the most valuable sentences first.

    Problems come before measures, better evidence before worse, sentences that share words with
    the question before others. Nothing is cut inside a sentence. For a draft `with_facts` is
    false: a model cannot copy the figures, dates, titles and name of a unit it never read.
    """
    told = [item if with_facts else _without_facts(item) for item in evidence]
    shown, left = _heads(told, fence=fence, budget=budget)
    sentences = [
        sentence
        for rank, item in enumerate(shown)
        for sentence in _sentences(item, rank=rank, question=question)
    ]
    kept: set[int] = set()
    for place in sorted(range(len(sentences)), key=lambda i: (-sentences[i].value, i)):
        cost = len(sentences[place].text) + 3
        if cost <= left:
            kept.add(place)
            left -= cost
    chosen = [sentence for place, sentence in enumerate(sentences) if place in kept]
    blocks = [_block(item, chosen, fence=fence, all_of=sentences) for item in shown]
    return EvidenceText(
        text="\n\n".join(blocks) or "（没有检索到依据）",
        numbers=tuple(item.number for item in shown),
        trimmed=len(kept) < len(sentences) or len(shown) < len(evidence),
    )


def _shown(text: str) -> str:
    # Normalising narrows the blank inside a blank.
    return as_data(display_text(text)).replace("【 】", BLANK)


def _without_facts(item: Evidence) -> Evidence:
    case = item.case
    return replace(
        item,
        notice=replace(item.notice, unit=f"某{item.notice.unit_type}单位", unit_type=""),
        case=replace(
            case,
            problem=_blanked(case.problem),
            measures=tuple(replace(part, text=_blanked(part.text)) for part in case.measures),
        ),
    )


def _blanked(text: str) -> str:
    shown = display_text(text)
    for fact in reversed(local_facts(shown)):
        shown = f"{shown[: fact.start]}{BLANK}{shown[fact.end :]}"
    return _BLANKS.sub(BLANK, shown)


def _heads(evidence: Sequence[Evidence], *, fence: str, budget: int) -> tuple[list[Evidence], int]:
    """Return the evidence whose head fits, and the characters left for measures.

    At most half the budget goes to heads, so that what is shown is worth showing.
    """
    shown: list[Evidence] = []
    left = budget
    for item in evidence:
        cost = len(_block(item, [], fence=fence, all_of=[])) + len(_LEFT_OUT) + 4
        if shown and (cost > left or budget - left + cost > budget // 2):
            break
        shown.append(item)
        left -= cost
    return shown, left


def _sentences(item: Evidence, *, rank: int, question: str) -> list[_Sentence]:
    wanted = _pairs(question)
    found: list[_Sentence] = []
    for place, measure in enumerate(item.case.measures):
        text = _shown(measure.text)
        parts = [text] if len(text) <= _WHOLE_UP_TO else _SENTENCE.findall(text)
        for part in filter(None, (part.strip() for part in parts)):
            shared = len(wanted & _pairs(part)) / (len(wanted) or 1)
            value = (1 + 2 * shared) / (1 + 0.15 * rank) / (1 + 0.1 * place)
            found.append(_Sentence(item.number, place, part, value))
    return found


def _block(
    item: Evidence, chosen: Sequence[_Sentence], *, fence: str, all_of: Sequence[_Sentence]
) -> str:
    mine = [sentence for sentence in chosen if sentence.evidence == item.number]
    lines = [f"«依据[{item.number}] {fence}»", _origin(item), f"问题：{_problem(item.case)}"]
    if mine:
        lines.append("措施：")
    for place in dict.fromkeys(sentence.measure for sentence in mine):
        lines.append("- " + "".join(part.text for part in mine if part.measure == place))
    if len(mine) < sum(sentence.evidence == item.number for sentence in all_of):
        lines.append(_LEFT_OUT)
    if item.case.status:
        lines.append(f"完成情况：{_shown(item.case.status)[:80]}")
    lines.append(f"«/依据[{item.number}] {fence}»")
    return "\n".join(lines)


def _origin(item: Evidence) -> str:
    notice = item.notice
    unit = _shown(notice.unit or notice.title)[:60]
    kind = f"（{notice.unit_type}）" if notice.unit_type else ""
    return f"单位：{unit}{kind}"


def _problem(case: Case) -> str:
    text = _shown(case.problem)
    if len(text) <= _PROBLEM_UP_TO:
        return text
    kept = ""
    for sentence in _SENTENCE.findall(text):
        if kept and len(kept) + len(sentence) > _PROBLEM_UP_TO:
            break
        kept += sentence
    return kept


def _pairs(text: str) -> set[str]:
    return set(_HAN_PAIR.findall(text))

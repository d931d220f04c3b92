"""Whether a source supports a sentence: content words, figures and negation. Pure."""

from __future__ import annotations

import re

from assistant.writing.guard import local_facts
from assistant.writing.words import coverage, figures

ENOUGH = 0.55
_NEGATED = re.compile(r"(?:尚未|并未|没有|未能|不能|无法|未|没|不再)([\u4e00-\u9fff]{2})")
_DONE = re.compile(
    r"已(?:经)?(?:全部|全面|基本|均)?(?:完成|到位|整改|清退|补缴|收回|退回|处分|立案)"
)
_OPEN = re.compile(r"未完成|尚未|正在|没有完成|推进中|筹备|研究解决|持续推进|阶段性")


def missing_figures(claim: str, source: str) -> tuple[str, ...]:
    """Figures, dates and titles of the claim that the source does not hold."""
    held = set(figures(source))
    squeezed = re.sub(r"[\s,，]", "", source)
    lacking = [figure for figure in figures(claim) if figure not in held]
    for fact in local_facts(claim):
        text = re.sub(r"[\s,，]", "", fact.text)
        if fact.kind != "mask" and text not in squeezed and not re.search(r"\d", text):
            lacking.append(fact.text)
    return tuple(dict.fromkeys(lacking))


def negation_differs(claim: str, source: str) -> bool:
    """Whether one denies what the other says."""
    for denying, other in ((claim, source), (source, claim)):
        for match in _NEGATED.finditer(denying):
            verb = match.group(1)
            affirmed = re.search(
                rf"(?<!未)(?<!没)(?<!没有)(?<!不能)(?<!无法)(?<!尚未)(?<!未能)(?<!不再){verb}",
                other,
            )
            if affirmed and match.group() not in other and coverage(claim, source) > 0.5:
                return True
    return bool(_DONE.search(claim) and not _DONE.search(source) and _OPEN.search(source))


def is_supported(claim: str, stretch: str, whole: str, question: str) -> bool:
    """Whether the cited case carries the claim: its words, all its figures, its polarity."""
    if missing_figures(claim, f"{whole}\n{question}"):
        return False
    if coverage(claim, stretch) < ENOUGH and coverage(claim, whole) < ENOUGH + 0.1:
        return False
    return not negation_differs(claim, stretch)

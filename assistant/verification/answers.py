"""Checking an answer: every citation exists and is exact, every sentence is supported or marked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.cleaning import normalise
from assistant.models import Citation, Evidence, Finding, Notice
from assistant.outgoing.masking import find_placeholders
from assistant.verification.citations import (
    Stretch,
    best_stretch,
    citation_of,
    cited_numbers,
    stretches,
    unify_marks,
    without_marks,
)
from assistant.verification.meta import is_about_search, is_heading
from assistant.verification.support import is_supported
from assistant.writing.answer_parts import unit_name
from assistant.writing.formulas import broken_formulas
from assistant.writing.masking import safe_text
from assistant.writing.words import content_words

_SENTENCE = re.compile(r"[^。！？\n]*(?:[。！？]+(?:\[\d{1,3}\])*|\n|$)")
_BULLET = re.compile(r"^\s*(?:[-*•·]|\d{1,2}[.．、]|[（(]\d{1,2}[）)])\s*")
_UNIT = re.compile(
    r"(?:党委|党组|党工委|工委|支部|委员会|县委|区委|市委|局|街道|镇|乡|村|公司|集团|医院|学校)$"
)
_QUOTED_ITEM = re.compile(r"原文只列出“([^”]{2,30})”")
_UNIT_PREFIX = re.compile(r"^[^：:。，；]{2,30}[：:]")


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """An answer after checking: its citations, and what no citation supports."""

    text: str
    citations: tuple[Citation, ...]
    unsupported: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    item: Evidence
    lines: Sequence[str]
    parts: tuple[Stretch, ...]
    whole: str


def _source(item: Evidence, lines: Sequence[str]) -> _Source:
    parts = stretches(item, lines)
    notice = item.notice
    raw = "\n".join(part.raw for part in parts)
    header = " ".join(
        (
            notice.unit or "",
            unit_name(item),
            notice.unit_type,
            notice.title,
            f"通报的反馈日期为{notice.feedback_date.raw}" if notice.feedback_date else "",
            f"落款日期为{notice.published_date.raw}" if notice.published_date else "",
            item.case.status or "",
            "".join(
                f"通报自述{count.name}为{count.stated}，逐条清点为{count.counted}，两者不一致"
                for count in notice.counts
            ),
        )
    )
    return _Source(
        item,
        lines,
        parts,
        "\n".join((normalise(raw).text, safe_text(raw), raw, header, *item.case.category)),
    )


def split_answer(text: str) -> tuple[str, ...]:
    """Sentences of an answer, each with the citations behind it, bullets and headings kept."""
    return tuple(
        match.group().strip() for match in _SENTENCE.finditer(text) if match.group().strip()
    )


def _claim(sentence: str) -> str:
    return _BULLET.sub("", without_marks(sentence)).strip("*# \n")


def _without_invalid(text: str, known: Mapping[int, _Source]) -> tuple[str, tuple[Finding, ...]]:
    invalid = [number for number in cited_numbers(text) if number not in known]
    for number in invalid:
        text = text.replace(f"[{number}]", "")
    findings = tuple(
        Finding("citation", "error", f"引用编号[{number}]不在所给依据之内，已删去，请核对该句。")
        for number in invalid
    )
    return text, findings


def check_answer(
    question: str,
    text: str,
    evidence: Sequence[Evidence],
    lines: Callable[[Notice], Sequence[str]],
) -> CheckedAnswer:
    """Locate every citation and list the sentences that nothing supports."""
    known = {item.number: _source(item, lines(item.notice)) for item in evidence}
    text, findings = _without_invalid(unify_marks(text), known)
    citations: dict[tuple[int, int, int, int], Citation] = {}
    unsupported: list[str] = []
    problems = list(findings)
    for at, sentence in enumerate(split_answer(text)):
        claim = _claim(sentence)
        numbers = cited_numbers(sentence)
        left = _left_over(claim, question, known.values())
        if left:
            unsupported.append(sentence)
            problems.append(_garbled(at, left[0]))
            continue
        if not content_words(claim) or is_heading(claim):
            continue
        meta = is_about_search(_UNIT_PREFIX.sub("", claim), question, numbers, evidence)
        if meta or not numbers:
            _place_whole(claim, numbers, known, citations)
            if not meta:
                unsupported.append(sentence)
                problems.append(_unsupported(at, claim))
            continue
        supported = _cite(claim, [known[number] for number in numbers], question, citations)
        if not supported:
            unsupported.append(sentence)
            problems.append(_unsupported(at, claim))
    problems += broken_formulas(without_marks(text), where="answer")
    ordered = tuple(sorted(citations.values(), key=lambda one: (one.number, one.line, one.start)))
    return CheckedAnswer(text, ordered, tuple(unsupported), tuple(problems))


def _left_over(claim: str, question: str, sources: Iterable[_Source]) -> tuple[str, ...]:
    """Placeholders of masking that came back garbled; what a source itself says is none."""
    found = find_placeholders(claim)
    if not found:
        return ()
    told = "\n".join((question, *(source.whole for source in sources)))
    return tuple(one for one in found if one not in told)


def _garbled(at: int, placeholder: str) -> Finding:
    return Finding(
        "placeholder",
        "error",
        f"“{placeholder}”是发送前遮蔽所用的占位符，模型没有照写，无法还原，请核对原文后改写该句。",
        where=f"sentence:{at}",
    )


def _unsupported(at: int, claim: str) -> Finding:
    return Finding(
        "unsupported",
        "warn",
        f"“{claim[:24]}”在所引案例中找不到依据，请核对原文或删去。",
        where=f"sentence:{at}",
    )


def _place_whole(
    claim: str,
    numbers: Sequence[int],
    known: Mapping[int, _Source],
    citations: dict[tuple[int, int, int, int], Citation],
) -> None:
    """A lead that cites cases as such: each number stands for what it quotes, or the problem."""
    quoted = _QUOTED_ITEM.search(claim)
    for number in numbers:
        source = known[number]
        wanted = quoted.group(1) if quoted else source.item.case.problem
        found = best_stretch(wanted, source.parts, source.lines)
        if found:
            _keep(source, found[0], citations)


def _keep(
    source: _Source, stretch: Stretch, citations: dict[tuple[int, int, int, int], Citation]
) -> None:
    key = (source.item.number, stretch.line, stretch.start, stretch.end)
    citations[key] = citation_of(source.item, stretch)


def _cite(
    claim: str,
    sources: Sequence[_Source],
    question: str,
    citations: dict[tuple[int, int, int, int], Citation],
) -> bool:
    bare = _UNIT_PREFIX.sub("", claim) or claim
    whole = "\n".join(source.whole for source in sources)
    misattributed = _names_other_unit(claim, whole)
    supported = False
    joined: list[str] = []
    for source in sources:
        found = best_stretch(bare, source.parts, source.lines)
        if found is None:
            continue
        _keep(source, found[0], citations)
        joined.append(found[0].text)
        supported = supported or is_supported(bare, found[0].text, whole, question)
    supported = supported or is_supported(bare, "\n".join(joined), whole, question)
    return supported and not misattributed


def _names_other_unit(claim: str, whole: str) -> bool:
    """Whether the unit before the colon is none of the cited ones."""
    prefix = _UNIT_PREFIX.match(claim)
    named = prefix.group().rstrip("：:").strip() if prefix else ""
    return bool(_UNIT.search(named)) and named not in whole

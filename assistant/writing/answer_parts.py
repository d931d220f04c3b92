"""Paragraphs of an extractive answer: the needle, the practices by step, dates, contradictions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.cleaning import display_text
from assistant.facts.find import find_facts
from assistant.models import Evidence, Measure
from assistant.taxonomy.classify import load_taxonomy
from assistant.writing.borrow import specific_words, step_of
from assistant.writing.formulas import restored
from assistant.writing.guard import instructions
from assistant.writing.masking import plain, safe_text
from assistant.writing.practice import STEPS
from assistant.writing.question import HOLDS, Asked
from assistant.writing.vocabulary import is_general
from assistant.writing.words import coverage, likeness, sentences, strip_label

PER_STEP = 3
PER_CASE = 2
IN_ALL = 9
NEAREST = 3
MANY = 4
LONGEST = 120
_HEADING = re.compile(r"^([^，。；：、]{2,20})。(?=.)")
_COUNTS = re.compile(r"完成了?(?:几|多少)|几个问题|多少(?:个|条|项)?问题|完成率|一共|总共|到底")
_TOLD = ("问题", "完成", "整改")
_FAULT = re.compile(
    r"^[^，。；]{2,24}(?:不到位|不规范|不严|不够|不及时|不足|不高|不强|未换届|走形式|不入账)。?$"
)
_WEAK_KINDS = frozenset({"M01", "M02", "M16"})


@dataclass(frozen=True, slots=True)
class _Said:
    text: str
    number: int
    step: str
    score: float


def relevant(question: str, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Evidence on the matter of the question; the first of a search always counts."""
    topics = set(load_taxonomy().topics_of(plain(question)))
    wanted = specific_words(plain(question))
    kept = []
    for rank, item in enumerate(evidence):
        said = plain(item.case.problem) + "".join(plain(one.text) for one in item.case.measures)
        shared = sum(word in said for word in wanted)
        near = shared >= (1 if rank < NEAREST else 2)
        if rank == 0 or topics & set(item.case.topics) or near or not wanted:
            kept.append(item)
    return tuple(kept)


def unit_name(item: Evidence) -> str:
    """The unit as the notice names it, masks kept; its type where there is no name."""
    return display_text(item.notice.unit or item.notice.unit_type or "某单位")


def _shorten(text: str) -> str:
    """Cut at a sentence, else at a clause, so that it stays readable."""
    if len(text) <= LONGEST:
        return text
    cut = max(text.rfind(mark, 40, LONGEST) for mark in "。；，")
    return text[:cut] if cut > 0 else text[:LONGEST]


def _cited(text: str, number: int) -> str:
    """Each sentence of the text with its citation; a bare heading joins what follows it."""
    text = _HEADING.sub(r"\1：", text)
    parts = re.split(r"(?<=[。！？])", text)
    return "".join(
        f"{part.rstrip('。；，！？ ')}[{number}]。" for part in parts if part.strip("。；，")
    )


def _relevance(question: str, text: str, problem: str) -> float:
    return coverage(plain(question), text) + 0.5 * likeness(plain(question), plain(problem))


def _measures(question: str, evidence: Sequence[Evidence]) -> list[_Said]:
    found = []
    for rank, item in enumerate(evidence):
        for measure in _on_matter(question, item):
            kinds = measure.kinds or load_taxonomy().kinds_of(measure.text) or ("M16",)
            text = restored(_shorten(strip_label(safe_text(measure.text))).strip())
            if text is None or len(text) < 6 or _FAULT.search(text) or instructions().search(text):
                continue
            score = _relevance(question, text, item.case.problem) - 0.06 * rank
            score -= 0.1 if kinds[0] in _WEAK_KINDS else 0.0
            found.append(_Said(text, item.number, step_of(kinds[0]), score))
    return found


def _on_matter(question: str, item: Evidence) -> tuple[Measure, ...]:
    """Measures of a case; of a case with many unlike ones, those that share a word."""
    measures = item.case.measures
    wanted = specific_words(plain(question))
    sharing = tuple(one for one in measures if any(word in plain(one.text) for word in wanted))
    return sharing if sharing and len(measures) > MANY else measures


def grouped_practices(
    question: str, evidence: Sequence[Evidence], *, said: Sequence[str] = ()
) -> list[str]:
    """One paragraph a step: the best measures, none said twice, a few from each case."""
    units = {item.number: unit_name(item) for item in evidence}
    spoken, per_case = list(said), dict.fromkeys(units, 0)
    groups: dict[str, list[_Said]] = {step: [] for step in STEPS}
    for one in sorted(_measures(question, evidence), key=lambda m: (-m.score, m.number)):
        full = len(groups[one.step]) >= PER_STEP or per_case[one.number] >= PER_CASE
        if sum(per_case.values()) >= IN_ALL:
            break
        if full or any(likeness(one.text, other) > 0.7 for other in spoken):
            continue
        groups[one.step].append(one)
        per_case[one.number] += 1
        spoken.append(one.text)
    return [
        f"{step}：\n"
        + "\n".join(f"- {units[one.number]}：{_cited(one.text, one.number)}" for one in ones)
        for step, ones in groups.items()
        if ones
    ]


def _needle_sentences(question: str, asked: Asked, item: Evidence) -> list[tuple[float, str]]:
    holds = HOLDS[asked]
    wanted = specific_words(plain(question))
    on_matter = any(word in plain(item.case.problem) for word in wanted)
    texts = [measure.text for measure in item.case.measures] + [item.case.problem]
    if item.case.status:
        texts.append(item.case.status)
    found = []
    for raw in texts:
        text = strip_label(safe_text(raw))
        if not on_matter and wanted and not any(word in text for word in wanted):
            continue
        for start, end in sentences(text):
            sentence = restored(strip_label(_shorten(text[start:end])))
            if sentence and holds.search(sentence):
                found.append((_relevance(question, sentence, item.case.problem), sentence))
    return found


def _silent_items(question: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """Items the question names that a notice lists without saying what was done."""
    return tuple(
        f"{unit_name(item)}：原文只列出“{text}”，没有写明整改情况[{item.number}]。"
        for item in evidence
        for text in (strip_label(safe_text(one.text)).rstrip("。") for one in item.case.measures)
        if _FAULT.search(text) and coverage(text, question) > 0.7
    )


def needle_lines(question: str, asked: Asked, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """The sentences that hold the figure, date, status or handling asked for, best first."""
    if asked not in HOLDS:
        return ()
    ranked = []
    for rank, item in enumerate(evidence):
        for score, sentence in _needle_sentences(question, asked, item):
            ranked.append((score - 0.1 * rank, item, sentence))
    ranked.sort(key=lambda one: (-one[0], one[1].number))
    lines: list[str] = []
    for _, item, sentence in ranked:
        if len(lines) < 3 and all(likeness(sentence, line) < 0.7 for line in lines):
            lines.append(f"{unit_name(item)}：{_cited(sentence, item.number)}")
    silent = _silent_items(question, evidence) if asked is Asked.STATUS else ()
    if lines or silent or asked is Asked.DATE:
        return (*silent, *lines)
    missing = {
        Asked.MONEY: "金额",
        Asked.PEOPLE: "数量",
        Asked.STATUS: "完成情况",
        Asked.BLAME: "追责问责情况",
    }
    return (f"检索到的案例原文没有写明{missing[asked]}。",)


def header_dates(question: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """Feedback and publication dates of the notices, where the question is about them."""
    lines = []
    seen: set[str] = set()
    for item in evidence:
        notice = item.notice
        parts = []
        if "反馈" in question and notice.feedback_date:
            parts.append(f"反馈日期为{notice.feedback_date.raw}")
        if re.search(r"公布|公开|发布|落款", question) and notice.published_date:
            parts.append(f"落款日期为{notice.published_date.raw}")
        if parts and notice.id not in seen:
            seen.add(notice.id)
            lines.append(f"{unit_name(item)}通报的{'，'.join(parts)}[{item.number}]。")
    return tuple(lines[:3])


def contradictions(question: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """Totals a notice states that differ from what is counted in it."""
    if not _COUNTS.search(question):
        return ()
    lines = []
    seen: set[str] = set()
    for item in evidence:
        if item.notice.id in seen:
            continue
        seen.add(item.notice.id)
        for count in item.notice.counts:
            differs = count.counted is not None and count.counted != count.stated
            if differs and count.name.startswith(_TOLD):
                lines.append(
                    f"{unit_name(item)}通报自述{count.name}为{count.stated}，"
                    f"逐条清点为{count.counted}，两者不一致，请以原文核对[{item.number}]。"
                )
    return tuple(lines[:3])


def absent_units(question: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """Units or places the question names that stand in none of the cases found."""
    named = [
        fact.text
        for fact in find_facts(question)
        if fact.kind in ("body", "place") and not is_general(fact.text) and len(fact.text) > 2
    ]
    said = "\n".join(
        f"{item.notice.unit}{item.notice.title}{item.notice.source}{item.case.problem}"
        + "".join(measure.text for measure in item.case.measures)
        for item in evidence
    )
    return tuple(name for name in named if name not in said)


def meant_by(question: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """For "“…”是什么意思": the sentence the words stand in, with its masks undone."""
    quoted = re.search(r"[“\"「]([^”\"」]{2,20})[”\"」]", question)
    if not quoted or not re.search(r"意思|指什么|啥意|什么东西", question):
        return ()
    for item in evidence:
        for raw in (item.case.problem, *(one.text for one in item.case.measures)):
            for start, end in sentences(raw):
                if quoted.group(1) in raw[start:end]:
                    whole = _shorten(strip_label(safe_text(raw[start:end])))
                    return (f"{unit_name(item)}：{_cited(whole, item.number)}",)
    return ()

"""Paragraphs of an extractive answer: the needle, the practices by step, dates, contradictions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.display import display_text
from assistant.labels import day_label
from assistant.models import Evidence, Measure
from assistant.taxonomy.classify import load_taxonomy
from assistant.writing.answer_match import CLOSE, closeness, matter_words
from assistant.writing.borrow import step_of
from assistant.writing.choosing import faults_in
from assistant.writing.formulas import restored
from assistant.writing.guard import instructions
from assistant.writing.masking import plain, safe_text
from assistant.writing.notice_rules import kinds_named
from assistant.writing.notice_totals import differs
from assistant.writing.practice import STEPS
from assistant.writing.question import HOLDS, Asked, asked_steps, lists_units
from assistant.writing.words import coverage, likeness, sentences, strip_label

PER_STEP = 3
PER_CASE = 2
IN_ALL = 9
MANY = 4
CLOSEST_SHOWN = 6
COMPARED = 0.6
"""Share of the best score from which a case is worth setting beside the others."""
LONGEST = 120
LONGEST_WHOLE = 180
NEEDLES, NEEDLES_LISTED = 3, 8
NEEDLE_SHARE = 0.6
"""Share of the best needle's score from which another is told too."""
_HEADING = re.compile(r"^([^，。；：、]{2,20})。(?=.)")
_COUNTS = re.compile(r"完成了?(?:几|多少)|几个问题|多少(?:个|条|项)?问题|完成率|一共|总共|到底")
_TOLD = ("问题", "完成", "整改")
_FAULT = re.compile(
    r"^[^，。；]{2,24}(?:不到位|不规范|不严|不够|不及时|不足|不高|不强|未换届|走形式|不入账)。?$"
)
FIGURES = frozenset({Asked.MONEY, Asked.PEOPLE, Asked.DATE})
"""A figure or a date counts only where its own sentence is on the matter."""
MEANS = "案例库收录的是整改通报，没有名词解释，原文中这样用到："
_UNQUOTED = re.compile(
    r"(?:请问|什么叫|啥叫)?([^，。？“”\"]{2,12}?)(?:到底)?(?:是|指)(?:的是)?(?:什么|啥)意?"
)
UNSAID = "检索到的案例原文没有写明"
SILENT = "没有写明整改情况"
_WEAK_KINDS = frozenset({"M01", "M02", "M16"})


@dataclass(frozen=True, slots=True)
class _Said:
    text: str
    number: int
    step: str
    score: float


def unit_name(item: Evidence) -> str:
    """The unit as the notice names it, masks kept; its type where there is no name."""
    return display_text(item.notice.unit or item.notice.unit_type or "某单位")


def unit_labels(evidence: Sequence[Evidence]) -> dict[int, str]:
    """What each case's unit is called: units of one masked name are told apart by the feedback."""
    held: dict[str, set[str]] = {}
    for item in evidence:
        held.setdefault(unit_name(item), set()).add(item.notice.id)
    return {
        item.number: f"{unit_name(item)}{_feedback(item)}"
        if len(held[unit_name(item)]) > 1
        else unit_name(item)
        for item in evidence
    }


def _feedback(item: Evidence) -> str:
    date = item.notice.feedback_date
    return f"（{day_label(date)}反馈）" if date else ""


def _shorten(text: str) -> str:
    """Whole sentences up to a length; a long first one is kept whole or cut at a clause."""
    if len(text) <= LONGEST:
        return text
    first = re.search("[。；]", text)
    cut = max(text.rfind(mark, 30, LONGEST) for mark in "。；")
    if cut > 0:
        return text[:cut]
    if first and first.start() <= LONGEST_WHOLE:
        return text[: first.start()]
    cut = text.rfind("，", 40, LONGEST)
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
        for measure in _on_matter(question, item, strictly=not _is_near(question, item)):
            kinds = measure.kinds or load_taxonomy().kinds_of(measure.text) or ("M16",)
            text = restored(_shorten(strip_label(safe_text(measure.text))).strip())
            if text is None or len(text) < 6 or _FAULT.search(text) or instructions().search(text):
                continue
            score = _relevance(question, text, item.case.problem) - 0.06 * rank
            score -= 0.1 if kinds[0] in _WEAK_KINDS else 0.0
            found.append(_Said(text, item.number, step_of(kinds[0]), score))
    return found


def _is_near(question: str, item: Evidence) -> bool:
    """Whether the problem itself is about what is asked, so that all its measures count."""
    problem = plain(item.case.problem)
    shared = sum(word in problem for word in matter_words(question))
    return shared > 1 or closeness(question, item) >= CLOSE


def _on_matter(question: str, item: Evidence, *, strictly: bool = False) -> tuple[Measure, ...]:
    """Measures of a case; of a case with many unlike ones, those that share a word."""
    measures = item.case.measures
    wanted = matter_words(question)
    sharing = tuple(one for one in measures if any(word in plain(one.text) for word in wanted))
    few = len(measures) <= MANY and not strictly
    return measures if few or not sharing else sharing


def _told(question: str, item: Evidence, said: Sequence[str], *, whole: bool) -> list[str]:
    """Measures of the case as sentences, without what was told already."""
    strictly = not _is_near(question, item)
    measures = item.case.measures if whole else _on_matter(question, item, strictly=strictly)
    texts = [restored(_shorten(strip_label(safe_text(one.text))).strip()) for one in measures]
    return [
        text
        for text in texts
        if text
        and len(text) > 5
        and not _FAULT.search(text)
        and not instructions().search(text)
        and all(likeness(text, other) < 0.7 for other in said)
    ]


def closest_case(
    question: str, item: Evidence, *, said: Sequence[str] = (), whole: bool = False
) -> list[str]:
    """The case nearest to the question, with what was done in the order of the source.

    `whole`: all of its measures, not only those on the question.
    """
    unit = unit_name(item)
    problem = restored(_shorten(safe_text(item.case.problem)).rstrip("。")) or ""
    if not item.case.measures:
        return [f"{unit}：原文只列出“{problem[:30]}”，{SILENT}[{item.number}]。"]
    lines = [f"- {_cited(text, item.number)}" for text in _told(question, item, said, whole=whole)]
    head = f"{unit}：{problem}[{item.number}]。" if problem else ""
    status = safe_text(item.case.status or "").rstrip("。")
    fresh = status and all(status not in line for line in (*lines, *said))
    tail = [f"完成情况：{status}[{item.number}]。"] if fresh else []
    if not lines:
        return []
    return ["\n".join([f"{head}整改措施：", *lines[: None if whole else CLOSEST_SHOWN], *tail])]


def side_by_side(question: str, evidence: Sequence[Evidence]) -> list[str]:
    """What each unit did about the matter, unit by unit, for a question that compares."""
    units = unit_labels(evidence)
    types = kinds_named(question)
    apart = "巡视" in question and "巡察" in question
    wanted = [item for item in evidence if len(types) < 2 or item.notice.unit_type in types]
    held = {item.notice.unit_type for item in wanted}
    lines = [
        f"- {kind}：检索到的案例中没有这类单位关于此事的做法。"
        for kind in types
        if len(types) > 1 and kind not in held
    ]
    evidence = sorted(wanted, key=lambda item: (units[item.number], item.number))
    best = max((item.score for item in evidence), default=0.0)
    for item in evidence:
        if item.score < COMPARED * best:
            continue
        for measure in _on_matter(question, item, strictly=True)[:PER_STEP]:
            text = restored(_shorten(strip_label(safe_text(measure.text))).strip())
            if text and not instructions().search(text):
                kind = f"（{item.notice.inspection}）" if apart and item.notice.inspection else ""
                lines.append(f"- {units[item.number]}{kind}：{_cited(text, item.number)}")
    return ["\n".join(lines)] if lines else []


def grouped_practices(
    question: str, evidence: Sequence[Evidence], *, said: Sequence[str] = ()
) -> list[str]:
    """One paragraph a step: the best measures, none said twice, a few from each case."""
    units = unit_labels(evidence)
    only = asked_steps(question)
    spoken, per_case = list(said), dict.fromkeys(units, 0)
    groups: dict[str, list[_Said]] = {step: [] for step in STEPS}
    for one in sorted(_measures(question, evidence), key=lambda m: (-m.score, m.number)):
        most = IN_ALL if only else PER_STEP
        full = len(groups[one.step]) >= most or per_case[one.number] >= PER_CASE
        if sum(per_case.values()) >= IN_ALL:
            break
        if full or (only and one.step not in only):
            continue
        if any(likeness(one.text, other) > 0.7 for other in spoken):
            continue
        groups[one.step].append(one)
        per_case[one.number] += 1
        spoken.append(one.text)
    return [_group(step, ones, units) for step, ones in groups.items() if ones]


def _group(step: str, ones: Sequence[_Said], units: Mapping[int, str]) -> str:
    held = len({units[one.number] for one in ones})
    head = f"{step}（{held}个单位）：" if held > 1 else f"{step}："
    return "\n".join(
        [head, *(f"- {units[one.number]}：{_cited(one.text, one.number)}" for one in ones)]
    )


def _needle_sentences(question: str, asked: Asked, item: Evidence) -> list[tuple[float, str]]:
    holds = HOLDS[asked]
    wanted = matter_words(question)
    on_matter = closeness(question, item) >= CLOSE or any(
        word in plain(item.case.problem) for word in wanted
    )
    texts = [measure.text for measure in _on_matter(question, item)] + [item.case.problem]
    found = []
    for raw in texts:
        text = strip_label(safe_text(raw))
        if not on_matter and wanted and not any(word in text for word in wanted):
            continue
        for start, end in sentences(text):
            sentence = restored(strip_label(_shorten(text[start:end])))
            if asked in FIGURES and not _of_that_fault(question, f"{item.case.problem}{sentence}"):
                continue
            if sentence and holds.search(sentence) and not _FAULT.search(sentence):
                score = _relevance(question, sentence, item.case.problem)
                found.append((score + _named_bonus(question, holds, sentence), sentence))
    status = item.case.status
    if not found and status and on_matter and holds.search(status):
        found.append((_relevance(question, "", item.case.problem), safe_text(status)))
    return found


def _of_that_fault(question: str, text: str) -> bool:
    """Whether a sentence with its problem shows the fault the question names (闲置, 套取)."""
    asked = faults_in(question)
    return not asked or bool(asked & faults_in(plain(text)))


def _named_bonus(question: str, holds: re.Pattern[str], sentence: str) -> float:
    """A sentence with the very word asked for (处分, 退回) comes first."""
    asked = {match.group() for match in holds.finditer(question)}
    return 0.5 if any(word in sentence for word in asked) else 0.0


def _silent_items(question: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """Items the question names that a notice lists without saying what was done."""
    return tuple(
        f"{unit_name(item)}：原文只列出“{text}”，{SILENT}[{item.number}]。"
        for item in evidence
        for text in (strip_label(safe_text(one.text)).rstrip("。") for one in item.case.measures)
        if _FAULT.search(text) and coverage(text, question) > 0.7
    )


def needle_lines(question: str, asked: Asked, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """The sentences that hold the figure, date, status or handling asked for, best first."""
    if asked not in HOLDS:
        return ()
    silent = _silent_items(question, evidence) if asked is Asked.STATUS else ()
    if silent:
        return silent
    if asked is Asked.STATUS and lists_units(question):
        return _statuses(evidence) or (unsaid(asked),)
    ranked = []
    for rank, item in enumerate(evidence):
        for score, sentence in _needle_sentences(question, asked, item):
            ranked.append((score - 0.1 * rank, item, sentence))
    lines = _best_needles(ranked, unit_labels(evidence), many=lists_units(question))
    if lines or asked is Asked.DATE:
        return tuple(lines)
    return (unsaid(asked),)


def unsaid(asked: Asked) -> str:
    """That the cases found do not tell what was asked for."""
    return f"{UNSAID}{_MISSING.get(asked, '时间')}。"


def _statuses(evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """Case by case how far it has come, as the notice puts it."""
    units = unit_labels(evidence)
    lines = [
        f"- {units[item.number]}：{safe_text(item.case.problem).rstrip('。')}"
        f"（{safe_text(item.case.status).rstrip('。')}）[{item.number}]。"
        for item in evidence
        if item.case.status
    ]
    return ("\n".join(lines),) if lines else ()


_MISSING = {
    Asked.MONEY: "金额",
    Asked.PEOPLE: "数量",
    Asked.STATUS: "完成情况",
    Asked.BLAME: "追责问责情况",
}


def _best_needles(
    ranked: list[tuple[float, Evidence, str]], units: Mapping[int, str], *, many: bool
) -> list[str]:
    ranked.sort(key=lambda one: (-one[0], one[1].number))
    lines: list[str] = []
    most = NEEDLES_LISTED if many else NEEDLES
    least = ranked[0][0] * NEEDLE_SHARE if ranked and not many else -1.0
    told: set[int] = set()
    for score, item, sentence in ranked:
        if many and item.number in told:
            continue
        fresh = all(likeness(sentence, line) < 0.7 for line in lines)
        if len(lines) < most and score >= least and fresh:
            told.add(item.number)
            lines.append(f"{units[item.number]}：{_cited(sentence, item.number)}")
    return lines


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
            if differs(item.notice, count) and count.name.startswith(_TOLD):
                lines.append(
                    f"{unit_name(item)}通报自述{count.name}为{count.stated}，"
                    f"逐条清点为{count.counted}，两者不一致，请以原文核对[{item.number}]。"
                )
    return tuple(lines[:3])


def meant_by(question: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """For "“…”是什么意思": the sentence the words stand in, with its masks undone."""
    quoted = re.search(r"[“\"「]([^”\"」]{2,20})[”\"」]", question) or _UNQUOTED.match(question)
    if not quoted or not re.search(r"意思|指什么|啥意|什么东西", question):
        return ()
    for item in evidence:
        for raw in (item.case.problem, *(one.text for one in item.case.measures)):
            for start, end in sentences(raw):
                if quoted.group(1) in raw[start:end]:
                    whole = _shorten(strip_label(safe_text(raw[start:end])))
                    said = f"{unit_name(item)}：{_cited(whole, item.number)}"
                    return (said,) if "“" in question or '"' in question else (MEANS, said)
    return ()

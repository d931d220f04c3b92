"""Answers made of the sentences of the evidence, without a model.

What the library shows comes first, then the practices in the order of the trade, each with the
number of the case it stands in. Names of private persons are masked; masks are never filled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from assistant.models import Answerable, Evidence
from assistant.taxonomy.classify import load_taxonomy
from assistant.writing.answer_match import (
    CLOSE,
    absent_persons,
    absent_sums,
    absent_units,
    closeness,
    is_elsewhere,
    is_vague,
    missing_terms,
    of_its_kind,
    relevant,
    same_matter,
    touches,
)
from assistant.writing.answer_match import (
    NEAREST as NEAREST_CASES,
)
from assistant.writing.answer_parts import (
    FIGURES,
    SILENT,
    UNSAID,
    closest_case,
    contradictions,
    grouped_practices,
    header_dates,
    meant_by,
    needle_lines,
    side_by_side,
    unit_labels,
    unsaid,
)
from assistant.writing.masking import safe_text
from assistant.writing.nature import HONEST_WAY, REFUSAL
from assistant.writing.question import (
    Asked,
    asked_for,
    asked_steps,
    asks_standard,
    asks_state,
    asks_whether,
    compares,
    lists_units,
    matters_apart,
)

NOTHING_FOUND = "案例库中没有找到能够回答这个问题的案例或依据。"
NEAREST = "以下为库中最接近的案例，仅供参考："
WEAK = "库中案例与所问相近但不充分，以下供参考，请结合本单位实际核实。"
ABSENT = "检索到的案例中没有{names}的内容，以下为其他单位的做法，仅供参考。"
VAGUE = "问题写得太简略，请写明要了解的具体事项后再提问。"
NOT_BY_NAME = "案例库中没有直接提到{names}，以下为同类问题的做法，供参考。"
NO_PERSON = "案例库中没有提到{names}，也不提供个人处理情况的推断。"
NOT_NAMED = "案例库中没有提到{names}的案例，不能直接回答。"
NO_NAMES = "通报中的单位、地名和人名已作隐名处理，本工具不还原、不推断其真实名称。"
NO_VERDICT = (
    "是否追责、如何定性由有权机关按照干部管理权限依规依纪认定，本工具不对具体的人作判断；"
    "可以查询同类问题中各单位追责问责的做法。"
)
ANOTHER_WAY = "可换一种说法，或写明具体事项和所属领域（如财务、采购、党建）后再查。"
NO_STANDARD = (
    "案例库收录的是整改通报，没有规定标准和计算办法，请以现行文件和本级规定为准。"
    "以下为同类问题的整改做法，供参考。"
)
NO_ARTICLE = "案例库收录的是整改通报，没有法规条文，不能据此给出条款编号，请查阅现行文件原文。"

REFUSED = (Asked.FABRICATION, Asked.VERDICT, Asked.NAMES, Asked.ARTICLE)
TOPIC_CHARS = 12
EACH_PART = 4
AHEAD = 0.8
"""Share of the first case's score below which the second is plainly another matter."""


class AnswerWriter(Protocol):
    """Writes an answer as pieces of text with citations `[n]`."""

    def stream(
        self, question: str, evidence: Sequence[Evidence], *, answerable: Answerable
    ) -> Iterator[str]:
        """Pieces of the answer, in order."""
        ...


class ExtractiveAnswerWriter:
    """Deterministic: sentences of the evidence, picked and ordered."""

    def stream(
        self, question: str, evidence: Sequence[Evidence], *, answerable: Answerable
    ) -> Iterator[str]:
        """One paragraph at a time."""
        for position, paragraph in enumerate(_paragraphs(question, evidence, answerable)):
            yield f"\n\n{paragraph}" if position else paragraph


def _paragraphs(
    question: str, evidence: Sequence[Evidence], answerable: Answerable
) -> Iterator[str]:
    asked = asked_for(question)
    if asked is Asked.FABRICATION:
        yield f"{REFUSAL}{HONEST_WAY}"
        return
    refusal = {
        Asked.VERDICT: NO_VERDICT,
        Asked.NAMES: NO_NAMES,
        Asked.ARTICLE: NO_ARTICLE,
    }.get(asked)
    if refusal:
        yield refusal
        return
    if is_vague(question):
        yield VAGUE
        return
    if answerable is Answerable.NO or not evidence:
        yield NOTHING_FOUND
        if evidence:
            yield _nearest_or_hint(question, evidence)
        return
    parts = matters_apart(question)
    if not parts:
        yield from _answered(question, asked, evidence, answerable)
    for number, part in enumerate(parts):
        yield f"{'一二三'[number]}、{part.removesuffix('怎么整改')}"
        held = _of_part(part, evidence)
        if held:
            yield from _practices(part, held, ())
        else:
            yield NOT_NAMED.format(names=_quoted((part.removesuffix("怎么整改"),)))


def _of_part(part: str, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The cases on one of several matters, the nearest first."""
    near = sorted(evidence, key=lambda item: -closeness(part, item))
    own = same_matter(part, near) or of_its_kind(part, near) or relevant(part, near)[:1]
    return tuple(replace(item, score=closeness(part, item)) for item in own[:EACH_PART])


def _answered(
    question: str, asked: Asked, evidence: Sequence[Evidence], answerable: Answerable
) -> Iterator[str]:
    meaning = meant_by(question, evidence)
    if meaning:
        yield from meaning
        return
    absent = absent_units(question, evidence)
    near = relevant(question, evidence)
    instead = list(_instead(question, asked, near, absent, answerable))
    if instead:
        yield from instead
        return
    if answerable is Answerable.WEAK:
        yield WEAK
    if absent:
        yield ABSENT.format(names=_quoted(absent))
    elif unnamed := missing_terms(question, near):
        yield NOT_BY_NAME.format(names=_quoted(unnamed))
    dates = header_dates(question, near) if asked is Asked.DATE and not absent else ()
    needles = () if dates else needle_lines(question, asked, near)
    yield from dates
    yield from needles
    listed = asked is Asked.STATUS and lists_units(question)
    if listed or any(SILENT in line for line in needles):
        return
    if asked in FIGURES and not dates and all(UNSAID in line for line in needles):
        differing = contradictions(question, near)
        if not needles:
            yield unsaid(Asked.DATE)
        yield from differing or (_nearest(near),)
        return
    if answerable is Answerable.WEAK and any(UNSAID in line for line in needles):
        yield _nearest(near)
        return
    yield from _practices(question, near, (*dates, *needles))
    yield from contradictions(question, near)


def _instead(
    question: str,
    asked: Asked,
    near: Sequence[Evidence],
    absent: Sequence[str],
    answerable: Answerable,
) -> Iterator[str]:
    """What is said in place of an answer to the letter, where there can be none."""
    if asks_standard(question) and not absent:
        yield NO_STANDARD
        yield from _practices(question, near, ())
        return
    elsewhere = list(_elsewhere(question, asked, near, absent, answerable))
    yield from elsewhere
    counted = asked in (Asked.MONEY, Asked.PEOPLE) and not absent
    if counted and not elsewhere and missing_terms(question, near):
        # a figure of another matter answers nothing
        yield unsaid(asked)
        yield _nearest(near)
        return
    weak = answerable is Answerable.WEAK and asked is Asked.PRACTICE
    if weak and not elsewhere and not touches(question, near[:NEAREST_CASES]):
        yield NOTHING_FOUND
        yield ANOTHER_WAY


def _elsewhere(
    question: str,
    asked: Asked,
    near: Sequence[Evidence],
    absent: Sequence[str],
    answerable: Answerable,
) -> Iterator[str]:
    """What is said where no case names the person, the unit or the matter asked about."""
    persons = absent_persons(question, near)
    if persons:
        yield NO_PERSON.format(names=_quoted(persons))
        return
    sums = absent_sums(question, near)
    if sums:
        yield NOT_NAMED.format(names=_quoted(sums))
        yield _nearest(near)
        return
    whether = asks_whether(question)
    missing = missing_terms(question, near, deeds=whether)
    lacking = is_elsewhere(question, missing, answerable) or (whether and bool(missing))
    stands = asks_state(question)
    if (stands and (absent or lacking)) or (lacking and absent):
        yield NOT_NAMED.format(names=_quoted(absent or missing))
        yield _nearest(of_its_kind(question, near) or near)
        return
    if not lacking:
        return
    alike = () if whether else same_matter(question, near)
    if alike and asked in FIGURES:
        # a figure of another matter, or what was done about it, answers nothing
        yield unsaid(asked)
        yield _nearest(alike)
        return
    if alike:
        yield NOT_BY_NAME.format(names=_quoted(missing))
        needles = needle_lines(question, asked, alike)
        yield from needles
        yield from _practices(question, alike, needles)
        return
    yield NOT_NAMED.format(names=_quoted(missing))
    yield _nearest(of_its_kind(question, near) or near)


def _quoted(names: Sequence[str]) -> str:
    return "、".join(f"“{name}”" for name in names[:3])


def _practices(question: str, evidence: Sequence[Evidence], said: Sequence[str]) -> Iterator[str]:
    """The case asked about in full, then what others did, step by step; or unit by unit."""
    if compares(question):
        yield _lead(evidence, "各单位的做法如下")
        yield from side_by_side(question, evidence)
        return
    others = list(evidence)
    first = evidence[0]
    if not asked_steps(question) and not lists_units(question) and _stands_out(question, evidence):
        closest = closest_case(question, first, said=said)
        said = (*said, *closest)
        others.remove(first)
        yield from closest
    groups = grouped_practices(question, others, said=said)
    if groups:
        other = "其他案例的做法如下" if len(others) < len(evidence) else "主要做法如下"
        yield _lead(evidence, other)
        yield from groups


def _stands_out(question: str, evidence: Sequence[Evidence]) -> bool:
    """Whether the first case is the very matter asked about."""
    first = evidence[0]
    ahead = len(evidence) == 1 or evidence[1].score < AHEAD * first.score
    return ahead or closeness(question, first) >= CLOSE


def _nearest_or_hint(question: str, evidence: Sequence[Evidence]) -> str:
    """The nearest cases that have anything to do with the question, else how to ask again."""
    akin = of_its_kind(question, evidence)
    return _nearest(akin) if akin else ANOTHER_WAY


def _nearest(evidence: Sequence[Evidence]) -> str:
    units = unit_labels(evidence)
    nearest = "\n".join(
        f"- {units[item.number]}：{_in_one(item.case.problem)}[{item.number}]。"
        for item in evidence[:3]
    )
    return f"{NEAREST}\n{nearest}"


def _in_one(problem: str) -> str:
    """A problem of several sentences as one, so that its citation stands for all of it."""
    return safe_text(problem).rstrip("。").replace("。", "；")


def _lead(evidence: Sequence[Evidence], what: str) -> str:
    units = len({item.notice.id for item in evidence})
    numbers = "".join(f"[{item.number}]" for item in evidence)
    return f"检索到相关案例{len(evidence)}条，来自{units}个单位{numbers}。{what}："


def suggest_followups(question: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """Up to three further questions the evidence can answer."""
    topic = _topic_of(question, evidence)
    if not topic or asked_for(question) in REFUSED or is_vague(question):
        return ()
    if not of_its_kind(question, evidence):
        return ()
    held = [item for item in evidence if topic in item.case.topics]
    name = load_taxonomy().topics[topic].name.split("（")[0]
    about = name if len(name) <= TOPIC_CHARS else name.split("、")[0]
    kinds = {kind for item in held for one in item.case.measures for kind in one.kinds[:1]}
    asked, steps = asked_for(question), asked_steps(question)
    offers = (
        (
            asked is not Asked.STATUS and sum(bool(item.case.status) for item in held) > 1,
            f"{about}方面的整改，哪些单位写明已完成、哪些还在推进？",
        ),
        (
            asked is not Asked.BLAME and "M06" in kinds,
            f"{about}方面的问题，各单位是怎么追责问责的？",
        ),
        (
            "建章立制" not in steps and "M03" in kinds,
            f"针对{about}，各单位建立或修订了哪些制度？",
        ),
        (
            "举一反三" not in steps and bool({"M01", "M02", "M07"} & kinds),
            f"{about}方面的问题，怎样举一反三开展自查？",
        ),
    )
    return tuple(text for holds, text in offers if holds)[:3]


def _topic_of(question: str, evidence: Sequence[Evidence]) -> str:
    """The topic of the question that the cases share, else that of the first case."""
    topics = load_taxonomy().topics
    held = [topic for item in evidence for topic in item.case.topics if topic in topics]
    asked = load_taxonomy().topics_of(question)
    return next((topic for topic in asked if topic in held), held[0] if held else "")

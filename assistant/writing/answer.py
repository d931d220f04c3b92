"""Answers made of the sentences of the evidence, without a model.

What the library shows comes first, then the practices in the order of the trade, each with the
number of the case it stands in. Names of private persons are masked; masks are never filled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from assistant.models import Answerable, Evidence
from assistant.taxonomy.classify import load_taxonomy
from assistant.writing.answer_parts import (
    absent_units,
    contradictions,
    grouped_practices,
    header_dates,
    meant_by,
    needle_lines,
    relevant,
    unit_name,
)
from assistant.writing.masking import safe_text
from assistant.writing.nature import HONEST_WAY, REFUSAL
from assistant.writing.question import Asked, asked_for

NOTHING_FOUND = "案例库中没有找到能够回答这个问题的案例或依据。"
NEAREST = "以下为库中最接近的案例，仅供参考："
WEAK = "库中案例与所问相近但不充分，以下供参考，请结合本单位实际核实。"
ABSENT = "检索到的案例中没有{names}的内容，以下为其他单位的做法，仅供参考。"
NO_NAMES = "通报中的单位、地名和人名已作隐名处理，本工具不还原、不推断其真实名称。"
NO_ARTICLE = "案例库收录的是整改通报，没有法规条文，不能据此给出条款编号，请查阅现行文件原文。"


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
    refusal = {Asked.NAMES: NO_NAMES, Asked.ARTICLE: NO_ARTICLE}.get(asked)
    if refusal:
        yield refusal
        return
    if answerable is Answerable.NO or not evidence:
        yield from _nothing(evidence)
        return
    if answerable is Answerable.WEAK:
        yield WEAK
    absent = absent_units(question, evidence)
    if absent:
        yield ABSENT.format(names="、".join(f"“{name}”" for name in absent))
    evidence = relevant(question, evidence)
    dates = header_dates(question, evidence) if asked is Asked.DATE and not absent else ()
    needles = () if dates else needle_lines(question, asked, evidence)
    yield from meant_by(question, evidence)
    yield from dates
    yield from needles
    yield _lead(evidence)
    yield from grouped_practices(question, evidence, said=(*dates, *needles))
    yield from contradictions(question, evidence)


def _nothing(evidence: Sequence[Evidence]) -> Iterator[str]:
    if not evidence:
        yield NOTHING_FOUND
        return
    nearest = "\n".join(
        f"- {unit_name(item)}：{safe_text(item.case.problem).rstrip('。')}[{item.number}]。"
        for item in evidence[:3]
    )
    yield NOTHING_FOUND
    yield f"{NEAREST}\n{nearest}"


def _lead(evidence: Sequence[Evidence]) -> str:
    units = len({item.notice.id for item in evidence})
    numbers = "".join(f"[{item.number}]" for item in evidence)
    return f"检索到相关案例{len(evidence)}条，来自{units}个单位{numbers}。主要做法如下："


def suggest_followups(question: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """Up to three further questions the evidence can answer."""
    asked = asked_for(question)
    if not evidence:
        return ()
    topics = load_taxonomy().topics
    top = next((topics[t].name for item in evidence for t in item.case.topics if t in topics), "")
    about = top.split("、")[0].split("（")[0] if top else "这类问题"
    offers = []
    if asked is not Asked.STATUS and any(item.case.status for item in evidence):
        offers.append(f"{about}方面的整改，哪些单位写明已完成、哪些还在推进？")
    if asked is not Asked.BLAME and any(
        "M06" in measure.kinds for item in evidence for measure in item.case.measures
    ):
        offers.append(f"{about}方面的问题，各单位是怎么追责问责的？")
    if any("M03" in measure.kinds for item in evidence for measure in item.case.measures):
        offers.append(f"针对{about}，各单位建立或修订了哪些制度？")
    offers.append(f"{about}方面的问题，怎样举一反三开展自查？")
    return tuple(offers[:3])

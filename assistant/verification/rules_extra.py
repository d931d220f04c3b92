"""Checks beside R01–R22: formulas, made-up records, obeyed instructions, evidence numbers."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.models import Finding
from assistant.outgoing.masking import find_placeholders
from assistant.personal_data import Kind, find_numbers
from assistant.verification.draft_check import DraftCheck, cue
from assistant.writing.formulas import broken_formulas
from assistant.writing.guard import instructions
from assistant.writing.nature import HONEST_WAY


def check_formulas(check: DraftCheck) -> Iterator[Finding]:
    """Fixed formulas stand whole, or the sentence does not go out."""
    for where, text in check.parts():
        yield from broken_formulas(text, where=where)


def check_fabrication(check: DraftCheck) -> Iterator[Finding]:
    """No measure makes up or back-dates records."""
    for where, text in check.parts():
        if not where.startswith("measure"):
            continue
        for name in ("fabrication", "records_made_up"):
            for match in cue(name).finditer(text):
                clause_start = max(text.rfind(mark, 0, match.start()) for mark in "，。；、：") + 1
                clause = text[max(0, clause_start - 12) : match.end() + 14]
                if name == "fabrication" and cue("fabrication_stop").search(clause):
                    continue
                if _quotes_the_problem(check, text, match.start(), match.end()):
                    continue
                yield Finding(
                    "fabrication",
                    "error",
                    f"“{match.group()}”涉及补造记录或倒签时间，不得采用。{HONEST_WAY}",
                    where,
                    match.start(),
                    match.end(),
                )


def _quotes_the_problem(check: DraftCheck, text: str, start: int, end: int) -> bool:
    """Whether the words stand in quotation marks and are the user's own account of the fault."""
    opened, closed = text.rfind("“", 0, start), text.find("”", end)
    if opened < 0 or closed < 0 or "”" in text[opened:start]:
        return False
    return text[opened + 1 : closed] in check.draft.problem


def check_instructions(check: DraftCheck) -> Iterator[Finding]:
    """Nothing of an instruction hidden in a source shows in the draft."""
    for where, text in check.parts():
        for match in instructions().finditer(text):
            yield Finding(
                "instruction",
                "error",
                f"“{match.group()}”像是夹带的指令，不属于措施内容，请删去。",
                where,
                match.start(),
                match.end(),
                "",
            )


def check_placeholders(check: DraftCheck) -> Iterator[Finding]:
    """No placeholder of masking that came back garbled and stands for nothing."""
    for where, text in check.parts():
        for placeholder in find_placeholders(text):
            if placeholder not in check.owned:
                start = text.index(placeholder)
                yield Finding(
                    "placeholder",
                    "error",
                    f"“{placeholder}”是发送前遮蔽所用的占位符，模型没有照写，无法还原，请改写。",
                    where,
                    start,
                    start + len(placeholder),
                )


def check_contact(check: DraftCheck) -> Iterator[Finding]:
    """No telephone number or address of another unit."""
    for where, text in check.parts():
        numbers = [number for number in find_numbers(text) if number.kind is not Kind.PHONE]
        for match in cue("contact").finditer(text):
            # eleven digits inside an identity or card number are no telephone
            inside = any(one.start < match.end() and match.start() < one.end for one in numbers)
            if match.group() not in check.owned and not inside:
                yield Finding(
                    "contact",
                    "error",
                    f"“{match.group()}”是联系方式，不得写入草稿。",
                    where,
                    match.start(),
                    match.end(),
                    "",
                )


def check_evidence(check: DraftCheck) -> Iterator[Finding]:
    """Evidence numbers exist."""
    known = {item.number for item in check.draft.evidence}
    for at, measure in enumerate(check.draft.measures):
        wrong = [number for number in measure.evidence if number not in known]
        if wrong:
            yield Finding(
                "citation",
                "error",
                f"第{at + 1}条所引依据{wrong}不存在，请核对。",
                f"measure:{at}",
            )


def check_measures(check: DraftCheck) -> Iterator[Finding]:
    """A plan has measures."""
    if not check.draft.measures:
        yield Finding("empty", "error", "草稿没有措施，请补充。", "draft")

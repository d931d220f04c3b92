"""How far a whole problem has come: status words, status sentences, status headings."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.models import StatusClass
from assistant.parsing.cues import Cues
from assistant.parsing.sentences import split_sentences

PREFIX_STATUS = re.compile(r"[（【〔\[]([^（）【】〔〕\[\]，。]{2,10})[）】〕\]]\s*")
EXPECTED = re.compile(
    r"(?:(?:目前|正在)[^，。；]{0,12}，)?(?:预计|计划|力争)[^，。；]{2,20}"
    r"(?:完成|建成|投用|投入使用|竣工|交付(?:使用)?|启用|办结|销号|到位)"
)
"""预计年底前投入使用。: a sentence of its own on what is still to come."""
STATUS_LIMIT = 40
BRACKETS = "（）【】〔〕[]()"
SHARE = re.compile(r"(?:已?完成)?(\d{1,3})(?:\.\d+)?\s*[%％]?")
WHOLE = re.compile(
    r"(?:目前|现|截至目前)?(?:该|此|本|这一|这个|上述|以上|相关)(?:项|个|条|类)?(?:反馈|整改)?(?:问题|事项|整改|任务)"
)
CLAUSE = re.compile(r"[^，。；]*目前[^。；]*")
PAREN_STATUS = re.compile(r"[（(【\[]([^（）()【】\[\]]{2,16})[）)】\]]\s*[。：:]?\s*$")
ORDER = (
    StatusClass.OPEN,
    StatusClass.ONGOING,
    StatusClass.STAGED,
    StatusClass.MOSTLY,
    StatusClass.DONE,
)


ANSWERS = {
    **dict.fromkeys(("是", "√", "✓", "☑", "已", "完", "Y"), StatusClass.DONE),
    **dict.fromkeys(("否", "×", "✗", "N"), StatusClass.OPEN),
}
"""Under 是否完成."""


def status_class(text: str, cues: Cues) -> StatusClass | None:
    """The class of the first status wording in a text."""
    best: tuple[int, StatusClass] | None = None
    for kind, pattern in cues.status:
        match = pattern.search(text)
        if match and (best is None or match.start() < best[0]):
            best = (match.start(), kind)
    return best[1] if best else None


def field_class(text: str) -> StatusClass | None:
    """The class of 是, √, 100%, 80%: what stands alone in a field of status."""
    text = text.strip().rstrip("。；; ")
    if text in ANSWERS:
        return ANSWERS[text]
    share = SHARE.fullmatch(text)
    if share is None:
        return None
    return StatusClass.DONE if share.group(1) in ("100", "1") else StatusClass.ONGOING


def prefix_status(text: str, cues: Cues) -> tuple[int, int] | None:
    """Offsets of the status in 【已完成】 before the number of a problem."""
    match = PREFIX_STATUS.match(text)
    if match is None or not is_status_only(match.group(1), cues):
        return None
    return match.span(1)


def is_status_only(text: str, cues: Cues) -> bool:
    """Whether a sentence says nothing but how far the matter has come."""
    text = text.strip().rstrip("。；;").strip(BRACKETS)
    if EXPECTED.fullmatch(text):
        return True
    words = EXPECTED.sub("", text)
    if not 0 < len(text) <= STATUS_LIMIT or cues.status_words.sub("", words).strip():
        return False
    return status_class(text, cues) is not None


def heading_status(text: str, cues: Cues) -> tuple[int, int] | None:
    """Offsets of status words in a heading such as （一）已完成的整改事项."""
    body = text[:80]
    match = cues.status_heading.search(body)
    if match is None or "是否" in body:
        return None
    if status_class(match.group("s"), cues) is None:
        return None
    return match.start("s"), match.end("s")


def paren_status(text: str) -> tuple[int, int] | None:
    """Offsets of what stands in brackets at the very end of a heading."""
    shift = max(0, len(text) - 30)
    match = PAREN_STATUS.search(text[shift:])
    return (match.start(1) + shift, match.end(1) + shift) if match else None


def still_open(measure: str, cues: Cues) -> bool:
    """Whether a measure ends on something not done: 未完成的, 未办结不得… only name a case."""
    sentences = [measure[a:b] for a, b in split_sentences(measure)]
    last = sentences[-1] if sentences else ""
    clauses = re.split(r"[，；：]", last.rstrip("。；; "))
    if any(cues.closing_all.search(clause) for clause in clauses):
        return False
    return any(
        cues.still_open.search(clause) is not None
        and not clause.startswith(("凡", "对", "如", "若"))
        for clause in clauses
    )


def of_the_problem(measure: str, cues: Cues, *, bare: bool) -> str:
    """…，该问题正在持续整改。: a last clause that speaks of the whole problem; empty if none.

    `bare` takes a last clause of status words alone too.
    """
    clause = re.split(r"[，；。]", measure.rstrip("。；; "))[-1].strip()
    named = (bare or WHOLE.match(clause) is not None) and is_status_only(clause, cues)
    return clause if named else ""


def progress_clauses(measure: str) -> list[str]:
    """`目前…` at the end of a measure: where some notices say how far they are."""
    sentences = [measure[a:b] for a, b in split_sentences(measure)]
    if not sentences:
        return []
    last = sentences[-1].rstrip("。；; ")
    at = last.rfind("目前")
    if at >= 0:
        return [last[at:]]
    if len(sentences) > 1:
        before = sentences[-2].rstrip("。；; ")
        at = before.rfind("目前")
        if at >= 0:
            return [before[at:]]
    return []


def weakest(found: Sequence[tuple[StatusClass, str]]) -> tuple[StatusClass, str] | None:
    """Of several statuses the one that is least far."""
    for kind in ORDER:
        for status, text in found:
            if status is kind:
                return status, text
    return None

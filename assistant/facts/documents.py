"""Documents in a sentence: titles in 《》 and 文号. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.models import Fact

_TITLE = re.compile(r"《[^《》]*(?:《[^《》]*》[^《》]*)*》")
_SERIAL = re.compile(
    r"(?:[\u4e00-\u9fff]{1,12}?)?[〔﹝\[【（(〈]((?:19|20)\d{2})[〕﹞\]】）)〉]\s*第?\d{1,5}\s*号"
)
_OFFICE_CHAR = re.compile(
    r"(?:根据|按照|依据|印发|下发|转发|执行|落实|修订|完善|制定|出台|学习|贯彻|传达|对照|废止|见|以|的|与|和|对|将|照|》|，)"
)


def find_titles(text: str) -> Iterator[Fact]:
    """Document titles in 《》, nested ones as part of the outer."""
    for match in _TITLE.finditer(text):
        title = match[0][1:-1].strip(" 　")
        if title:
            yield Fact("document", match[0], match.start(), match.end(), title)


def find_serials(text: str) -> Iterator[Fact]:
    """文号 such as 某政发〔2021〕94号."""
    for match in _SERIAL.finditer(text):
        start = match.start()
        head = text[start : match.start(1) - 1]
        cut = max((m.end() for m in _OFFICE_CHAR.finditer(head)), default=0)
        yield Fact("document", text[start + cut : match.end()], start + cut, match.end())

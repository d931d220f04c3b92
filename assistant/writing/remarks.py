"""What is no question to the library: courtesy, the tool itself, orders; and one case in full."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml

from assistant.followup import is_courtesy
from assistant.models import Answer, Answerable, Evidence
from assistant.writing.answer_parts import closest_case
from assistant.writing.masking import plain
from assistant.writing.notice_page import Looked

WELCOME = "不客气。还有需要了解的整改问题，可以接着问。"


@cache
def _remarks() -> tuple[tuple[re.Pattern[str], str], ...]:
    path = Path(__file__).with_name("questions.yaml")
    held = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["remarks"]
    return tuple((re.compile(one["asked"], re.IGNORECASE), str(one["said"])) for one in held)


def remark_on(question: str) -> str:
    """What is said to a text that asks the library nothing; empty for a question."""
    if is_courtesy(question):
        return WELCOME
    return next((said for asked, said in _remarks() if asked.search(question.strip())), "")


def told_in_full(number: int, history: Sequence[Answer]) -> Looked | None:
    """The case the last answer numbered so, with all its measures; `None` where there is none."""
    if not number or not history:
        return None
    item = next((one for one in history[-1].evidence if one.number == number), None)
    if item is None:
        return None
    item = Evidence(1, item.case, item.notice, item.score)
    told = closest_case(plain(item.case.problem), item, whole=True)
    if not told:
        return None
    lead = f"前面所列第{number}条案例，原文写明的整改措施如下。"
    own = frozenset({lead.rstrip("。")})
    return Looked("\n\n".join((lead, *told)), (item,), Answerable.YES, own)

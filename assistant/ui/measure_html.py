"""The parts of the drafting desk that are only read: the problem, a measure as a card. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.models import DraftMeasure, DraftRecord, Finding
from assistant.ui.kit import topics_html
from assistant.ui.safe import plain
from assistant.ui.state import kind_name

FIELDS = {
    "responsible": ("责任", "责任领导：【　】；责任部门：【　】"),
    "deadline": ("时限", "【　】年【　】月【　】日前"),
    "deliverable": ("成果", "台账、制度、清单等"),
}
"""Field → its name, and what stands in it while it is empty."""
LONG_PROBLEM = 600
FINDINGS_IN_CARD = 3
_BLANK = re.compile(r"【[\s　]*】")


def problem_html(record: DraftRecord) -> str:
    """Draw the problem verbatim."""
    topics = topics_html(record.draft.topics) if record.draft else ""
    number = f'<span class="pn">{plain(record.number)}</span>' if record.number else ""
    body = plain(record.problem)
    if len(record.problem) > LONG_PROBLEM:
        body = (
            f"{plain(record.problem[:160])}…<details><summary>展开全文（{len(record.problem)} 字）"
            f"</summary><div>{body}</div></details>"
        )
    group = f"<small>{plain(record.group)}</small>" if record.group else ""
    return f'<div class="problem">{number}{body}</div><p class="tags">{topics}{group}</p>'


def measure_html(
    place: int, measure: DraftMeasure, findings: Sequence[Finding], *, opened: bool
) -> str:
    """Draw a measure: opened only its head, since its fields stand below it."""
    worst = "bad" if any(finding.level == "error" for finding in findings) else "fine"
    head = f'<p class="mh {"on" if opened else "off"} {worst}">{_head(place, measure)}</p>'
    if opened:
        return head
    text = _blanks(measure.text) or '<i class="none">还没有写内容</i>'
    about = "".join(
        f"<span><b>{name}</b>{_blanks(words) if (words := getattr(measure, field)) else _NONE}"
        "</span>"
        for field, (name, _) in FIELDS.items()
    )
    return f'{head}<p class="mt">{text}</p><p class="ma">{about}</p>{findings_html(findings)}'


def findings_html(findings: Sequence[Finding]) -> str:
    """Draw what is wrong with one measure."""
    rows = "".join(
        f'<li class="{mark_of(finding)}">{plain(finding.message)}</li>'
        for finding in findings[:FINDINGS_IN_CARD]
    )
    return f'<ul class="check inside">{rows}</ul>' if rows else ""


def mark_of(finding: Finding) -> str:
    """Give the class of the mark a finding is listed with."""
    return {"error": "bad", "warn": "warn"}.get(finding.level, "info")


_NONE = '<i class="none">未填</i>'


def _blanks(text: str) -> str:
    """Draw text with what is still to be filled in marked."""
    return _BLANK.sub(lambda blank: f"<mark>{blank.group()}</mark>", plain(text))


def _head(place: int, measure: DraftMeasure) -> str:
    parts = [f"<b>措施 {place + 1}</b>"]
    if measure.step:
        parts.append(f'<span class="tag">{plain(measure.step)}</span>')
    elif measure.kind:
        parts.append(f'<span class="tag">{plain(kind_name(measure.kind))}</span>')
    if measure.evidence:
        links = "".join(
            f'<a class="cite" href="#e-{number}" aria-label="查看依据 {number} 的原文">{number}</a>'
            for number in sorted(measure.evidence)
        )
        parts.append(f"<small>依据{links}</small>")
    else:
        parts.append("<small>通用写法，无依据</small>")
    if measure.used_by > 1:
        parts.append(f"<small>{measure.used_by} 家用过</small>")
    return "".join(parts)

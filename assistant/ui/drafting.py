"""Changes to a stored draft: pure functions on records, and the one place that saves them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.export.ledger import LEDGER_FIELDS, OFFICE_FIELDS
from assistant.models import Draft, DraftMeasure, DraftRecord, Finding, LedgerRow, UnitProfile
from assistant.ui.safe import plain
from assistant.ui.slim import slim_draft

WAITING, WORKING, FINAL = "待拟", "在拟", "定稿"
STATES = (WAITING, WORKING, FINAL)
STEPS = ("查清", "纠正处置", "追责问责", "建章立制", "举一反三", "监督长效")
EMPTY_MEASURE = DraftMeasure(
    text="", kind="", step="", evidence=(), responsible="", deadline="", deliverable=""
)
NUMBERS_TOLD = 8
LEVELS = {"error": 0, "warn": 1, "info": 2}
_PLACE = re.compile(r"^(measure|deliverable|responsible):(\d+)$")
_NUMBER = re.compile(r"^第\d+条")
_SENTENCE = re.compile(r"[^。；！？\n]+[。；！？\n]?")


def with_draft(record: DraftRecord, draft: Draft) -> DraftRecord:
    """Put a changed draft into a record; what was final is open again."""
    return replace(record, draft=slim_draft(draft), state=WORKING)


def changed(draft: Draft, place: int, field: str, value: str) -> Draft:
    """Change one field of one measure."""
    measures = list(draft.measures)
    if field == "text":
        measures[place] = replace(measures[place], text=value)
    elif field == "responsible":
        measures[place] = replace(measures[place], responsible=value)
    elif field == "deadline":
        measures[place] = replace(measures[place], deadline=value)
    elif field == "deliverable":
        measures[place] = replace(measures[place], deliverable=value)
    else:
        raise ValueError(f"no field {field!r} in a measure")
    return replace(draft, measures=tuple(measures))


def moved(draft: Draft, place: int, by: int) -> Draft:
    """Move a measure up (-1) or down (+1)."""
    measures = list(draft.measures)
    target = place + by
    if 0 <= target < len(measures):
        measures[place], measures[target] = measures[target], measures[place]
    return replace(draft, measures=tuple(measures))


def without(draft: Draft, place: int) -> Draft:
    """Drop a measure."""
    return replace(draft, measures=draft.measures[:place] + draft.measures[place + 1 :])


def added(draft: Draft, measure: DraftMeasure = EMPTY_MEASURE) -> Draft:
    """Append a measure, or put it at the end of its step."""
    if measure.step in STEPS:
        order = STEPS.index(measure.step)
        for place, other in enumerate(draft.measures):
            if other.step in STEPS and STEPS.index(other.step) > order:
                measures = (*draft.measures[:place], measure, *draft.measures[place:])
                return replace(draft, measures=measures)
    return replace(draft, measures=(*draft.measures, measure))


def measure_of(finding: Finding) -> int | None:
    """Give the measure a finding is about."""
    match = _PLACE.match(finding.where)
    return int(match[2]) if match else None


def fixed(draft: Draft, finding: Finding) -> Draft:
    """Apply the fix a finding offers."""
    if finding.fix is None:
        return draft
    place = measure_of(finding)
    if place is not None and place < len(draft.measures):
        part = finding.where.partition(":")[0]
        field = "text" if part == "measure" else part
        text = str(getattr(draft.measures[place], field))
        return changed(draft, place, field, _replaced(text, finding))
    if finding.where == "cause":
        return replace(draft, cause=_replaced(draft.cause, finding))
    if finding.where == "goal":
        return replace(draft, goal=_replaced(draft.goal, finding))
    if finding.where in ("draft", "measures", ""):
        return added(draft, replace(EMPTY_MEASURE, text=finding.fix))
    return draft


def grouped(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Put together what says the same of several measures, worst first."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        # what offers a fix stands alone, since the fix is of one place
        alone = finding.where if finding.fix is not None else ""
        said = _NUMBER.sub("", finding.message) if measure_of(finding) is not None else ""
        groups.setdefault((finding.rule, said or finding.message, alone), []).append(finding)
    return sorted(groups.values(), key=lambda group: LEVELS.get(group[0].level, len(LEVELS)))


def told(group: Sequence[Finding]) -> str:
    """Say what a group of findings says, once, with the numbers of all its measures."""
    message = group[0].message
    numbers = [str(at + 1) for finding in group if (at := measure_of(finding)) is not None]
    if len(numbers) < 2 or not _NUMBER.match(message):
        return message
    more = f"等{len(numbers)}" if len(numbers) > NUMBERS_TOLD else ""
    return f"第{'、'.join(numbers[:NUMBERS_TOLD])}{more}条{_NUMBER.sub('', message)}"


def completed_by_profile(draft: Draft, profile: UnitProfile) -> Draft:
    """Fill empty responsibilities and deadlines from what the unit says of itself."""
    responsible = "；".join(f"{role}：{who}" for role, who in profile.leaders)
    deadline = f"{profile.deadline}前" if profile.deadline else ""
    measures = tuple(
        replace(
            measure,
            responsible=responsible
            if _blank(measure.responsible) and responsible
            else measure.responsible,
            deadline=deadline if _blank(measure.deadline) and deadline else measure.deadline,
        )
        for measure in draft.measures
    )
    return replace(draft, measures=measures)


def _blank(text: str) -> bool:
    return not re.sub(r"【[\s　]*】", "", text).strip("年月日前 　：；、责任领导部门人")


def _replaced(text: str, finding: Finding) -> str:
    return text[: finding.start] + (finding.fix or "") + text[finding.end :]


def as_lines(draft: Draft | None) -> list[str]:
    """Write a draft as lines, to compare two versions."""
    if draft is None:
        return []
    rows = [f"原因：{draft.cause}", f"目标：{draft.goal}"]
    for number, measure in enumerate(draft.measures, 1):
        rows.append(f"{number}. {measure.text}")
        about = (measure.responsible, measure.deadline, measure.deliverable)
        rows.append("　" + " ／ ".join(part or "（空）" for part in about))
    return rows


def ledger_lines(row: LedgerRow | None) -> list[str]:
    """Write what the office filled into the ledger as lines."""
    if row is None:
        return []
    return [
        f"{name}：{value}"
        for name, field in LEDGER_FIELDS
        if field in OFFICE_FIELDS and (value := " ".join(getattr(row, field).split()))
    ]


def difference_html(old: DraftRecord, new: DraftRecord) -> str:
    """Draw what changed from one version to another."""
    parts: list[str] = []
    before = [*as_lines(old.draft), *ledger_lines(old.ledger)]
    for row in difflib.ndiff(before, [*as_lines(new.draft), *ledger_lines(new.ledger)]):
        mark, text = row[:2], row[2:]
        if mark == "- ":
            parts.append(f"<p><del>{plain(text)}</del></p>")
        elif mark == "+ ":
            parts.append(f"<p><ins>{plain(text)}</ins></p>")
    return "".join(parts) or "<p>两版内容相同</p>"


def next_open(records: Sequence[DraftRecord], current: str) -> str:
    """Give the next record that is not final, else the current one."""
    ids = [record.id for record in records]
    start = ids.index(current) + 1 if current in ids else 0
    for record in [*records[start:], *records[:start]]:
        if record.state != FINAL and record.id != current:
            return record.id
    return current

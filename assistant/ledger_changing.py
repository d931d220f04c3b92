"""What a cell of a ledger means for a draft: its text, who is responsible, by when. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.export.ledger import ROLE_FIELDS
from assistant.export.text import EMPTY, find_days, parse_day, show_day
from assistant.models import Draft, DraftMeasure

# possessive: what was read as a space is never tried again as anything else
_NUMBERED = re.compile(r"\s*+(\d{1,3}+)\s*+[.．、)）]\s*+")


def measure_texts(cell: str) -> list[str]:
    """Split a cell of numbered measures; nothing where it is not numbered from 1 on."""
    parts: list[list[str]] = []
    for line in cell.splitlines():
        mark = _NUMBERED.match(line)
        if mark and int(mark[1]) == len(parts) + 1:
            parts.append([line[mark.end() :]])
        elif parts:
            parts[-1].append(line)
        elif line.strip():
            return []
    return ["\n".join(lines).strip() for lines in parts]


def _with_texts(measures: Sequence[DraftMeasure], texts: Sequence[str]) -> tuple[DraftMeasure, ...]:
    if len(texts) != len(measures):
        return tuple(measures)
    return tuple(replace(measure, text=text) for measure, text in zip(measures, texts, strict=True))


def changed(draft: Draft, field: str, now: str, offered: str) -> Draft:
    """Put what a ledger says in place of what the draft said; `now` is the draft's cell.

    Of measures only the wording changes: their number must be the same.
    """
    if field == "measures":
        return replace(draft, measures=_with_texts(draft.measures, measure_texts(offered)))
    if field == "cause":
        return replace(draft, cause=offered)
    if field == "goal":
        return replace(draft, goal=offered)
    if field == "deadline":
        return replace(draft, measures=_with_deadline(draft.measures, now, offered))
    role = next(role for role, name in ROLE_FIELDS.items() if name == field)
    return replace(
        draft,
        measures=tuple(
            _with_role(measure, role, now, offered or EMPTY) for measure in draft.measures
        ),
    )


def _with_role(measure: DraftMeasure, role: str, now: str, offered: str) -> DraftMeasure:
    """Name the role: where it was blank or named as the ledger had it; others keep theirs."""
    pattern = re.compile(rf"{role}[：:]\s*([^；;，,]*)")
    match = pattern.search(measure.responsible)
    if match is None:
        joined = "；".join(part for part in (measure.responsible, f"{role}：{offered}") if part)
        return replace(measure, responsible=joined)
    if match.group(1).strip() not in (now, EMPTY, ""):
        return measure
    text = f"{measure.responsible[: match.start()]}{role}：{offered}"
    return replace(measure, responsible=text + measure.responsible[match.end() :])


_DAY_OR_BLANK = re.compile(
    r"(?:(?:19|20)\d{2}\s?[年\-./]\s?\d{1,2}\s?[月\-./]\s?\d{1,2}日?|【　】年【　】月【　】日)"
)


def _with_deadline(
    measures: Sequence[DraftMeasure], now: str, offered: str
) -> tuple[DraftMeasure, ...]:
    """Move the last day; steps due later than the new one are due on it, earlier ones stay."""
    day = parse_day(offered)
    if day is None:
        return tuple(
            replace(measure, deadline=offered) if _last(measure, now) else measure
            for measure in measures
        )
    shown = show_day(day)
    moved = []
    for measure in measures:
        days = find_days(measure.deadline)
        if not days or _last(measure, now) or max(days) > day:
            text = (
                _DAY_OR_BLANK.sub(shown, measure.deadline, count=1)
                if _DAY_OR_BLANK.search(measure.deadline)
                else f"{shown}前"
            )
            measure = replace(measure, deadline=text)
        moved.append(measure)
    return tuple(moved)


def _last(measure: DraftMeasure, now: str) -> bool:
    known, last = find_days(measure.deadline), parse_day(now)
    return last in known if last else measure.deadline == now

"""The rows of a ledger the office filled in, laid beside the drafts. Pure: saves nothing.

Three values decide each field: as exported (kept in a hidden column), as it stands in the file,
as it stands in the draft. What only the office changed is taken over, what only the draft changed
stays, and where both changed the difference is shown: nothing is overwritten silently.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, fields, replace

from assistant.export.entries import entries_of
from assistant.export.ledger import (
    LEDGER_FIELDS,
    OFFICE_FIELDS,
    ROLE_FIELDS,
    STATES,
    ledger_row,
    load_ledger_format,
)
from assistant.export.text import EMPTY, find_days, parse_day, show_day
from assistant.models import Draft, DraftMeasure, DraftRecord, LedgerRow, UnitProfile

TEXT_FIELDS = ("cause", "goal")
COMPARED_ONLY = ("measures",)
_MARKS = re.compile(r"[^\w]+")
_UNFILLED = re.compile(r"^(?:【[^】]*】|[年月日前\s_　])*$")
_NAMES = {field: name for name, field in LEDGER_FIELDS}


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that the office and the draft say differently; the draft's value stands."""

    record_id: str
    problem: str
    column: str
    kept: str
    """What the draft says, and keeps saying."""
    offered: str
    """What the ledger says."""
    reason: str
    """A Chinese sentence."""


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What reading a ledger back would change."""

    updated: tuple[DraftRecord, ...]
    """Records with a change, ready to be saved; the others are not listed."""
    conflicts: tuple[Conflict, ...]
    changes: tuple[str, ...] = ()
    """One Chinese sentence for each field taken over."""
    unmatched: tuple[LedgerRow, ...] = ()
    """Rows whose problem is no record's."""
    missing: tuple[str, ...] = ()
    """Problems of records that the ledger does not list."""


def merge_ledger(
    records: Sequence[DraftRecord],
    rows: Sequence[LedgerRow],
    *,
    profile: UnitProfile | None = None,
) -> MergeResult:
    """Lay the rows of a ledger beside the records they belong to. Pure: saves nothing.

    `profile` is the one the ledger was exported with, where records hold none.
    """
    pairs, unmatched, missing = _paired(records, rows)
    updated: list[DraftRecord] = []
    conflicts: list[Conflict] = []
    changes: list[str] = []
    for position, (record, row) in pairs.items():
        merged = _Merge(record, row, position, profile or record.profile)
        conflicts += merged.conflicts
        changes += merged.changes
        if merged.record != record:
            updated.append(merged.record)
    return MergeResult(
        tuple(updated), tuple(conflicts), tuple(changes), tuple(unmatched), tuple(missing)
    )


def _paired(
    records: Sequence[DraftRecord], rows: Sequence[LedgerRow]
) -> tuple[dict[int, tuple[DraftRecord, LedgerRow]], list[LedgerRow], list[str]]:
    """Match rows to records: by the id kept at export, else by the wording, in order."""
    pairs: dict[int, tuple[DraftRecord, LedgerRow]] = {}
    unmatched = []
    for row in rows:
        place = _place(records, row, pairs.keys())
        if place is None:
            unmatched.append(row)
        else:
            pairs[place] = (records[place], row)
    missing = [record.problem for n, record in enumerate(records) if n not in pairs]
    return dict(sorted(pairs.items())), unmatched, missing


def _place(records: Sequence[DraftRecord], row: LedgerRow, taken: Container[int]) -> int | None:
    base_id, base = _base(row)
    wanted = (_plain(row.problem), _plain(base.problem) if base else "")
    free = [n for n in range(len(records)) if n not in taken]
    for place in free:
        if base_id and records[place].id == base_id:
            return place
    return next((n for n in free if _plain(records[n].problem) in wanted), None)


def _plain(text: str) -> str:
    return _MARKS.sub("", text)


def _base(row: LedgerRow) -> tuple[str, LedgerRow | None]:
    """Give the record id and the row as exported; nothing where the hidden column is gone."""
    try:
        content = json.loads(row.base) if row.base else None
    except json.JSONDecodeError:
        return "", None
    if not isinstance(content, dict) or not isinstance(content.get("cells"), dict):
        return "", None
    known = {field.name for field in fields(LedgerRow)} - {"base"}
    cells = {name: str(words) for name, words in content["cells"].items() if name in known}
    return str(content.get("id", "")), LedgerRow(**{"problem": "", **cells})


class _Merge:
    """One record and its row."""

    def __init__(
        self, record: DraftRecord, row: LedgerRow, position: int, profile: UnitProfile
    ) -> None:
        self.record, self.row = record, row
        self.conflicts: list[Conflict] = []
        self.changes: list[str] = []
        _, self.base = _base(row)
        [entry] = entries_of([record])
        self.now = replace(ledger_row(entry, profile), number=str(position + 1))
        self._problem()
        self._office()
        self._draft()

    def _problem(self) -> None:
        if _plain(self.row.problem) != _plain(self.record.problem):
            self._conflict("problem", "反馈问题应与反馈原文一致，台账中的改动未采用")

    def _office(self) -> None:
        taken = {
            field: offered for field in OFFICE_FIELDS if (offered := self._taken(field)) is not None
        }
        if taken:
            held = self.record.ledger or LedgerRow(self.record.problem)
            self.record = replace(self.record, ledger=replace(held, **taken))

    def _draft(self) -> None:
        draft = self.record.draft
        if draft is None:
            return
        for field in (*TEXT_FIELDS, *ROLE_FIELDS.values(), "deadline"):
            offered = self._taken(field)
            if offered is not None:
                draft = _changed(draft, field, getattr(self.now, field), offered)
        for field in COMPARED_ONLY:
            if self._edited(field):
                self._conflict(field, "整改措施的文字请在起草页修改后定稿，台账中的改动未采用")
        self.record = replace(self.record, draft=draft)

    def _taken(self, field: str) -> str | None:
        """Give what the office entered where it is to be taken over."""
        if not self._edited(field):
            return None
        now, offered = getattr(self.now, field), getattr(self.row, field)
        column = _NAMES[field]
        if self.base is None and not _is_open(field, now):
            self._conflict(field, "台账与草稿不同，且无法判断哪一处是新的")
            return None
        base = getattr(self.base, field) if self.base else now
        if not _same(base, now) and not _is_open(field, now):
            self._conflict(field, "台账导出后，台账和草稿都作了修改")
            return None
        if not offered:
            self._conflict(field, "台账中此格被清空，未采用")
            return None
        self.changes.append(
            f"“{self.record.problem[:20]}”的{column}：{_shown(now)}→{_shown(offered)}"
        )
        return str(offered)

    def _edited(self, field: str) -> bool:
        """Whether the office's value says anything the draft does not."""
        offered, now = getattr(self.row, field), getattr(self.now, field)
        if _same(offered, now):
            return False
        if self.base is not None:
            return not _same(offered, getattr(self.base, field))
        return bool(offered) and not _UNFILLED.match(offered)

    def _conflict(self, field: str, reason: str) -> None:
        kept = self.record.problem if field == "problem" else getattr(self.now, field)
        self.conflicts.append(
            Conflict(
                self.record.id,
                self.record.problem,
                _NAMES[field],
                kept,
                getattr(self.row, field),
                reason,
            )
        )


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()) == " ".join(other.split())


def _is_open(field: str, words: str) -> bool:
    """Whether a value only stands in for one: a blank, a default, a guess."""
    defaults = {"state": STATES[0], "type": load_ledger_format()["types"][1]}
    return (
        bool(_UNFILLED.match(words))
        or words == defaults.get(field)
        or "推测，请核实" in words
        or words == load_ledger_format()["mark"]
    )


def _shown(words: str) -> str:
    flat = " ".join(words.split())
    return (flat if len(flat) <= 30 else f"{flat[:29]}…") or "（空）"


# ------------------------------------------------------------------ changing a draft


def _changed(draft: Draft, field: str, now: str, offered: str) -> Draft:
    if field == "cause":
        return replace(draft, cause=offered)
    if field == "goal":
        return replace(draft, goal=offered)
    if field == "deadline":
        return replace(draft, measures=_with_deadline(draft.measures, now, offered))
    role = next(role for role, name in ROLE_FIELDS.items() if name == field)
    return replace(
        draft, measures=tuple(_with_role(measure, role, now, offered) for measure in draft.measures)
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

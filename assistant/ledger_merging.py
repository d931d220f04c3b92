"""The rows of a ledger the office filled in, laid beside the drafts. Pure: saves nothing.

Three values decide each field: as exported (kept in a hidden column), as it stands in the file,
as it stands in the draft. What only the office changed is taken over, what only the draft changed
stays, and where both changed the difference is shown: nothing is overwritten silently.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from assistant.export.entries import entries_of
from assistant.export.ledger import (
    LEDGER_FIELDS,
    OFFICE_FIELDS,
    ROLE_FIELDS,
    STATES,
    ledger_row,
    load_ledger_format,
)
from assistant.ledger_changing import changed, measure_texts
from assistant.models import Draft, DraftRecord, LedgerRow, UnitProfile

TEXT_FIELDS = ("cause", "goal")
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
    field: str = ""
    """The field of `LedgerRow` it is about."""
    takeable: bool = False
    """Whether the ledger's value may be chosen instead."""


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
    matched: tuple[DraftRecord, ...] = field(default=(), compare=False)
    """All records the ledger has a row for, as they are with the changes."""


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
    matched: list[DraftRecord] = []
    conflicts: list[Conflict] = []
    changes: list[str] = []
    for position, (record, row) in pairs.items():
        merged = _Merge(record, row, position, profile or record.profile)
        conflicts += merged.conflicts
        changes += merged.changes
        matched.append(merged.record)
        if merged.record != record:
            updated.append(merged.record)
    return MergeResult(
        tuple(updated),
        tuple(conflicts),
        tuple(changes),
        tuple(unmatched),
        tuple(missing),
        tuple(matched),
    )


def settled(result: MergeResult, chosen: Collection[Conflict]) -> tuple[DraftRecord, ...]:
    """Give the records to save where of some conflicts the ledger's words were chosen. Pure."""
    to_save = {record.id for record in result.updated}
    records = {record.id: record for record in result.matched}
    for conflict in chosen:
        record = records[conflict.record_id]
        if conflict.takeable and (new := _settled(record, conflict)) != record:
            records[record.id] = new
            to_save.add(record.id)
    return tuple(record for record in records.values() if record.id in to_save)


def _settled(record: DraftRecord, conflict: Conflict) -> DraftRecord:
    if conflict.field in OFFICE_FIELDS:
        return _filled(record, {conflict.field: conflict.offered})
    if record.draft is None:
        return record
    draft = changed(record.draft, conflict.field, conflict.kept, conflict.offered)
    return replace(record, draft=draft)


def _filled(record: DraftRecord, cells: Mapping[str, str]) -> DraftRecord:
    held = record.ledger or LedgerRow(record.problem)
    return replace(record, ledger=replace(held, **cells))


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
            told = "反馈问题应与反馈原文一致，台账中的改动未采用"
            self._conflict("problem", told, takeable=False)

    def _office(self) -> None:
        taken = {
            field: offered for field in OFFICE_FIELDS if (offered := self._taken(field)) is not None
        }
        if taken:
            self.record = _filled(self.record, taken)

    def _draft(self) -> None:
        draft = self.record.draft
        if draft is None:
            return
        for name in (*TEXT_FIELDS, *ROLE_FIELDS.values(), "deadline"):
            offered = self._taken(name)
            if offered is not None:
                draft = changed(draft, name, getattr(self.now, name), offered)
        if self._edited("measures"):
            self._measures(draft)
        self.record = replace(self.record, draft=draft)

    def _measures(self, draft: Draft) -> None:
        """The wording is never taken over unasked: a draft was checked, a cell was not."""
        if len(measure_texts(self.row.measures)) == len(draft.measures):
            self._conflict("measures", "台账改了措施的文字；采用的话请再看一遍质量检查")
        else:
            told = "台账中措施的条数或编号与草稿不同，未采用；请在起草页修改"
            self._conflict("measures", told, takeable=False)

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

    def _conflict(self, field: str, reason: str, *, takeable: bool = True) -> None:
        kept = self.record.problem if field == "problem" else getattr(self.now, field)
        self.conflicts.append(
            Conflict(
                self.record.id,
                self.record.problem,
                _NAMES[field],
                kept,
                getattr(self.row, field),
                reason,
                field,
                takeable,
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

"""Drafts as rows of a 整改台账: one row a problem, columns of the field.

What the office has reported stands beside what was drafted; nothing is claimed as done here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.export.entries import Entry
from assistant.export.text import EMPTY, EMPTY_DAY, find_days, parse_day, show_day
from assistant.models import Draft, LedgerRow, UnitProfile

Value = str | int | float | date


@cache
def load_ledger_format() -> Mapping[str, Any]:
    """Read the table of columns."""
    content: Mapping[str, Any] = yaml.load(
        Path(__file__).with_name("ledger.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader
    )
    return content


LEDGER_FIELDS: tuple[tuple[str, str], ...] = tuple(
    (column["name"], column["field"]) for column in load_ledger_format()["columns"]
)
"""(column, field of LedgerRow) in the order of the sheet."""
LEDGER_COLUMNS = tuple(name for name, _ in LEDGER_FIELDS)
TYPES = tuple(load_ledger_format()["types"])
STATES = tuple(load_ledger_format()["states"])
MARK: str = load_ledger_format()["mark"]
HIDDEN_COLUMN: str = load_ledger_format()["hidden"]
ROLE_FIELDS = {"责任领导": "leader", "责任单位": "office", "责任人": "person"}
OFFICE_FIELDS = (
    *("details", "type", "progress", "state", "systems", "recovered", "accountable"),
    *("generalised", "proof", "closed", "withheld", "note"),
)
"""Filled in by the office, kept with the record; the other fields come from the draft."""

_ROLE = re.compile(r"(责任领导|牵头领导|责任单位|责任科室|责任人)[：:]\s*([^；;，,]+)")
_ROLE_NAMES = {"牵头领导": "责任领导", "责任科室": "责任单位"}
_AT_ONCE = re.compile(r"立行立改")
_FIGURE = re.compile(r"\d{1,9}(?:\.\d{1,6})?")
_FIGURE_FIELDS = frozenset({"number", "systems", "recovered", "accountable"})


def ledger_row(entry: Entry, profile: UnitProfile) -> LedgerRow:
    """Give the row of one problem; the office's own entries hold over what was drafted."""
    draft = entry.draft
    roles = roles_of(draft, profile)
    row = LedgerRow(
        problem=draft.problem,
        number=str(entry.position),
        category=entry.category,
        cause=draft.cause,
        goal=draft.goal,
        measures=measures_text(draft),
        leader=roles["责任领导"],
        office=roles["责任单位"],
        person=roles["责任人"],
        deadline=last_deadline(draft),
        type=_type(draft),
        state="未完成",
        generalised="\n".join(m.text for m in draft.measures if m.step == "举一反三"),
        proof="；".join(dict.fromkeys(m.deliverable for m in draft.measures if m.deliverable)),
        note=MARK,
    )
    if entry.row is None:
        return row
    filled = {name: getattr(entry.row, name) for name in OFFICE_FIELDS}
    row = replace(row, **{name: words for name, words in filled.items() if words})
    if not draft.measures:
        kept = ("cause", "goal", "measures", "leader", "office", "person", "deadline")
        held = {name: getattr(entry.row, name) for name in kept}
        row = replace(row, **{name: words for name, words in held.items() if words})
    return row


def base_of(entry: Entry, row: LedgerRow) -> str:
    """Write down a row as exported, for the hidden column."""
    cells = {name: words for name, words in asdict(row).items() if words and name != "base"}
    return json.dumps(
        {"id": entry.id, "version": entry.version, "cells": cells},
        ensure_ascii=False,
        separators=(",", ":"),
    )


def cells_of(row: LedgerRow) -> tuple[Value, ...]:
    """Give the cells of a row: days as dates, figures as numbers."""
    return tuple(_cell(field, getattr(row, field)) for _, field in LEDGER_FIELDS)


def _cell(field: str, words: str) -> Value:
    if field == "deadline":
        return parse_day(words) or words
    if field in _FIGURE_FIELDS and _FIGURE.fullmatch(words) and f"{float(words):.10g}" == words:
        return float(words) if "." in words else int(words)
    return words


def measures_text(draft: Draft) -> str:
    """Give the measures as one numbered text."""
    return "\n".join(f"{n}.{measure.text}" for n, measure in enumerate(draft.measures, 1))


def roles_of(draft: Draft, profile: UnitProfile) -> dict[str, str]:
    """Give who is responsible: as the measures say, else as the profile says, else blank."""
    roles = dict.fromkeys(ROLE_FIELDS, "")
    known = dict(profile.leaders)
    for measure in draft.measures:
        for role, name in _ROLE.findall(measure.responsible):
            role = _ROLE_NAMES.get(role, role)
            if name.strip() != EMPTY:
                roles[role] = roles[role] or name.strip()
    return {role: name or known.get(role) or EMPTY for role, name in roles.items()}


def last_deadline(draft: Draft) -> str:
    """Give the last full date of the measures, else the wording of the last one, else blanks."""
    deadlines = [measure.deadline for measure in draft.measures if measure.deadline]
    days = [day for deadline in deadlines for day in find_days(deadline)]
    if days:
        return show_day(max(days))
    return deadlines[0] if deadlines else f"{EMPTY_DAY}前"


def _type(draft: Draft) -> str:
    """立行立改 where every measure says so; 长期坚持 only as the office decides."""
    deadlines = [measure.deadline for measure in draft.measures if measure.deadline]
    at_once = bool(deadlines) and all(_AT_ONCE.search(deadline) for deadline in deadlines)
    return str(TYPES[0] if at_once else TYPES[1])

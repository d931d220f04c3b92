"""The 整改进展情况报告 and the public notice: told from what the office reported, nothing else.

A measure of the plan is told as still to be done until the office says otherwise; words of
completion come only from the ledger.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.export.docx import OfficialDocument
from assistant.export.entries import Entry, by_category, entries_of
from assistant.export.ledger import ROLE_FIELDS, STATES, last_deadline, roles_of
from assistant.export.publication import publishable, withheld_of
from assistant.export.skeleton import (
    Wording,
    filled,
    load_wording,
    open_document,
    values_of,
    write_ending,
    write_section,
)
from assistant.export.text import EMPTY, chinese_number
from assistant.models import Draft, DraftRecord, LedgerRow, UnitProfile

DONE, MOSTLY, OPEN = "已完成", "基本完成", "未完成"
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_ENDS = "。！？；"


@dataclass(frozen=True, slots=True)
class _Writing:
    document: OfficialDocument
    wording: Wording
    values: dict[str, str]
    profile: UnitProfile
    shown: Callable[[str], str]
    """What a text becomes before it is written: itself, or its publishable form."""
    public: bool


def progress_document(
    payload: Sequence[Draft | DraftRecord], profile: UnitProfile, *, template: bytes | None = None
) -> bytes:
    """Write the internal report."""
    return _write(entries_of(payload), profile, template, genre="report")


def public_document(
    payload: Sequence[Draft | DraftRecord], profile: UnitProfile, *, template: bytes | None = None
) -> bytes:
    """Write the notice for the public: filtered, without the items marked 拟不公开."""
    return _write(entries_of(payload), profile, template, genre="public")


def withheld_document(
    payload: Sequence[Draft | DraftRecord], profile: UnitProfile, *, template: bytes | None = None
) -> bytes:
    """Write the list of 拟不公开事项 for approval; never published with the notice."""
    document = OfficialDocument(template)
    document.title(f"{profile.name or EMPTY}拟不公开事项审批表")
    document.blank_line()
    rows = [
        [str(item.position), item.problem, item.reason, ""]
        for item in withheld_of(entries_of(payload))
    ]
    document.table(
        ("序号", "反馈问题", "拟不公开内容及理由", "审批意见"), rows, widths=(1, 5, 4, 3)
    )
    return document.save()


def state_of(entry: Entry) -> str:
    """Give the state the office reported; progress without a state is not yet done."""
    if entry.row is None:
        return ""
    if entry.row.state in STATES:
        return entry.row.state
    return OPEN if entry.row.progress.strip() else ""


def _write(
    entries: tuple[Entry, ...], profile: UnitProfile, template: bytes | None, *, genre: str
) -> bytes:
    wording = load_wording("progress")
    public = genre == "public"
    hidden = {item.position for item in withheld_of(entries)} if public else set()
    told = tuple(entry for entry in entries if entry.position not in hidden)
    values = {**values_of(profile, len(told)), **_tally(told)}
    document = open_document(wording[genre], values, template)
    shown = publishable if public else str
    writing = _Writing(document, wording, values, profile, shown, public)
    write_section(document, 1, wording["organisation"], values)
    _items(writing, told)
    _left(writing, told)
    _results(writing, told)
    write_section(document, 5, wording["next"], values)
    document.paragraph(wording[genre]["last"])
    write_ending(document, profile, ())
    return document.save()


def _tally(entries: Sequence[Entry]) -> dict[str, str]:
    states = Counter(state_of(entry) for entry in entries)
    return {
        "done": str(states[DONE]),
        "mostly": str(states[MOSTLY]),
        "open": str(states[OPEN]),
        "unsaid": str(states[""]),
    }


def _items(writing: _Writing, entries: Sequence[Entry]) -> None:
    document, wording = writing.document, writing.wording
    document.paragraph(f"二、{wording['items_heading']}", "level1")
    words = filled(wording["summary"], writing.values)
    if writing.values["unsaid"] != "0":
        words += filled(wording["unsaid"], writing.values)
    document.paragraph(words)
    number = 0
    for place, (heading, group) in enumerate(by_category(entries), 1):
        if heading:
            document.paragraph(f"（{chinese_number(place)}）{writing.shown(heading)}", "level2")
        for inner, entry in enumerate(group, 1):
            number += 1
            label = f"{inner}." if heading else f"（{chinese_number(number)}）"
            style = "level3" if heading else "level2"
            problem = writing.shown(entry.draft.problem)
            document.paragraph(f"{label}{problem}", style)  # type: ignore[arg-type]
            _item(writing, entry)


def _item(writing: _Writing, entry: Entry) -> None:
    document, state = writing.document, state_of(entry)
    said = writing.shown(entry.row.progress) if entry.row else ""
    if said:
        document.labelled(f"整改情况：{_ended(said)}")
    elif state in (DONE, MOSTLY):
        document.labelled("整改情况：【请填写已完成的具体做法、数据和佐证】")
    document.labelled(f"完成情况：{state or EMPTY}。")
    if state != DONE and entry.draft.measures and not writing.public:
        planned = [measure.text for measure in entry.draft.measures]
        head = "下一步拟采取的措施：" if said else "拟采取的措施："
        document.labelled(head)
        for number, text in enumerate(planned, 1):
            document.paragraph(f"（{number}）{text}", "level4")


def _left(writing: _Writing, entries: Sequence[Entry]) -> None:
    document, wording = writing.document, writing.wording
    document.paragraph(f"三、{wording['left_heading']}", "level1")
    left = [entry for entry in entries if state_of(entry) != DONE]
    if not left:
        document.paragraph(wording["none_left"])
    for number, entry in enumerate(left, 1):
        document.paragraph(
            f"{number}.{_ended(writing.shown(entry.draft.problem))}原因：【　】。"
            f"{'' if writing.public else _owners(entry, writing.profile)}"
            f"完成时限：{last_deadline(entry.draft)}。"
        )


def _owners(entry: Entry, profile: UnitProfile) -> str:
    roles = roles_of(entry.draft, profile)
    return "；".join(f"{role}：{roles[role]}" for role in ROLE_FIELDS) + "；"


def _results(writing: _Writing, entries: Sequence[Entry]) -> None:
    document, wording = writing.document, writing.wording
    document.paragraph(f"四、{wording['results_heading']}", "level1")
    rows = [entry.row for entry in entries if entry.row]
    sums = {name: _sum(rows, name) for name in ("systems", "recovered", "accountable")}
    if any(total is not None for total in sums.values()):
        values = {name: EMPTY if total is None else total for name, total in sums.items()}
        document.paragraph(filled(wording["results"], values))
    else:
        document.paragraph(wording["results_blank"])


def _sum(rows: Sequence[LedgerRow], name: str) -> str | None:
    """Add up what the office wrote; `None` where no row has a figure."""
    figures = [match for row in rows if (match := _FIGURE.match(getattr(row, name).strip()))]
    if not figures:
        return None
    return f"{sum(float(match.group()) for match in figures):.10g}"


def _ended(text: str) -> str:
    return text if text.endswith(tuple(_ENDS)) else f"{text}。"

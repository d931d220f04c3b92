"""Drafts as a 整改方案 in Word: opening, requirements, items, steps, attachments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.export.basis import BASIS_COLUMNS, BASIS_WIDTHS, basis_rows
from assistant.export.docx import OfficialDocument, StyleName
from assistant.export.entries import Entry, by_category, entries_of
from assistant.export.ledger import LEDGER_FIELDS, last_deadline, ledger_row, roles_of
from assistant.export.skeleton import (
    load_wording,
    open_document,
    values_of,
    write_ending,
    write_section,
)
from assistant.export.text import chinese_number, parse_day
from assistant.models import Draft, DraftMeasure, DraftRecord, UnitProfile

WORD_LEDGER: dict[str, float] = {
    "序号": 1,
    "反馈问题（原文）": 4.4,
    "整改措施": 9.6,
    "责任领导": 1.9,
    "责任单位": 1.9,
    "责任人": 1.7,
    "完成时限": 2.2,
}
"""Columns of the ledger that fit a page, with their shares of it; the spreadsheet has all."""
_LISTED_WITH_OWNERS = ("R01", "R02")


def plan_document(
    payload: Sequence[Draft | DraftRecord],
    profile: UnitProfile,
    *,
    basis: bool = True,
    template: bytes | None = None,
) -> bytes:
    """Write a plan over the drafts in their order, wording of the problems untouched."""
    entries = entries_of(payload)
    wording = load_wording("plan")
    values = values_of(profile, len(entries))
    document = open_document(wording, values, template)
    number = 0
    for number, section in enumerate(wording["sections"], 1):
        write_section(document, number, section, values)
    number += 1
    document.paragraph(f"{chinese_number(number)}、{wording['items_heading']}", "level1")
    write_items(document, entries, profile)
    for place, section in enumerate(wording["closing"], number + 1):
        write_section(document, place, section, values)
    attachments = wording["attachments"] if basis else wording["attachments"][:-1]
    write_ending(document, profile, attachments)
    _attachments(document, entries, profile, attachments)
    return document.save()


def write_items(document: OfficialDocument, entries: Sequence[Entry], profile: UnitProfile) -> None:
    """Write every problem with its measures; one level deeper where the feedback has headings."""
    groups = list(by_category(entries))
    for place, (heading, group) in enumerate(groups, 1):
        if heading:
            document.paragraph(f"（{chinese_number(place)}）{heading}", "level2")
        for number, entry in enumerate(group, 1):
            if heading:
                _item(document, f"{number}.", "level3", entry, profile)
            else:
                _item(document, f"（{chinese_number(entry.position)}）", "level2", entry, profile)


def _item(
    document: OfficialDocument, label: str, style: StyleName, entry: Entry, profile: UnitProfile
) -> None:
    draft = entry.draft
    document.paragraph(f"{label}{draft.problem}", style)
    for head, text in (("原因分析", draft.cause), ("整改目标", draft.goal)):
        if text:
            document.labelled(f"{head}：{text}")
    document.labelled("整改措施：" if draft.measures else "整改措施：【　】")
    for number, measure in enumerate(draft.measures, 1):
        inner = f"（{number}）" if style == "level3" else f"{number}."
        document.paragraph(f"{inner}{measure.text}{_when(measure)}", "level4")
    roles = roles_of(draft, profile)
    document.labelled("；".join(f"{role}：{name}" for role, name in roles.items()) + "。")
    document.labelled(f"完成时限：{_until(draft)}。")
    for message in _flaws(draft):
        document.paragraph(f"（未核验）{message}", alarm=True)


def _when(measure: DraftMeasure) -> str:
    """Say when a step is due and what it leaves behind."""
    parts = []
    if measure.deadline and "【" not in measure.deadline:
        parts.append(f"时限：{measure.deadline}")
    if measure.deliverable:
        parts.append(f"成果：{measure.deliverable}")
    return f"（{'；'.join(parts)}）" if parts else ""


def _until(draft: Draft) -> str:
    last = last_deadline(draft)
    lasting = any("长期坚持" in measure.deadline for measure in draft.measures)
    day = f"{last}前" if parse_day(last) and not last.endswith("前") else last
    return f"{day}，机制长期坚持" if lasting and "长期坚持" not in day else day


def _flaws(draft: Draft) -> Iterable[str]:
    """Errors of the check that the list of blanks does not already say."""
    return dict.fromkeys(
        finding.message
        for finding in draft.findings
        if finding.level == "error" and finding.rule not in _LISTED_WITH_OWNERS
    )


def _attachments(
    document: OfficialDocument,
    entries: Sequence[Entry],
    profile: UnitProfile,
    names: Sequence[str],
) -> None:
    document.attachment(1, names[0], landscape=True)
    fields = dict(LEDGER_FIELDS)
    rows = [
        [str(getattr(row, fields[column])) for column in WORD_LEDGER]
        for row in (ledger_row(entry, profile) for entry in entries)
    ]
    document.table(tuple(WORD_LEDGER), rows, widths=tuple(WORD_LEDGER.values()))
    document.attachment(2, names[1])
    document.table(PENDING_COLUMNS, pending_rows(entries), widths=(1, 4, 5))
    if len(names) > 2:
        document.attachment(3, names[2], landscape=True)
        document.paragraph("本表仅供审核时查对，不随方案上报；人名已作隐去处理。", "note")
        document.table(BASIS_COLUMNS, basis_rows(entries), widths=BASIS_WIDTHS)


PENDING_COLUMNS = ("序号", "反馈问题（原文）", "须由本单位填写或核实的事项")


def pending_rows(entries: Sequence[Entry]) -> list[list[str]]:
    """Give what only the office can fill in, one row a problem; the same list is not repeated."""
    return [
        [
            str(entry.position),
            entry.draft.problem,
            "\n".join(f"{n}.{item}" for n, item in enumerate(entry.draft.placeholders, 1)),
        ]
        for entry in entries
        if entry.draft.placeholders
    ]

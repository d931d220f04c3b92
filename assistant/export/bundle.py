"""One door to every export: what, in which form, to (file name, bytes)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.errors import SettingsError
from assistant.export.answer_report import answer_document
from assistant.export.case_list import cases_json, cases_workbook
from assistant.export.comparison_report import comparison_document, comparison_workbook
from assistant.export.entries import entries_of
from assistant.export.fonts import font_note, missing_fonts
from assistant.export.ledger_book import ledger_workbook
from assistant.export.masked import masked, masked_note
from assistant.export.package import package_zip
from assistant.export.plan import plan_document
from assistant.export.progress import progress_document, public_document, withheld_document
from assistant.export.publication import publication_notes
from assistant.export.text import file_name
from assistant.models import Answer, Comparison, Draft, DraftRecord, Notice, UnitProfile

Drafts = Sequence[Draft] | Sequence[DraftRecord]
Payload = Answer | Draft | Drafts | Comparison | Sequence[Notice]
Writer = Callable[[Any, UnitProfile, bytes | None], bytes]


@dataclass(frozen=True, slots=True)
class Exported:
    """A file, and what its reader should know."""

    name: str
    content: bytes
    notes: tuple[str, ...] = ()
    """Chinese sentences: fonts this machine lacks, what was masked or left out."""


def export(
    kind: str,
    payload: Payload,
    form: str,
    *,
    profile: UnitProfile,
    template: bytes | None = None,
) -> tuple[str, bytes]:
    """Give file name and content; raises `SettingsError` for a form this kind does not have.

    `template` is an office's own .docx to write into; other forms do not use it.
    """
    made = export_noted(kind, payload, form, profile=profile, template=template)
    return made.name, made.content


def export_noted(
    kind: str,
    payload: Payload,
    form: str,
    *,
    profile: UnitProfile,
    template: bytes | None = None,
) -> Exported:
    """Give the file with notes for its reader."""
    require_form(kind, form)
    note = masked_note(payload, profile)
    if note:
        payload, profile = masked(payload), masked(profile)
    stem = payload.question if isinstance(payload, Answer) else _NAMES[kind]
    content = _WRITERS[kind, form](payload, profile, template)
    notes = (*_notes(kind, payload, form), *([note] if note else []))
    return Exported(file_name(stem, form), content, notes)


def require_form(kind: str, form: str) -> None:
    """Raise `SettingsError` for a form this kind does not have."""
    if (kind, form) in _WRITERS:
        return
    forms = "、".join(f".{known}" for what, known in _WRITERS if what == kind)
    raise SettingsError(
        f"不能导出为 .{form}" if form else "没有写文件后缀，不知导出成什么",
        where=_NAMES.get(kind, kind),
        todo=f"可用：{forms}" if forms else f"可导出：{'、'.join(_NAMES.values())}",
    )


def _notes(kind: str, payload: Payload, form: str) -> tuple[str, ...]:
    notes = [font_note(missing_fonts())] if form == "docx" else []
    if kind == "public":
        notes += publication_notes(entries_of(payload))  # type: ignore[arg-type]
    return tuple(note for note in notes if note)


_NAMES = {
    "answer": "回答",
    "draft": "整改措施",
    "plan": "整改方案",
    "progress": "整改进展情况报告",
    "public": "整改进展情况通报（公开稿）",
    "withheld": "拟不公开事项审批表",
    "package": "送审包",
    "comparison": "对标分析",
    "cases": "案例",
}

_WRITERS: dict[tuple[str, str], Writer] = {
    ("answer", "docx"): lambda answer, _profile, t: answer_document(answer, template=t),
    ("draft", "docx"): lambda draft, profile, t: plan_document([draft], profile, template=t),
    ("draft", "xlsx"): lambda draft, profile, _t: ledger_workbook([draft], profile),
    ("plan", "docx"): lambda drafts, profile, t: plan_document(drafts, profile, template=t),
    ("plan", "xlsx"): lambda drafts, profile, _t: ledger_workbook(drafts, profile),
    ("progress", "docx"): lambda drafts, profile, t: progress_document(drafts, profile, template=t),
    ("public", "docx"): lambda drafts, profile, t: public_document(drafts, profile, template=t),
    ("withheld", "docx"): lambda drafts, profile, t: withheld_document(drafts, profile, template=t),
    ("package", "zip"): lambda drafts, profile, t: package_zip(drafts, profile, template=t),
    ("comparison", "docx"): lambda comparison, _p, t: comparison_document(comparison, template=t),
    ("comparison", "xlsx"): lambda comparison, _p, _t: comparison_workbook(comparison),
    ("cases", "xlsx"): lambda notices, _p, _t: cases_workbook(notices),
    ("cases", "json"): lambda notices, _p, _t: cases_json(notices),
}

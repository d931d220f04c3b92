"""The 送审包: one zip with everything a reviewer of a plan asks for."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

from assistant.export.basis import BASIS_COLUMNS, basis_rows
from assistant.export.entries import Entry, entries_of
from assistant.export.fonts import font_note, missing_fonts
from assistant.export.ledger_book import ledger_workbook
from assistant.export.plan import plan_document
from assistant.export.text import EMPTY
from assistant.export.xlsx import Book, Look, Value
from assistant.labels import LEVEL_NAMES
from assistant.models import Draft, DraftRecord, UnitProfile

FIXED_TIME = (2020, 1, 1, 0, 0, 0)
"""Zip entries carry no clock: the same drafts give the same list of files."""


def package_zip(
    payload: Sequence[Draft | DraftRecord], profile: UnitProfile, *, template: bytes | None = None
) -> bytes:
    """Write plan, ledger, basis, open items, findings and versions into one zip."""
    entries = entries_of(payload)
    files: dict[str, bytes] = {
        "1整改方案.docx": plan_document(payload, profile, basis=False, template=template),
        "2整改台账.xlsx": ledger_workbook(payload, profile),
        "3依据表.xlsx": _basis(entries),
        "4待补事项.txt": _pending(entries),
        "5核查意见.xlsx": _findings(entries),
        "6版本记录.txt": _versions(entries, profile),
        "说明.txt": _contents(entries, profile),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return stream.getvalue()


def _basis(entries: Sequence[Entry]) -> bytes:
    book = Book()
    widths = dict(zip(BASIS_COLUMNS, (8, 50, 36, 56, 28), strict=True))
    look = Look(title="依据表", note="人名已作隐去处理；仅供审核查对。", widths=widths)
    book.sheet("依据表", BASIS_COLUMNS, basis_rows(entries), look)
    return book.save()


def _findings(entries: Sequence[Entry]) -> bytes:
    book = Book()
    rows: list[tuple[Value, ...]] = [
        (
            entry.position,
            entry.draft.problem,
            LEVEL_NAMES[finding.level],
            finding.rule,
            finding.message,
            "",
        )
        for entry in entries
        for finding in entry.draft.findings
    ]
    header = ("问题序号", "反馈问题（原文）", "程度", "规则", "核查意见", "处理情况")
    widths = {"问题序号": 8, "反馈问题（原文）": 34, "程度": 8, "核查意见": 56, "处理情况": 20}
    look = Look(title="核查意见", widths={**widths, "规则": 10})
    book.sheet("核查意见", header, rows, look)
    return book.save()


def _text(lines: Sequence[str]) -> bytes:
    """Text for any editor of an office: with a byte order mark and CRLF."""
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def _pending(entries: Sequence[Entry]) -> bytes:
    lines = ["待补事项（须由本单位填写或核实）", ""]
    for entry in entries:
        if entry.draft.placeholders:
            lines.append(f"{entry.position}. {entry.draft.problem}")
            lines += [f"   □ {item}" for item in entry.draft.placeholders]
    return _text(lines if len(lines) > 2 else [*lines, "无"])


def _versions(entries: Sequence[Entry], profile: UnitProfile) -> bytes:
    lines = [f"{profile.name or EMPTY}整改方案版本记录", ""]
    for entry in entries:
        known = (
            f"第{entry.version}版，{entry.updated}，{entry.state}" if entry.version else "未存版"
        )
        writer = f"模型：{entry.draft.model}" if entry.draft.model else "不经模型，依据案例拟写"
        lines.append(f"{entry.position}. {entry.draft.problem}（{known}；{writer}）")
    return _text(lines)


def _contents(entries: Sequence[Entry], profile: UnitProfile) -> bytes:
    findings = [finding for entry in entries for finding in entry.draft.findings]
    errors = sum(finding.level == "error" for finding in findings)
    unfinished = sum(entry.state != "定稿" for entry in entries)
    lines = [
        f"{profile.name or EMPTY}整改方案送审包",
        "AI辅助草稿，须经人工审核后使用。",
        f"共{len(entries)}个问题；未定稿{unfinished}个；须改的核查意见{errors}条。",
        "方案和台账中黄色处须填写或核实，红色处未核验。",
    ]
    note = font_note(missing_fonts())
    return _text([*lines, *([f"{note}。"] if note else [])])

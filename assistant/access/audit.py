"""The audit: who did what, kept short, filtered, exported. Entries are never changed.

Of what people type only the first characters are kept, numbers of persons masked: enough to tell
which piece of work it was, too little to leak a case file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.access import refusals
from assistant.errors import SettingsError
from assistant.export.xlsx import Book, Look
from assistant.library import Library
from assistant.personal_data import mask
from assistant.record.audit import AuditEntry

EXCERPT = 40
EXPORT_AT_MOST = 200_000
LOCAL_NAME = "本机"
SIGNED_IN, REFUSED = "登录", refusals.REFUSED
HEADER = ("时间", "人员", "操作", "内容")
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries to give."""

    who: str | None = None
    """An account; `""` the local user, `None` everybody."""
    action: str = ""
    since: str = ""
    until: str = ""
    """Days as ISO, both included."""


ALL = AuditFilter()


def excerpt(text: str) -> str:
    """Shorten what somebody typed for the audit."""
    plain = mask(" ".join(text.split()))
    return plain if len(plain) <= EXCERPT else f"{plain[:EXCERPT]}…"


def entries(
    library: Library, chosen: AuditFilter = ALL, *, limit: int = EXPORT_AT_MOST
) -> tuple[AuditEntry, ...]:
    """Give entries, newest first."""
    return library.audit_entries(
        limit, who=chosen.who, action=chosen.action, since=chosen.since, until=chosen.until
    )


def audit_file(found: Sequence[AuditEntry], form: str) -> bytes:
    """Write entries as `xlsx` or `csv`; raises `SettingsError` for another form."""
    if form == "csv":
        return _csv(found)
    if form != "xlsx":
        raise SettingsError(f"审计日志不能导出为 .{form}", todo="可用：.xlsx、.csv")
    book = Book()
    look = Look(title="操作日志", widths=dict(zip(HEADER, (24, 18, 16, 70), strict=True)))
    book.sheet("操作日志", HEADER, [_row(entry) for entry in found], look)
    return book.save()


def _csv(found: Iterable[AuditEntry]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(HEADER)
    for entry in found:
        writer.writerow([_inert(cell) for cell in _row(entry)])
    # spreadsheets take a file without the mark for the local code page
    return stream.getvalue().encode("utf-8-sig")


def _row(entry: AuditEntry) -> tuple[str, str, str, str]:
    return entry.at, entry.who or LOCAL_NAME, entry.action, entry.detail


def _inert(cell: str) -> str:
    """Keep a spreadsheet from running text as a formula."""
    return f"'{cell}" if cell.startswith(_STARTS_FORMULA) else cell

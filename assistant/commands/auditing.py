"""`audit`: who did what, for the terminal, for programs, as a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assistant.access.audit import LOCAL_NAME, AuditFilter, audit_file, entries
from assistant.commands.common import form_of, settings_of
from assistant.commands.printing import Options, print_json
from assistant.commands.writing import write_whole
from assistant.errors import SettingsError
from assistant.library import AuditEntry, open_library


def run_audit(options: Options) -> int:
    """Print or write the entries, newest first."""
    chosen = AuditFilter(
        None if options.who is None else _account(options.who),
        options.action,
        _day(options.since, "--since"),
        _day(options.until, "--until"),
    )
    settings = settings_of(options)
    library = open_library(settings.home, settings.library_url())
    try:
        found = entries(library, chosen, limit=options.limit)
    finally:
        library.close()
    if options.out is not None:
        write_whole(options.out, audit_file(found, form_of(options.out)))
    if options.format == "json":
        print_json([entry._asdict() for entry in found])
    elif options.out is not None:
        print(f"已导出：{options.out}（{len(found)}条）")
    else:
        _tell(found)
    return 0


def _tell(found: Sequence[AuditEntry]) -> None:
    for entry in found:
        print(f"{entry.at}  {entry.who or LOCAL_NAME}  {entry.action}  {entry.detail}")
    if not found:
        print("没有符合条件的记录。")


def _account(word: str) -> str:
    return "" if word == LOCAL_NAME else word


def _day(word: str, option: str) -> str:
    if not word:
        return ""
    try:
        return date.fromisoformat(word).isoformat()
    except ValueError as error:
        raise SettingsError("日期写法不对", where=option, todo="例如 2026-01-31") from error

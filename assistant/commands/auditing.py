"""`audit`: who did what, for the terminal, for programs, as a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from assistant.access.audit import LOCAL_NAME, AuditFilter, audit_file, entries
from assistant.commands.common import settings_of
from assistant.commands.printing import Options, print_json
from assistant.commands.writing import write_whole
from assistant.errors import SettingsError
from assistant.library import open_library


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
        _write(options.out, audit_file(found, options.out.suffix.lstrip(".").lower()))
    elif options.format == "json":
        print_json([entry._asdict() for entry in found])
    else:
        for entry in found:
            print(f"{entry.at}  {entry.who or LOCAL_NAME}  {entry.action}  {entry.detail}")
    return 0


def _account(word: str) -> str:
    return "" if word == LOCAL_NAME else word


def _day(word: str, option: str) -> str:
    if not word:
        return ""
    try:
        return date.fromisoformat(word).isoformat()
    except ValueError as error:
        raise SettingsError("日期写法不对", where=option, todo="例如 2026-01-31") from error


def _write(path: Path, content: bytes) -> None:
    write_whole(path, content)

"""`backup`, `restore`: the record into one file and back."""

from __future__ import annotations

from assistant.backup import back_up, restore
from assistant.commands.printing import Options, print_json
from assistant.library import open_library
from assistant.settings import load_settings


def run_backup(options: Options) -> int:
    """Copy the record while it is in use."""
    settings = load_settings(home=options.home)
    library = open_library(settings.home, settings.library_url())
    try:
        held = back_up(library, options.file)
    finally:
        library.close()
    if options.format == "json":
        print_json({"file": str(options.file), "notices": held.notices, "cases": held.cases})
    else:
        print(f"已备份：{options.file}（{held.notices}份通报，{held.cases}条案例）")
    return 0


def run_restore(options: Options) -> int:
    """Put a backup in place; the old record stays beside it."""
    settings = load_settings(home=options.home)
    held, aside = restore(options.file, settings.home, settings.library_url())
    if options.format == "json":
        print_json(
            {"notices": held.notices, "cases": held.cases, "old": str(aside) if aside else None}
        )
    else:
        kept = f"；原案例库保存在 {aside}" if aside else ""
        print(f"已恢复：{held.notices}份通报，{held.cases}条案例{kept}")
    return 0

"""`parse`, `list`, `show`: look at notices; no index, no model, so they start at once."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant import cli_text as text
from assistant.commands.printing import Options, print_json
from assistant.contract import notice_head_json
from assistant.errors import AssistantError
from assistant.library import Library, open_library
from assistant.loading.limits import Limits
from assistant.models import Notice
from assistant.parsing.export_json import notice_json
from assistant.settings import load_settings
from vectorstore.later import Later

if TYPE_CHECKING:
    from assistant import reading
else:  # a list of notices is shown without what reads files
    reading = Later("assistant.reading")


def run_parse(options: Options) -> int:
    """Parse files; a file that fails is told on stderr, the rest is printed."""
    notices: list[Notice] = []
    failed = 0
    limits = Limits(ocr=load_settings(home=options.home).ocr)
    for path in options.files:
        try:
            notices.extend(reading.read_file(path, limits=limits).notices)
        except AssistantError as error:
            failed += 1
            print(f"错误：{error}", file=sys.stderr)
    if options.format == "json":
        print_json([notice_json(notice) for notice in notices])
    else:
        for notice in notices:
            print(text.parsed(notice))
    return 1 if failed else 0


def run_list(options: Options) -> int:
    """List the notices."""
    notices = _library(options).outlines()
    if options.format == "json":
        print_json([notice_head_json(notice) for notice in notices])
    else:
        print(text.listed(notices))
    return 0


def run_show(options: Options) -> int:
    """Show a notice, or one case when the id is a case's."""
    library = _library(options)
    if "-" in options.id:
        case = library.case(options.id)
        notice = replace(library.notice(case.notice_id), cases=(case,))
    else:
        notice = library.notice(options.id)
    if options.format == "json":
        print_json({"id": notice.id, **notice_json(notice)})
    else:
        print(text.parsed(notice))
    return 0


def _library(options: Options) -> Library:
    settings = load_settings(home=options.home)
    return open_library(settings.home, settings.library_url())

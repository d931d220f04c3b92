"""`ingest`, `remove`, `reindex`: fill and tend the Library and its index."""

from __future__ import annotations

import sys

from tqdm import tqdm

from assistant import cli_text as text
from assistant.commands.common import reviewer_of
from assistant.commands.printing import Options, print_json
from assistant.contract import ingest_json
from assistant.models import IngestResult, IngestState


def run_ingest(options: Options) -> int:
    """Ingest with a progress bar; exit status 1 when a file failed."""
    reviewer = reviewer_of(options)
    bar = tqdm(desc="导入", unit="份", file=sys.stderr, disable=not sys.stderr.isatty())

    def progress(_done: int, total: int, result: IngestResult) -> None:
        bar.total = total
        bar.set_postfix_str(result.source, refresh=False)
        bar.update()

    with bar:
        results = reviewer.ingest(options.paths, on_progress=progress)
    if options.format == "json":
        print_json([ingest_json(result) for result in results])
    else:
        print(text.ingested(results))
    return 1 if any(result.state is IngestState.FAILED for result in results) else 0


def run_remove(options: Options) -> int:
    """Remove a notice."""
    reviewer = reviewer_of(options)
    notice = reviewer.notice(options.id)
    reviewer.remove(options.id)
    if options.format == "json":
        print_json({"removed": options.id})
    else:
        print(f"已删除：{notice.title}（{len(notice.cases)}条案例）")
    return 0


def run_reindex(options: Options) -> int:
    """Build the index anew."""
    reviewer = reviewer_of(options)
    reviewer.reindex()
    overview = reviewer.overview()
    if options.format == "json":
        print_json({"notices": overview.notices, "cases": overview.cases})
    else:
        print(f"索引已重建：{overview.notices}份通报，{overview.cases}条案例")
    return 0

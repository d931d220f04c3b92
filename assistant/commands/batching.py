"""Drafting a whole feedback document from the command line: journal, progress, report, files."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from assistant.batch import BatchResult, Journal, draft_all
from assistant.commands.common import form_of, read_bytes
from assistant.commands.printing import Options
from assistant.commands.writing import write_whole
from assistant.errors import ParseError
from assistant.export.bundle import export_noted, require_form
from assistant.loading.limits import DEFAULT_LIMITS
from assistant.models import Draft, FeedbackItem, UnitProfile
from assistant.review import Reviewer

JOURNAL_SUFFIX = ".进度.jsonl"


def draft_document(options: Options, reviewer: Reviewer, profile: UnitProfile) -> BatchResult:
    """Draft every problem of the file `--batch` names; goes on where an earlier run stopped."""
    # one byte more than allowed tells that it is too large
    content = read_bytes(options.batch, most=DEFAULT_LIMITS.bytes + 1)
    items = reviewer.find_problems(options.batch.name, content)
    if not items:
        raise ParseError(
            "未识别到问题条目", where=options.batch.name, todo="请检查文件是否为反馈意见或问题清单"
        )
    path = _journal_path(options.out[0] if options.out else None, content, reviewer)
    model = reviewer.model.name if reviewer.model else ""
    purpose = f"{profile!r}|{model}|{reviewer.overview().revision}"
    bar = tqdm(
        total=len(items),
        desc="起草",
        unit="条",
        file=sys.stderr,
        disable=not sys.stderr.isatty(),
    )
    with bar:

        def advance(done: int, _total: int, _item: FeedbackItem) -> None:
            bar.update(done - bar.n)

        return draft_all(
            items,
            lambda problem: reviewer.draft(problem, profile=profile),
            journal=Journal(path, purpose),
            on_progress=advance,
        )


def _journal_path(out: Path | None, content: bytes, reviewer: Reviewer) -> Path:
    if out is not None:
        return out.with_name(out.name + JOURNAL_SUFFIX)
    digest = hashlib.sha256(content).hexdigest()[:16]
    return reviewer.settings.home / "batch" / f"{digest}.jsonl"


def write_drafts(
    path: Path, drafts: Sequence[Draft], profile: UnitProfile, template: bytes | None = None
) -> tuple[str, ...]:
    """Write .docx (方案), .xlsx (台账) or .zip (送审包); gives notes for the reader."""
    kind, form = _kind_of(path), form_of(path)
    made = export_noted(kind, drafts, form, profile=profile, template=template)
    write_whole(path, made.content)
    return made.notes


def require_forms(paths: Sequence[Path]) -> None:
    """Raise `SettingsError` for a file that could not be written after all the drafting."""
    for path in paths:
        require_form(_kind_of(path), form_of(path))


def _kind_of(path: Path) -> str:
    return "package" if form_of(path) == "zip" else "plan"

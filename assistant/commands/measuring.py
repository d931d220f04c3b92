"""`eval`: figures on judged data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from assistant import cli_text as text
from assistant.commands.common import read_bytes, reviewer_of
from assistant.commands.printing import Options, print_json
from assistant.errors import SettingsError, reason_of
from assistant.evaluation import difference, evaluate, from_json, read_judged, to_json
from assistant.evaluation_reading import (
    read_judged_notices,
    score_citations,
    score_drafts,
    score_parsing,
)
from assistant.review import Reviewer

DRAFT_TYPE = "draft"
BASELINE_FILE = "evaluation.json"


def run_eval(options: Options) -> int:
    """Measure retrieval, citations and drafts on judged queries, parsing on judged notices."""
    if not options.queries and not options.notices:
        raise SettingsError("没有指定评测集", todo="请给出 --queries 或 --notices")
    for path in (options.queries, options.notices):
        if path:
            read_bytes(path)
    reviewer = reviewer_of(options)
    figures: dict[str, object] = {}
    if options.queries:
        figures.update(_on_queries(options, reviewer))
        figures["difference"] = _difference(options, reviewer, figures["retrieval"])
    if options.notices:
        judged = read_judged_notices(options.notices)
        figures["parsing"] = score_parsing(judged, reviewer.notices())
    if options.format == "json":
        print_json(figures)
    else:
        print(text.figures(figures))
    return 0


def _difference(options: Options, reviewer: Reviewer, now: object) -> Mapping[str, float] | str:
    """Compare nDCG@10 with the saved baseline; with `--save` these figures become the baseline."""
    path = options.baseline or reviewer.settings.home / BASELINE_FILE
    held = path.read_bytes() if path.is_file() else b""
    if options.save:
        try:
            path.write_text(json.dumps(now, ensure_ascii=False, indent=1), encoding="utf-8")
        except OSError as error:
            raise SettingsError(
                f"基线写不了（{reason_of(error)}）", where=str(path), todo="请检查目录权限"
            ) from error
    if not held:
        return "尚无基线，可加 --save 保存本次结果作为基线"
    assert isinstance(now, dict)
    return difference(from_json(now), from_json(_parsed(held, path)))


def _parsed(content: bytes, path: Path) -> dict[str, object]:
    try:
        held = json.loads(content)
        return dict(held)
    except (ValueError, TypeError) as error:
        raise SettingsError(
            "基线文件不是 JSON", where=str(path), todo="请删除后重新保存"
        ) from error


def _on_queries(options: Options, reviewer: Reviewer) -> dict[str, object]:
    judged = read_judged(options.queries)
    asked = [q.query for q in judged if q.type != DRAFT_TYPE]
    problems = [q.query for q in judged if q.type == DRAFT_TYPE]
    return {
        "retrieval": to_json(evaluate(judged, lambda query: reviewer.search(query, limit=20))),
        "citations": score_citations(map(reviewer.ask, asked), reviewer.lines),
        "drafts": score_drafts(map(reviewer.draft, problems)),
    }

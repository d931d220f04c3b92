"""`eval`: figures on judged data."""

from __future__ import annotations

from assistant import cli_text as text
from assistant.commands.common import read_bytes, reviewer_of
from assistant.commands.printing import Options, print_json
from assistant.errors import SettingsError
from assistant.evaluation import evaluate, read_judged, to_json
from assistant.evaluation_reading import (
    read_judged_notices,
    score_citations,
    score_drafts,
    score_parsing,
)
from assistant.review import Reviewer

DRAFT_TYPE = "draft"


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
    if options.notices:
        judged = read_judged_notices(options.notices)
        figures["parsing"] = score_parsing(judged, reviewer.notices())
    if options.format == "json":
        print_json(figures)
    else:
        print(text.figures(figures))
    return 0


def _on_queries(options: Options, reviewer: Reviewer) -> dict[str, object]:
    judged = read_judged(options.queries)
    asked = [q.query for q in judged if q.type != DRAFT_TYPE]
    problems = [q.query for q in judged if q.type == DRAFT_TYPE]
    return {
        "retrieval": to_json(evaluate(judged, lambda query: reviewer.search(query, limit=20))),
        "citations": score_citations(map(reviewer.ask, asked), reviewer.lines),
        "drafts": score_drafts(map(reviewer.draft, problems)),
    }

"""What each part of our search is worth: one left out at a time, over the reference corpus.

    python -m benchmarks.retrieval_parts

Prints Markdown with a bootstrap 95 % interval of the paired difference.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from assistant.evaluation import Judged, evaluate, read_judged
from assistant.indexing import CaseIndex, domain_concepts, entries_of
from assistant.models import Filters, SearchResult
from assistant.passages import norm
from assistant.query_filters import suggest_filters
from assistant.retrieval import Retriever, preferences_of, told, wanted_of
from benchmarks.retrieval import DEPTH, SHARED, Held, as_results, corpus, published
from vectorstore.entries import Concepts
from vectorstore.fusion import Weights
from vectorstore.generation import Generation


def parts(library: Held, judged: Sequence[Judged], home: Path) -> None:
    """Print what each part is worth, with a bootstrap 95 % interval of the paired difference."""
    entries = entries_of(library.notices())
    full = published(entries, home / "full")
    bare = Concepts(lambda _text: ())
    no_concepts = published(entries, home / "none", bare)
    finder_only = published(entries, home / "finder", Concepts(domain_concepts().find))
    index = CaseIndex(home / "retriever", library)
    index.reconcile()
    retriever = Retriever(library, index)

    def of(generation: Generation, weights: Weights, *, prefer: bool = True) -> Searcher:
        def search(query: str) -> list[str]:
            stated = suggest_filters(query) if prefer else Filters()
            preferences = preferences_of(query, stated) if prefer else ()
            found = generation.search(
                told(query),
                literal=norm(query),
                preferences=preferences,
                limit=DEPTH,
                weights=weights,
            )
            return [match.id for match in found.matches]

        return as_results(search, library)

    def applied(query: str) -> SearchResult:
        stated = wanted_of(suggest_filters(query))
        found = full.search(told(query), literal=norm(query), wanted=stated, limit=DEPTH)
        return as_results(lambda _query: [match.id for match in found.matches], library)(query)

    plain = Weights()
    rows: dict[str, Searcher] = {
        "full pipeline (cap, folding)": lambda query: retriever.search(query, limit=DEPTH),
        "ranking alone": of(full, plain),
        "no thesaurus": of(no_concepts, plain),
        "concept features, no ways of saying in the fit": of(finder_only, plain),
        "no full text for literal words": of(full, Weights(lexical=0.0)),
        "no passages": of(full, Weights(whole=1.0, part=0.0)),
        "passages only": of(full, Weights(whole=0.0, part=1.0)),
        "no feedback": of(full, Weights(feedback=0.0)),
        "feedback whatever the length": of(full, Weights(brief=9999, wordy=10000)),
        "no preference for scope and topic": of(full, plain, prefer=False),
        "stated filters applied hard": applied,
    }
    print(
        "\n| | all | draft | ask | needle | filter | difference, 95 % |"
        "\n|---|---|---|---|---|---|---|"
    )
    base: list[float] = []
    for name, search in rows.items():
        scores = [(q.type, evaluate([q], search).by_type["all"].ndcg) for q in judged if q.relevant]
        base = base or [score for _, score in scores]
        print(f"| {name} | {_cells(scores)} | {_difference([s for _, s in scores], base)} |")


Searcher = Callable[[str], SearchResult]


def _cells(scores: Sequence[tuple[str, float]]) -> str:
    means = [float(np.mean([score for _, score in scores]))]
    for kind in ("draft", "ask", "needle", "filter"):
        means.append(float(np.mean([score for name, score in scores if name == kind] or [0.0])))
    return " | ".join(f"{mean:.3f}" for mean in means)


def _difference(scores: Sequence[float], base: Sequence[float]) -> str:
    change = np.array(scores) - np.array(base)
    if not change.any():
        return "–"
    draws = np.random.default_rng(0).choice(change, (4000, len(change))).mean(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return f"{change.mean():+.3f} [{low:+.3f}, {high:+.3f}]"


def main() -> None:
    """Run all rows."""
    if not (SHARED / "corpus").is_dir():
        sys.exit(f"reference data not found at {SHARED}")
    with tempfile.TemporaryDirectory() as home:
        judged = read_judged(SHARED / "gold" / "queries.jsonl")
        parts(Held(corpus(SHARED / "corpus")), judged, Path(home))


if __name__ == "__main__":
    main()

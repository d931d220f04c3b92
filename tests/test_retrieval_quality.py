"""The floor under retrieval, on the reference corpus as our own parser reads it."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import pytest
import yaml

from assistant.evaluation import Judged, evaluate, read_judged
from assistant.indexing import CaseIndex, entries_of
from assistant.loading.load import load_file
from assistant.models import Answerable, Case, Hit, Notice, SearchResult
from assistant.parsing.parse import parse_document
from assistant.retrieval import Retriever
from assistant.taxonomy.classify import classify, load_taxonomy
from tests.fakes_retrieval import FakeLibrary
from vectorstore.lexical import words

pytestmark = [pytest.mark.reference, pytest.mark.slow]

FLOOR = 0.68
"""Below the figure of docs/RETRIEVAL.md by what forty questions can err."""
MARGIN = 0.15


@pytest.fixture(scope="module")
def library(shared: Path) -> FakeLibrary:
    taxonomy = load_taxonomy()
    notices = [
        classify(notice, taxonomy)
        for path in sorted((shared / "corpus").iterdir())
        for notice in parse_document(load_file(path))
    ]
    return FakeLibrary(notices)


@pytest.fixture(scope="module")
def judged(shared: Path) -> tuple[Judged, ...]:
    return read_judged(shared / "gold" / "queries.jsonl")


@pytest.fixture(scope="module")
def retriever(library: FakeLibrary, tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    index = CaseIndex(tmp_path_factory.mktemp("home"), library)
    index.reconcile()
    return Retriever(library, index)


class Bm25:
    """What one would otherwise use offline: BM25 over segmented words of the same texts."""

    def __init__(self, library: FakeLibrary) -> None:
        self._cases: list[tuple[Case, Notice]] = [
            (case, notice) for notice in library.notices() for case in notice.cases
        ]
        entries = entries_of(library.notices())
        self._counts = [Counter(words(entry.text)) for entry in entries]
        self._mean = sum(map(Counter.total, self._counts)) / len(entries)
        self._seen = Counter(word for counts in self._counts for word in counts)

    def search(self, query: str) -> SearchResult:
        scores = [self._score(set(words(query)), counts) for counts in self._counts]
        order = sorted(range(len(scores)), key=lambda at: -scores[at])[:20]
        hits = tuple(Hit(*self._cases[at], scores[at]) for at in order)
        return SearchResult(query, hits, Answerable.YES, 1.0)

    def _score(self, asked: set[str], counts: Counter[str]) -> float:
        length = 0.25 + 0.75 * counts.total() / self._mean
        total = 0.0
        for word in asked & counts.keys():
            seen = self._seen[word]
            rare = math.log(1 + (len(self._counts) - seen + 0.5) / (seen + 0.5))
            total += rare * counts[word] * 2.5 / (counts[word] + 1.5 * length)
        return total


def test_retrieval_stays_above_its_floor_and_above_bm25(
    library: FakeLibrary, judged: tuple[Judged, ...], retriever: Retriever
) -> None:
    ours = evaluate(judged, lambda query: retriever.search(query, limit=20))
    bm25 = evaluate(judged, Bm25(library).search)
    assert ours.by_type["all"].ndcg >= FLOOR
    assert ours.by_type["all"].ndcg >= bm25.by_type["all"].ndcg + MARGIN
    assert ours.wrongly_refused <= 0.05 * ours.answerable


def test_what_is_not_held_is_told_apart(retriever: Retriever) -> None:
    folder = Path(__file__).with_name("data")
    missing = yaml.safe_load((folder / "unanswerable.yaml").read_text(encoding="utf-8"))
    held = yaml.safe_load((folder / "answerable.yaml").read_text(encoding="utf-8"))
    low = [retriever.search(q).confidence for kind in missing.values() for q in kind]
    high = [retriever.search(q).confidence for q in held]
    wins = sum((a > b) + 0.5 * (a == b) for a in high for b in low)
    assert wins / (len(high) * len(low)) >= 0.8
    refused = sum(retriever.search(q).answerable is Answerable.NO for q in held)
    assert refused <= 0.05 * len(held)

"""Search side by side: what a user would otherwise pick, and our pipeline.

    python -m benchmarks.retrieval [--sizes 10000,100000] [--only-ours]

Three ways over the same notices: LangChain recursive splitting (500/50) + Chroma + our encoder;
bm25s over the same chunks, segmented; our pipeline. At the corpus: quality, index time, index
size, opening, query p50/p95 (ours also with filters), memory. At synthetic libraries: the same
without quality. Prints Markdown. What each part of ours is worth: `benchmarks.retrieval_parts`.
"""

from __future__ import annotations

import argparse
import math
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import bm25s
import numpy as np
from langchain_text_splitters import RecursiveCharacterTextSplitter

from assistant.evaluation import Evaluation, evaluate, read_judged
from assistant.indexing import digests_of, domain_concepts, entries_of
from assistant.library import Changes, Reading
from assistant.loading.load import load_file
from assistant.models import Answerable, Case, Hit, Notice, SearchResult
from assistant.parsing.parse import parse_document
from assistant.passages import norm
from assistant.query_filters import suggest_filters
from assistant.retrieval import preferences_of, told
from assistant.taxonomy.classify import classify, load_taxonomy
from vectorstore import dense
from vectorstore.encoders import LsaEncoder
from vectorstore.entries import Concepts, Entry
from vectorstore.generation import NO_FILTER, Generation
from vectorstore.lexical import words
from vectorstore.segment import Wanted
from vectorstore.store import Store

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"
OURS = "ours"
ROUNDS = 3
DEPTH = 20
FILTERED: Sequence[Wanted] = (
    {"inspections": ("巡察",)},
    {"levels": ("县区",)},
    {"unit_types": ("街道", "乡镇")},
    {"statuses": ("完成",)},
)
"""Filters of all widths, taken in turn: four fifths of the cases to one fifth."""


class Held:
    """Notices in memory, as a Library gives them."""

    def __init__(self, notices: Sequence[Notice]) -> None:
        self._notices = {notice.id: notice for notice in notices}

    def revision(self) -> int:
        return 1

    def identity(self) -> str:
        return "held"

    def notices(self) -> tuple[Notice, ...]:
        return tuple(self._notices.values())

    def changes(self, since: int) -> Changes:
        return Changes(
            self.identity(), 1, tuple(self._notices), self.notices() if since < 1 else ()
        )

    @contextmanager
    def streaming(self) -> Iterator[Reading]:
        yield Reading(self.identity(), 1, iter(self.notices()))

    def notice(self, notice_id: str) -> Notice:
        return self._notices[notice_id]


@dataclass
class Line:
    """One row of the table."""

    name: str
    cases: int
    seconds: float
    processor: float
    megabytes: float
    opening: float
    p50: float
    p95: float
    filtered: float
    memory: float
    """Peak of the build and of searching in it, before it is opened a second time."""
    quality: Evaluation | None = None

    def markdown(self) -> str:
        quality = f"{self.quality.by_type['all'].ndcg:.3f}" if self.quality else "–"
        return (
            f"| {self.name} | {self.cases:,} | {quality} | {self.seconds:.1f} "
            f"| {self.processor:.1f} | {self.cases / self.processor:,.0f} "
            f"| {self.megabytes:,.0f} | {self.opening:.1f} | {self.p50:.1f} | {self.p95:.1f} "
            f"| {self.filtered:.1f} | {self.memory:,.0f} |"
        )


HEAD = (
    "| way | cases | nDCG@10 | index s | CPU s | cases/CPU s "
    "| MB on disk | open s | p50 ms | p95 ms | p95 ms filtered | peak MB |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|---|"
)


def corpus(folder: Path) -> list[Notice]:
    """Read and classify the notices of a folder."""
    taxonomy = load_taxonomy()
    return [
        classify(notice, taxonomy)
        for path in sorted(folder.iterdir())
        for notice in parse_document(load_file(path))
    ]


def synthetic(entries: Sequence[Entry], count: int) -> list[Entry]:
    """Recombine parts of real cases, each marked with rare characters so that none is equal."""
    chance = random.Random(1)
    characters = [chr(code) for code in range(0x4E00, 0x9FA5)]
    made = []
    for number in range(count):
        like = chance.choice(entries)
        parts = []
        for _ in like.parts:
            part = chance.choice(chance.choice(entries).parts)
            name = "".join(chance.choices(characters, k=4))
            parts.append(part[: len(part) // 2] + name + part[len(part) // 2 :])
        owner = f"s{number // 30:06d}"
        labels = {**like.labels, "notice_ids": (owner,)}
        made.append(Entry(f"{owner}-{number % 30:02d}", "\n".join(parts), tuple(parts), labels))
    return made


def timed(search: Callable[[str], object], queries: Sequence[str]) -> tuple[float, float]:
    """Give p50 and p95 in milliseconds after a warm-up round."""
    taken = []
    for round_number in range(ROUNDS + 1):
        for query in queries:
            start = time.perf_counter()
            search(query)
            if round_number:
                taken.append(1000 * (time.perf_counter() - start))
    return float(np.median(taken)), float(np.quantile(taken, 0.95))


def size_of(folder: Path) -> float:
    """Give the megabytes under a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


# ---------------------------------------------------------------------- the ways


def chunks_of(entries: Sequence[Entry]) -> tuple[list[str], list[int]]:
    """Split each notice's text as LangChain's quick starts do; a chunk stands for its first case.

    Returns the chunks and for each the entry that most of it comes from.
    """
    splitter = RecursiveCharacterTextSplitter(chunk_size=500, chunk_overlap=50)
    texts: dict[str, list[int]] = {}
    for place, entry in enumerate(entries):
        texts.setdefault(entry.id.rpartition("-")[0], []).append(place)
    chunks, owners = [], []
    for places in texts.values():
        whole = "\n".join(entries[place].text for place in places)
        ends = np.cumsum([len(entries[place].text) + 1 for place in places])
        at = 0
        for chunk in splitter.split_text(whole):
            at = max(0, whole.find(chunk, max(0, at - 60)))
            middle = at + len(chunk) // 2
            owners.append(places[min(int(np.searchsorted(ends, middle)), len(places) - 1)])
            chunks.append(chunk)
            at += len(chunk)
    return chunks, owners


Way = Callable[[Sequence[Entry], Path], Callable[[str], list[str]]]


def langchain_chroma(entries: Sequence[Entry], folder: Path) -> Callable[[str], list[str]]:
    """Recursive splitting 500/50, Chroma, and our encoder fitted on the chunks."""
    chunks, owners = chunks_of(entries)
    encoder = LsaEncoder.fit(chunks, domain_concepts())
    vectors = encoder.encode(chunks)
    dense.build("", folder / "chroma", "chunks", vectors)
    held = dense.open_vectors("", folder / "chroma", "chunks")

    def search(query: str) -> list[str]:
        rows = held.query(encoder.encode([norm(query)])[0], min(3 * DEPTH, len(chunks)))
        return list(dict.fromkeys(entries[owners[row]].id for row in rows))[:DEPTH]

    return search


def bm25_chunks(entries: Sequence[Entry], folder: Path) -> Callable[[str], list[str]]:
    """bm25s over the same chunks, segmented into words."""
    chunks, owners = chunks_of(entries)
    index = bm25s.BM25()
    index.index([words(chunk) for chunk in chunks], show_progress=False)
    index.save(folder)

    def search(query: str) -> list[str]:
        count = min(3 * DEPTH, len(chunks))
        rows, _ = index.retrieve([words(norm(query))], k=count, show_progress=False)
        return list(dict.fromkeys(entries[owners[row]].id for row in rows[0]))[:DEPTH]

    return search


def bm25_cases(entries: Sequence[Entry], folder: Path) -> Callable[[str], list[str]]:
    """bm25s over whole cases as we cut them: what splitting by case alone is worth."""
    index = bm25s.BM25()
    index.index([words(entry.text) for entry in entries], show_progress=False)
    index.save(folder)

    def search(query: str) -> list[str]:
        count = min(DEPTH, len(entries))
        rows, _ = index.retrieve([words(norm(query))], k=count, show_progress=False)
        return [entries[row].id for row in rows[0]]

    return search


def ours(entries: Sequence[Entry], folder: Path) -> Callable[[str], list[str]]:
    """Our store and ranking; reading cases from the Library is not part of it."""
    generation = published(entries, folder)

    def search(query: str) -> list[str]:
        return searched(generation, query)

    return search


def searched(generation: Generation, query: str, wanted: Wanted = NO_FILTER) -> list[str]:
    """Rank as the pipeline does, and give the ids."""
    preferences = preferences_of(query, suggest_filters(query))
    found = generation.search(
        told(query), literal=norm(query), wanted=wanted, preferences=preferences, limit=60
    )
    return [match.id for match in found.matches]


def reopened(folder: Path, queries: Sequence[str]) -> tuple[float, float]:
    """Give the seconds from opening our index to a first answer, and p95 ms with filters."""
    start = time.perf_counter()
    generation = Store(folder / "index", concepts=domain_concepts()).current()
    assert generation is not None
    searched(generation, queries[0])
    opening = time.perf_counter() - start
    turn = dict(zip(queries, cycle(FILTERED), strict=False))
    _, p95 = timed(lambda query: searched(generation, query, turn[query]), queries)
    return opening, p95


def published(
    entries: Sequence[Entry], folder: Path, concepts: Concepts | None = None
) -> Generation:
    """Publish entries and open what was published."""
    store = Store(folder / "index", concepts=concepts or domain_concepts())
    store.publish(entries, digests_of(entries), stamp={"benchmark": "1"})
    generation = store.current()
    assert generation is not None
    return generation


def measured(
    name: str, way: Way, entries: Sequence[Entry], queries: Sequence[str], home: Path
) -> tuple[Line, Callable[[str], list[str]]]:
    """Build one way and time it."""
    folder = home / name.replace(" ", "-").replace("/", "-")
    folder.mkdir()
    start, used = time.perf_counter(), time.process_time()
    search = way(entries, folder)
    seconds, processor = time.perf_counter() - start, time.process_time() - used
    p50, p95 = timed(search, queries)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    opening, filtered = reopened(folder, queries) if name == OURS else (math.nan, math.nan)
    size = size_of(folder)
    line = Line(name, len(entries), seconds, processor, size, opening, p50, p95, filtered, memory)
    return line, search


def as_results(search: Callable[[str], list[str]], library: Held) -> Callable[[str], SearchResult]:
    """Give ids as a search result, so that every way is scored alike."""
    cases: dict[str, tuple[Case, Notice]] = {
        case.id: (case, notice) for notice in library.notices() for case in notice.cases
    }

    def result(query: str) -> SearchResult:
        hits = tuple(Hit(*cases[found], 0.0) for found in search(query)[:DEPTH])
        return SearchResult(query, hits, Answerable.YES, 1.0)

    return result


WAYS: dict[str, Way] = {
    "LangChain 500/50 + Chroma": langchain_chroma,
    "bm25s, same chunks": bm25_chunks,
    "bm25s, whole cases": bm25_cases,
    OURS: ours,
}


# ---------------------------------------------------------------------- command


def one_size(name: str, count: int) -> None:
    """Measure one way at one synthetic size; a process of its own, so that memory is its own."""
    entries = synthetic(entries_of(corpus(SHARED / "corpus")), count)
    queries = [question.query for question in read_judged(SHARED / "gold" / "queries.jsonl")]
    home = Path(tempfile.mkdtemp())
    try:
        line, _ = measured(name, WAYS[name], entries, queries, home)
        print(line.markdown(), flush=True)
    finally:
        shutil.rmtree(home)


def main() -> None:
    """Run what the options ask for."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default="10000")
    options.add_argument("--only-ours", action="store_true")
    options.add_argument("--one", nargs=2, metavar=("WAY", "SIZE"), help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.one:
        one_size(chosen.one[0], int(chosen.one[1]))
        return
    if not (SHARED / "corpus").is_dir():
        sys.exit(f"reference data not found at {SHARED}")
    library = Held(corpus(SHARED / "corpus"))
    judged = read_judged(SHARED / "gold" / "queries.jsonl")
    names = [OURS] if chosen.only_ours else list(WAYS)
    home = Path(tempfile.mkdtemp())
    try:
        print(HEAD)
        for name in names:
            entries = entries_of(library.notices())
            line, search = measured(name, WAYS[name], entries, [q.query for q in judged], home)
            line.quality = evaluate(judged, as_results(search, library))
            print(line.markdown(), flush=True)
        for size in filter(None, chosen.sizes.split(",")):
            for name in names:
                command = [sys.executable, "-m", "benchmarks.retrieval", "--one", name, size]
                subprocess.run(command, check=True, cwd=REPOSITORY)
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()

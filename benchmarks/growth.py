"""The whole product from a county's library to a nation's: time, memory, disk by number of cases.

    python -m benchmarks.growth [--sizes 1000,10000,100000] [--url …] [--chroma …] [--keep FOLDER]

Synthetic notices, thirty cases each, recombined from the reference corpus and marked so that no
two are equal, through the real Library and index. Every step runs in a process of its own, so
that its memory is its own. 1000000 is possible and takes hours. Prints Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from assistant.evaluation import read_judged
from assistant.library import open_library
from assistant.models import Measure, Notice
from assistant.review import Reviewer, build_reviewer
from assistant.settings import Settings, load_settings
from benchmarks.library import CASES_A_NOTICE, CORPUS, real, synthetic
from tests.world import NOTICES

REPOSITORY = Path(__file__).resolve().parent.parent
QUERIES = REPOSITORY.parent / "shared" / "gold" / "queries.jsonl"
ROUNDS = 3
FEWEST_SEARCHES = 300
MEGABYTE = 1e6

Figures = dict[str, float]


def varied(made: Notice, notices: Sequence[Notice], chance: random.Random) -> Notice:
    """Give the cases of a notice measures of other cases, each with a mark of its own."""
    pool = [case for notice in notices for case in notice.cases if case.measures]

    def measures(count: int) -> tuple[Measure, ...]:
        drawn = []
        for _ in range(count):
            measure = chance.choice(chance.choice(pool).measures)
            mark = "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(4))
            half = len(measure.text) // 2
            drawn.append(replace(measure, text=measure.text[:half] + mark + measure.text[half:]))
        return tuple(drawn)

    cases = (replace(case, measures=measures(len(case.measures))) for case in made.cases)
    return replace(made, cases=tuple(cases))


# ---------------------------------------------------------------------- steps


def put(settings: Settings, cases: int) -> Figures:
    """Fill the Library."""
    notices, files = real()
    chance = random.Random(1)
    library = open_library(settings.home, settings.library_url())
    started = time.perf_counter()
    for number in range(cases // CASES_A_NOTICE):
        document, made = synthetic(notices, files, number, chance)
        library.put(document, (varied(made, notices, chance),))
    seconds = time.perf_counter() - started
    held = library.overview().cases
    library.close()
    return {"cases": held, "put s": seconds, "put cases/s": held / seconds}


def index(settings: Settings, _cases: int) -> Figures:
    """Build the index from nothing."""
    started, used = time.perf_counter(), time.process_time()
    reviewer = build_reviewer(settings)
    seconds, processor = time.perf_counter() - started, time.process_time() - used
    held = reviewer.overview().cases
    reviewer.library.close()
    return {"index s": seconds, "index CPU s": processor, "index cases/s": held / seconds}


def start(settings: Settings, _cases: int) -> Figures:
    """Open everything and answer the first search."""
    started = time.perf_counter()
    reviewer = build_reviewer(settings)
    opened = time.perf_counter() - started
    reviewer.search("党费收缴不及时")
    first = time.perf_counter() - started
    reviewer.library.close()
    return {"open s": opened, "first search s": first}


def search(settings: Settings, _cases: int) -> Figures:
    """Search, one after the other."""
    reviewer = build_reviewer(settings)
    queries = [question.query for question in read_judged(QUERIES)]
    rounds = max(ROUNDS, FEWEST_SEARCHES // len(queries))
    taken = []
    for round_number in range(rounds + 1):
        for query in queries:
            started = time.perf_counter()
            reviewer.search(query)
            if round_number:
                taken.append(1000 * (time.perf_counter() - started))
    p50, p95 = np.quantile(taken, [0.5, 0.95])
    held = _memory_now()
    reviewer.library.close()
    return {"search p50 ms": float(p50), "search p95 ms": float(p95), "held MB": held}


def add(settings: Settings, _cases: int) -> Figures:
    """Import one more file and find what is in it, at once."""
    reviewer: Reviewer = build_reviewer(settings)
    started = time.perf_counter()
    result = reviewer.ingest([NOTICES[0]])[0]
    seconds = time.perf_counter() - started
    assert result.cases, result.message
    reviewer.library.close()
    # the background refit of a large library is left to the next start: what counts is this wait
    sys.stdout.write(json.dumps({"one more file s": seconds}))
    sys.stdout.flush()
    os._exit(0)


STEPS: dict[str, Callable[[Settings, int], Figures]] = {
    "put": put,
    "index": index,
    "start": start,
    "search": search,
    "add": add,
}


def _memory_now() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def one_step(name: str, home: Path, cases: int) -> None:
    """Run one step and print its figures, with the most memory it held."""
    figures = STEPS[name](load_settings(home), cases)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(json.dumps({**figures, f"{name} MB": peak}))


# ---------------------------------------------------------------------- command


def size_of(paths: Sequence[Path]) -> float:
    """Give the megabytes of files and of what is under folders."""
    files = [
        inner
        for path in paths
        for inner in (path.rglob("*") if path.is_dir() else (path,))
        if inner.is_file()
    ]
    return sum(file.stat().st_size for file in files) / MEGABYTE


def measured(cases: int, home: Path, environment: dict[str, str]) -> Figures:
    """Run all steps at one size."""
    figures: Figures = {}
    for name in STEPS:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.growth", "--one", name, str(home), str(cases)],
            cwd=REPOSITORY,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        figures |= json.loads(done.stdout)
        if name == "index":
            figures["library MB on disk"] = size_of(list(home.glob("library.sqlite*")))
            figures["index MB on disk"] = size_of([home / "index"])
    return figures


COLUMNS = (
    *("cases", "put cases/s", "library MB on disk", "index s", "index CPU s", "index MB"),
    *("index MB on disk", "open s", "first search s", "search p50 ms", "search p95 ms"),
    *("held MB", "one more file s"),
)
TITLES = {"index MB": "peak MB while indexing", "held MB": "MB held while searching"}


def main() -> None:
    """Measure each size and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default="1000,10000,100000")
    options.add_argument("--url", default="", help="PostgreSQL URL instead of the home's file")
    options.add_argument("--chroma", default="", help="Chroma server instead of the embedded one")
    options.add_argument("--keep", type=Path, help="keep the homes here")
    options.add_argument("--one", nargs=3, metavar=("STEP", "HOME", "CASES"))
    chosen = options.parse_args()
    if chosen.one:
        one_step(chosen.one[0], Path(chosen.one[1]), int(chosen.one[2]))
        return
    if not CORPUS.is_dir():
        sys.exit(f"reference data not found at {CORPUS}")
    if chosen.url and "," in chosen.sizes:
        sys.exit("one size with --url: the sizes would share the database")
    environment = {"ZHENGGAI_DATABASE_URL": chosen.url, "ZHENGGAI_CHROMA_URL": chosen.chroma}
    print(f"| {' | '.join(TITLES.get(name, name) for name in COLUMNS)} |")
    print(f"|{'---|' * len(COLUMNS)}", flush=True)
    for size in chosen.sizes.split(","):
        home = chosen.keep / size if chosen.keep else Path(tempfile.mkdtemp())
        try:
            figures = measured(int(size), home, environment)
        finally:
            if not chosen.keep:
                shutil.rmtree(home, ignore_errors=True)
        cells = (
            f"{figures[name]:,.0f}" if figures[name] >= 100 else f"{figures[name]:.2f}"
            for name in COLUMNS
        )
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()

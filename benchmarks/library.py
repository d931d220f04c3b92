"""The record at size: what opening, counting and reading cost in time and memory.

    python -m benchmarks.library [--cases 100000] [--url postgresql://…] [--home FOLDER]

Fills a library with recombined cases of the reference corpus, thirty to a notice, then measures
each step in a process of its own. Prints Markdown. `--home` keeps the library for further runs.
"""

from __future__ import annotations

import argparse
import json
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

from assistant.library import Library, open_library
from assistant.loading.load import load_file
from assistant.models import Case, Document, Notice
from assistant.parsing.parse import parse_document
from assistant.taxonomy.classify import classify, load_taxonomy

REPOSITORY = Path(__file__).resolve().parent.parent
CORPUS = REPOSITORY.parent / "shared" / "corpus"
CASES_A_NOTICE = 30


def real() -> tuple[list[Notice], dict[str, Document]]:
    """Read the corpus: its notices, and the file of each."""
    taxonomy = load_taxonomy()
    notices, files = [], {}
    for path in sorted(CORPUS.iterdir()):
        document = load_file(path)
        for notice in parse_document(document):
            notices.append(classify(notice, taxonomy))
            files[notice.id] = document
    return notices, files


def synthetic(
    notices: Sequence[Notice], files: dict[str, Document], number: int, chance: random.Random
) -> tuple[Document, Notice]:
    """Make a notice of cases drawn from all, and a file of about its size."""
    like = chance.choice([notice for notice in notices if notice.cases])
    name = f"syn{number:06d}"
    cases: list[Case] = []
    for place in range(CASES_A_NOTICE):
        case = chance.choice(chance.choice([n for n in notices if n.cases]).cases)
        mark = "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(4))
        cases.append(
            replace(case, id=f"{name}-{place:02d}", notice_id=name, problem=f"{case.problem}{mark}")
        )
    lines = files[like.id].lines[like.start_line - 1 : like.end_line]
    document = replace(
        files[like.id], source=f"{name}.txt", sha256=f"sha-{name}", lines=(*lines, name)
    )
    made = replace(
        like,
        id=name,
        sha256=document.sha256,
        source=document.source,
        unit=f"{number}{like.unit or '单位'}",
        cases=tuple(cases),
        start_line=1,
        end_line=len(document.lines),
    )
    return document, made


def fill(library: Library, cases: int) -> None:
    """Put notices in until so many cases are held."""
    notices, files = real()
    chance = random.Random(1)
    for number in range(library.overview().notices, cases // CASES_A_NOTICE + 1):
        library.put(*_with(synthetic(notices, files, number, chance)))


def _with(pair: tuple[Document, Notice]) -> tuple[Document, tuple[Notice, ...]]:
    return pair[0], (pair[1],)


STEPS: dict[str, Callable[[Library], object]] = {
    "open": lambda library: None,
    "overview": lambda library: library.overview(),
    "one notice": lambda library: library.notice("syn000007"),
    "changes since the last revision": lambda library: library.changes(library.revision() - 1),
    "outlines": lambda library: library.outlines(),
    "all notices": lambda library: library.notices(),
}


def one_step(name: str, home: Path, url: str) -> None:
    """Measure one step; a process of its own, so that memory is its own."""
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    library = open_library(home, url)
    opened = time.perf_counter()
    held = STEPS[name](library)
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = opened - start if name == "open" else done - opened
    print(json.dumps({"seconds": seconds, "megabytes": (peak - base) / 1024}))
    del held
    library.close()


def main() -> None:
    """Run what the options ask for."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=100_000)
    options.add_argument("--url", default="")
    options.add_argument("--home", type=Path)
    options.add_argument("--one", choices=STEPS, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.one:
        one_step(chosen.one, chosen.home, chosen.url)
        return
    if not CORPUS.is_dir():
        sys.exit(f"reference data not found at {CORPUS}")
    home = chosen.home or Path(tempfile.mkdtemp())
    try:
        library = open_library(home, chosen.url)
        start, before = time.perf_counter(), library.overview().cases
        fill(library, chosen.cases)
        seconds, held = time.perf_counter() - start, library.overview()
        library.close()
        print(f"{library.where}: {held.notices:,} notices, {held.cases:,} cases; ", end="")
        if held.cases > before:
            print(f"put {(held.cases - before) / seconds:,.0f} cases/s; ", end="")
        size = sum(path.stat().st_size for path in home.glob("library.sqlite*"))
        print(f"file {size / 1e6:,.0f} MB\n\n| step | seconds | MB |\n|---|---|---|")
        for name in STEPS:
            command = [sys.executable, "-m", "benchmarks.library", "--one", name]
            command += ["--home", str(home), "--url", chosen.url]
            said = subprocess.run(
                command, check=True, cwd=REPOSITORY, capture_output=True, text=True
            )
            figures = json.loads(said.stdout)
            print(f"| {name} | {figures['seconds']:.3f} | {figures['megabytes']:,.0f} |")
    finally:
        if chosen.home is None:
            shutil.rmtree(home)


if __name__ == "__main__":
    main()

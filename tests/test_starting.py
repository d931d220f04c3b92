"""What a program loads to start, and how the vector database comes after the first searches."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.fakes_vectorstore import CONCEPTS, late_vectors_of, make_entries, opened, publish
from tests.waiting import LONG_S
from tests.world import open_reviewer
from vectorstore import late_vectors, segment
from vectorstore.errors import BrokenIndex
from vectorstore.late_vectors import OPENED_WITH, LateVectors, dense
from vectorstore.later import Later
from vectorstore.store import Store

REPOSITORY = Path(__file__).resolve().parent.parent
HEAVY = (
    *("chromadb", "openai", "httpx", "httpx2", "langchain_text_splitters", "docx", "openpyxl"),
    *("pdfplumber", "pypdfium2", "lxml", "streamlit", "fastapi", "mcp", "assistant.export"),
)
SEARCH = f"""
import sys
from assistant.cli import main
status = main(["--home", sys.argv[1], "search", "党费收缴不及时"])
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
sys.exit(status)
"""


def test_a_search_loads_nothing_that_reads_files_serves_or_calls_a_model(tmp_path: Path) -> None:
    ingest = [sys.executable, "-m", "assistant.cli", "--home", str(tmp_path), "ingest"]
    subprocess.run([*ingest, str(REPOSITORY / "samples")], check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-c", SEARCH, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "党费" in done.stdout
    assert done.stderr.strip().splitlines()[-1] == "[]"


def test_a_module_that_comes_later_comes_at_the_first_look() -> None:
    name = "xml.sax.expatreader"
    sys.modules.pop(name, None)
    module = Later(name)
    assert name not in sys.modules
    assert callable(module.create_parser)
    assert name in sys.modules
    with pytest.raises(AttributeError):
        _ = module.nothing_of_the_kind


def _searched_with(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tell, search by search, whether the vector database was asked."""
    asked: list[str] = []
    held = Store(folder, concepts=CONCEPTS)
    generation = opened(held)
    inner = late_vectors_of(generation.segments[0])
    ready = inner.ready

    def watched() -> object:
        found = ready()
        asked.append("chroma" if found is not None else "exact")
        return found

    monkeypatch.setattr(inner, "ready", watched)
    for number in range(OPENED_WITH + 1):
        if number == OPENED_WITH:
            for thread in threading.enumerate():
                if thread.name == "open-vectors":
                    thread.join()
        assert generation.search("党费收缴基数").matches[0].id.startswith("n")
    return asked


def test_the_first_searches_are_exact_and_then_the_database_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(Store(tmp_path, concepts=CONCEPTS), make_entries(500))
    asked = _searched_with(tmp_path, monkeypatch)
    assert asked[: OPENED_WITH - 1] == ["exact"] * (OPENED_WITH - 1)
    assert asked[-1] == "chroma"


def test_a_search_finds_the_same_before_and_after_the_database_is_open(tmp_path: Path) -> None:
    publish(Store(tmp_path, concepts=CONCEPTS), make_entries(900))
    generation = opened(Store(tmp_path, concepts=CONCEPTS))
    before = [match.id for match in generation.search("合同管理程序缺失", limit=20).matches]
    assert late_vectors_of(generation.segments[0])._open is None
    generation.open_vectors()
    assert late_vectors_of(generation.segments[0])._open is not None
    after = [match.id for match in generation.search("合同管理程序缺失", limit=20).matches]
    assert after == before


def test_a_segment_too_large_to_scan_opens_the_database_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(Store(tmp_path, concepts=CONCEPTS), make_entries(30))
    monkeypatch.setattr(segment, "SCANNED_UP_TO", 29)
    generation = opened(Store(tmp_path, concepts=CONCEPTS))
    assert generation.search("党费").matches
    assert late_vectors_of(generation.segments[0])._open is not None


def test_what_is_published_was_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise BrokenIndex("torn")

    monkeypatch.setattr("vectorstore.dense.open_vectors", broken)
    held = Store(tmp_path, concepts=CONCEPTS)
    with pytest.raises(BrokenIndex):
        publish(held, make_entries(10))
    assert held.current() is None


def test_a_large_torn_collection_is_told_by_the_search_that_would_ask_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(Store(tmp_path, concepts=CONCEPTS), make_entries(30))
    target = next(tmp_path.glob("cases-*/base/chroma/*/data_level0.bin"))
    content = bytearray(target.read_bytes())
    content[len(content) // 2] ^= 255
    target.write_bytes(content)
    monkeypatch.setattr("vectorstore.seal.CHECKED_AT_ONCE", 0)
    generation = opened(Store(tmp_path, concepts=CONCEPTS))
    assert generation.search("党费").matches
    with pytest.raises(BrokenIndex):
        generation.open_vectors()
    with pytest.raises(BrokenIndex):
        generation.search("党费")


def test_closing_while_the_database_opens_closes_it_too() -> None:
    begun, go_on, closed = threading.Event(), threading.Event(), threading.Event()

    class Slow:
        def close(self) -> None:
            closed.set()

    def opening() -> Slow:
        begun.set()
        assert go_on.wait(LONG_S)
        return Slow()

    vectors = LateVectors(opening)  # type: ignore[arg-type]
    for _ in range(late_vectors.OPENED_WITH):
        assert vectors.ready() is None
    assert begun.wait(LONG_S)
    vectors.close()
    assert not closed.is_set()
    go_on.set()
    assert closed.wait(LONG_S)


def test_the_door_to_the_database_is_the_module_itself() -> None:
    assert dense.HNSW["space"] == "cosine"


def test_who_asks_for_the_database_has_a_broken_index_rebuilt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewer = open_reviewer(tmp_path)
    published = reviewer.index.current()
    reviewer.library.close()
    target = next(tmp_path.glob("index/cases-*/base/chroma/*/data_level0.bin"))
    content = bytearray(target.read_bytes())
    content[len(content) // 2] ^= 255
    target.write_bytes(content)
    monkeypatch.setattr("vectorstore.seal.CHECKED_AT_ONCE", 0)
    reviewer = open_reviewer(tmp_path, filled=False)
    assert published is not None
    reviewer.index.open_vectors()
    again = reviewer.index.current()
    assert again is not None
    assert again.name != published.name
    reviewer.library.close()

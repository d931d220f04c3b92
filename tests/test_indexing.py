"""The index follows the Library: cheap when nothing changed, whole when something did."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from assistant import indexing
from assistant.errors import IndexUnavailable
from assistant.indexing import CaseIndex, digests_of, domain_concepts, entries_of
from assistant.passages import passages_of
from assistant.taxonomy.thesaurus import load_thesaurus
from tests.fakes_retrieval import NOTICES, FakeLibrary, make_notice, with_problem
from vectorstore import lexical, manifest, store
from vectorstore.encoders import LsaEncoder
from vectorstore.entries import Concepts


@pytest.fixture(autouse=True)
def few_concepts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hand over a part of the thesaurus: these tests build often and look at no quality."""
    groups = load_thesaurus()[:80]
    monkeypatch.setattr(indexing, "load_thesaurus", lambda: groups)


LATE = make_notice("e5e5e5e5", "松岭乡党委", "乡镇", [("低保动态管理滞后", ["停发并追缴。"], None)])


def found(index: CaseIndex, text: str) -> list[str]:
    generation = index.current()
    assert generation is not None
    return [match.id for match in generation.search(text).matches]


def test_an_empty_library_gives_nothing_to_search(home: Path) -> None:
    index = CaseIndex(home, FakeLibrary())
    index.reconcile()
    assert index.current() is None


def test_cases_are_found_after_reconciling(home: Path) -> None:
    index = CaseIndex(home, FakeLibrary(NOTICES))
    index.reconcile()
    assert found(index, "党费基数核定")[0] == "a1a1a1a1-01"


def test_reconciling_again_changes_and_reads_nothing(home: Path) -> None:
    library = FakeLibrary(NOTICES)
    CaseIndex(home, library).reconcile()
    reads, pointer = library.reads, (home / "index/current.json").read_text()
    again = CaseIndex(home, library)
    again.reconcile()
    assert library.reads == reads
    assert (home / "index/current.json").read_text() == pointer


def test_a_change_that_no_case_shows_builds_nothing(home: Path) -> None:
    library = FakeLibrary(NOTICES)
    index = CaseIndex(home, library)
    index.reconcile()
    pointer = (home / "index/current.json").read_text()
    library.revised += 1
    index.reconcile()
    assert (home / "index/current.json").read_text() == pointer
    assert index.state()["revision"] == "2"


def test_new_notices_are_found_as_well_as_old_ones(home: Path) -> None:
    library = FakeLibrary(NOTICES)
    index = CaseIndex(home, library)
    index.reconcile()
    library.put(LATE)
    index.reconcile()
    assert found(index, "低保管理")[0] == "e5e5e5e5-01"


def test_of_two_that_wait_for_the_same_fit_only_one_makes_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = FakeLibrary(NOTICES)
    CaseIndex(home, library).reconcile()
    library.put(LATE)
    first, second = CaseIndex(home, library), CaseIndex(home, library)
    made: list[str] = []
    fit = LsaEncoder.fit

    def fit_once_other_was_asked(
        texts: Sequence[str], concepts: Concepts, **more: Any
    ) -> LsaEncoder:
        made.append("fit")
        if len(made) == 1:
            waiting.start()
            waiting.join(0.3)
            assert waiting.is_alive()
        return fit(texts, concepts, **more)

    monkeypatch.setattr(LsaEncoder, "fit", fit_once_other_was_asked)
    waiting = threading.Thread(target=second.reconcile)
    first.reconcile()
    waiting.join()
    assert made == ["fit"]
    assert found(second, "低保停发")[0] == "e5e5e5e5-01"


def test_corrected_and_removed_cases_follow(home: Path) -> None:
    library = FakeLibrary(NOTICES)
    index = CaseIndex(home, library)
    index.reconcile()
    library.put(with_problem(NOTICES[0], 1, "河道非法采砂查处不力"))
    library.remove("d4d4d4d4")
    index.reconcile()
    assert found(index, "非法采砂")[0] == "a1a1a1a1-01"
    assert not [case for case in found(index, "公务接待") if case.startswith("d4d4d4d4")]
    for notice in tuple(library.held):
        library.remove(notice)
    index.reconcile()
    assert index.current() is None


def test_another_thesaurus_makes_the_index_stale(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = FakeLibrary(NOTICES)
    CaseIndex(home, library).reconcile()
    pointer = (home / "index/current.json").read_text()
    monkeypatch.setattr(indexing, "thesaurus_version", lambda: "edited")
    CaseIndex(home, library).reconcile()
    assert (home / "index/current.json").read_text() != pointer


def test_a_broken_index_is_rebuilt_by_whoever_finds_it(home: Path) -> None:
    library = FakeLibrary(NOTICES)
    CaseIndex(home, library).reconcile()
    for path in home.glob("index/*/base/chroma/*/data_level0.bin"):
        path.write_bytes(b"torn")
    assert found(CaseIndex(home, library), "党费基数核定")[0] == "a1a1a1a1-01"


def test_an_older_passage_format_is_rebuilt(home: Path) -> None:
    library = FakeLibrary(NOTICES)
    CaseIndex(home, library).reconcile()
    for path in home.glob("index/*/manifest.json"):
        path.write_text(path.read_text().replace(f'"format": "{manifest.FORMAT}"', '"format": "0"'))
    index = CaseIndex(home, library)
    index.reconcile()
    assert index.current() is not None


def test_large_libraries_fold_in_and_ask_for_a_refit(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "FOLD_ENTRIES_FROM", 10)
    library = FakeLibrary(NOTICES)
    index = CaseIndex(home, library)
    index.reconcile()
    library.put(LATE)
    asked: list[Callable[[], None]] = []
    index.reconcile(refit=asked.append)
    generation = index.current()
    assert generation is not None
    assert len(generation.segments) == 2
    assert found(index, "低保管理")[0] == "e5e5e5e5-01"
    asked[0]()
    again = index.current()
    assert again is not None
    assert len(again.segments) == 1
    assert found(index, "低保管理")[0] == "e5e5e5e5-01"


def test_folding_in_reads_only_what_changed_and_a_second_look_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "FOLD_ENTRIES_FROM", 10)
    library = FakeLibrary(NOTICES)
    index = CaseIndex(home, library)
    index.reconcile()
    reads = library.reads
    library.put(LATE)
    index.reconcile()
    assert library.reads == reads + 1
    CaseIndex(home, library).reconcile()
    assert library.reads == reads + 1
    assert found(CaseIndex(home, library), "低保管理")[0] == "e5e5e5e5-01"


def test_a_few_folded_cases_ask_for_no_refit(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "FOLD_ENTRIES_FROM", 10)
    monkeypatch.setattr(indexing, "REFIT_FROM", 0.15)
    library = FakeLibrary(NOTICES)
    index = CaseIndex(home, library)
    index.reconcile()
    asked: list[Callable[[], None]] = []
    library.put(LATE)
    index.reconcile(refit=asked.append)
    assert not asked
    assert found(index, "低保管理")[0] == "e5e5e5e5-01"


def test_another_record_in_the_same_home_is_indexed_anew(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = FakeLibrary(NOTICES)
    CaseIndex(home, library).reconcile()
    restored = FakeLibrary([LATE])
    monkeypatch.setattr(restored, "identity", lambda: "another")
    index = CaseIndex(home, restored)
    index.reconcile()
    assert set(found(index, "低保管理")) == {"e5e5e5e5-01"}


def test_a_full_disk_is_told_in_words_for_users(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lexical, "build", full)
    with pytest.raises(IndexUnavailable, match="磁盘空间"):
        CaseIndex(home, FakeLibrary(NOTICES)).reconcile()


def test_a_server_that_does_not_answer_is_told(home: Path) -> None:
    with pytest.raises(IndexUnavailable, match="连不上向量数据库"):
        CaseIndex(home, FakeLibrary(NOTICES), url="http://127.0.0.1:9").reconcile()


def test_progress_is_told_in_words_and_never_goes_back(home: Path) -> None:
    told: list[tuple[str, float]] = []
    CaseIndex(home, FakeLibrary(NOTICES)).reconcile(lambda what, share: told.append((what, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert all(what for what, _ in told)


def test_passages_hold_norm_text_and_every_measure_worth_one() -> None:
    notice = make_notice(
        "f6f6f6f6",
        "北关街道",
        "街道",
        [
            (
                "D费收缴不规范",
                ["补缴。", "制定党费收缴使用管理制度并按季度在公示栏公开收支明细。"],
                None,
            )
        ],
    )
    whole, problem, *measures = passages_of(notice.cases[0], notice)
    assert problem.text == "党费收缴不规范"
    assert "D费" not in whole.text
    assert "补缴" in whole.text
    assert [passage.kind for passage in measures] == ["measure"]
    assert len({p.id for p in (whole, problem, *measures)}) == 3


def test_long_measures_are_split_without_loss() -> None:
    sentence = "对第{}个村的承包合同逐份核对并登记造册。"
    long = "".join(sentence.format(number) for number in range(60))
    notice = make_notice("f7f7f7f7", "北关街道", "街道", [("合同混乱", [long], None)])
    pieces = [p.text for p in passages_of(notice.cases[0], notice) if p.kind == "measure"]
    assert "".join(pieces) == long
    assert max(map(len, pieces)) <= 400


def test_equal_notices_give_equal_digests() -> None:
    first, second = entries_of(NOTICES), entries_of(NOTICES)
    assert digests_of(first) == digests_of(second)
    changed = digests_of(entries_of([with_problem(NOTICES[0], 1, "党费使用不公开")]))
    assert changed["a1a1a1a1-01"] != digests_of(first)["a1a1a1a1-01"]


def test_the_thesaurus_is_handed_over_as_plain_lists() -> None:
    concepts = domain_concepts()
    assert all(isinstance(term, str) for group in concepts.groups for term in group)

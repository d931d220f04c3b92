"""Generations on disk: published whole, reopened, swept when unused."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from tests.fakes_vectorstore import CONCEPTS, make_entries, opened, publish
from vectorstore import lexical
from vectorstore.entries import Entry
from vectorstore.errors import IndexBusy
from vectorstore.locks import FolderUse, building
from vectorstore.store import Store


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Publish once; who changes the folder takes a copy."""
    folder = tmp_path_factory.mktemp("built")
    publish(Store(folder, concepts=CONCEPTS), make_entries(40))
    return folder


def test_an_empty_store_has_nothing_current(tmp_path: Path) -> None:
    held = Store(tmp_path / "index", concepts=CONCEPTS)
    assert held.current() is None
    assert held.stamp() == {}


def test_what_is_published_is_found(built: Path) -> None:
    held = Store(built, concepts=CONCEPTS)
    for entry in make_entries(8):
        assert opened(held).search(entry.text).matches[0].id == entry.id


def test_one_entry_is_enough(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, make_entries(1))
    assert [m.id for m in opened(held).search("党费").matches] == ["n0-000"]


def test_a_text_with_nothing_in_it_does_not_stop_a_build(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, [*make_entries(3), Entry("empty", "", ())])
    assert len(opened(held)) == 4
    assert opened(held).search("").matches is not None


def test_a_query_that_shares_nothing_has_no_known_weight(built: Path) -> None:
    held = Store(built, concepts=CONCEPTS)
    assert opened(held).search("饕餮魑魅").known == 0.0


def test_filters_hold_exactly(built: Path) -> None:
    held = Store(built, concepts=CONCEPTS)
    entries = make_entries()
    found = opened(held).search("党费收缴", wanted={"kind": ["街道"]}, limit=100)
    assert {m.id for m in found.matches} == {e.id for e in entries if e.labels["kind"] == ("街道",)}
    assert opened(held).search("党费", wanted={"kind": ["学校"]}).matches == ()
    both = opened(held).search("党费", wanted={"kind": ["学校", "乡镇"]}, limit=100)
    assert len(both.matches) == 20


def test_words_find_an_exact_figure(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    entries = make_entries()
    entries[17] = Entry("n2-017", "清退津贴9480元", ("清退津贴9480元",), {})
    publish(held, entries)
    assert opened(held).search("9480元").matches[0].id == "n2-017"


def test_the_same_query_gives_the_same_order(built: Path) -> None:
    held = Store(built, concepts=CONCEPTS)
    first = opened(held).search("制度")
    assert first == opened(Store(built, concepts=CONCEPTS)).search("制度")


def test_readers_notice_a_new_generation_without_reopening(tmp_path: Path) -> None:
    reader, writer = Store(tmp_path, concepts=CONCEPTS), Store(tmp_path, concepts=CONCEPTS)
    publish(writer, make_entries(10))
    before = opened(reader)
    publish(writer, make_entries(20), stamp="2")
    assert len(before) == 10
    assert len(opened(reader)) == 20
    assert reader.stamp() == {"revision": "2"}


def test_a_generation_in_use_is_kept_and_swept_later(tmp_path: Path) -> None:
    reader, writer = Store(tmp_path, concepts=CONCEPTS), Store(tmp_path, concepts=CONCEPTS)
    publish(writer, make_entries(10))
    generation = opened(reader)
    publish(writer, make_entries(12))
    assert generation.search("党费").matches
    assert len(list(tmp_path.glob("cases-*"))) == 2
    del generation
    opened(reader)
    publish(writer, make_entries(14))
    publish(writer, make_entries(16))
    assert len(list(tmp_path.glob("cases-*"))) <= 2


def test_searching_goes_on_while_generations_are_published(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, make_entries(10))
    stop, problems, searches = threading.Event(), [], [0]

    def search() -> None:
        while not stop.is_set():
            found = opened(held).search("党费收缴").matches
            searches[0] += 1
            if not found or "00" not in found[0].id:
                problems.append(found)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for round_number in range(4):
        publish(held, make_entries(10 + round_number))
    stop.set()
    for thread in threads:
        thread.join()
    assert not problems
    assert searches[0] > 0


def test_a_build_that_fails_leaves_the_old_generation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, make_entries(10))

    def full_disk(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lexical, "build", full_disk)
    with pytest.raises(OSError, match="No space"):
        publish(held, make_entries(20))
    monkeypatch.undo()
    assert len(opened(Store(tmp_path, concepts=CONCEPTS))) == 10
    publish(held, make_entries(20))
    assert len(opened(held)) == 20


def test_one_builder_at_a_time(tmp_path: Path) -> None:
    with building(tmp_path), pytest.raises(IndexBusy), building(tmp_path, wait=0.2):
        pass
    with building(tmp_path, wait=0.0):
        pass


def test_a_folder_in_use_is_not_free(tmp_path: Path) -> None:
    use = FolderUse([tmp_path])
    assert not FolderUse.is_free(tmp_path)
    use.release()
    assert FolderUse.is_free(tmp_path)


def test_manifest_is_plain_json(built: Path) -> None:
    name = json.loads((built / "current.json").read_text())["generation"]
    manifest = json.loads((built / name / "manifest.json").read_text())
    assert manifest["segments"] == [f"{name}/base"]

"""Folding in: what is new is found without a new fit."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.fakes_vectorstore import CONCEPTS, digests, make_entries, opened, publish
from vectorstore import encoders, store
from vectorstore.encoders import LsaEncoder
from vectorstore.entries import Entry
from vectorstore.store import Store, Update


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Publish once; who changes the folder takes a copy."""
    folder = tmp_path_factory.mktemp("built")
    publish(Store(folder, concepts=CONCEPTS), make_entries(100))
    return folder


@pytest.fixture
def small_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "FOLD_ENTRIES_FROM", 50)


def fold(held: Store, entries: list[Entry]) -> bool:
    return held.fold_in(Update(entries, digests(entries), {"revision": "2"}))


def copied(built: Path, tmp_path: Path) -> Store:
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return Store(tmp_path, concepts=CONCEPTS)


def test_small_collections_ask_for_a_new_fit(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, make_entries(40))
    assert not fold(held, make_entries(41))


@pytest.mark.usefixtures("small_fold")
def test_folded_entries_are_found_first_by_their_own_words(built: Path, tmp_path: Path) -> None:
    held, entries = copied(built, tmp_path), make_entries(100)
    fresh = Entry("new-1", "低保金误发给去世人员，已追回", ("低保金误发给去世人员，已追回",), {})
    assert fold(held, [*entries, fresh])
    generation = opened(held)
    assert len(generation.segments) == 2
    found = generation.search("死了的人还在领低保").matches
    assert found[0].id == "new-1"
    assert found[0].dense > 0.4
    assert generation.search(entries[7].text).matches[0].id == entries[7].id


@pytest.mark.usefixtures("small_fold")
def test_changed_and_removed_entries_are_seen_as_they_are_now(built: Path, tmp_path: Path) -> None:
    held, entries = copied(built, tmp_path), make_entries(100)
    changed = Entry(entries[3].id, "河道非法采砂未查处", ("河道非法采砂未查处",), {})
    assert fold(held, [*entries[:3], changed, *entries[5:]])
    found = opened(held).search("非法采砂", limit=200).matches
    assert found[0].id == changed.id
    assert sum(match.id == changed.id for match in found) == 1
    assert entries[4].id not in {match.id for match in found}


@pytest.mark.usefixtures("small_fold")
def test_folding_again_starts_from_the_fit_and_sweeps_the_step_between(
    built: Path, tmp_path: Path
) -> None:
    held, entries = copied(built, tmp_path), make_entries(100)
    for count in range(1, 4):
        more = [*entries, *make_entries(count, first=200)]
        assert fold(held, more)
        assert len(opened(held)) == 100 + count
    assert len(list(tmp_path.glob("cases-*"))) <= 3


@pytest.mark.usefixtures("small_fold")
def test_only_removing_needs_no_second_segment(built: Path, tmp_path: Path) -> None:
    held, entries = copied(built, tmp_path), make_entries(100)
    assert fold(held, entries[:95])
    assert len(opened(held).search("制度", limit=200).matches) == 95


@pytest.mark.usefixtures("small_fold")
def test_too_much_change_asks_for_a_new_fit(built: Path, tmp_path: Path) -> None:
    held = copied(built, tmp_path)
    assert not fold(held, make_entries(130))


@pytest.mark.usefixtures("small_fold")
def test_what_changes_during_a_fit_is_folded_into_it_and_shown_all_along(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, entries = copied(built, tmp_path), make_entries(100)
    fresh = Entry("new-1", "低保金误发给去世人员，已追回", ("低保金误发给去世人员，已追回",), {})
    newer = [*entries, fresh]
    fitting = LsaEncoder.fit
    shown = []

    def slow_fit(*given: Any) -> LsaEncoder:
        assert fold(held, newer)  # another import, not held up by the fit
        shown.append(opened(held).search("低保金").matches[0].id)
        return fitting(*given)

    monkeypatch.setattr(LsaEncoder, "fit", slow_fit)
    update = Update([fresh], digests(newer), {"revision": "2"})
    held.publish(entries, digests(entries), stamp={"revision": "1"}, late=lambda: update)
    shown.append(opened(held).search("低保金").matches[0].id)
    assert shown == ["new-1", "new-1"]
    assert held.stamp() == {"revision": "2"}
    assert held.base().stamp == {"revision": "1"}
    assert len(opened(held)) == 101


def test_many_new_texts_are_spanned_through_a_sample_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encoders, "EXTRA_FROM", 10)
    texts = [entry.text for entry in make_entries(40)]
    fitted = LsaEncoder.fit(texts, CONCEPTS)
    new = [f"低保金误发给去世人员第{number}笔" for number in range(45)]
    grown = fitted.extended(new)
    assert grown.dimension - fitted.dimension <= 10
    assert grown.encode_known(new)[1].mean() > 0.8

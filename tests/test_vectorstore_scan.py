"""Filters at size: exact whatever share of the rows they admit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tests.fakes_vectorstore import CONCEPTS, make_entries, opened, publish
from vectorstore import directions, segment
from vectorstore.entries import Entry
from vectorstore.errors import BrokenIndex
from vectorstore.fusion import PIECE, cosines, picked_cosines
from vectorstore.generation import Generation
from vectorstore.labels import Labels, write_labels
from vectorstore.store import Store


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """Give every entry a share of labels: a third, nearly all, one in ten."""
    entries = []
    for number, entry in enumerate(make_entries(300)):
        shares = {"third": number % 3 == 0, "most": number % 20 > 0, "few": number % 10 == 0}
        labels = {key: ("yes",) for key, has in shares.items() if has}
        entries.append(Entry(entry.id, entry.text, entry.parts, labels))
    held = Store(tmp_path_factory.mktemp("scan"), concepts=CONCEPTS)
    publish(held, entries)
    return opened(held)


@pytest.mark.parametrize("key", ["third", "most", "few"])
def test_a_filter_gives_exactly_the_nearest_it_admits(
    key: str, generation: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment, "CANDIDATES", 10)
    held = generation.segments[0]
    query, _ = generation.encoder.encode_query("信访积案无人负责")
    rows = held.candidates(query, "信访积案无人负责", {key: ("yes",)}).rows
    admitted = np.flatnonzero(held._labels.mask(key, ["yes"]))
    scores = np.asarray(held.whole)[admitted] @ query
    least = np.sort(scores)[-10]
    assert len(rows) == 10
    assert set(rows) <= set(admitted)
    assert (np.asarray(held.whole)[rows] @ query >= least - 1e-6).all()


def test_rows_picked_in_pieces_score_as_all_rows_do() -> None:
    chance = np.random.default_rng(1)
    rows = chance.standard_normal((3 * PIECE, 8), dtype=np.float32)
    query = rows[5]
    picked = np.flatnonzero(chance.random(len(rows)) < 0.7)
    assert np.allclose(picked_cosines(rows, picked, query), cosines(rows, query)[picked])
    assert len(picked_cosines(rows, picked[:0], query)) == 0


def test_labels_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    entries = [
        Entry("a", "", (), {"topics": ("T01", "T02"), "kind": ("街道",)}),
        Entry("b", "", (), {}),
        Entry("c", "", (), {"topics": ("T02",)}),
    ]
    write_labels(tmp_path, entries)
    labels = Labels(tmp_path, len(entries))
    assert labels.mask("topics", ["T02"]).tolist() == [True, False, True]
    assert labels.mask("topics", ["T01", "T02"]).tolist() == [True, False, True]
    assert labels.mask("kind", ["街道"]).tolist() == [True, False, False]
    assert not labels.mask("kind", ["乡镇"]).any()


def test_entries_without_any_label_are_written_too(tmp_path: Path) -> None:
    write_labels(tmp_path, [Entry("a", "", ())])
    assert Labels(tmp_path, 1).mask("kind", ["街道"]).tolist() == [False]


def test_labels_cut_short_are_told_as_broken(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, make_entries(8))
    for path in tmp_path.glob("*/base/label_rows.npy"):
        np.save(path, np.load(path)[:-1])
    with pytest.raises(BrokenIndex):
        Store(tmp_path, concepts=CONCEPTS).current()


def test_directions_of_middling_libraries_hold_nearly_what_exact_ones_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = np.random.default_rng(2)
    strength = (0.9 ** np.arange(60)).astype(np.float32)
    rows = csr_matrix(chance.standard_normal((120, 60), dtype=np.float32) * strength)
    exact = directions.principal_basis([rows], 20).dense(20)
    monkeypatch.setattr(directions, "EXACT_UP_TO", 10)
    near = directions.principal_basis([rows], 20).dense(20)
    assert np.allclose(near.T @ near, np.eye(20), atol=1e-3)
    assert np.linalg.norm(rows @ near) >= 0.999 * np.linalg.norm(rows @ exact)
    assert np.allclose(near[:, 0] @ exact[:, 0], 1.0, atol=0.02) or near[:, 0] @ exact[:, 0] < -0.98

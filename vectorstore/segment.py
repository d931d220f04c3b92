"""One immutable folder of entries: vectors, parts, words and labels, written once and read."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectorstore import lexical, seal
from vectorstore.address import is_remote
from vectorstore.encoders import Encoder
from vectorstore.entries import Entry, Matrix, Preference, Progress, Rows
from vectorstore.errors import BrokenIndex, PoorGraph
from vectorstore.fusion import Gathered, Scores, cosines, gather, picked_cosines
from vectorstore.labels import Labels, write_labels
from vectorstore.late_vectors import LateVectors, dense
from vectorstore.lexical import FullText
from vectorstore.spool import Texts

CANDIDATES = 400
"""Nearest whole texts scored further; a smaller segment is scored as a whole."""
WORD_CANDIDATES = 100
WORD_CANDIDATES_FILTERED = 2000
GATHER_SHARE = 0.35
"""Up to this share of rows a filtered scan picks rows; above it reading all in a row is faster."""
MANY_PARTS = 50_000
"""From here on parts take half the space, at a fraction of a millisecond a query."""
SCANNED_UP_TO = 300_000
"""Rows of a segment up to which its first searches go without the vector database."""
BLOCK = 1000
EXACT = "exact.json"
"""Says why a segment has no vector database."""

_log = logging.getLogger(__name__)

Array = np.memmap[tuple[int, ...], np.dtype[Any]]

Wanted = Mapping[str, Sequence[str]]
"""Label key to accepted values; an entry passes when each key has one of its values."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Rows worth scoring, in row order, and their words' scores."""

    rows: Rows
    lexical: Scores


def write_segment(
    folder: Path,
    entries: Sequence[Entry],
    encoder: Encoder,
    *,
    progress: Progress,
) -> None:
    """Write everything about `entries` into a new folder but what `index_segment` adds."""
    folder.mkdir(parents=True)
    write_labels(folder, entries)
    named = [(entry.id, len(entry.parts)) for entry in entries]
    _write_json(folder / "ids.json", [name for name, _ in named])
    bounds = np.concatenate([[0], np.cumsum([parts for _, parts in named])])
    np.save(folder / "bounds.npy", bounds.astype(np.int64))
    whole = _new_array(folder / "whole.npy", (len(entries), encoder.dimension), np.float32)
    exact = bounds[-1] < MANY_PARTS
    kind = np.float32 if exact else np.float16
    _new_array(folder / "parts.npy", (int(bounds[-1]), encoder.dimension), kind).flush()
    for start in range(0, len(entries), BLOCK):
        block = entries[start : start + BLOCK]
        texts = [entry.text for entry in block]
        pieces = [part for entry in block for part in entry.parts]
        vectors = encoder.encode([*texts, *pieces])
        whole[start : start + len(block)] = vectors[: len(block)]
        # Opened block by block: what is mapped and written counts as memory until it is closed.
        parts = np.load(folder / "parts.npy", mmap_mode="r+")
        parts[bounds[start] : bounds[start + len(block)]] = vectors[len(block) :]
        del parts
        progress("计算向量", 0.1 + 0.4 * (start + len(block)) / len(entries))
    whole.flush()
    lexical.build(folder / "words.sqlite", Texts(entries))


def index_segment(folder: Path, *, url: str, progress: Progress) -> None:
    """Put the vectors of a written segment into the vector database, checked.

    Thousands of nearly equal rows form islands that a graph does not lead to: where the check
    finds too many, the segment is searched exactly instead. That is slower and loses nothing.
    """
    progress("写入向量库", 0.6)
    whole = np.load(folder / "whole.npy", mmap_mode="r")
    try:
        dense.build(url, folder / "chroma", folder.parent.name, np.asarray(whole))
    except PoorGraph as error:
        _log.warning("%s: searched without the vector database, for %s", folder.parent.name, error)
        _write_json(folder / EXACT, str(error))


def _new_array(path: Path, shape: tuple[int, int], kind: type[np.floating[Any]]) -> Array:
    return np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def _vectors(folder: Path, url: str) -> LateVectors:
    collection = folder / "chroma"
    if not is_remote(url):
        seal.glance(collection)
    vectors = LateVectors(lambda: dense.open_vectors(url, collection, folder.parent.name))
    if is_remote(url):
        vectors.opened()
    return vectors


class Segment:
    """An open segment. Safe to share between threads."""

    def __init__(self, folder: Path, *, url: str, removed: frozenset[str]) -> None:
        try:
            self.ids: list[str] = json.loads((folder / "ids.json").read_text(encoding="utf-8"))
            self._labels = Labels(folder, len(self.ids))
            self.whole: Matrix = np.load(folder / "whole.npy", mmap_mode="r")
            self._parts: NDArray[np.floating[Any]] = np.load(folder / "parts.npy", mmap_mode="r")
            self._bounds: Rows = np.load(folder / "bounds.npy")
        except (OSError, ValueError, TypeError, EOFError) as error:
            raise BrokenIndex(f"{folder}: {error}") from error
        if not len(self.ids) == len(self.whole) == len(self._bounds) - 1:
            raise BrokenIndex(f"{folder}: files do not belong together")
        self._words = FullText(folder / "words.sqlite")
        self._vectors = None if (folder / EXACT).exists() else _vectors(folder, url)
        self._alive = np.array([name not in removed for name in self.ids], dtype=bool)

    @property
    def dimension(self) -> int:
        """Length of the rows here; a longer query is cut, see `LsaEncoder.extended`."""
        return int(self.whole.shape[1])

    def candidates(self, query: Scores, text: str, wanted: Wanted) -> Candidates:
        """Return the rows near the query by vector or by words, within the filter."""
        allowed = self._allowed(wanted)
        query = query[: self.dimension]
        literal = lexical.exact_words(text)
        if wanted:
            near = self._nearest(query, allowed)
            named, scores = self._words.query(literal, WORD_CANDIDATES_FILTERED)
        else:
            near = self._near(query)
            named, scores = self._words.query(literal, WORD_CANDIDATES)
        kept = allowed[named]
        named, scores = named[kept][:WORD_CANDIDATES], scores[kept][:WORD_CANDIDATES]
        rows = np.union1d(near[allowed[near]], named)
        by_words = np.zeros(len(rows), dtype=np.float32)
        by_words[np.searchsorted(rows, named)] = scores
        return Candidates(rows, by_words)

    def gather(self, rows: Rows) -> Gathered:
        """Fetch the vectors of some rows for exact comparison."""
        return gather(self.whole, self._parts, self._bounds, rows)

    def liked(self, rows: Rows, preferences: Sequence[Preference]) -> Scores:
        """Return what the rows gain by the labels a query prefers."""
        gained = np.zeros(len(rows), dtype=np.float32)
        for preference in preferences:
            has = self._labels.mask(preference.key, preference.values)[rows]
            gained += preference.weight * has.astype(np.float32)
        return gained

    def texts(self, rows: Rows) -> list[str]:
        """Return the whole texts of some rows."""
        return self._words.texts(rows)

    def close(self) -> None:
        """Release files and memory."""
        self._words.close()
        if self._vectors is not None:
            self._vectors.close()

    def open_vectors(self) -> None:
        """Open the vector database now; raises `BrokenIndex` or `StoreUnreachable`."""
        if self._vectors is not None:
            self._vectors.opened()

    def _near(self, query: Scores) -> Rows:
        """Return the nearest rows: from the vector database, or exactly while it is not open."""
        if self._vectors is None:
            return self._nearest(query, self._alive)
        vectors = self._vectors.ready()
        if vectors is None and len(self.ids) > SCANNED_UP_TO:
            vectors = self._vectors.opened()
        if vectors is None:
            return self._nearest(query, self._alive)
        return vectors.query(query, min(CANDIDATES, len(self.ids)))

    def _nearest(self, query: Scores, allowed: NDArray[np.bool_]) -> Rows:
        """Return the nearest rows a filter admits, exactly: Chroma's own way loses some."""
        rows = np.flatnonzero(allowed)
        if len(rows) <= CANDIDATES:
            return rows
        if len(rows) < GATHER_SHARE * len(allowed):
            scores = picked_cosines(self.whole, rows, query)
        else:
            scores = cosines(self.whole, query)[rows]
        return rows[np.argpartition(-scores, CANDIDATES)[:CANDIDATES]]

    def _allowed(self, wanted: Wanted) -> NDArray[np.bool_]:
        allowed = self._alive
        for key, values in wanted.items():
            allowed = allowed & self._labels.mask(key, values)
        return allowed

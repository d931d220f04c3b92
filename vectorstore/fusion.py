"""Putting scores together. Pure arithmetic over arrays of candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectorstore.entries import Matrix, Rows

Scores = NDArray[np.float32]

PIECE = 256
"""Rows fetched at once by a scan: half a megabyte, read once from memory and never written back."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How scores are put together; the values were measured, see docs/RETRIEVAL.md."""

    whole: float = 0.5
    part: float = 0.5
    lexical: float = 0.1
    """For words that can only be meant literally; other words are left to the vectors."""
    feedback: float = 0.4
    feedback_entries: int = 5
    brief: int = 20
    wordy: int = 40
    """Up to `brief` characters a query gets full feedback, from `wordy` on none: who tells a whole
    problem has said what he means, and what he finds first would only blur it."""

    def feedback_for(self, text: str) -> float:
        """Return how far a query is moved towards what it found first."""
        told = (self.wordy - len(text)) / max(1, self.wordy - self.brief)
        return self.feedback * min(1.0, max(0.0, told))


@dataclass(frozen=True, slots=True)
class Gathered:
    """Vectors of some rows, fetched once and compared with one query after the other."""

    whole: Matrix
    parts: Matrix
    counts: Rows
    """Parts of each row; a row without any has no best part."""

    def cosines(self, query: Scores) -> tuple[Scores, Scores]:
        """Return each row's cosine as a whole and that of its best part, -1 without parts."""
        best = np.full(len(self.counts), -1.0, dtype=np.float32)
        held = self.counts > 0
        if held.any():
            starts = np.cumsum(self.counts) - self.counts
            best[held] = np.maximum.reduceat(cosines(self.parts, query), starts[held])
        return cosines(self.whole, query), best


def cosines(rows: Matrix, query: Scores) -> Scores:
    """Return the product of unit rows with a unit query."""
    return np.asarray(rows @ query, dtype=np.float32)


def picked_cosines(rows: Matrix, picked: Rows, query: Scores) -> Scores:
    """Return the cosines of some rows, in pieces that stay in the processor's own memory."""
    scores = np.empty(len(picked), dtype=np.float32)
    held = np.empty((PIECE, rows.shape[1]), dtype=np.float32)
    for at in range(0, len(picked), PIECE):
        some = picked[at : at + PIECE]
        # Without "clip" numpy copies once more before it writes to `out`.
        scores[at : at + PIECE] = (
            np.take(rows, some, axis=0, out=held[: len(some)], mode="clip") @ query
        )
    return scores


def gather(whole: Matrix, parts: NDArray[np.floating[Any]], bounds: Rows, rows: Rows) -> Gathered:
    """Fetch the vectors of some rows; row r has the parts `bounds[r]` … `bounds[r + 1] - 1`."""
    counts = bounds[rows + 1] - bounds[rows]
    first = np.repeat(bounds[rows] - (np.cumsum(counts) - counts), counts)
    picked = first + np.arange(counts.sum())
    return Gathered(whole[rows], parts[picked].astype(np.float32, copy=False), counts)


def mix(whole: Scores, part: Scores, weights: Weights) -> Scores:
    """Return the weighted sum of both cosines; an entry without parts counts by its whole."""
    part = np.where(part < -0.999, whole, part)
    return (weights.whole * whole + weights.part * part).astype(np.float32)


def fed_back(query: Scores, nearest: Matrix, weight: float) -> Scores:
    """Move the query a little towards the entries it found first, and back to length one."""
    if not len(nearest) or not weight:
        return query
    centre = nearest.mean(axis=0)
    length = float(np.linalg.norm(centre))
    if length < 1e-9:
        return query
    moved = query + weight * centre / length
    return np.asarray(moved / np.linalg.norm(moved), dtype=np.float32)


def share_of_best(scores: Scores) -> Scores:
    """Scale to 0…1 by the highest."""
    top = float(scores.max(initial=0.0))
    return scores / top if top > 0 else np.zeros_like(scores)

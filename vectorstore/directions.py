"""Latent directions of sparse rows: found by plain linear algebra, kept as small as they can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from vectorstore.entries import Matrix

EXACT_UP_TO = 1500
"""Rows up to which the decomposition is exact (a square matrix of that side)."""
SQUARE_UP_TO = 3500
"""Rows up to which the search for directions goes through that square matrix."""
SAMPLE = 10_000
"""Rows the search for directions starts from; every row has its say in the last step."""
OVERSAMPLING = 10
ROUNDS = 2
SQUARE_ROUNDS = 4
WRITTEN_OUT_FROM = 200
"""Rows at once from which the columns of a spanned basis are written out to project on."""
CHUNK = 8192
COLUMNS = 128
"""Columns multiplied at once where all of them would take too much space."""

Floating = NDArray[np.floating[Any]]


class Basis(Protocol):
    """Orthonormal columns that sparse rows are projected on."""

    @property
    def shape(self) -> tuple[int, int]:
        """Features and columns."""

    def project(self, rows: csr_matrix) -> Matrix:
        """Return `rows` @ basis."""

    def dense(self, columns: int) -> Matrix:
        """Return the first `columns` columns written out."""

    def save(self, folder: Path) -> None:
        """Write plain arrays, read again by `load_basis`."""


@dataclass(frozen=True)
class DenseBasis:
    """Columns written out; half precision once saved, and read where they lie."""

    columns: Floating

    @property
    def shape(self) -> tuple[int, int]:
        """Features and columns."""
        return self.columns.shape[0], self.columns.shape[1]

    def project(self, rows: csr_matrix) -> Matrix:
        """Multiply by the features that occur: of a query a few dozen of many thousands."""
        used = np.unique(rows.indices)
        narrow = csr_matrix(
            (rows.data, np.searchsorted(used, rows.indices), rows.indptr),
            shape=(rows.shape[0], len(used)),
        )
        return np.asarray(narrow @ self.columns[used].astype(np.float32, copy=False), np.float32)

    def dense(self, columns: int) -> Matrix:
        """Return the first `columns` columns."""
        return self.columns[:, :columns].astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write the columns in half precision."""
        np.save(folder / "basis.npy", self.columns.astype(np.float16))


@dataclass(frozen=True)
class SpannedBasis:
    """Columns as sums of the fitted rows themselves: a tenth of the space for a small library."""

    rows: csr_matrix
    weights: Matrix

    @property
    def shape(self) -> tuple[int, int]:
        """Features and columns."""
        return self.rows.shape[1], self.weights.shape[1]

    @cached_property
    def _by_feature(self) -> csr_matrix:
        return self.rows.T.tocsr()

    @cached_property
    def _columns(self) -> Matrix:
        return self.dense(self.weights.shape[1])

    def project(self, rows: csr_matrix) -> Matrix:
        """Compare with the fitted rows, then turn into columns; of many rows at once directly."""
        if rows.shape[0] >= WRITTEN_OUT_FROM:
            return np.asarray(rows @ self._columns, np.float32)
        return np.asarray((rows @ self._by_feature).toarray() @ self.weights, np.float32)

    def dense(self, columns: int) -> Matrix:
        """Return the first `columns` columns written out."""
        return np.asarray(self._by_feature @ self.weights[:, :columns], np.float32)

    def save(self, folder: Path) -> None:
        """Write the rows and their weights."""
        np.save(folder / "weights.npy", self.weights)
        np.save(folder / "rows_shape.npy", np.array(self.rows.shape))
        np.save(folder / "rows_data.npy", self.rows.data)
        np.save(folder / "rows_indices.npy", self.rows.indices)
        np.save(folder / "rows_indptr.npy", self.rows.indptr)


def load_basis(folder: Path) -> Basis:
    """Read what either kind saved."""
    if (folder / "basis.npy").exists():
        return DenseBasis(np.load(folder / "basis.npy", mmap_mode="r"))
    data, indices, indptr, (height, width) = (
        np.load(folder / f"rows_{name}.npy") for name in ("data", "indices", "indptr", "shape")
    )
    rows = csr_matrix((data, indices, indptr), shape=(int(height), int(width)))
    return SpannedBasis(rows, np.load(folder / "weights.npy"))


def principal_basis(blocks: Sequence[csr_matrix], count: int) -> Basis:
    """Return the `count` leading right singular vectors of the blocks one below the other."""
    height = sum(block.shape[0] for block in blocks)
    count = min(count, height, blocks[0].shape[1])
    if height <= SQUARE_UP_TO:
        return _spanned(vstack(blocks).tocsr(), count)
    step = -(-height // SAMPLE)
    sample = [block[::step] for block in blocks] if step > 1 else list(blocks)
    found = _started(sample, count)
    if step > 1:
        found = _orthonormal(_squared(blocks, found))
    return DenseBasis(found)


def _spanned(rows: csr_matrix, count: int) -> SpannedBasis:
    """Return the leading directions by way of the rows' products with each other."""
    square = (rows @ rows.T).toarray()
    if len(square) <= EXACT_UP_TO:
        values, vectors = np.linalg.eigh(square.astype(np.float64))
    else:
        values, vectors = _leading(square, count)
    kept = values > max(values.max(initial=0.0), 1.0) * 1e-7
    values, vectors = values[kept][::-1][:count], vectors[:, kept][:, ::-1][:, :count]
    return SpannedBasis(rows, np.asarray(vectors / np.sqrt(values), dtype=np.float32))


def _leading(square: Matrix, count: int) -> tuple[Floating, Floating]:
    """Return about the `count` largest eigenvalues, in rising order, and their vectors."""
    wide = min(count + OVERSAMPLING, len(square))
    found = np.random.default_rng(0).standard_normal((len(square), wide), dtype=np.float32)
    for _ in range(SQUARE_ROUNDS):
        found = _orthonormal(square @ (square @ found))
    values, turn = np.linalg.eigh((found.T @ (square @ found)).astype(np.float64))
    return values, found @ turn.astype(np.float32)


def _started(blocks: Sequence[csr_matrix], count: int) -> Matrix:
    """Return the leading directions by subspace iteration from a random start, best first.

    Kept in shape on the side of the rows, of which there are fewer than features.
    """
    rows = vstack(blocks).tocsr()
    wide = min(count + OVERSAMPLING, *rows.shape)
    found = np.random.default_rng(0).standard_normal((rows.shape[0], wide), dtype=np.float32)
    for _ in range(ROUNDS + 1):
        found = _orthonormal(rows @ (rows.T @ found))
    return _orthonormal(rows.T @ found)[:, :count]


def _squared(blocks: Sequence[csr_matrix], directions: Matrix) -> Matrix:
    """Return Aᵀ(A·directions), a block at a time."""
    total = np.zeros_like(directions)
    for at in range(0, directions.shape[1], COLUMNS):
        some = np.ascontiguousarray(directions[:, at : at + COLUMNS])
        for block in blocks:
            total[:, at : at + COLUMNS] += block.T @ (block @ some)
    return total


def _orthonormal(columns: Matrix) -> Matrix:
    """Turn columns into orthonormal ones of the same span, those that hold most first, in place.

    By the small square of the columns: Householder's way takes ten times as long.
    """
    square = np.zeros((columns.shape[1], columns.shape[1]))
    for at in range(0, len(columns), CHUNK):
        part = columns[at : at + CHUNK].astype(np.float64)
        square += part.T @ part
    values, vectors = np.linalg.eigh(square)
    kept = values > values.max(initial=0.0) * 1e-11
    turn = (vectors[:, kept] / np.sqrt(values[kept]))[:, ::-1].astype(np.float32)
    # In place: of a large collection these columns are the largest thing in memory.
    for at in range(0, len(columns), CHUNK):
        columns[at : at + CHUNK, : turn.shape[1]] = columns[at : at + CHUNK] @ turn
    return columns[:, : turn.shape[1]]


def residual_directions(rows: csr_matrix, basis: Matrix, count: int) -> Matrix:
    """Return orthonormal columns, orthogonal to `basis`, along what `rows` hold outside it."""
    inside = np.asarray(rows @ basis, dtype=np.float64)
    outside = (rows @ rows.T).toarray().astype(np.float64) - inside @ inside.T
    values, vectors = np.linalg.eigh(outside)
    kept = values > 1e-6
    values, vectors = values[kept][::-1][:count], vectors[:, kept][:, ::-1][:, :count]
    scaled = vectors / np.sqrt(values)
    return np.asarray(rows.T @ scaled - basis @ (inside.T @ scaled), dtype=np.float32)

"""Character 1- and 2-gram TF-IDF over arrays: fast, and a vocabulary that can grow."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Codes = NDArray[np.int64]

PAIR_SHIFT = 21
"""A code point fits in 21 bits; a pair is (first + 1) << 21 | second, a single is itself."""
ROW_SHIFT = 43
"""Above both code points of a pair; rows of one call must fit in the twenty bits left."""
BATCH = 10_000
MOST_GRAMS = 80_000
"""Of a large collection the rarest grams are left out: of figures and names there is no end."""


def fold(text: str) -> str:
    """Return the text as it is compared: compatible forms, lower case, no white space."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def gram_counts(texts: Sequence[str]) -> tuple[Codes, Codes, NDArray[np.float32]]:
    """Return (row, code, count) of every distinct gram of every text, sorted by row and code."""
    folded = [fold(text) for text in texts]
    points = np.frombuffer("".join(folded).encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
    owners = np.repeat(np.arange(len(folded)), [len(text) for text in folded])
    same = owners[1:] == owners[:-1]
    pairs = ((points[:-1] + 1) << PAIR_SHIFT) | points[1:]
    # One number a gram, row first: sorting one array of numbers is several times faster than two.
    keys = np.concatenate([points, pairs[same]])
    keys |= np.concatenate([owners, owners[1:][same]]) << ROW_SHIFT
    keys.sort()
    starts = np.flatnonzero(np.concatenate([keys[:1] >= 0, np.diff(keys) != 0]))
    counts = np.diff(np.append(starts, len(keys))).astype(np.float32)
    keys = keys[starts]
    return keys >> ROW_SHIFT, keys & ((1 << ROW_SHIFT) - 1), counts


def gram_frequencies(texts: Sequence[str]) -> tuple[Codes, Codes]:
    """Return every distinct gram in code order and the number of texts that hold it."""
    codes, seen = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for at in range(0, len(texts), BATCH):
        _, found, _ = gram_counts(texts[at : at + BATCH])
        new, times = np.unique(found, return_counts=True)
        both = np.concatenate([codes, new])
        codes, place = np.unique(both, return_inverse=True)
        seen = np.bincount(place, np.concatenate([seen, times]), len(codes)).astype(np.int64)
    return codes, seen


@dataclass(frozen=True)
class GramWeights:
    """The grams of a collection in code order and how rare each is."""

    codes: Codes
    idf: NDArray[np.float32]

    @classmethod
    def fit(cls, texts: Sequence[str], *, min_count: int = 1) -> GramWeights:
        """Learn from texts; grams in fewer than `min_count` of them are left out."""
        known, seen = gram_frequencies(texts)
        if len(known) > MOST_GRAMS:
            min_count = max(min_count, int(np.sort(seen)[-MOST_GRAMS]) + 1)
        kept = seen >= min_count
        idf = np.log((1 + len(texts)) / (1 + seen[kept])) + 1
        return cls(known[kept], idf.astype(np.float32))

    def extended(self, texts: Sequence[str]) -> GramWeights:
        """Return the weights with the new grams of `texts` added as the rarest ones.

        New codes are placed after all old ones, so that old columns keep their numbers.
        """
        new = np.setdiff1d(gram_frequencies(texts)[0], self.codes)
        rarest = self.idf.max() if len(self.idf) else np.float32(1)
        return GramWeights(
            np.concatenate([self.codes, new]),
            np.concatenate([self.idf, np.full(len(new), rarest, dtype=np.float32)]),
        )

    @cached_property
    def _order(self) -> Codes:
        return np.argsort(self.codes, kind="stable")

    def encode(self, texts: Sequence[str]) -> tuple[csr_matrix, NDArray[np.float32]]:
        """Return unit TF-IDF rows and the share of each text's weight that is known."""
        rows, codes, counts = gram_counts(texts)
        place = np.searchsorted(self.codes, codes, sorter=self._order)
        columns = self._order[np.minimum(place, len(self.codes) - 1)]
        known = self.codes[columns] == codes
        weights = (1 + np.log(counts)) * np.where(known, self.idf[columns], self.idf.max())
        total = np.bincount(rows, weights**2, minlength=len(texts))
        rows, columns, weights = rows[known], columns[known], weights[known]
        kept = np.bincount(rows, weights**2, minlength=len(texts))
        share = np.sqrt(kept / np.maximum(total, 1e-12)).astype(np.float32)
        matrix = sparse_rows(rows, columns, weights, (len(texts), len(self.codes)))
        return unit_rows(matrix), share


def sparse_rows(
    rows: Codes, columns: Codes, values: NDArray[Any], shape: tuple[int, int]
) -> csr_matrix:
    """Return the matrix of entries that come in the order of their rows."""
    ends = np.cumsum(np.bincount(rows, minlength=shape[0]))
    starts = np.concatenate([[0], ends]).astype(np.int32)
    return csr_matrix(
        (values.astype(np.float32), columns.astype(np.int32), starts), shape=shape, copy=False
    )


def beside(left: csr_matrix, right: csr_matrix) -> csr_matrix:
    """Return `left` and `right` as the columns of one matrix; the library's own way sorts anew."""
    rows = np.arange(left.shape[0])
    at_left = np.arange(left.nnz) + right.indptr[np.repeat(rows, np.diff(left.indptr))]
    at_right = np.arange(right.nnz) + left.indptr[np.repeat(rows + 1, np.diff(right.indptr))]
    values = np.empty(left.nnz + right.nnz, dtype=np.float32)
    columns = np.empty(len(values), dtype=np.int32)
    values[at_left], values[at_right] = left.data, right.data
    columns[at_left], columns[at_right] = left.indices, right.indices + left.shape[1]
    return csr_matrix(
        (values, columns, left.indptr + right.indptr),
        shape=(len(rows), left.shape[1] + right.shape[1]),
        copy=False,
    )


def unit_rows(matrix: csr_matrix) -> csr_matrix:
    """Scale each sparse row to length one; empty rows stay empty."""
    owners = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    length = np.sqrt(np.bincount(owners, matrix.data**2, minlength=matrix.shape[0]))
    values = matrix.data / np.maximum(length, 1e-12)[owners]
    return csr_matrix(
        (values.astype(np.float32), matrix.indices, matrix.indptr), shape=matrix.shape, copy=False
    )

"""The fitted encoder and an endpoint's vectors side by side, as one encoder."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vectorstore.encoders import LsaEncoder, unit
from vectorstore.entries import Matrix
from vectorstore.errors import EmbeddingFailed


class TextEncoder(Protocol):
    """An encoder elsewhere, whose rows come over the network and may fail to come."""

    @property
    def name(self) -> str:
        """Which model of which endpoint."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return one unit row a text; raises `EmbeddingFailed`."""


class QueryEncoder:
    """The fitted encoder, and beside it the rows of an endpoint when there is one.

    Endpoint columns stand first, so that the fitted ones may grow at the end. When the endpoint
    fails for a query, its columns are zero: the search goes on by the fitted ones.
    """

    def __init__(self, lsa: LsaEncoder, remote: TextEncoder | None, remote_dimension: int) -> None:
        self._lsa, self._remote = lsa, remote
        self.remote_dimension = remote_dimension

    @property
    def dimension(self) -> int:
        """Length of a row."""
        if self._remote and not self.remote_dimension:
            self.remote_dimension = int(self._remote.encode(["整改"]).shape[1])
        return self.remote_dimension + self._lsa.dimension

    @property
    def fingerprint(self) -> str:
        """Hash of the fitted encoder and name of the endpoint's."""
        return f"{self._lsa.fingerprint}+{self._remote.name if self._remote else ''}"

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return one unit row a text; raises `EmbeddingFailed` when the endpoint fails."""
        fitted = self._lsa.encode(texts)
        if self._remote is None:
            return self._beside(np.zeros((len(texts), self.remote_dimension), np.float32), fitted)
        rows = self._remote.encode(texts)
        if rows.shape[1] != self.dimension - self._lsa.dimension:
            raise EmbeddingFailed(f"{rows.shape[1]} columns instead of {self.remote_dimension}")
        return self._beside(rows, fitted)

    def encode_query(self, text: str) -> tuple[NDArray[np.float32], float]:
        """Return the unit row of a query and the share of it the fitted encoder knows."""
        fitted, known = self._lsa.encode_known([text])
        rows = np.zeros((1, self.remote_dimension), dtype=np.float32)
        if self._remote is not None and self.remote_dimension:
            with suppress(EmbeddingFailed):
                found = self._remote.encode([text])
                rows = found if found.shape == rows.shape else rows
        return self._beside(rows, fitted)[0], float(known[0])

    def _beside(self, rows: Matrix, fitted: Matrix) -> Matrix:
        return unit(np.hstack([rows, fitted])) if rows.shape[1] else fitted

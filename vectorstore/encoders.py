"""Encoders: texts in, unit vectors out. The default one is fitted to the collection, offline."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from vectorstore.directions import (
    Basis,
    DenseBasis,
    load_basis,
    principal_basis,
    residual_directions,
)
from vectorstore.entries import Concepts, FindConcepts, Matrix
from vectorstore.grams import GramWeights, beside, sparse_rows, unit_rows

DIMENSIONS = 600
DIMENSIONS_LARGE = 400
LARGE = 5_000
"""Entries from which on fewer dimensions are kept, for time and space."""
SEEN_TWICE_FROM = 3_000
"""Entries from which on a gram counts only when a second one holds it too."""
CONCEPT_WEIGHT = 0.3
EXTRA_DIMENSIONS = 100
EXTRA_FROM = 2_000
"""New texts the added directions are sought in; of more, evenly spread ones."""
BATCH = 2000


class Encoder(Protocol):
    """Turns texts into unit rows of one length."""

    @property
    def dimension(self) -> int:
        """Length of a row."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text could get another vector."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return one unit row a text; a text with nothing known gives a zero row."""


def unit(matrix: Matrix) -> Matrix:
    """Scale dense rows to length one; zero rows stay zero."""
    length = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.maximum(length, 1e-9), dtype=np.float32)


@dataclass(frozen=True)
class Features:
    """Sparse rows before the decomposition: grams, and beside them weighted concepts."""

    grams: GramWeights
    concepts: tuple[str, ...]
    concept_idf: NDArray[np.float32]
    concept_weight: float
    find: FindConcepts

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        known: Sequence[str],
        find: FindConcepts,
        *,
        concept_weight: float = CONCEPT_WEIGHT,
        less: Mapping[str, float] = MappingProxyType({}),
    ) -> Features:
        """Learn how rare things are in `texts`; those only in `known` count as the rarest.

        `less`: shares of their weight that some concepts count for.
        """
        grams = GramWeights.fit(texts, min_count=2 if len(texts) > SEEN_TWICE_FROM else 1)
        grams = grams.extended(known)
        seen = Counter(name for text in texts for name in set(find(text)))
        seen.update({name: 0 for text in known for name in find(text)})
        names = tuple(sorted(seen))
        counts = np.array([seen[name] for name in names], dtype=np.float64)
        idf = np.log((1 + len(texts)) / (1 + counts)) + 1
        idf *= np.array([less.get(name, 1.0) for name in names], dtype=np.float64)
        return cls(grams, names, idf.astype(np.float32), concept_weight, find)

    @cached_property
    def _column(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.concepts)}

    def encode(self, texts: Sequence[str]) -> tuple[csr_matrix, NDArray[np.float32]]:
        """Return sparse rows and the share of each text that is known."""
        grams, known = self.grams.encode(texts)
        if not self.concepts:
            return grams, known
        hits = [
            (row, self._column[name])
            for row, text in enumerate(texts)
            for name in set(self.find(text))
            if name in self._column
        ]
        rows, columns = np.array(hits, dtype=np.int64).reshape(-1, 2).T
        shape = (len(texts), len(self.concepts))
        found = unit_rows(sparse_rows(rows, columns, self.concept_idf[columns], shape))
        # Concepts stand first: the columns of grams may grow at the end.
        return beside(found * np.float32(self.concept_weight), grams), known


@dataclass(frozen=True)
class LsaEncoder:
    """Latent semantic analysis of grams and concepts.

    `basis` has orthonormal columns. `extended` appends columns for what new texts hold beyond
    it, so that texts outside the fit keep their length while old vectors stay valid: they have
    zeros there.
    """

    features: Features
    basis: Basis
    fitted: int
    """Columns of `basis` that come from the decomposition; the others were appended."""

    @property
    def dimension(self) -> int:
        """Length of a row."""
        return int(self.basis.shape[1])

    @property
    def fingerprint(self) -> str:
        """Hash of vocabulary and basis."""
        digest = hashlib.sha256(self.features.grams.codes.tobytes())
        digest.update("\n".join(self.features.concepts).encode())
        digest.update(self.encode(self.features.concepts[:50]).tobytes())
        return f"lsa-{self.dimension}-{digest.hexdigest()[:12]}"

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        concepts: Concepts,
        *,
        dimensions: int = 0,
        concept_weight: float = CONCEPT_WEIGHT,
    ) -> LsaEncoder:
        """Fit on all texts: what stays outside the fit is found worse.

        The ways of saying of each concept are fitted too, as one more text each: that is what
        brings a colloquial word near the official one, also where no text holds it. In large
        collections they weigh more each, so that together they keep their say.
        """
        known = ["\n".join(group) for group in concepts.groups]
        find = _remembering(concepts.find, chain(texts, known))
        features = Features.fit(
            texts, known, find, concept_weight=concept_weight, less=concepts.less
        )
        blocks = [features.encode(some)[0] for some in _batches(texts)]
        if known:
            extra, _ = features.encode(known)
            weight = np.float32(np.sqrt(max(1.0, len(texts) / len(known))))
            blocks.append((extra * weight).tocsr())
        dimensions = dimensions or (DIMENSIONS if len(texts) < LARGE else DIMENSIONS_LARGE)
        basis = principal_basis(blocks, dimensions)
        return cls(features, basis, basis.shape[1])

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return one unit row a text."""
        return self.encode_known(texts)[0]

    def encode_known(self, texts: Sequence[str]) -> tuple[Matrix, NDArray[np.float32]]:
        """Return unit rows and the share of each text that the basis can express."""
        parts = [self._encode_batch(some) for some in _batches(texts)]
        if not parts:
            return np.zeros((0, self.dimension), np.float32), np.zeros(0, np.float32)
        return np.vstack([rows for rows, _ in parts]), np.concatenate([known for _, known in parts])

    def _encode_batch(self, texts: Sequence[str]) -> tuple[Matrix, NDArray[np.float32]]:
        rows, known = self.features.encode(texts)
        dense = self.basis.project(rows)
        length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
        kept = np.linalg.norm(dense, axis=1) / np.maximum(length, 1e-9)
        return unit(dense), (known * kept).astype(np.float32)

    def extended(self, texts: Sequence[str]) -> LsaEncoder:
        """Return an encoder that also spans what `texts` hold outside the fitted basis."""
        grams = self.features.grams.extended(texts)
        grown = len(grams.codes) - len(self.features.grams.codes)
        features = replace(self.features, grams=grams)
        fitted = self.basis.dense(self.fitted)
        padded = np.vstack([fitted, np.zeros((grown, fitted.shape[1]), dtype=np.float32)])
        rows, _ = features.encode(texts[:: -(-len(texts) // EXTRA_FROM)])
        extra = residual_directions(rows, padded, min(EXTRA_DIMENSIONS, len(texts)))
        return LsaEncoder(features, DenseBasis(np.hstack([padded, extra])), self.fitted)

    def save(self, folder: Path) -> None:
        """Write plain arrays and JSON: nothing that runs when read."""
        folder.mkdir(parents=True, exist_ok=True)
        self.basis.save(folder)
        np.save(folder / "codes.npy", self.features.grams.codes)
        np.save(folder / "idf.npy", self.features.grams.idf)
        np.save(folder / "concept_idf.npy", self.features.concept_idf)
        described = {
            "kind": "lsa",
            "concepts": self.features.concepts,
            "concept_weight": self.features.concept_weight,
            "fitted": self.fitted,
        }
        (folder / "encoder.json").write_text(
            json.dumps(described, ensure_ascii=False), encoding="utf-8"
        )

    @classmethod
    def load(cls, folder: Path, find: FindConcepts) -> LsaEncoder:
        """Read what `save` wrote; `find` must be the finder it was fitted with."""
        described = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
        features = Features(
            GramWeights(np.load(folder / "codes.npy"), np.load(folder / "idf.npy")),
            tuple(described["concepts"]),
            np.load(folder / "concept_idf.npy"),
            float(described["concept_weight"]),
            find,
        )
        return cls(features, load_basis(folder), int(described["fitted"]))


def _remembering(find: FindConcepts, texts: Iterable[str]) -> FindConcepts:
    """Return a finder that looks at each of `texts` once: a build asks for them three times."""
    held = {_key(text): tuple(find(text)) for text in texts}

    def found(text: str) -> Iterable[str]:
        known = held.get(_key(text))
        return find(text) if known is None else known

    return found


def _key(text: str) -> bytes:
    """Stand for a text that is not worth holding."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut into pieces: what is counted of one text takes fifty times its space meanwhile."""
    return (texts[at : at + BATCH] for at in range(0, len(texts), BATCH))

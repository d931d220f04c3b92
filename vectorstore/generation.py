"""One published state of the index: an encoder and one or two segments, searched as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vectorstore.entries import Found, Match, Preference, Rows
from vectorstore.fusion import Gathered, Scores, Weights, fed_back, mix, share_of_best
from vectorstore.query_encoder import QueryEncoder
from vectorstore.segment import Segment, Wanted

NO_FILTER: Wanted = {}
NEARLY_SAME = 0.95


@dataclass(frozen=True, slots=True)
class _Pool:
    """Candidates of all segments side by side."""

    ids: list[str]
    segments: Rows
    rows: Rows
    lexical: Scores


class Generation:
    """An open generation. Safe to share between threads; nothing in it ever changes."""

    def __init__(
        self,
        name: str,
        encoder: QueryEncoder,
        segments: Sequence[Segment],
        *,
        stamp: Mapping[str, str],
    ) -> None:
        self.name, self.encoder, self.segments = name, encoder, tuple(segments)
        self.stamp = dict(stamp)

    def __len__(self) -> int:
        return sum(len(segment.ids) for segment in self.segments)

    def search(
        self,
        text: str,
        *,
        literal: str = "",
        wanted: Wanted = NO_FILTER,
        preferences: Sequence[Preference] = (),
        limit: int = 50,
        weights: Weights | None = None,
    ) -> Found:
        """Return the best entries for a text, best first; `literal` is where exact words stand."""
        weights = weights or Weights()
        query, known = self.encoder.encode_query(text)
        pool = self._pool(query, literal or text, wanted)
        if not pool.ids:
            return Found((), known)
        gathered = self._gather(pool)
        first = _compared(gathered, query, weights)
        top = np.argsort(-first, kind="stable")[: weights.feedback_entries]
        moved = fed_back(query, self._vectors(pool, top), weights.feedback_for(literal or text))
        second = _compared(gathered, moved, weights)
        by_words = share_of_best(pool.lexical)
        total = second + weights.lexical * by_words
        total += self._liked(pool, preferences)
        order = np.argsort(-total, kind="stable")[:limit]
        texts = self._texts(pool, order)
        near = _near(self._vectors(pool, order))
        matches = tuple(
            Match(
                pool.ids[at],
                float(total[at]),
                float(first[at]),
                float(by_words[at]),
                texts[place],
                near[place],
            )
            for place, at in enumerate(order)
        )
        return Found(matches, known)

    def open_vectors(self) -> None:
        """Open the vector database now, which otherwise happens beside the first searches.

        Raises `BrokenIndex` or `StoreUnreachable`.
        """
        for segment in self.segments:
            segment.open_vectors()

    def close(self) -> None:
        """Release files and memory."""
        for segment in self.segments:
            segment.close()

    def _pool(self, query: Scores, text: str, wanted: Wanted) -> _Pool:
        ids: list[str] = []
        segments: list[Rows] = []
        rows: list[Rows] = []
        words: list[Scores] = []
        for number, segment in enumerate(self.segments):
            found = segment.candidates(query, text, wanted)
            ids += [segment.ids[row] for row in found.rows]
            segments.append(np.full(len(found.rows), number, dtype=np.int64))
            rows.append(found.rows)
            words.append(found.lexical)
        return _Pool(ids, np.concatenate(segments), np.concatenate(rows), np.concatenate(words))

    def _gather(self, pool: _Pool) -> list[tuple[NDArray[np.bool_], Gathered]]:
        places = [pool.segments == number for number in range(len(self.segments))]
        return [
            (here, segment.gather(pool.rows[here]))
            for here, segment in zip(places, self.segments, strict=True)
        ]

    def _liked(self, pool: _Pool, preferences: Sequence[Preference]) -> Scores:
        gained = np.zeros(len(pool.ids), dtype=np.float32)
        for number, segment in enumerate(self.segments if preferences else ()):
            here = pool.segments == number
            gained[here] = segment.liked(pool.rows[here], preferences)
        return gained

    def _texts(self, pool: _Pool, picked: Rows) -> list[str]:
        texts = [""] * len(picked)
        for number, segment in enumerate(self.segments):
            places = np.flatnonzero(pool.segments[picked] == number)
            held = segment.texts(pool.rows[picked[places]])
            for place, text in zip(places, held, strict=True):
                texts[place] = text
        return texts

    def _vectors(self, pool: _Pool, picked: Rows) -> Scores:
        """Return the whole-text vectors of some candidates, shorter ones filled with zeros."""
        vectors = np.zeros((len(picked), self.encoder.dimension), dtype=np.float32)
        for number, segment in enumerate(self.segments):
            here = np.flatnonzero(pool.segments[picked] == number)
            vectors[here, : segment.dimension] = segment.whole[pool.rows[picked[here]]]
        return vectors


def _near(vectors: Scores) -> list[tuple[int, ...]]:
    """Return for each row the rows before it that point nearly the same way."""
    alike = np.tril(vectors @ vectors.T, k=-1) >= NEARLY_SAME
    return [tuple(np.flatnonzero(row).tolist()) for row in alike]


def _compared(
    gathered: Sequence[tuple[NDArray[np.bool_], Gathered]], query: Scores, weights: Weights
) -> Scores:
    """Return the score of every candidate by its cosines with the query."""
    scores = np.zeros(len(gathered[0][0]), dtype=np.float32)
    for here, vectors in gathered:
        scores[here] = mix(*vectors.cosines(query[: vectors.whole.shape[1]]), weights)
    return scores

"""Question → cases: searched, spread over notices, near-duplicates folded, with the reasons.

Calls no model. A question is never rewritten and never filtered silently here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Protocol

from assistant.answerability import judge
from assistant.errors import NotFound
from assistant.indexing import CaseIndex, LibraryReader
from assistant.models import Answerable, Case, Filters, Hit, Notice, SearchResult
from assistant.passages import norm
from assistant.query_filters import suggest_filters
from assistant.reasons import reasons_for
from assistant.taxonomy.classify import FALLBACK, load_taxonomy
from vectorstore.entries import Found, Match, Preference
from vectorstore.errors import EmbeddingFailed
from vectorstore.segment import Wanted

RERANKED = 30
FETCH = 60
"""Matches looked at for one page of results, at least."""
NOTICE_SHARE = 0.4
"""Share of a page that one notice may fill while others still have something to show."""
SCOPE, TOPIC = 0.1, 0.04
"""What a case gains for each stated constraint it meets, and for a topic of the question."""
SAME_TEXT = 0.9
"""Share of character pairs in common from which two cases are one said twice."""


class Reranker(Protocol):
    """Scores texts against a query, over the network; may raise `EmbeddingFailed`."""

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Give a score a text, higher is better."""


class Retriever:
    """Searches the index and gives cases of the Library. Safe to share between threads."""

    def __init__(
        self, library: LibraryReader, index: CaseIndex, *, reranker: Reranker | None = None
    ) -> None:
        self._library, self._index, self._reranker = library, index, reranker

    def search(self, query: str, *, filters: Filters = Filters(), limit: int = 10) -> SearchResult:
        """Give the `limit` best cases and how far they can answer."""
        generation = self._index.current()
        suggested = suggest_filters(query)
        if generation is None or not query.strip():
            return SearchResult(query, (), Answerable.NO, 0.0, suggested)
        found = generation.search(
            norm(query),
            wanted=wanted_of(filters),
            preferences=preferences_of(query, suggested),
            limit=max(FETCH, 3 * limit),
        )
        found_cases = self._cases(found)
        confidence, band = judge(found)
        hits = self._hits(query, found_cases, limit)
        return SearchResult(query, hits, band, confidence, suggested)

    def _cases(self, found: Found) -> list[_Found]:
        """Give the cases of the matches; one removed since the index was built is left out."""
        held: list[_Found] = []
        for place, match in enumerate(found.matches):
            try:
                notice = self._library.notice(match.id.rpartition("-")[0])
            except NotFound:
                continue
            case = next((case for case in notice.cases if case.id == match.id), None)
            if case is not None:
                held.append((match, case, notice, place))
        return held

    def _hits(self, query: str, found: Sequence[_Found], limit: int) -> tuple[Hit, ...]:
        distinct = self._reranked(query, _folded(found))
        picked = _spread([one.notice.id for one in distinct], limit)
        return tuple(
            Hit(
                one.case,
                one.notice,
                one.match.score,
                reasons_for(query, one.match.text),
                tuple(one.similar),
            )
            for one in (distinct[at] for at in picked)
        )

    def _reranked(self, query: str, found: list[_Kept]) -> list[_Kept]:
        """Put the first ones in the reranker's order; without its answer they stay as they are."""
        if self._reranker is None:
            return found
        first, rest = found[:RERANKED], found[RERANKED:]
        with suppress(EmbeddingFailed):
            scores = self._reranker.score(query, [one.match.text for one in first])
            order = sorted(range(len(first)), key=lambda at: -scores[at])
            first = [first[at] for at in order]
        return first + rest


def wanted_of(filters: Filters) -> Wanted:
    """Give the filters as the index knows them."""
    return {
        field.name: tuple(str(value) for value in getattr(filters, field.name))
        for field in fields(filters)
        if getattr(filters, field.name)
    }


def preferences_of(query: str, stated: Filters) -> tuple[Preference, ...]:
    """Give what moves a case up: the scope the question states, and its topics."""
    scope = [Preference(key, tuple(values), SCOPE) for key, values in wanted_of(stated).items()]
    topics = tuple(topic for topic in load_taxonomy().topics_of(query)[:2] if topic != FALLBACK)
    return (*scope, Preference("topics", topics, TOPIC)) if topics else tuple(scope)


def _spread(owners: Sequence[str], limit: int) -> list[int]:
    """Give the places to show: at most so many of one notice, the rest filled up in order."""
    most = max(1, round(NOTICE_SHARE * limit))
    shown: list[int] = []
    held_back: list[int] = []
    count: Counter[str] = Counter()
    for place, owner in enumerate(owners):
        if len(shown) == limit:
            break
        count[owner] += 1
        (shown if count[owner] <= most else held_back).append(place)
    return shown + held_back[: limit - len(shown)]


_Found = tuple[Match, Case, Notice, int]
"""A match, what it stands for in the Library, and its place in the list."""


@dataclass(slots=True)
class _Kept:
    """A case that stays and its near-duplicates."""

    match: Match
    case: Case
    notice: Notice
    similar: list[str]


def _folded(found: Sequence[_Found]) -> list[_Kept]:
    """Fold cases whose whole texts are nearly equal into the better one.

    Vectors say cheaply which pairs to compare; the texts decide.
    """
    kept: dict[int, _Kept] = {}
    for match, case, notice, place in found:
        better = (kept[at] for at in match.near if at in kept)
        twin = next((one for one in better if _alike(one.match.text, match.text)), None)
        if twin is None:
            kept[place] = _Kept(match, case, notice, [])
        else:
            twin.similar.append(case.id)
    return list(kept.values())


def _alike(one: str, other: str) -> bool:
    first, second = set(pairwise(one)), set(pairwise(other))
    return len(first & second) >= SAME_TEXT * len(first | second)

"""Question → cases: searched, spread over notices, near-duplicates folded, with the reasons.

Calls no model. A question is never rewritten and never filtered silently here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Protocol

from assistant.answerability import judge
from assistant.errors import NotFound
from assistant.indexing import CaseIndex, LibraryReader
from assistant.models import Answerable, Case, Filters, Hit, Notice, SearchResult
from assistant.passages import norm
from assistant.query_filters import matter_of, suggest_filters
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
SCOPE, TOPIC = 0.2, 0.04
"""What a case gains for each stated constraint it meets, and for a topic of the question."""
WHOLE_PROBLEM = 40
"""Characters from which on a query tells a problem rather than asks."""
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*%?")
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
        suggested = suggest_filters(query)
        found = (
            self._index.searched(
                lambda generation: generation.search(
                    told(query),
                    literal=norm(query),
                    wanted=wanted_of(filters),
                    preferences=preferences_of(query, suggested),
                    limit=max(FETCH, 3 * limit),
                )
            )
            if query.strip()
            else None
        )
        if found is None:
            return SearchResult(query, (), Answerable.NO, 0.0, suggested)
        confidence, band = judge(found)
        return SearchResult(query, self._hits(query, found, limit), band, confidence, suggested)

    def _hits(self, query: str, found: Found, limit: int) -> tuple[Hit, ...]:
        """Give what is shown; a case removed since the index was built makes room for another.

        Only what is shown is read from the Library: a notice is many cases.
        """
        gone: set[str] = set()
        while True:
            distinct = self._reranked(query, _folded(found.matches, gone))
            owners = [_owner(one.match.id) for one in distinct]
            picked = [distinct[at] for at in _spread(owners, limit)]
            held = [(one, self._held(one.match.id)) for one in picked]
            lost = {one.match.id for one, case in held if case is None}
            if not lost:
                return tuple(self._hit(query, one, *case) for one, case in held if case)
            gone |= lost

    def _hit(self, query: str, one: _Kept, case: Case, notice: Notice) -> Hit:
        similar = tuple(name for name in one.similar if self._held(name))
        return Hit(case, notice, one.match.score, reasons_for(query, one.match.text), similar)

    def _held(self, case_id: str) -> tuple[Case, Notice] | None:
        try:
            notice = self._library.notice(_owner(case_id))
        except NotFound:
            return None
        return next(((case, notice) for case in notice.cases if case.id == case_id), None)

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


def told(query: str) -> str:
    """Give what is compared with the cases: the matter, and of a whole problem not its figures.

    How many, how much and since when are the facts of the one who asks: no other case has them.
    """
    text = matter_of(norm(query))
    return _FIGURE.sub("", text) if len(text) >= WHOLE_PROBLEM else text


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


def _owner(case_id: str) -> str:
    """Give the notice a case belongs to."""
    return case_id.rpartition("-")[0]


@dataclass(slots=True)
class _Kept:
    """A match that stays and the ids of its near-duplicates."""

    match: Match
    similar: list[str]


def _folded(found: Sequence[Match], gone: Collection[str]) -> list[_Kept]:
    """Fold cases whose whole texts are nearly equal into the better one.

    Vectors say cheaply which pairs to compare; the texts decide.
    """
    kept: dict[int, _Kept] = {}
    for place, match in enumerate(found):
        if match.id in gone:
            continue
        better = (kept[at] for at in match.near if at in kept)
        twin = next((one for one in better if _alike(one.match.text, match.text)), None)
        if twin is None:
            kept[place] = _Kept(match, [])
        else:
            twin.similar.append(match.id)
    return list(kept.values())


def _alike(one: str, other: str) -> bool:
    first, second = set(pairwise(one)), set(pairwise(other))
    return len(first & second) >= SAME_TEXT * len(first | second)

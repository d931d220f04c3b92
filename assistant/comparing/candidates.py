"""Which notices a comparison needs to read in full, told from outlines and counted topics.

A library of a hundred thousand cases has thousands of notices, of which a comparison shows seven.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Protocol

from assistant.comparing.counts import count_topics
from assistant.comparing.peers import best_of
from assistant.comparing.wording import another_round
from assistant.errors import NotFound
from assistant.models import Notice
from assistant.record.rows import CaseText


class LibraryReader(Protocol):
    """What is needed of the Library."""

    def mark(self) -> tuple[str, int]:
        """Give identity and revision, seen at one moment."""

    def outlines(self) -> tuple[Notice, ...]:
        """Give all notices with cases that have id, topics and status but no text."""

    def texts(self, ids: Iterable[str]) -> Iterator[tuple[str, tuple[CaseText, ...]]]:
        """Give what the cases of some notices say."""

    def notice(self, notice_id: str) -> Notice:
        """Give one notice; raises `NotFound`."""


class Candidates:
    """Chooses what is read for a comparison; keeps what it counted. Safe to share."""

    def __init__(self, library: LibraryReader) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._mark: tuple[str, int] | None = None
        self._topics: dict[str, Counter[str]] = {}

    def for_unit(self, unit: Notice, peer_ids: Sequence[str] = ()) -> tuple[Notice, ...]:
        """Give the peers a unit is compared with and the other notices of the same unit, in full.

        A comparison against these is the same as one against all notices.
        """
        outlines = self._library.outlines()
        chosen = set(peer_ids) or set(self._best(unit, outlines))
        wanted = [
            outline.id
            for outline in outlines
            if outline.id in chosen or another_round(unit, outline)
        ]
        found = []
        for notice_id in wanted:
            with suppress(NotFound):  # removed while we chose
                found.append(self._library.notice(notice_id))
        return tuple(found)

    def _best(self, unit: Notice, outlines: Sequence[Notice]) -> list[str]:
        alike = [
            outline
            for outline in outlines
            if outline.unit_type == unit.unit_type and outline.id != unit.id and outline.cases
        ]
        topics = self._counted([outline.id for outline in alike])
        offered = [(outline, topics[outline.id]) for outline in alike if outline.id in topics]
        return [peer.notice.id for peer in best_of(unit, offered)]

    def _counted(self, ids: Sequence[str]) -> dict[str, Counter[str]]:
        """Give the topics of notices counted as a comparison counts them, repeats once."""
        with self._lock:
            mark = self._library.mark()
            if mark != self._mark:
                self._topics, self._mark = {}, mark
            missing = [notice_id for notice_id in ids if notice_id not in self._topics]
            for notice_id, cases in self._library.texts(missing):
                self._topics[notice_id] = count_topics((c.problem, c.topics) for c in cases)
            return self._topics

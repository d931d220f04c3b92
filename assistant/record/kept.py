"""All notices of a record kept in memory: after a change only what changed is read anew."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from assistant.models import Notice
from assistant.record.notices import Changes
from assistant.record.rows import count_cases

Mark = Callable[[], tuple[str, int]]
"""Gives identity and revision of the record, seen at one moment."""
ChangesSince = Callable[[int], Changes]
"""Gives what became different after a revision; after -1 everything."""


@dataclass(frozen=True, slots=True)
class _Held:
    identity: str
    revision: int
    notices: tuple[Notice, ...]


class Kept:
    """All notices, whole or as outlines. Safe to share between threads.

    With `most` a record of more cases is read anew each time, for it would fill the memory.
    """

    def __init__(self, mark: Mark, changes_since: ChangesSince, *, most: int | None = None) -> None:
        self._mark, self._changes_since, self._most = mark, changes_since, most
        self._lock = threading.Lock()
        self._held: _Held | None = None

    def now(self) -> tuple[Notice, ...]:
        """Give the notices as they are now."""
        with self._lock:
            held = self._brought_up(self._held)
            small = self._most is None or count_cases(held.notices) <= self._most
            self._held = held if small else None
            return held.notices

    def _brought_up(self, held: _Held | None) -> _Held:
        if held is not None:
            identity, revision = self._mark()
            if (identity, revision) == (held.identity, held.revision):
                return held
            if identity != held.identity:
                held = None
        changes = self._changes_since(held.revision if held else -1)
        if held is not None and held.identity != changes.identity:
            held, changes = None, self._changes_since(-1)
        by_id = {notice.id: notice for notice in held.notices} if held else {}
        by_id.update((notice.id, notice) for notice in changes.notices)
        notices = tuple(by_id[notice_id] for notice_id in changes.ids)
        return _Held(changes.identity, changes.revision, notices)

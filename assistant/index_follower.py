"""Notices what other programs did to the Library and brings this program's index up to it.

A web app, a command line and other machines' apps may share one Library; each machine keeps an
index of its own. Before a search the Library's revision is compared with the index's, which is
cheap; where they differ, the index is brought up to date beside the work. A small library is
waited for, so that the very search that noticed already finds what is new; one whose last update
took longer goes on in the old state at once, and what is gone from the Library is never shown.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from assistant.errors import AssistantError
from assistant.indexing import CaseIndex
from assistant.library import Library

PATIENCE_S = 1.5
"""How long a search waits for what is new."""
PATIENCE_WITHOUT_INDEX_S = 60.0
"""How long where there is nothing to search yet: an answer of 没有 would be wrong."""
REST = 4.0
"""While another program imports for hours, updating takes one part in five of the time."""

_log = logging.getLogger(__name__)


class IndexFollower:
    """Keeps an index up to a Library that others change. Safe to share between threads."""

    def __init__(
        self,
        library: Library,
        index: CaseIndex,
        *,
        refit: Callable[[Callable[[], None]], None],
    ) -> None:
        self._library, self._index, self._refit = library, index, refit
        self._lock = threading.Lock()
        self._at_work = 0
        self._updated = threading.Event()
        self._updated.set()
        self._not_before = 0.0
        self._took_s = 0.0

    def look(self) -> None:
        """Have the index follow the Library; raises nothing, for the old index still searches."""
        try:
            held = self._index.state()
            identity, revision = self._library.mark()
        except AssistantError:
            return  # whoever needs them says so better than could be said here
        if (held.get("library", identity), held.get("revision", "0")) == (identity, str(revision)):
            return
        with self._lock:
            if self._updated.is_set():
                if self._at_work or time.monotonic() < self._not_before:
                    return
                self._updated.clear()
                threading.Thread(target=self._update, name="follow", daemon=True).start()
        self._updated.wait(self._patience_s() if held else PATIENCE_WITHOUT_INDEX_S)

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Leave the index alone while this program changes the Library and updates it itself."""
        with self._lock:
            self._at_work += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work -= 1

    def settle(self) -> None:
        """Wait until no update is under way, such as before the Library is closed."""
        self._updated.wait()

    def _patience_s(self) -> float:
        # the last update says how long this one takes: to wait in vain helps nobody
        return PATIENCE_S if self._took_s <= PATIENCE_S else 0.0

    def _update(self) -> None:
        began = time.monotonic()
        try:
            self._index.reconcile(refit=self._refit)
        except AssistantError as error:
            _log.warning("index could not follow the library: %s", type(error).__name__)
        finally:
            now = time.monotonic()
            self._took_s = now - began
            self._not_before = now + REST * self._took_s
            self._updated.set()

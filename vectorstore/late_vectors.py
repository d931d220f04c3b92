"""The vector database of a segment, opened beside the first searches rather than before them.

Loading Chroma and its graph takes a program longer than comparing a query with a hundred thousand
rows a hundred times over. So the first searches of a process do that, exactly, over the same rows;
then the database is opened beside the work, and from then on it is asked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from vectorstore.errors import BrokenIndex, StoreUnreachable
from vectorstore.later import Later

if TYPE_CHECKING:
    from vectorstore import dense
    from vectorstore.dense import ChromaVectors
else:
    dense = Later("vectorstore.dense")

__all__ = ["OPENED_WITH", "LateVectors", "dense"]

OPENED_WITH = 10
"""Search of a process with which opening begins: a command searches once or a few times."""


class LateVectors:
    """A published collection that is opened once, by whoever needs it first. Safe to share."""

    def __init__(self, opening: Callable[[], ChromaVectors]) -> None:
        self._opening = opening
        self._at_work, self._state = threading.Lock(), threading.Lock()
        self._asked = 0
        self._open: ChromaVectors | None = None
        self._failure: BrokenIndex | StoreUnreachable | None = None
        self._closed = False

    def ready(self) -> ChromaVectors | None:
        """Give the collection where it is open; a further call begins to open it.

        Raises what opening it raised: `BrokenIndex` or `StoreUnreachable`.
        """
        with self._state:
            if self._failure is not None:
                raise self._failure
            self._asked += 1
            begin = self._asked == OPENED_WITH and self._open is None
        if begin:
            # no daemon: a process must not end in the middle of Chroma's own code
            threading.Thread(target=self._open_beside, name="open-vectors").start()
        return self._open

    def opened(self) -> ChromaVectors:
        """Give the collection, opened now where it is not; raises as `ready`."""
        with self._at_work:
            if self._failure is not None:
                raise self._failure
            if self._open is None:
                try:
                    self._keep(self._opening())
                except (BrokenIndex, StoreUnreachable) as error:
                    self._failure = error
                    raise
            assert self._open is not None
            return self._open

    def close(self) -> None:
        """Release files and memory, also of an opening still under way."""
        with self._state:
            self._closed = True
            if self._open is not None:
                self._open.close()

    def _keep(self, found: ChromaVectors) -> None:
        with self._state:
            self._open = found
            if self._closed:
                found.close()

    def _open_beside(self) -> None:
        try:
            self.opened()
        except (BrokenIndex, StoreUnreachable):
            pass  # told to whoever searches next
        except RuntimeError:
            if threading.main_thread().is_alive():
                raise  # else the program has ended meanwhile, and nothing more can be loaded

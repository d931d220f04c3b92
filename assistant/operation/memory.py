"""How a server that runs for weeks holds its memory: flat, and out of the collector's way.

Three habits of the platform stand against that. glibc gives threads heaps of their own and seldom
returns what was freed in them, so that every rebuilt index leaves its size behind. The cycle
collector walks all that was opened at the start (thesaurus, library, index) again and again and
finds nothing there. What is in a cycle when it is kept out of that walk is never collected.
"""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import threading
from pathlib import Path

HEAPS = 2
"""As many as are useful where one thread at a time runs Python."""
M_ARENA_MAX = -8
"""The number of `mallopt`'s parameter, malloc.h of glibc."""
TIDY_EVERY_S = 60.0
GROWTH = 1.15
"""Grown by this factor, what is kept out of the collector's way is looked through again."""
MEGABYTE = 1e6


def few_heaps() -> bool:
    """Have threads share heaps; to be called before they start. False where that is unknown."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return bool(mallopt and mallopt(M_ARENA_MAX, HEAPS))


def held_mb() -> float:
    """Give the megabytes of memory this process holds; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


class Tidiness:
    """Collects and gives back what is no longer used. One for each process that serves."""

    def __init__(self) -> None:
        self._settled_mb = 0.0
        self._over = threading.Event()

    def settle(self) -> None:
        """Collect everything, then keep what is left out of the collector's way."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        _give_back()
        self._settled_mb = held_mb()

    def tidy(self) -> None:
        """Collect what is new; settle anew where much has come since, such as another index."""
        gc.collect()
        _give_back()
        if held_mb() > GROWTH * self._settled_mb:
            self.settle()

    def start(self, every_s: float = TIDY_EVERY_S) -> None:
        """Settle now, then tidy beside the work until the process ends or `stop` is called."""
        self.settle()
        threading.Thread(target=self._keep, args=(every_s,), name="tidy", daemon=True).start()

    def stop(self) -> None:
        """End the tidying."""
        self._over.set()

    def _keep(self, every_s: float) -> None:
        while not self._over.wait(every_s):
            self.tidy()


def _give_back() -> None:
    """Return freed memory to the system, where the C library can."""
    if sys.platform.startswith("linux"):
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim:
            trim(0)

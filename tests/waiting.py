"""Waits of tests: on what is to come about, never for a time that is hoped to be enough."""

from __future__ import annotations

import time
from collections.abc import Callable

LONG_S = 120.0
"""What no healthy machine needs, however much else it does: only a fault is waited for so long."""


def wait_for(met: Callable[[], object], seconds: float = LONG_S) -> None:
    """Wait for work in another thread or process; fails when it does not come about."""
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.01)

"""When each signed-in user was last at work, shared by all sessions of this process."""

from __future__ import annotations

import threading
import time
from enum import Enum


class Coming(Enum):
    """How a user comes to a page."""

    STAYS = "stays"
    ENTERS = "enters"
    """First seen, or signed in anew: worth a line in the audit."""
    IDLE = "idle"
    """Untouched for too long: must confirm or sign in again."""


class Presence:
    """Last sight of each user."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, float] = {}

    def come(self, user: str, *, idle_s: float, signed_in: float = 0, now: float = 0) -> Coming:
        """Note that a user is at work, unless gone for `idle_s` since (0: never).

        Who signed in after the last sight (`signed_in`, seconds of the epoch) has come anew.
        """
        now = now or time.time()
        with self._lock:
            last = self._seen.get(user)
            if last is not None and idle_s and now - last > idle_s and signed_in <= last:
                return Coming.IDLE
            self._seen[user] = now
        return Coming.ENTERS if last is None or signed_in > last else Coming.STAYS

    def look(self, user: str, *, idle_s: float, now: float = 0) -> Coming:
        """Tell how a user stands without taking it for a sight of them."""
        now = now or time.time()
        with self._lock:
            last = self._seen.get(user)
        idle = last is not None and idle_s and now - last > idle_s
        return Coming.IDLE if idle else Coming.STAYS

    def leave(self, user: str) -> None:
        """Forget a user, who next comes anew."""
        with self._lock:
            self._seen.pop(user, None)

"""A bounded line in front of heavy work: who waits is told the place, who cannot is told why."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from assistant.errors import TooBusy

OnWait = Callable[[int], None]
"""Called in the waiter's own thread with how many are before it, each time that changes."""

_on_wait: ContextVar[OnWait | None] = ContextVar("on_wait", default=None)


@contextmanager
def telling(on_wait: OnWait) -> Iterator[None]:
    """Have `on_wait` told the place in line during whatever is called within."""
    token = _on_wait.set(on_wait)
    try:
        yield
    finally:
        _on_wait.reset(token)


@dataclass(frozen=True, slots=True)
class QueueState:
    """The line at one moment, and what it has seen."""

    running: int
    waiting: int
    served: int
    refused: int
    waited_s: float
    """Seconds waited by all that were served."""


class WaitingLine:
    """Lets `at_once` callers work; the next `max_waiting` wait in order, up to `patience_s`.

    Raises `TooBusy` where the line is full or the wait too long. A caller that already holds a
    place goes straight through, so that heavy work may call heavy work.
    """

    def __init__(
        self, at_once: int = 2, *, max_waiting: int = 64, patience_s: float = 120.0
    ) -> None:
        self._at_once, self._max_waiting, self._patience_s = at_once, max_waiting, patience_s
        self._turn = threading.Condition()
        self._line: deque[object] = deque()
        self._inside = threading.local()
        self._running = self._served = self._refused = 0
        self._waited_s = 0.0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Wait for a turn and hold it; raises `TooBusy`."""
        if getattr(self._inside, "held", False):
            yield
            return
        self._enter()
        self._inside.held = True
        try:
            yield
        finally:
            self._inside.held = False
            with self._turn:
                self._running -= 1
                self._turn.notify_all()

    def state(self) -> QueueState:
        """Give the line as it is now."""
        with self._turn:
            return QueueState(
                self._running, len(self._line), self._served, self._refused, self._waited_s
            )

    def _enter(self) -> None:
        ticket, started = object(), time.monotonic()
        with self._turn:
            if self._is_next(None):
                self._start(0.0)
                return
            if len(self._line) >= self._max_waiting:
                raise self._too_busy(len(self._line))
            self._line.append(ticket)
        try:
            self._wait(ticket, started)
        finally:
            # also when the teller raised because its page was left
            with self._turn:
                if ticket in self._line:
                    self._line.remove(ticket)
                    self._turn.notify_all()

    def _wait(self, ticket: object, started: float) -> None:
        told, tell = -1, _on_wait.get()
        while True:
            with self._turn:
                if self._is_next(ticket):
                    self._line.popleft()
                    self._start(time.monotonic() - started)
                    # more than one place may have come free at once
                    self._turn.notify_all()
                    return
                before = self._line.index(ticket) + self._running
                left = self._patience_s - (time.monotonic() - started)
                if left <= 0:
                    raise self._too_busy(before)
                if before == told:
                    self._turn.wait(left)
                    continue
            # outside the lock: what the page does with it may take its time
            told = before
            if tell is not None:
                tell(before)

    def _is_next(self, ticket: object | None) -> bool:
        first = not self._line if ticket is None else self._line[0] is ticket
        return first and self._running < self._at_once

    def _start(self, waited_s: float) -> None:
        self._running += 1
        self._served += 1
        self._waited_s += waited_s

    def _too_busy(self, before: int) -> TooBusy:
        self._refused += 1
        return TooBusy(
            f"使用人数较多，前面还有 {before} 项在处理", todo="本次操作没有进行，请稍后重试"
        )

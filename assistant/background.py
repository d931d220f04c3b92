"""Run a coroutine in a thread of its own and hand its pieces to ordinary code.

A blocked read cannot be interrupted from another thread, a task can be cancelled within a
millisecond: so calls that may wait for minutes live in a loop of their own and stop at once.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from typing import Generic, TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")

_POLL_S = 0.05
_FAREWELL_S = 1.0


class Stopped(Exception):
    """The caller asked to stop before the work was done."""


@dataclass(frozen=True, slots=True)
class _End(Generic[Result]):
    """Last entry of the queue: a result, or the error the work ended with."""

    result: Result | None = None
    error: BaseException | None = None


class _Worker(Generic[Piece, Result]):
    """The thread, its loop and the one task in it."""

    def __init__(
        self, work: Callable[[Callable[[Piece], None]], Coroutine[object, object, Result]]
    ) -> None:
        self.pieces: queue.SimpleQueue[Piece | _End[Result]] = queue.SimpleQueue()
        self._work = work
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[object] | None = None
        self._cancelled = False
        self._thread = threading.Thread(target=self._run, name="model-call", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        with self._lock:
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
            if self._cancelled:
                return
        try:
            end = _End(result=await self._work(self.pieces.put))
        except asyncio.CancelledError:
            end = _End(error=Stopped())
        # Not swallowed: whatever ended the work is raised again in the caller's thread.
        except BaseException as error:  # noqa: BLE001
            end = _End(error=error)
        with self._lock:
            self._loop = None
        self.pieces.put(end)

    def cancel(self) -> None:
        """Cancel the task; safe at any time, from any thread, more than once."""
        with self._lock:
            self._cancelled = True
            if self._loop is not None and self._task is not None:
                self._loop.call_soon_threadsafe(self._task.cancel)
        # A name lookup cannot be cancelled: leave its thread behind rather than wait for it.
        self._thread.join(_FAREWELL_S)


def iterate(
    work: Callable[[Callable[[Piece], None]], Coroutine[object, object, Result]],
    *,
    should_stop: Callable[[], bool] | None = None,
) -> Generator[Piece, None, Result]:
    """Yield what `work` hands to its argument, return its result, raise its error.

    `should_stop` is asked in the caller's thread, about twenty times a second also while nothing
    arrives; true (or an exception of its own) cancels the work. So does closing the generator.
    """
    worker = _Worker(work)
    try:
        while True:
            if should_stop is not None and should_stop():
                raise Stopped
            try:
                item = worker.pieces.get(timeout=_POLL_S if should_stop else None)
            except queue.Empty:
                continue
            if not isinstance(item, _End):
                yield item
            elif item.error is not None:
                raise item.error
            else:
                return item.result  # type: ignore[return-value]
    finally:
        worker.cancel()

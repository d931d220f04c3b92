"""What is being done: one id from the door to the last step, one log line and count at the end.

    with operation("search") as done:
        ...
        done.note(hits=len(hits))

Only numbers can be noted: text of users, notices and models never comes here.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from urllib.parse import urlsplit

from assistant.errors import AssistantError
from assistant.operation.metrics import metrics

_log = logging.getLogger("assistant.operations")
_id: contextvars.ContextVar[str] = contextvars.ContextVar("operation_id", default="")


def new_id() -> str:
    """Make an id short enough to be read out over the telephone."""
    return secrets.token_hex(4)


def current_id() -> str:
    """Give the id of what is being done here, empty if nothing is."""
    return _id.get()


@contextmanager
def identified(given: str = "") -> Iterator[str]:
    """Do what follows under an id: the given one, the one at hand, or a new one."""
    name = given or _id.get() or new_id()
    token = _id.set(name)
    try:
        yield name
    finally:
        _id.reset(token)


class operation:  # noqa: N801 - read as a verb: `with operation("search")`
    """Times what is done within, logs it and counts it, however it ends."""

    def __init__(self, name: str, *, under: str = "") -> None:
        self._name, self._under = name, under
        self._facts: dict[str, float] = {}
        self.outcome = ""
        """Set to tell an end that is no exception, such as `fallback`."""

    def note(self, **facts: float) -> None:
        """Add numbers to the line: hits, files, characters sent."""
        self._facts |= facts

    def __enter__(self) -> operation:
        self.id = self._under or _id.get() or new_id()
        self._previous = _id.get()
        _id.set(self.id)
        self._started = time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        seconds = time.perf_counter() - self._started
        _id.set(self._previous)
        outcome = self.outcome or outcome_of(error)
        self._told(outcome, seconds, broken=_is_broken(error))

    def _told(self, outcome: str, seconds: float, *, broken: bool) -> None:
        metrics().count(self._name, outcome, seconds)
        _log.log(
            logging.ERROR if broken else logging.INFO,
            "%s %s",
            self._name,
            outcome,
            extra={
                "operation": self._name,
                "outcome": outcome,
                "ms": round(1000 * seconds, 1),
                "id": self.id,
                **self._facts,
            },
        )


class endpoint_call(operation):  # noqa: N801 - as above
    """A call of an endpoint: its host is told, nothing else of its address."""

    def __init__(self, service: str, url: str, *, under: str = "") -> None:
        super().__init__(service, under=under)
        self._host = urlsplit(url).hostname or ""

    def _told(self, outcome: str, seconds: float, *, broken: bool) -> None:
        metrics().count_call(self._name, self._host, outcome)
        self._facts = {"host": self._host, **self._facts}  # type: ignore[dict-item]
        super()._told(outcome, seconds, broken=broken)


def outcome_of(error: BaseException | None) -> str:
    """Name how something ended: `ok`, the kind of a model's failure, or the error's class."""
    if error is None:
        return "ok"
    if isinstance(error, (GeneratorExit, asyncio.CancelledError)):
        return "stopped"
    return str(getattr(error, "kind", "") or type(error).__name__)


def _is_broken(error: BaseException | None) -> bool:
    """Tell whether this is our mistake: a named error is no breakage, nor is leaving."""
    return isinstance(error, Exception) and not isinstance(error, AssistantError)

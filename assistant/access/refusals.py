"""Calls that were refused before anybody was known to make them, noted in the audit, sparingly.

Whoever hammers at a door must not fill the record: of one source the first refusal is noted, and
all others of a window are one line of counts at its end. No token, header, query or body is kept.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any, Protocol

from assistant.errors import AssistantError

REFUSED = "拒绝"
UNKNOWN = "（未识别）"
"""Who called, where no token or sign-in says."""
NOTED = frozenset({401, 403, 413, 429})
"""Answers worth a line: not signed in, forbidden, too large, too often."""
LINES_A_WINDOW = 10
WINDOW_SECONDS = 600.0
SOURCES_TOLD = 5
SOURCES_COUNTED = 1_000
_REASON_AT_MOST = 60
_log = logging.getLogger(__name__)

Scope = Mapping[str, Any]
Source = tuple[int, str, str, str]
"""Status, who, from where, why."""


class Log(Protocol):
    """Where entries go: the Library's audit."""

    def log(self, action: str, detail: str, who: str = "") -> None:
        """Add an entry."""


class Refusals:
    """Notes refused calls; safe to call from an event loop, for writing is done beside it."""

    def __init__(
        self, log: Callable[[], Log | None], *, door: str, window_s: float = WINDOW_SECONDS
    ) -> None:
        self._open, self._door, self._window_s = log, door, window_s
        self._lock = threading.Lock()
        self._seen: set[Source] = set()
        self._lines = 0
        self._left: Counter[Source] = Counter()
        self._timer: threading.Timer | None = None
        self._writing: list[threading.Thread] = []

    def note(self, scope: Scope, status: int, why: str, *, who: str = UNKNOWN) -> None:
        """Note that a call was answered with `status`."""
        if status not in NOTED:
            return
        reason = " ".join(why.split()).partition("。")[0][:_REASON_AT_MOST]
        source = (status, who, peer_of(scope), reason)
        with self._lock:
            self._begin()
            if source in self._seen or self._lines >= LINES_A_WINDOW:
                known = source in self._left or len(self._left) < SOURCES_COUNTED
                self._left[source if known else (status, UNKNOWN, "其他地址", "")] += 1
                return
            self._seen.add(source)
            self._lines += 1
        act = str(scope.get("method", "连接"))
        self._write(who, f"{self._door} {status} {act} 来自 {source[2]}：{reason}")

    def close(self) -> None:
        """Write what is counted and wait for what is being written."""
        self._end()
        for thread in self._writing:
            thread.join()

    def _begin(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(self._window_s, self._end)
            self._timer.daemon = True
            self._timer.start()

    def _end(self) -> None:
        """Tell in one line what was not noted by itself, and begin a new window."""
        with self._lock:
            left, self._left = self._left, Counter()
            self._seen.clear()
            self._lines = 0
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        if left:
            self._write(_shared_by(left), f"{self._door} 另有 {_told(left)}")

    def _write(self, who: str, detail: str) -> None:
        with self._lock:
            self._writing = [held for held in self._writing if held.is_alive()]
            before = self._writing[-1] if self._writing else None
            thread = threading.Thread(target=self._append, args=(who, detail, before), daemon=True)
            self._writing.append(thread)
            thread.start()

    def _append(self, who: str, detail: str, before: threading.Thread | None) -> None:
        if before is not None:
            before.join()  # the record tells things in the order in which they came about
        try:
            if (log := self._open()) is not None:
                log.log(REFUSED, detail, who)
        except AssistantError as error:
            _log.warning("refusal not noted: %s", error.what)


def peer_of(scope: Scope) -> str:
    """Give the address a call came from, as the server says; nothing where it is no address."""
    peer = str((scope.get("client") or ("",))[0])
    try:
        found = ip_address(peer.partition("%")[0])
    except ValueError:
        return "未知地址"
    return str(getattr(found, "ipv4_mapped", None) or found)


def _shared_by(left: Counter[Source]) -> str:
    names = {who for _, who, _, _ in left}
    return names.pop() if len(names) == 1 else UNKNOWN


def _told(left: Counter[Source]) -> str:
    statuses: Counter[int] = Counter()
    places: Counter[str] = Counter()
    for (status, _who, peer, _why), count in left.items():
        statuses[status] += count
        places[peer] += count
    kinds = "、".join(f"{status} {count} 次" for status, count in sorted(statuses.items()))
    most = "、".join(f"{peer} {count} 次" for peer, count in places.most_common(SOURCES_TOLD))
    more = f" 等 {len(places)} 处" if len(places) > SOURCES_TOLD else ""
    return f"{kinds}，未逐条记录，来自 {most}{more}"

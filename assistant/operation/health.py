"""Whether this process can serve: the library opens, the index stands for it, the disk has room.

Asked every few seconds by a supervisor, so nothing here is dear, and nothing here mends: a broken
index is told, `zhenggai doctor` and the next search mend it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.errors import AssistantError, reason_of
from assistant.operation.doctor_machine import LEAST_FREE_MB, MEGABYTE
from assistant.operation.metrics import Metrics, metrics
from assistant.review import Reviewer


@dataclass(frozen=True, slots=True)
class Readiness:
    """One thing a process needs to serve."""

    name: str
    ok: bool
    message: str
    """A Chinese sentence without paths or addresses: it may be read from another machine."""


def readiness(reviewer: Reviewer | None) -> tuple[Readiness, ...]:
    """Look at what serving needs; `None` stands for a library not opened yet."""
    if reviewer is None:
        return (Readiness("案例库", ok=False, message="正在打开案例库，或打开失败（见日志）"),)
    looks: tuple[tuple[str, Callable[[Reviewer], str]], ...] = (
        ("案例库", _library),
        ("检索索引", _index),
        ("磁盘", _disk),
        ("排队", _queue),
    )
    return tuple(_look(name, look, reviewer) for name, look in looks)


def _look(name: str, look: Callable[[Reviewer], str], reviewer: Reviewer) -> Readiness:
    try:
        return Readiness(name, ok=True, message=look(reviewer))
    except _NotReady as reason:
        return Readiness(name, ok=False, message=str(reason))
    except AssistantError as error:
        return Readiness(name, ok=False, message=error.what)


class _NotReady(Exception):
    """Why not, in Chinese."""


def _library(reviewer: Reviewer) -> str:
    return f"可读，第 {reviewer.library.revision()} 次改动后"


def _index(reviewer: Reviewer) -> str:
    revision, held = str(reviewer.library.revision()), reviewer.index.state()
    if not held:
        if revision == "0" or not reviewer.overview().cases:
            return "案例库为空，尚无索引"
        raise _NotReady("索引缺失，正在重建或需要 zhenggai reindex")
    if held.get("revision") != revision:
        return "正在更新，暂按上一版检索"
    return "与案例库一致"


def _disk(reviewer: Reviewer) -> str:
    try:
        free = shutil.disk_usage(reviewer.settings.home).free // MEGABYTE
    except OSError as error:
        raise _NotReady(f"数据目录不可用（{reason_of(error)}）") from error
    if free < LEAST_FREE_MB:
        raise _NotReady(f"磁盘只剩 {free} MB，低于 {LEAST_FREE_MB} MB，请清理")
    return f"余 {free} MB"


def _queue(reviewer: Reviewer) -> str:
    state = reviewer.line.state()
    if state.waiting >= reviewer.settings.max_waiting:
        raise _NotReady(f"排队已满（{state.waiting} 项）")
    return f"{state.running} 项在处理，{state.waiting} 项在等候"


def watch(reviewer: Reviewer, held: Metrics | None = None) -> None:
    """Have the state of the open product read whenever metrics are asked for."""
    gauges = held or metrics()
    for name, what, read in _gauges(reviewer):
        gauges.watch(f"zhenggai_{name}", what, read)


def _gauges(reviewer: Reviewer) -> Iterator[tuple[str, str, Callable[[], float]]]:
    line = reviewer.line
    yield "queue_running", "Heavy operations running", lambda: line.state().running
    yield "queue_waiting", "Heavy operations waiting", lambda: line.state().waiting
    yield "queue_served", "Heavy operations let through", lambda: line.state().served
    yield "queue_refused", "Heavy operations refused", lambda: line.state().refused
    yield "queue_waited_seconds", "Seconds waited in line", lambda: line.state().waited_s
    yield "library_notices", "Notices held", lambda: reviewer.overview().notices
    yield "library_cases", "Cases held", lambda: reviewer.overview().cases
    yield "library_bytes", "Size of the home's library file", lambda: _bytes(reviewer)
    yield "index_lag", "Library changes the index does not hold", lambda: _lag(reviewer)
    yield "disk_free_bytes", "Room on the disk of the home", lambda: _free(reviewer)


def _bytes(reviewer: Reviewer) -> float:
    files = reviewer.settings.home.glob("library.sqlite*")
    return float(sum(path.stat().st_size for path in files))


def _free(reviewer: Reviewer) -> float:
    return float(shutil.disk_usage(reviewer.settings.home).free)


def _lag(reviewer: Reviewer) -> float:
    held = reviewer.index.state().get("revision", "0")
    return float(max(0, reviewer.library.revision() - int(held)))

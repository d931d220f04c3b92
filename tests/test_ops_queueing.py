"""The line in front of heavy work: bounded, in order, told to who waits and to who may not."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.errors import TooBusy
from assistant.operation.queueing import WaitingLine, telling
from tests.waiting import LONG_S
from tests.waiting import wait_for as waiting_until
from tests.world import open_reviewer


class Held:
    """Places of a line held by threads until told to leave."""

    def __init__(self, line: WaitingLine, count: int) -> None:
        self.leave = [threading.Event() for _ in range(count)]
        self._inside = threading.Semaphore(0)
        self._threads = [
            threading.Thread(target=self._hold, args=(line, leave)) for leave in self.leave
        ]
        for thread in self._threads:
            thread.start()
            assert self._inside.acquire(timeout=LONG_S)

    def _hold(self, line: WaitingLine, leave: threading.Event) -> None:
        with line.place():
            self._inside.release()
            leave.wait(2 * LONG_S)

    def end(self) -> None:
        for leave in self.leave:
            leave.set()
        for thread in self._threads:
            thread.join(LONG_S)


def wait_for(line: WaitingLine, waiting: int) -> None:
    waiting_until(lambda: line.state().waiting == waiting)


def test_no_more_work_at_once_than_allowed() -> None:
    line = WaitingLine(2, max_waiting=100)
    at_once, most, lock = 0, 0, threading.Lock()
    together = threading.Barrier(2)

    def work(_number: int) -> None:
        nonlocal at_once, most
        with line.place():
            with lock:
                at_once += 1
                most = max(most, at_once)
            together.wait(LONG_S)  # nobody goes on before as many are at work as may be
            with lock:
                at_once -= 1

    with ThreadPoolExecutor(30) as pool:
        list(pool.map(work, range(60)))
    assert most == 2
    state = line.state()
    assert (state.running, state.waiting, state.served, state.refused) == (0, 0, 60, 0)
    assert state.waited_s > 0


def test_who_waits_is_told_the_place_and_served_in_order() -> None:
    line = WaitingLine(1)
    held = Held(line, 1)
    served: list[str] = []
    told: dict[str, list[int]] = {"first": [], "second": []}

    def work(name: str) -> None:
        with telling(told[name].append), line.place():
            served.append(name)

    first = threading.Thread(target=work, args=("first",))
    first.start()
    wait_for(line, 1)
    second = threading.Thread(target=work, args=("second",))
    second.start()
    wait_for(line, 2)
    held.end()
    first.join(LONG_S)
    second.join(LONG_S)
    assert served == ["first", "second"]
    assert told["first"] == [1]
    assert told["second"][0] == 2
    assert told["second"] == sorted(told["second"], reverse=True)


def test_a_full_line_refuses_with_a_sentence() -> None:
    line = WaitingLine(1, max_waiting=1)
    held = Held(line, 1)
    waiter = threading.Thread(target=lambda: line.place().__enter__())
    waiter.start()
    wait_for(line, 1)
    with (
        pytest.raises(TooBusy, match=r"使用人数较多，前面还有 1 项在处理。.*请稍后重试"),
        line.place(),
    ):
        raise AssertionError("let in")
    assert line.state().refused == 1
    held.end()
    waiter.join(LONG_S)


def test_a_wait_too_long_ends_with_the_same_sentence_and_leaves_the_line() -> None:
    line = WaitingLine(1, patience_s=0.05)
    held = Held(line, 1)
    with pytest.raises(TooBusy, match="前面还有 1 项"), line.place():
        raise AssertionError("let in")
    assert line.state().waiting == 0
    held.end()
    with line.place():
        pass


def test_who_leaves_while_waiting_holds_nobody_up() -> None:
    class Left(BaseException):
        """As a page that is left raises."""

    def leaves(_before: int) -> None:
        raise Left

    line = WaitingLine(1)
    held = Held(line, 1)
    with pytest.raises(Left), telling(leaves), line.place():
        raise AssertionError("let in")
    assert line.state().waiting == 0
    held.end()
    with line.place():
        assert line.state().running == 1


def test_heavy_work_within_heavy_work_does_not_wait_for_itself() -> None:
    line = WaitingLine(1, patience_s=0.2)
    with line.place(), line.place():
        assert line.state().running == 1
    assert line.state().running == 0


def test_work_that_fails_gives_its_place_back() -> None:
    line = WaitingLine(1, patience_s=0.2)
    with pytest.raises(ZeroDivisionError), line.place():
        raise ZeroDivisionError
    with line.place():
        pass


def test_the_reviewer_refuses_when_the_line_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHENGGAI_HEAVY_AT_ONCE", "1")
    monkeypatch.setenv("ZHENGGAI_MAX_WAITING", "0")
    reviewer = open_reviewer(tmp_path)
    held = Held(reviewer.line, 1)
    for call in (reviewer.search, reviewer.ask, reviewer.draft):
        with pytest.raises(TooBusy):
            call("党费收缴不及时")
    held.end()
    assert reviewer.search("党费收缴不及时").hits
    reviewer.library.close()

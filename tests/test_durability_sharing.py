"""Two programs on one home at once: each does its whole work or says in a sentence why not.

A web app and a command line, two imports, an import beside searches, one that dies.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Sequence
from multiprocessing.queues import Queue
from pathlib import Path

import pytest

from assistant.models import Filters, IngestState
from tests.waiting import LONG_S
from tests.world import NOTICES, open_reviewer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

CONTEXT = multiprocessing.get_context("forkserver")
FILES = 12


def _files(start: int) -> list[tuple[str, bytes]]:
    text = NOTICES[0].read_text(encoding="utf-8")
    return [
        (f"{number}.txt", text.replace("云禾街道", f"云{number}街道").encode())
        for number in range(start, start + FILES)
    ]


def _import(home: Path, start: int, said: Queue[list[str]]) -> None:
    reviewer = open_reviewer(home, filled=False)
    results = reviewer.ingest(_files(start))
    said.put([f"{result.state} {result.message}" for result in results])
    reviewer.library.close()


def run(*children: tuple[object, Sequence[object]]) -> list[int | None]:
    CONTEXT.set_forkserver_preload(["assistant.review", "tests.world"])
    running = [
        CONTEXT.Process(target=target, args=arguments)  # type: ignore[arg-type]
        for target, arguments in children
    ]
    for child in running:
        child.start()
    for child in running:
        child.join(600)
    codes = [child.exitcode for child in running]
    for child in running:
        child.kill()
    return codes


def test_two_imports_at_once_each_do_their_whole_work(home: Path) -> None:
    said: Queue[list[str]] = CONTEXT.Queue()
    # the second half of one are the first half of the other
    halves = ((_import, (home, 100, said)), (_import, (home, 100 + FILES // 2, said)))
    assert run(*halves) == [0, 0]
    results = [said.get(timeout=LONG_S), said.get(timeout=LONG_S)]
    states = [line.split()[0] for lines in results for line in lines]
    assert set(states) <= {IngestState.ADDED, IngestState.UNCHANGED, IngestState.UPDATED}
    reviewer = open_reviewer(home, filled=False)
    notices = reviewer.notices()
    assert {n.source for n in notices} == {f"{i}.txt" for i in range(100, 100 + FILES * 3 // 2)}
    assert all(len(notice.cases) == 5 for notice in notices)
    for notice in notices:
        only = Filters(notice_ids=(notice.id,))
        assert reviewer.search(notice.cases[3].problem, filters=only, limit=1).hits, notice.source
    reviewer.library.check()
    reviewer.library.close()


def test_a_running_program_searches_while_another_imports_and_then_finds_all(home: Path) -> None:
    web = open_reviewer(home, filled=False)
    web.ingest([NOTICES[1]])
    problem = web.notices()[0].cases[0].problem
    said: Queue[list[str]] = CONTEXT.Queue()
    CONTEXT.set_forkserver_preload(["assistant.review", "tests.world"])
    other = CONTEXT.Process(target=_import, args=(home, 200, said))
    other.start()
    searched = 0
    while other.is_alive():
        hits = web.search(problem, limit=5).hits
        assert hits
        for hit in hits:  # what is shown is in the Library, as it is there now
            assert web.case(hit.case.id) == hit.case
        searched += 1
    other.join()
    assert (other.exitcode, searched > 0) == (0, True)
    assert len(said.get(timeout=LONG_S)) == FILES
    for notice in web.notices():
        only = Filters(notice_ids=(notice.id,))
        assert web.search(notice.cases[3].problem, filters=only, limit=1).hits, notice.source
    web.follower.settle()
    web.library.close()


def _take_and_die(home: Path) -> None:
    reviewer = open_reviewer(home, filled=False)
    with reviewer.library.writing() as connection:
        connection.exec_driver_sql("DELETE FROM corrections")
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_program_that_dies_while_writing_locks_nobody_out(home: Path) -> None:
    web = open_reviewer(home, filled=False)
    web.ingest([NOTICES[1]])
    assert run((_take_and_die, (home,))) != [0]
    web.library.log("登录", "")
    assert web.library.audit_entries(1)[0].action == "登录"
    web.library.close()

"""Killed at any moment of import, correction, drafting, re-indexing: nothing told done is lost.

A child works on a home and writes down each thing done only after the call returned; it is killed
at a random moment. Then everything it wrote down must be there, whole, and be findable.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest

from assistant.corrections import Action, Correction
from assistant.ingesting import ingest
from assistant.library import open_library
from assistant.library_desk import Desk
from assistant.models import DraftRecord, Filters, UnitProfile
from tests.world import NOTICES, open_reviewer

KILLS = 100
LOOKED_AT_EVERY = 10

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

# a server that has imported everything but opened nothing: each child starts in milliseconds
CONTEXT = multiprocessing.get_context("forkserver")


def _work(home: Path, done: Path, round_number: int) -> None:
    reviewer = open_reviewer(home, filled=False)
    text = NOTICES[0].read_text(encoding="utf-8")
    with done.open("a", encoding="utf-8") as log:

        def acknowledge(words: str) -> None:
            log.write(words + "\n")
            log.flush()
            os.fsync(log.fileno())

        acknowledge("ready")
        for number in range(1000):
            mark = f"{round_number:03d}{number:03d}"
            content = text.replace("云禾街道", f"云{mark}街道").encode()
            ingest(reviewer.library, [(f"{mark}.txt", content)])
            notice = next(n for n in reviewer.notices() if n.source == f"{mark}.txt")
            acknowledge(f"notice {mark}.txt {len(notice.cases)}")
            reviewer.index.reconcile()
            case = notice.cases[0]
            reviewer.library.correct(
                notice.id, Correction(case.id, Action.PROBLEM, case.problem, f"更正{mark}")
            )
            acknowledge(f"correction {notice.id} 更正{mark}")
            record = reviewer.store.save_draft(
                DraftRecord("", f"问题{mark}", "待拟", None, UnitProfile())
            )
            acknowledge(f"draft {record.id} 问题{mark}")
            if number % 3 == 2:
                reviewer.reindex()
            reviewer.remove(notice.id)
            acknowledge(f"removed {mark}.txt")


def _look(home: Path, done: Path) -> None:
    """Check all that was acknowledged; runs in a child, for the index may be what is broken."""
    reviewer = open_reviewer(home, filled=False)
    notices = {n.source: n for n in reviewer.notices()}
    desk = Desk(reviewer.library)
    drafts = {record.id: record.problem for record in desk.drafts()}
    gone: set[str] = set()
    for line in done.read_text(encoding="utf-8").splitlines():
        kind, *rest = line.split()
        if kind == "removed":
            gone.add(rest[0])
    for line in done.read_text(encoding="utf-8").splitlines():
        kind, *rest = line.split()
        if kind == "notice" and rest[0] not in gone and rest[0] in notices:
            assert len(notices[rest[0]].cases) == int(rest[1])
        elif kind == "draft":
            assert drafts[rest[0]] == rest[1]
    for notice in notices.values():
        assert len(notice.cases) == 5  # whole or not there at all
        # the children's notices are near-duplicates, which search folds: ask for each by itself
        only = Filters(notice_ids=(notice.id,))
        assert reviewer.search(notice.cases[3].problem, filters=only, limit=5).hits
    reviewer.library.close()


def _run(target: object, *arguments: object) -> int | None:
    child = CONTEXT.Process(target=target, args=arguments)  # type: ignore[arg-type]
    child.start()
    child.join(120)
    return child.exitcode


def _present_unless_being_removed(home: Path, done: Path) -> None:
    """The last notice acknowledged and not removed may only be missing if its removal had begun."""
    lines = done.read_text(encoding="utf-8").splitlines()
    gone = {line.split()[1] for line in lines if line.startswith("removed")}
    kept = [line.split()[1] for line in lines if line.startswith("notice")]
    last_by_round = {name[:3]: name for name in kept}
    library = open_library(home)
    held = {notice.source for notice in library.notices()}
    library.close()
    for name in kept:
        if name not in gone and name not in held:
            assert name == last_by_round[name[:3]]
            assert any(line.startswith("draft") and name[:6] in line for line in lines)


def test_a_hundred_kills_lose_nothing_acknowledged(tmp_path: Path) -> None:
    CONTEXT.set_forkserver_preload(["assistant.review", "tests.world"])
    chance = random.Random(20240501)
    home, done = tmp_path / "home", tmp_path / "done.txt"
    done.touch()
    for number in range(KILLS):
        before = done.stat().st_size
        child = CONTEXT.Process(target=_work, args=(home, done, number))
        child.start()
        deadline = time.monotonic() + 60
        while done.stat().st_size == before and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 1.2))
        assert child.pid is not None
        assert child.exitcode is None, "the child must be alive until it is killed"
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        _present_unless_being_removed(home, done)
        if number % LOOKED_AT_EVERY == LOOKED_AT_EVERY - 1:
            assert _run(_look, home, done) == 0
    acknowledged = done.read_text(encoding="utf-8").count("notice ")
    assert acknowledged > KILLS // 4, "the children must have got some work done"

"""Killed at any moment of import, correction, draft, export, re-index: nothing told done is lost.

A child works on a home and writes down each thing done only after the call returned; it is killed
at a random moment. Then everything it wrote down must be there, whole, and be findable.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import openpyxl
import pytest

from assistant import indexing
from assistant.commands.common import write_out
from assistant.corrections import Action, Correction
from assistant.errors import LoadError
from assistant.ingesting import INLINE_AT_MOST, ingest
from assistant.library import open_library
from assistant.models import DraftRecord, Filters, UnitProfile
from assistant.record.desk import Desk
from assistant.taxonomy.thesaurus import find_concepts
from tests.world import NOTICES, open_reviewer
from vectorstore.entries import Concepts

KILLS = 100
LANES = 2
"""Homes worked on side by side, to be done in half the time."""
STEPS = 6
"""Acknowledged steps of one turn of work, about; a child is killed somewhere in its first turn."""
LOOKED_AT_EVERY = 10
FEW_GROUPS = (("党费", "交党费的钱"), ("固定资产", "家底"), ("公务接待", "招待"))

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

# a server that has imported everything but opened nothing: each child starts in milliseconds
CONTEXT = multiprocessing.get_context("forkserver")


def _fit_quickly() -> None:
    """Leave most of the thesaurus out of the fit: what is tried here is order, not quality."""
    vars(indexing)["domain_concepts"] = lambda: Concepts(find_concepts, FEW_GROUPS)


def _work(home: Path, done: Path, round_number: int) -> None:
    _fit_quickly()
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
            exported = home.with_name(f"cases{number % 2}.xlsx")
            write_out(exported, reviewer, "cases", reviewer.notices())
            acknowledge(f"export {exported.name}")
            if (round_number + number) % 2:
                reviewer.reindex()
                acknowledge(f"reindexed {mark}")
            reviewer.remove(notice.id)
            acknowledge(f"removed {mark}.txt")


def _look(home: Path, done: Path) -> None:
    """Check all that was acknowledged; runs in a child, for the index may be what is broken."""
    _fit_quickly()
    reviewer = open_reviewer(home, filled=False)
    notices = {n.source: n for n in reviewer.notices()}
    desk = Desk(reviewer.library)
    drafts = {record.id: record.problem for record in desk.drafts()}
    gone: set[str] = set()
    corrected: dict[str, str] = {}
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
        elif kind == "export":
            openpyxl.load_workbook(home.with_name(rest[0])).close()  # whole, or the one before
        elif kind == "correction":
            corrected.setdefault(rest[0], rest[1])
    for notice in notices.values():
        if notice.id in corrected:
            assert notice.cases[0].problem == corrected[notice.id]
        assert len(notice.cases) == 5  # whole or not there at all
        # the children's notices are near-duplicates, which search folds: ask for each by itself
        only = Filters(notice_ids=(notice.id,))
        assert reviewer.search(notice.cases[3].problem, filters=only, limit=5).hits
    reviewer.library.close()


def _run(target: object, *arguments: object) -> int | None:
    child = CONTEXT.Process(target=target, args=arguments)  # type: ignore[arg-type]
    child.start()
    child.join(600)
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


def _lines_after(done: Path, start: int) -> int:
    with done.open("rb") as log:
        log.seek(start)
        return log.read().count(b"\n")


def _kill_again_and_again(folder: Path, kills: int, seed: int) -> str:
    """Work on a home of its own and be killed; give what was acknowledged."""
    CONTEXT.set_forkserver_preload(["assistant.review", "tests.world"])
    chance = random.Random(seed)
    home, done = folder / "home", folder / "done.txt"
    folder.mkdir()
    done.touch()
    for number in range(kills):
        before = done.stat().st_size
        child = CONTEXT.Process(target=_work, args=(home, done, number))
        child.start()
        # by steps done, not by time alone: a slow machine gets as far as a fast one
        steps, deadline = chance.randrange(1, STEPS + 2), time.monotonic() + 60
        while _lines_after(done, before) < steps and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 0.5))
        assert child.pid is not None
        assert child.exitcode is None, "the child must be alive until it is killed"
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        _present_unless_being_removed(home, done)
        if number % LOOKED_AT_EVERY == LOOKED_AT_EVERY - 1:
            assert _run(_look, home, done) == 0
    return done.read_text(encoding="utf-8")


def test_a_hundred_kills_lose_nothing_acknowledged(tmp_path: Path) -> None:
    # a process for each lane, for one multiprocessing module does not wait in two threads
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(LANES, mp_context=context) as lanes:
        folders = [tmp_path / f"lane{lane}" for lane in range(LANES)]
        seeds = [20240501 + lane for lane in range(LANES)]
        told = "".join(lanes.map(_kill_again_and_again, folders, [KILLS // LANES] * LANES, seeds))
    for kind, least in (("notice", 4), ("correction", 8), ("export", 10), ("reindexed", 20)):
        assert told.count(f"{kind} ") > KILLS // least, "the children must have got work done"


def test_a_reader_that_is_killed_is_told_and_what_was_stored_stays(tmp_path: Path) -> None:
    files = []
    for number in range(INLINE_AT_MOST + 2):
        files.append(tmp_path / f"{number}.txt")
        files[-1].write_bytes(NOTICES[1].read_bytes() + f"\n附{number}".encode())
    library = open_library(tmp_path / "home")

    def kill(_done: int, _total: int, _result: object) -> None:
        for reader in multiprocessing.active_children():
            reader.kill()

    with pytest.raises(LoadError, match="意外结束"):
        ingest(library, files, on_progress=kill)
    assert 1 <= len(library.sources()) < len(files)
    ingest(library, files)
    assert len(library.sources()) == len(files)
    library.close()

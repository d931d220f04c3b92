"""A full disk, a folder that may not be written, a damaged record: a clear sentence, nothing lost.

The real thing first: disks are filled by a file-size limit of the kernel (the write fails with
the same system call), and folders are read-only to a child that is not root.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import signal
import sqlite3
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from assistant import library
from assistant.backup import back_up
from assistant.commands.writing import write_whole
from assistant.errors import AssistantError, LibraryError
from assistant.library import LIBRARY_FILE, open_library
from assistant.models import Answer, Answerable, Document, DraftRecord, Notice, UnitProfile
from assistant.record import desk as library_desk
from assistant.record.desk import Desk
from tests.factory import make_notice
from tests.waiting import LONG_S
from tests.world import NOTICES, open_reviewer

# a server that has imported everything but opened nothing: a fork of this process, which may have
# an index open, would hang
CONTEXT = multiprocessing.get_context("forkserver")
NOBODY = 65534


def fill(home: Path, count: int = 3) -> None:
    held = open_library(home)
    for number in range(count):
        document, notice = make_notice(f"aaaa{number:04d}", {"问题": ("改。",)}, sha256=f"{number}")
        held.put(document, (notice,), origin=f"{number}")
    held.close()


def in_child(work: Callable[[Path], str], place: Path) -> str:
    """Run `work` in a process of its own, which it may limit; gives what it says."""
    CONTEXT.set_forkserver_preload(["assistant.review", "tests.world"])
    receive, send = CONTEXT.Pipe(duplex=False)
    child = CONTEXT.Process(target=_run, args=(work, place, send), daemon=True)
    child.start()
    try:
        assert receive.poll(LONG_S), "the child said nothing"
        return str(receive.recv())
    finally:
        child.kill()
        child.join(LONG_S)


def _run(work: Callable[[Path], str], place: Path, send: Connection) -> None:
    try:
        send.send(work(place))
    except BaseException:
        send.send(f"CRASH {traceback.format_exc()}")
        raise


def told(call: Callable[[], object]) -> str:
    """Give the sentence a user would read; anything else crashes the child."""
    try:
        call()
    except AssistantError as error:
        return str(error)
    return "no complaint"


def full_from_here(size: int) -> None:
    """Let no file grow beyond a size: writes beyond it fail as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


# ---------------------------------------------------------------------- full disk


def big_notice() -> tuple[Document, tuple[Notice, ...]]:
    document, notice = make_notice("bbbb0001", {"问题": ("改" * 100_000,)}, sha256="big")
    return document, (notice,)


def _put_without_room(home: Path) -> str:
    held = open_library(home)
    full_from_here((home / LIBRARY_FILE).stat().st_size + 65_536)
    said = told(lambda: held.put(*big_notice()))
    return f"{said} | {len(held.notices())}"


def test_an_import_on_a_full_disk_is_told_and_leaves_the_record_as_it_was(home: Path) -> None:
    fill(home)
    said = in_child(_put_without_room, home)
    assert "写入失败" in said
    assert "原有数据不受影响" in said
    assert "磁盘空间" in said
    assert said.endswith("| 3")
    held = open_library(home)  # with room again all goes on
    held.check()
    held.put(*big_notice())
    assert len(held.notices()) == 4


def _open_without_room(home: Path) -> str:
    full_from_here(4096)
    return told(lambda: open_library(home))


def test_a_new_home_on_a_full_disk_is_told_and_leaves_no_empty_record(home: Path) -> None:
    home.mkdir()
    assert "磁盘空间" in in_child(_open_without_room, home)
    assert not (home / LIBRARY_FILE).exists()
    assert open_library(home).notices() == ()


def _back_up_without_room(place: Path) -> str:
    held = open_library(place / "home")
    full_from_here(20_000)
    return told(lambda: back_up(held, place / "backup.sqlite"))


def test_a_backup_on_a_full_disk_leaves_no_half_file(tmp_path: Path) -> None:
    fill(tmp_path / "home")
    assert "磁盘空间" in in_child(_back_up_without_room, tmp_path)
    assert not (tmp_path / "backup.sqlite").exists()
    assert not list(tmp_path.glob(".backup-*"))


def _export_without_room(place: Path) -> str:
    full_from_here(1000)
    return told(lambda: write_whole(place / "plan.docx", b"x" * 5000))


def test_an_export_on_a_full_disk_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "plan.docx").write_bytes(b"old")
    assert "写不了文件" in in_child(_export_without_room, tmp_path)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def _reconcile_without_room(home: Path) -> str:
    held = open_reviewer(home, filled=False)
    problem = held.notices()[0].cases[0].problem
    held.library.put(*_other())
    full_from_here(20_000)
    said = told(held.index.reconcile)
    return f"{said} | {len(held.retriever.search(problem, limit=1).hits)}"


def test_an_index_that_finds_no_room_leaves_the_old_one_searchable(home: Path) -> None:
    reviewer = open_reviewer(home, filled=False)
    reviewer.ingest([NOTICES[0]])
    reviewer.library.close()
    said = in_child(_reconcile_without_room, home)
    assert "磁盘空间" in said
    assert said.endswith("| 1")
    again = open_reviewer(home, filled=False)  # an index that lags is brought up at opening
    assert again.search("全新的测试问题", limit=1).hits[0].notice.id == "cccc0001"
    again.library.close()


def _other() -> tuple[Document, tuple[Notice, ...]]:
    document, notice = make_notice("cccc0001", {"全新的测试问题": ("改。",)}, sha256="other")
    return document, (notice,)


# ---------------------------------------------------------------------- read-only


def _open_as_nobody(home: Path) -> str:
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    return told(lambda: open_library(home))


def _write_as_nobody(home: Path) -> str:
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    return told(lambda: Desk(open_library(home)).save_profile(UnitProfile(name="清溪镇")))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
@pytest.mark.parametrize("held", ["new", "filled"])
def test_a_home_that_may_not_be_written_is_told(tmp_path: Path, held: str) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    if held == "filled":
        fill(home)
    home.chmod(0o555)

    said = in_child(_open_as_nobody, home)
    assert "权限" in said
    assert str(home) in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_a_record_that_may_only_be_read_tells_so_when_written(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    home = tmp_path / "home"
    fill(home)
    home.chmod(0o777)
    (home / LIBRARY_FILE).chmod(0o444)

    assert "权限" in in_child(_write_as_nobody, home)


# ---------------------------------------------------------------------- damaged record


def _garbage_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\xde\xad" * 64)


def _truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _bad_pages(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        for at in range(4096, size, 4096):
            file.seek(at)
            file.write(b"\xff" * 64)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [_garbage_header, _truncated, _bad_pages, _empty, _folder])
def test_a_damaged_record_is_named_and_never_taken_for_a_new_one(
    home: Path, damage: Callable[[Path], None]
) -> None:
    fill(home, 60)
    path = home / LIBRARY_FILE
    damage(path)

    def use() -> None:
        held = open_library(home)
        held.notices()
        held.check()

    with pytest.raises(LibraryError) as caught:
        use()
    said = str(caught.value)
    assert str(path) in said
    assert "备份" in said or "检查" in said
    with pytest.raises(LibraryError):  # and still so on the second try: nothing was made anew
        use()


def test_the_log_of_a_record_moved_away_is_not_read_into_the_next(home: Path) -> None:
    fill(home)
    held = open_library(home)
    document, notice = make_notice("dddd0001", {"问题": ("改。",)}, sha256="dd")
    held.put(document, (notice,))
    moved = home.with_name("moved")
    shutil.copytree(home, moved)  # as a machine that lost power left it: the log not folded in
    held.close()
    assert (moved / f"{LIBRARY_FILE}-wal").stat().st_size
    (moved / LIBRARY_FILE).unlink()
    new = open_library(moved)
    assert new.notices() == ()
    new.check()
    assert list(moved.glob(f"{LIBRARY_FILE}-wal.*.old"))


def test_a_damaged_index_is_built_anew_at_opening(home: Path) -> None:
    reviewer = open_reviewer(home)
    problem = reviewer.notices()[0].cases[0].problem
    reviewer.library.close()
    del reviewer
    for path in (home / "index").rglob("*"):
        if path.is_file() and path.name != "current.json":
            path.write_bytes(b"damaged")
    again = open_reviewer(home, filled=False)
    assert again.search(problem, limit=1).hits
    again.library.close()


def test_an_index_left_behind_by_the_library_is_brought_up_at_opening(home: Path) -> None:
    reviewer = open_reviewer(home, filled=False)
    reviewer.ingest([NOTICES[0]])
    reviewer.library.put(*_other())  # and killed before the index was updated
    reviewer.library.close()
    again = open_reviewer(home, filled=False)
    assert again.search("全新的测试问题", limit=1).hits[0].notice.id == "cccc0001"
    again.library.remove("cccc0001")
    again.library.close()
    last = open_reviewer(home, filled=False)
    assert all(h.notice.id != "cccc0001" for h in last.search("全新的测试问题").hits)
    last.library.close()


# ---------------------------------------------------------------------- the clock


def test_a_clock_set_back_disorders_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = open_library(home)
    desk = Desk(held)
    times = iter([f"20{year:02d}-01-01T00:00:00+08:00" for year in range(40, 10, -1)] * 4)
    monkeypatch.setattr(library, "now", lambda: next(times))
    monkeypatch.setattr(library_desk, "now", lambda: next(times))
    for action in ("甲", "乙", "丙"):
        held.log(action, "")
    assert [entry.action for entry in held.audit_entries()] == ["丙", "乙", "甲"]
    record = desk.save_draft(DraftRecord("", "问题", "待拟", None, UnitProfile()))
    for state in ("在拟", "定稿"):
        desk.save_draft(replace(record, state=state))
    assert [version.state for version in desk.draft_versions(record.id)] == ["定稿", "在拟", "待拟"]
    assert desk.draft_record(record.id).state == "定稿"
    answer = Answer("问", "答", (), (), Answerable.YES)
    talk = desk.save_turn(None, "先问", answer)
    desk.save_turn(talk, "后问", answer)
    assert [turn.question for turn in desk.conversation(talk).turns] == ["先问", "后问"]
    before = held.revision()
    document, notice = make_notice("aaaa0001", {"问题": ("改。",)})
    held.put(document, (notice,))
    assert held.revision() == before + 1


def test_ids_stay_unique_when_the_same_second_comes_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = open_library(home)
    desk = Desk(held)
    monkeypatch.setattr(library_desk, "now", lambda: "2024-01-01T00:00:00+08:00")
    answer = Answer("问", "答", (), (), Answerable.YES)
    seen = set()
    for _ in range(20):
        kept = desk.save_draft(DraftRecord("", "同一个问题", "待拟", None, UnitProfile()))
        gone = desk.save_draft(DraftRecord("", "同一个问题", "待拟", None, UnitProfile()))
        talk, other = (desk.save_turn(None, "同一个问题", answer) for _ in range(2))
        seen |= {kept.id, gone.id, talk, other}
        desk.delete_draft(gone.id)
        desk.delete(other)
    assert len(seen) == 80
    assert len(desk.drafts()) == len(desk.conversations()) == 20


def test_a_check_finds_what_reading_alone_does_not(home: Path) -> None:
    """An index of the file that disagrees with its table is damage, though every row reads."""
    fill(home)
    with closing(sqlite3.connect(home / LIBRARY_FILE)) as connection, connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(
            "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master "
            "WHERE name = 'ix_corrections_notice_id') WHERE name = 'ix_notices_sha256'"
        )
    with pytest.raises(LibraryError, match="损坏"):
        open_library(home).check()

"""A backup is whole, made while others write, and comes back without losing the old record."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.backup import back_up, restore
from assistant.corrections import Action, Correction
from assistant.errors import LibraryError
from assistant.library import LIBRARY_FILE, Library, open_library
from assistant.models import Answer, Answerable, DraftRecord, UnitProfile
from assistant.record.desk import Desk
from tests.factory import make_notice
from tests.postgres_server import PostgresCluster


def fill(home: Path, count: int, url: str = "") -> None:
    library = open_library(home, url)
    for number in range(count):
        document, notice = make_notice(f"aaaa{number:04d}", {"问题": ("改。",)}, sha256=f"{number}")
        library.put(document, (notice,), origin=f"{number}")
    library.close()


def contents(library: Library) -> tuple[object, ...]:
    """Give all that people would miss."""
    desk = Desk(library)
    talks = [desk.conversation(talk.id) for talk in desk.conversations()]
    versions = [desk.draft_versions(draft.id) for draft in desk.drafts()]
    made = [library.corrections(notice.id) for notice in library.notices()]
    return library.notices(), library.sources(), made, talks, versions, desk.profile()


def furnish(library: Library) -> None:
    """Have something of every kind in the record."""
    desk = Desk(library)
    library.correct("aaaa0000", Correction("aaaa0000-01", Action.PROBLEM, "问题", "更正后的问题"))
    desk.save_turn(None, "党费少缴怎么改", Answer("问", "补缴[1]。", (), (), Answerable.YES))
    record = desk.save_draft(DraftRecord("", "食堂采购未比价", "待拟", None, UnitProfile()))
    desk.save_draft(replace(record, state="在拟"))
    desk.save_profile(UnitProfile(name="清溪镇党委"))


def test_a_backup_comes_back_and_the_old_record_stays_beside_it(
    tmp_path: Path, database_url: str
) -> None:
    fill(tmp_path / "a", 3, database_url)
    library = open_library(tmp_path / "a", database_url)
    assert back_up(library, tmp_path / "b.sqlite").notices == 3
    library.close()
    fill(tmp_path / "c", 1)
    held, aside = restore(tmp_path / "b.sqlite", tmp_path / "c")
    assert held.notices == 3
    assert len(open_library(tmp_path / "c").notices()) == 3
    assert aside is not None
    assert len(Library(aside).notices()) == 1


def test_a_record_moves_from_a_file_to_a_server_and_back_whole(
    tmp_path: Path, postgres: PostgresCluster
) -> None:
    url = postgres.new_database()
    fill(tmp_path / "county", 3)
    county = open_library(tmp_path / "county")
    furnish(county)
    back_up(county, tmp_path / "up.sqlite")
    held, aside = restore(tmp_path / "up.sqlite", tmp_path / "city", url)
    city = open_library(tmp_path / "city", url)
    assert (held.notices, aside) == (3, None)  # the server held nothing that had to be kept
    assert contents(city) == contents(county)
    assert [e.action for e in city.audit_entries()][1:] == [
        e.action for e in county.audit_entries()
    ]
    # what is added on the server is numbered after what was copied
    city.correct("aaaa0001", Correction("aaaa0001-01", Action.DROP, "问题"))
    furnish(city)
    back_up(city, tmp_path / "down.sqlite")
    restore(tmp_path / "down.sqlite", tmp_path / "again")
    assert contents(open_library(tmp_path / "again")) == contents(city)
    city.close()


def test_a_restore_keeps_the_old_record_of_a_server(
    tmp_path: Path, postgres: PostgresCluster
) -> None:
    url = postgres.new_database()
    fill(tmp_path / "city", 2, url)
    fill(tmp_path / "a", 3)
    back_up(open_library(tmp_path / "a"), tmp_path / "b.sqlite")
    _, aside = restore(tmp_path / "b.sqlite", tmp_path / "city", url)
    assert aside is not None
    assert len(Library(aside).notices()) == 2


def test_programs_that_have_the_record_open_see_the_restored_one(
    tmp_path: Path, database_url: str
) -> None:
    fill(tmp_path / "a", 3)
    back_up(open_library(tmp_path / "a"), tmp_path / "b.sqlite")
    fill(tmp_path / "c", 3, database_url)
    running = open_library(tmp_path / "c", database_url)
    running.correct("aaaa0001", Correction("aaaa0001-01", Action.DROP, "问题"))
    assert running.notice("aaaa0001").cases == ()
    before, identity = running.revision(), running.identity()
    restore(tmp_path / "b.sqlite", tmp_path / "c", database_url)
    assert running.revision() > before  # so that no cache takes the one for the other
    assert running.identity() != identity
    time.sleep(running.database.fresh_s)
    assert len(running.notice("aaaa0001").cases) == 1
    document, notice = make_notice("dddd0001", {"新问题": ("改。",)}, sha256="new")
    running.put(document, (notice,))
    running.close()
    again = open_library(tmp_path / "c", database_url)
    assert len(again.notices()) == 4
    again.close()


def test_a_damaged_record_is_moved_aside_as_it_is(tmp_path: Path) -> None:
    fill(tmp_path / "a", 2)
    back_up(open_library(tmp_path / "a"), tmp_path / "b.sqlite")
    broken = tmp_path / "c" / LIBRARY_FILE
    broken.parent.mkdir()
    broken.write_bytes(b"no database at all" * 500)
    held, aside = restore(tmp_path / "b.sqlite", tmp_path / "c")
    assert held.notices == 2
    assert aside is not None
    assert aside.read_bytes() == b"no database at all" * 500


def test_a_backup_made_while_others_write_is_one_moment_of_the_record(
    tmp_path: Path, database_url: str
) -> None:
    library = open_library(tmp_path / "a", database_url)
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            document, notice = make_notice(
                f"bbbb{number:04d}", {"问": ("改。",)}, sha256=f"{number}"
            )
            twin = replace(notice, id=f"cccc{number:04d}", cases=())
            library.put(document, (notice, twin), origin=f"{number}")
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            held = back_up(library, tmp_path / f"{number}.sqlite")
            assert held.notices % 2 == 0  # a file's notices come together or not at all
    finally:
        stop.set()
        writer.join()
    library.close()


def test_a_backup_never_overwrites_and_a_wrong_file_never_replaces(
    tmp_path: Path, database_url: str
) -> None:
    fill(tmp_path / "a", 1, database_url)
    library = open_library(tmp_path / "a", database_url)
    back_up(library, tmp_path / "b.sqlite")
    with pytest.raises(LibraryError, match="已存在"):
        back_up(library, tmp_path / "b.sqlite")
    (tmp_path / "wrong").write_bytes(b"no database" * 500)
    with pytest.raises(LibraryError):
        restore(tmp_path / "wrong", tmp_path / "a", database_url)
    with pytest.raises(LibraryError, match="找不到"):
        restore(tmp_path / "none", tmp_path / "a", database_url)
    assert len(library.notices()) == 1
    library.close()

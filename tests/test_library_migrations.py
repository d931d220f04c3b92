"""A record of every earlier form opens as a present one with nothing lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from assistant.errors import LibraryError
from assistant.library import LIBRARY_FILE, AuditEntry, open_library
from assistant.record import migrations as library_migrations
from assistant.record.desk import Desk
from assistant.record.migrations import STEPS, Step
from assistant.record.schema import SCHEMA_VERSION, metadata

DATA = Path(__file__).parent / "data"


def version_one(home: Path) -> Path:
    """Lay down a record as version 1 of the product left it."""
    home.mkdir(parents=True)
    path = home / LIBRARY_FILE
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((DATA / "library_v1.sql").read_text(encoding="utf-8"))
    return path


def shape_of(path: Path) -> dict[str, list[tuple[str, ...]]]:
    """Give tables with their columns, and the names of indexes and triggers."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT type, name FROM sqlite_master").fetchall()
        return {
            f"{kind} {name}": sorted(
                (row[1], row[2], str(row[3]), str(row[4]).strip("'"), str(row[5]))
                for row in connection.execute(f"PRAGMA table_info('{name}')")
            )
            for kind, name in names
            if not name.startswith("sqlite_")
        }


def test_a_record_of_version_one_opens_with_nothing_lost(home: Path) -> None:
    version_one(home)
    library = open_library(home)
    desk = Desk(library)
    one, two = library.notices()
    assert (one.id, two.id) == ("bbbb0001", "aaaa0001")
    assert [case.problem for case in two.cases] == ["党费收缴不及时"]  # the correction still holds
    assert library.corrections("aaaa0001")[0].anchor == "固定资产账实不符"
    assert library.document("aaaa0001").lines[0] == "清溪镇党委关于巡察整改进展情况的通报"
    assert library.holds("one", parser="1")
    (talk,) = desk.conversations()
    turn = desk.conversation(talk.id).turns[0]
    assert (turn.answer.text, turn.score, turn.reason) == ("补缴党费[1]。", 1, "可用")
    (draft,) = desk.drafts()
    assert [version.state for version in desk.draft_versions(draft.id)] == ["在拟", "待拟"]
    assert desk.profile().name == "清溪镇党委"
    assert library.revision() == 3
    assert [entry.action for entry in library.audit_entries()] == ["更正", "导入", "导入"]
    assert {entry.who for entry in library.audit_entries()} == {""}


def test_a_migrated_record_counts_as_a_new_one_would(home: Path) -> None:
    version_one(home)
    library = open_library(home)
    overview = library.overview()
    assert (overview.notices, overview.cases, overview.units) == (2, 2, 2)
    assert (overview.first_year, overview.last_year) == (2021, 2024)


def test_a_migrated_record_has_the_shape_of_a_new_one(tmp_path: Path) -> None:
    old = version_one(tmp_path / "old")
    open_library(tmp_path / "old").close()
    open_library(tmp_path / "new").close()
    assert shape_of(old) == shape_of(tmp_path / "new" / LIBRARY_FILE)


def test_opening_twice_changes_nothing_more(home: Path) -> None:
    path = version_one(home)
    open_library(home).close()
    before = shape_of(path)
    open_library(home).close()
    assert shape_of(path) == before


def test_every_version_has_one_step() -> None:
    assert [step.version for step in STEPS] == list(range(2, SCHEMA_VERSION + 1))


def test_a_step_that_fails_leaves_the_record_as_it_was(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = version_one(home)
    before = shape_of(path)

    def fail(_connection: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(library_migrations, "STEPS", (*STEPS, Step(SCHEMA_VERSION + 1, fail)))
    with pytest.raises(sqlite3.OperationalError):
        open_library(home)
    assert shape_of(path) == before
    monkeypatch.undo()
    assert len(open_library(home).notices()) == 2


def test_a_record_of_a_newer_version_is_left_untouched(home: Path) -> None:
    path = version_one(home)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET value='99' WHERE key='schema'")
        connection.execute("DROP TABLE audit")
    before = shape_of(path)
    with pytest.raises(LibraryError, match="更新的版本"):
        open_library(home)
    assert shape_of(path) == before


@pytest.mark.parametrize("statement", ["UPDATE audit SET who='别人'", "DELETE FROM audit"])
def test_nobody_changes_what_the_audit_says(home: Path, statement: str) -> None:
    path = version_one(home)
    library = open_library(home)
    library.log("登录", "网页", who="张三")
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute(statement)
    newest = library.audit_entries(1)[0]
    assert newest == AuditEntry(newest.at, "登录", "网页", "张三")


def test_every_table_is_known_to_the_dump() -> None:
    assert set(metadata.tables) == {
        "meta", "sources", "notices", "corrections", "conversations", "turns", "drafts",
        "draft_versions", "audit",
    }  # fmt: skip

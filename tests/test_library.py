"""The record of truth: idempotent, transactional, corrections on top."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.corrections import Action, Correction
from assistant.errors import LibraryError, NotFound
from assistant.library import Library, open_library
from assistant.models import (
    Answer,
    Answerable,
    DraftRecord,
    IngestState,
    UnitProfile,
)
from assistant.record.desk import Desk
from tests.factory import make_notice

PROBLEMS = {
    "党费收缴不及时": ("一是逐人核定缴费基数。", "二是补缴少缴党费。"),
    "固定资产账实不符": ("全面盘点固定资产。",),
}


@pytest.fixture
def library(home: Path, database_url: str) -> Iterator[Library]:
    library = open_library(home, database_url)
    yield library
    library.close()


def test_the_same_file_twice_changes_nothing(library: Library) -> None:
    document, notice = make_notice("aaaa0001", PROBLEMS)
    first = library.put(document, (notice,))
    revision = library.revision()
    second = library.put(document, (notice,))
    assert (first.state, second.state) == (IngestState.ADDED, IngestState.UNCHANGED)
    assert library.revision() == revision
    assert library.notices() == (notice,)


def test_a_changed_file_replaces_its_notices(library: Library) -> None:
    document, notice = make_notice("aaaa0001", PROBLEMS, sha256="old")
    library.put(document, (notice,))
    changed, later = make_notice("bbbb0001", {"新问题": ("立即纠正。",)}, sha256="new")
    assert library.put(changed, (later,)).state is IngestState.UPDATED
    assert [n.id for n in library.notices()] == ["bbbb0001"]


def test_two_files_of_one_name_in_different_folders_both_stay(library: Library) -> None:
    for number, folder in enumerate(("甲", "乙")):
        document, notice = make_notice(f"aaaa000{number}", PROBLEMS, sha256=folder)
        library.put(document, (notice,), origin=f"/{folder}/通报.txt")
    assert len(library.notices()) == 2


def test_an_upload_replaces_only_what_it_is_a_newer_version_of(library: Library) -> None:
    for notice_id, unit in (
        ("aaaa0001", "青田镇党委"),
        ("bbbb0001", "石门镇党委"),
        ("bbbb0002", "石门镇党委"),
        ("aaaa0002", "青田镇党委"),
    ):
        document, notice = make_notice(notice_id, PROBLEMS, sha256=notice_id, unit=unit)
        library.put(document, (notice,), origin=library.upload_origin(document, (notice,)))
    assert sorted(notice.id for notice in library.notices()) == ["aaaa0002", "bbbb0002"]


def test_newer_reading_rules_read_the_same_file_anew(library: Library) -> None:
    document, notice = make_notice("aaaa0001", PROBLEMS)
    library.put(document, (notice,), parser="1")
    assert library.holds(document.sha256, parser="1")
    assert not library.holds(document.sha256, parser="2")
    better = replace(notice, unit="清溪镇委员会")
    assert library.put(document, (better,), parser="2").state is IngestState.UPDATED
    assert library.notices()[0].unit == "清溪镇委员会"


def test_a_failing_write_leaves_the_record_as_it_was(library: Library) -> None:
    document, notice = make_notice("aaaa0001", PROBLEMS)
    library.put(document, (notice,))
    other, clash = make_notice("aaaa0001", PROBLEMS, source="另一份.txt", sha256="other")
    with pytest.raises(LibraryError, match="写入失败"):
        library.put(other, (clash,))  # the notice id is taken: the transaction must roll back
    assert library.notices() == (notice,)
    assert library.sources() == (("示例.txt", "sha"),)


def test_removing_the_last_notice_of_a_file_removes_the_file(library: Library) -> None:
    document, notice = make_notice("aaaa0001", PROBLEMS)
    library.put(document, (notice,))
    library.remove(notice.id)
    assert library.notices() == ()
    assert library.sources() == ()
    with pytest.raises(NotFound, match="没有这份通报"):
        library.notice(notice.id)


@pytest.mark.parametrize(
    ("correction", "expected"),
    [
        (
            Correction("aaaa0001-01", Action.PROBLEM, "党费收缴不及时", "党费未按月收缴"),
            "党费未按月收缴",
        ),
        (Correction("gone", Action.PROBLEM, "党费收缴不及时", "按锚文找回"), "按锚文找回"),
        (Correction("gone", Action.PROBLEM, "不在了", "不起作用"), "党费收缴不及时"),
    ],
    ids=["by-id", "by-anchor", "gone"],
)
def test_a_correction_finds_its_case(
    library: Library, correction: Correction, expected: str
) -> None:
    document, notice = make_notice("aaaa0001", PROBLEMS)
    library.put(document, (notice,))
    library.correct(notice.id, correction)
    assert library.notice(notice.id).cases[0].problem == expected
    assert library.undo_correction(notice.id)
    assert library.notice(notice.id) == notice


def test_corrections_split_merge_move_drop_and_set_status(library: Library) -> None:
    document, notice = make_notice("aaaa0001", PROBLEMS)
    library.put(document, (notice,))
    first = "党费收缴不及时"
    library.correct(notice.id, Correction("aaaa0001-01", Action.SPLIT, first, "少缴党费", 1))
    split = library.notice(notice.id).cases
    assert [c.problem for c in split] == [first, "少缴党费", "固定资产账实不符"]
    assert library.case(split[1].id).measures[0].text == "二是补缴少缴党费。"
    library.correct(notice.id, Correction(split[1].id, Action.STATUS, "少缴党费", "未完成"))
    library.correct(notice.id, Correction(split[1].id, Action.MERGE, "少缴党费"))
    assert [len(c.measures) for c in library.notice(notice.id).cases] == [2, 1]
    library.correct(notice.id, Correction("aaaa0001-01", Action.MOVE, first, "aaaa0001-02", 0))
    assert [len(c.measures) for c in library.notice(notice.id).cases] == [1, 2]
    library.correct(notice.id, Correction("aaaa0001-02", Action.DROP, "固定资产账实不符"))
    assert len(library.notice(notice.id).cases) == 1


def test_corrections_move_to_the_new_reading_of_a_changed_file(library: Library) -> None:
    document, notice = make_notice("aaaa0001", PROBLEMS, sha256="old")
    library.put(document, (notice,))
    library.correct(notice.id, Correction("aaaa0001-01", Action.DROP, "党费收缴不及时"))
    changed, later = make_notice("bbbb0001", {**PROBLEMS, "新": ("改。",)}, sha256="new")
    library.put(changed, (later,))
    assert [c.problem for c in library.notice("bbbb0001").cases] == ["固定资产账实不符", "新"]


def test_a_damaged_file_gets_a_named_error(home: Path) -> None:
    home.mkdir(parents=True)
    (home / "library.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(LibraryError, match="打不开"):
        Library(home / "library.sqlite")


def test_a_record_of_a_newer_version_is_refused(home: Path) -> None:
    Library(home / "library.sqlite").close()
    with sqlite3.connect(home / "library.sqlite") as connection:
        connection.execute("UPDATE meta SET value='99' WHERE key='schema'")
    connection.close()
    with pytest.raises(LibraryError, match="更新的版本"):
        Library(home / "library.sqlite")


def _answer(text: str) -> Answer:
    return Answer("问", text, (), (), Answerable.YES)


def test_conversations_are_kept_found_renamed_and_deleted(library: Library) -> None:
    desk = Desk(library)
    first = desk.save_turn(None, "党费少缴怎么改", _answer("补缴党费[1]。"))
    assert desk.save_turn(first, "还有呢", _answer("每季度抽查。")) == first
    other = desk.save_turn(None, "公车私用怎么改", _answer("一车一卡。"))
    assert {c.id for c in desk.conversations()} == {first, other}
    assert [c.id for c in desk.conversations("抽查")] == [first]
    assert desk.conversations("100%_") == ()
    desk.feedback(first, 1, 0, "没有说到点子上")
    kept = desk.conversation(first)
    assert [t.answer.text for t in kept.turns] == ["补缴党费[1]。", "每季度抽查。"]
    assert (kept.turns[1].score, kept.turns[1].reason) == (0, "没有说到点子上")
    desk.rename(first, "党费")
    assert desk.conversation(first).title == "党费"
    desk.delete(first)
    with pytest.raises(NotFound):
        desk.conversation(first)


def test_every_save_of_a_draft_is_a_version_and_can_come_back(library: Library) -> None:
    desk = Desk(library)
    record = desk.save_draft(DraftRecord("", "食堂采购未比价", "待拟", None, UnitProfile()))
    desk.save_draft(replace(record, state="在拟"))
    assert [r.version for r in desk.draft_versions(record.id)] == [2, 1]
    back = desk.restore(record.id, 1)
    assert (back.version, back.state) == (3, "待拟")
    assert desk.drafts() == (back,)
    desk.delete_draft(record.id)
    assert desk.drafts() == ()


def test_the_unit_profile_is_kept(library: Library) -> None:
    desk = Desk(library)
    assert desk.profile() == UnitProfile()
    desk.save_profile(UnitProfile(name="清溪镇党委", leaders=(("责任领导", "张三"),)))
    assert desk.profile().leaders == (("责任领导", "张三"),)


# ---------------------------------------------------------------------- large libraries


def test_outlines_show_what_lists_and_filters_need(library: Library) -> None:
    document, notice = make_notice("aaaa0001", PROBLEMS)
    first = replace(notice.cases[0], topics=("T01", "T02"))
    notice = replace(notice, cases=(first, *notice.cases[1:]))
    library.put(document, (notice,))
    library.correct(notice.id, Correction("aaaa0001-02", Action.DROP, "固定资产账实不符"))
    (outline,) = library.outlines()
    assert replace(outline, cases=()) == replace(notice, cases=())
    (case,) = outline.cases
    assert (case.id, case.topics, case.status_class) == (
        first.id,
        ("T01", "T02"),
        first.status_class,
    )
    assert case.problem == ""


def test_changes_give_what_became_different_and_what_is_still_held(library: Library) -> None:
    for number in range(3):
        document, notice = make_notice(f"aaaa000{number}", PROBLEMS, sha256=f"{number}")
        library.put(document, (notice,), origin=f"{number}")
    seen = library.revision()
    assert library.changes(seen).notices == ()
    library.correct("aaaa0001", Correction("aaaa0001-02", Action.DROP, "固定资产账实不符"))
    library.remove("aaaa0002")
    changes = library.changes(seen)
    assert changes.ids == ("aaaa0000", "aaaa0001")
    assert [(n.id, len(n.cases)) for n in changes.notices] == [("aaaa0001", 1)]
    assert (changes.identity, changes.revision) == library.mark()


def test_after_a_change_only_what_changed_is_read_anew(library: Library) -> None:
    for number in range(3):
        document, notice = make_notice(f"aaaa000{number}", PROBLEMS, sha256=f"{number}")
        library.put(document, (notice,), origin=f"{number}")
    before = library.notices()
    assert library.notices() is before
    library.correct("aaaa0001", Correction("aaaa0001-02", Action.DROP, "固定资产账实不符"))
    library.remove("aaaa0002")
    after = library.notices()
    assert [len(notice.cases) for notice in after] == [2, 1]
    assert after[0] is before[0]
    library.undo_correction("aaaa0001")
    assert library.notices() == before[:2]


def test_the_overview_counts_what_people_made_of_the_cases(library: Library) -> None:
    document, notice = make_notice("aaaa0001", PROBLEMS, year=2021)
    masked = replace(notice, id="bbbb0001", unit="某X局", cases=())
    library.put(document, (notice, masked, replace(masked, id="cccc0001")))
    library.correct("aaaa0001", Correction("aaaa0001-02", Action.DROP, "固定资产账实不符"))
    overview = library.overview()
    assert (overview.notices, overview.cases, overview.units) == (3, 1, 3)
    assert (overview.first_year, overview.last_year) == (2021, 2021)
    assert library.size("sha") == (3, 1)


def test_a_new_reading_of_a_corrected_file_is_counted_with_its_corrections(
    library: Library,
) -> None:
    document, notice = make_notice("aaaa0001", PROBLEMS)
    library.put(document, (notice,), parser="1")
    library.correct("aaaa0001", Correction("aaaa0001-02", Action.DROP, "固定资产账实不符"))
    library.put(document, (notice,), parser="2")
    assert len(library.notices()[0].cases) == library.overview().cases == 1
    assert len(library.outlines()[0].cases) == 1

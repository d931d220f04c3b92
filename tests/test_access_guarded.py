"""The reviewer of one user: refused below the pages, noted in the audit, nobody's but one's own."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from assistant.access.audit import AuditFilter, audit_file, excerpt
from assistant.access.guarded import FIXED, GuardedReviewer
from assistant.access.policy import LOCAL, Act, Identity, Role, User, may
from assistant.corrections import Action, Correction
from assistant.errors import (
    AccessRefused,
    AssistantError,
    Classified,
    NotFound,
    SettingsError,
    TooLarge,
)
from assistant.models import Answer, Answerable, DraftRecord, Overview, UnitProfile
from assistant.record.audit import AuditEntry
from assistant.settings import Settings
from assistant.ui.desk import ReviewDesk
from tests.fakes_ui import FakeReviewer

ZHANG = User("zhang", "张三", Role.CLERK)
LI = User("li", "李四", Role.CLERK)
WANG = User("wang", "王五", Role.REVIEWER)
BOSS = User("boss", "赵六", Role.ADMIN)
USERS = {Role.CLERK: ZHANG, Role.REVIEWER: WANG, Role.ADMIN: BOSS}


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeReviewer]:
    made = FakeReviewer(tmp_path / "home")
    yield made
    made.library.close()


def guarded(fake: FakeReviewer, user: User) -> GuardedReviewer:
    return GuardedReviewer(fake, user)  # type: ignore[arg-type]


def record(problem: str = "固定资产账实不符。", state: str = "待拟") -> DraftRecord:
    return DraftRecord("", problem, state, None, UnitProfile())


def log(fake: FakeReviewer) -> list[AuditEntry]:
    return list(fake.library.audit_entries())


# ---------------------------------------------------------------------- every call asks


def _correction(desk: GuardedReviewer) -> tuple[str, Correction]:
    notice = desk._reviewer.notices()[0]
    case = notice.cases[0]
    return notice.id, Correction(case.id, Action.PROBLEM, case.problem, "改过的问题表述。")


CALLS: dict[str, tuple[Act, Callable[[GuardedReviewer], object]]] = {
    "overview": (Act.READ, lambda d: d.overview()),
    "notices": (Act.READ, lambda d: d.notices()),
    "search": (Act.ASK, lambda d: d.search("资产")),
    "stream_answer": (Act.ASK, lambda d: d.stream_answer("资产怎么整改？")),
    "draft": (Act.DRAFT, lambda d: d.draft("固定资产账实不符。")),
    "find_problems": (Act.DRAFT, lambda d: d.find_problems("甲.txt", "资产不符。".encode())),
    "read_unit": (Act.COMPARE, lambda d: d.read_unit("甲.txt", "资产不符。".encode())),
    "compare": (Act.COMPARE, lambda d: d.compare(d._reviewer.notices()[0].id)),
    "ingest": (Act.IMPORT, lambda d: d.ingest([("甲.txt", b"x")])),
    "export": (Act.EXPORT, lambda d: d.export("cases", d._reviewer.notices(), "json")),
    "save_profile": (Act.PROFILE, lambda d: d.store.save_profile(UnitProfile("甲"))),
    "all drafts": (Act.READ_ALL_DRAFTS, lambda d: d.store.drafts(everyone=True)),
    "finalise": (Act.FINALISE, lambda d: d.store.save_draft(record(state="定稿"))),
    "correct": (Act.CORRECT, lambda d: d.correct(*_correction(d))),
    "undo": (Act.CORRECT, lambda d: d.undo_correction(d._reviewer.notices()[0].id)),
    "remove": (Act.REMOVE, lambda d: d.remove(d._reviewer.notices()[0].id)),
    "reindex": (Act.REINDEX, lambda d: d.reindex()),
    "settings": (Act.SETTINGS, lambda d: d.save_settings({"rectification_months": 3})),
    "endpoint": (Act.SETTINGS, lambda d: d.check_endpoint()),
    "office profile": (
        Act.OFFICE_PROFILE,
        lambda d: d.store.save_profile(UnitProfile("甲"), office=True),
    ),
    "audit": (Act.AUDIT, lambda d: d.audit()),
    "audit names": (Act.AUDIT, lambda d: d.audit_names()),
    "export audit": (Act.AUDIT, lambda d: d.export_audit(AuditFilter(), "csv")),
}


@pytest.mark.parametrize("role", Role)
def test_each_call_is_let_through_or_refused_as_the_policy_says(
    fake: FakeReviewer, role: Role
) -> None:
    desk = guarded(fake, USERS[role])
    for act, call in CALLS.values():
        if may(desk.user, act):
            call(desk)
            assert log(fake)[0].action != "拒绝"
            continue
        with pytest.raises(AccessRefused):
            call(desk)
        refused = log(fake)[0]
        assert (refused.action, refused.who) == ("拒绝", desk.user.id)
        assert act.value in refused.detail


def test_each_act_that_can_be_refused_is_called_above() -> None:
    called = {act for act, _ in CALLS.values()}
    assert set(Act) - called == {Act.RETURN}  # tested below: it needs a final draft


def test_all_that_the_pages_call_is_there_and_nothing_is_passed_on_unasked() -> None:
    wanted = {name for name in dir(ReviewDesk) if not name.startswith("_")}
    missing = {name for name in wanted if not hasattr(GuardedReviewer, name)}
    assert missing <= {"library", "store", "user"}  # set when it is made
    assert not hasattr(GuardedReviewer, "__getattr__")


def test_the_pages_get_no_record_to_write_into(fake: FakeReviewer) -> None:
    held = guarded(fake, ZHANG).library
    assert held.revision() == fake.library.revision()
    assert not hasattr(held, "log")
    assert not hasattr(held, "remove")


# ---------------------------------------------------------------------- one's own


def test_a_conversation_is_found_by_nobody_else_not_even_an_admin(fake: FakeReviewer) -> None:
    answer = Answer("问", "答", (), (), Answerable.YES)
    mine = guarded(fake, ZHANG).store
    conversation = mine.save_turn(None, "资产怎么整改？", answer)
    assert [c.id for c in mine.conversations()] == [conversation]
    for user in (LI, WANG, BOSS, LOCAL):
        other = guarded(fake, user).store
        assert other.conversations() == ()
        assert other.conversations("资产") == ()
        with pytest.raises(NotFound):
            other.conversation(conversation)
        with pytest.raises(NotFound):
            other.save_turn(conversation, "插一句", answer)
        with pytest.raises(NotFound):
            other.delete(conversation)
        with pytest.raises(NotFound):
            other.feedback(conversation, 0, 1)
        other.rename(conversation, "改名")
    held = mine.conversation(conversation)
    assert held.title == "资产怎么整改？"
    assert len(held.turns) == 1
    assert held.turns[0].score is None


def test_a_draft_is_found_by_its_owner_and_who_reviews(fake: FakeReviewer) -> None:
    mine = guarded(fake, ZHANG).store
    stored = mine.save_draft(record())
    other = guarded(fake, LI).store
    assert other.drafts() == ()
    for call in (other.draft_record, other.delete_draft):
        with pytest.raises(NotFound):
            call(stored.id)
    with pytest.raises(NotFound):
        other.save_draft(replace(stored, problem="改写"))
    with pytest.raises(NotFound):
        other.restore(stored.id, 1)
    assert other.draft_versions(stored.id) == ()
    reviewing = guarded(fake, WANG).store
    assert reviewing.drafts() == ()
    assert [r.owner for r in reviewing.drafts(everyone=True)] == ["zhang"]
    assert reviewing.draft_record(stored.id).problem == stored.problem


def test_a_review_leaves_the_draft_its_owners(fake: FakeReviewer) -> None:
    mine, reviewing = guarded(fake, ZHANG).store, guarded(fake, WANG).store
    stored = mine.save_draft(record())
    reviewing.save_draft(replace(stored, state="定稿"))
    assert [(r.owner, r.state) for r in mine.drafts()] == [("zhang", "定稿")]
    assert reviewing.drafts() == ()


def test_a_final_draft_is_reopened_changed_or_deleted_by_a_reviewer_only(
    fake: FakeReviewer,
) -> None:
    mine, reviewing = guarded(fake, ZHANG).store, guarded(fake, WANG).store
    final = reviewing.save_draft(replace(mine.save_draft(record()), state="定稿"))
    for change in (
        lambda: mine.save_draft(replace(final, state="在拟")),
        lambda: mine.save_draft(replace(final, problem="改写")),
        lambda: mine.restore(final.id, 1),
        lambda: mine.delete_draft(final.id),
    ):
        with pytest.raises(AccessRefused):
            change()
    reviewing.save_draft(replace(final, state="在拟"))
    assert mine.drafts()[0].state == "在拟"
    mine.delete_draft(final.id)
    assert mine.drafts() == ()


def test_only_an_admin_deletes_anothers_draft(fake: FakeReviewer) -> None:
    stored = guarded(fake, ZHANG).store.save_draft(record())
    with pytest.raises(AccessRefused):
        guarded(fake, WANG).store.delete_draft(stored.id)
    guarded(fake, BOSS).store.delete_draft(stored.id)
    assert guarded(fake, ZHANG).store.drafts() == ()


def test_anothers_draft_handed_in_by_hand_is_not_exported(fake: FakeReviewer) -> None:
    stored = guarded(fake, ZHANG).store.save_draft(record())
    with pytest.raises(AccessRefused):
        guarded(fake, LI).export("plan", [stored], "docx")


def test_each_user_has_a_profile_and_starts_from_the_offices(fake: FakeReviewer) -> None:
    guarded(fake, BOSS).store.save_profile(UnitProfile("全单位"), office=True)
    mine, other = guarded(fake, ZHANG).store, guarded(fake, LI).store
    assert mine.profile().name == "全单位"
    mine.save_profile(UnitProfile("一科"))
    assert (mine.profile().name, other.profile().name) == ("一科", "全单位")


def test_a_role_taken_away_holds_at_the_next_call(fake: FakeReviewer) -> None:
    before = Settings(access="header", admins=("boss",)).access_rules()
    after = Settings(access="header").access_rules()
    identity = before.user(Identity("boss"))
    guarded(fake, identity).audit()
    with pytest.raises(AccessRefused):
        guarded(fake, after.user(Identity("boss"))).audit()


# ---------------------------------------------------------------------- the audit


def test_what_is_done_is_noted_with_who(fake: FakeReviewer) -> None:
    desk = guarded(fake, BOSS)
    desk.stream_answer("资产怎么整改？")
    desk.draft("固定资产账实不符。")
    desk.ingest([("甲.txt", b"x")])
    desk.export("cases", desk.notices(), "json")
    desk.correct(*_correction(desk))
    desk.undo_correction(desk.notices()[0].id)
    desk.remove(desk.notices()[-1].id)
    desk.reindex()
    desk.save_settings({"rectification_months": 3})
    stored = desk.store.save_draft(record())
    desk.store.save_draft(replace(stored, state="定稿"))
    desk.store.save_draft(replace(stored, state="在拟"))
    desk.store.delete_draft(stored.id)
    desk.store.save_profile(UnitProfile("甲"))
    noted = [entry for entry in log(fake) if entry.who == "boss"]
    assert {entry.action for entry in noted} >= {
        *("提问", "起草", "导入文件", "导出", "更正", "撤销更正", "删除", "重建索引", "修改设置"),
        *("新建草稿", "定稿", "退回修改", "删除草稿", "改单位信息"),
    }


def test_the_value_of_a_changed_setting_is_not_noted(fake: FakeReviewer) -> None:
    guarded(fake, BOSS).save_settings({"api_key": "sk-very-secret", "base_url": "http://10.0.0.1"})
    assert log(fake)[0].detail == "api_key、base_url"
    assert not [entry for entry in log(fake) if "secret" in entry.detail]


def test_a_question_is_noted_short_and_without_numbers_of_persons(fake: FakeReviewer) -> None:
    question = "王某（身份证 11010519491231002X，电话 13812345678）违规领取补贴，" + "细节" * 40
    guarded(fake, ZHANG).stream_answer(question)
    noted = next(entry.detail for entry in log(fake) if entry.action == "提问")
    assert len(noted) == 41
    assert "110105************" in noted
    assert "19491231" not in noted
    assert "13812345678" not in excerpt("电话 13812345678")


def test_nobody_changes_or_drops_an_entry(fake: FakeReviewer) -> None:
    fake.library.log("提问", "甲", who="zhang")
    for statement in ("UPDATE audit SET who='li'", "DELETE FROM audit"):
        with (
            pytest.raises((DatabaseError, AssistantError)),
            fake.library.writing() as connection,
        ):
            connection.execute(text(statement))
    assert ("提问", "zhang") in [(entry.action, entry.who) for entry in log(fake)]


def test_the_audit_is_filtered_by_who_what_and_when(fake: FakeReviewer) -> None:
    fake.library.log("提问", "甲", who="zhang")
    fake.library.log("导出", "乙", who="li")
    desk = guarded(fake, BOSS)
    today = log(fake)[0].at[:10]
    assert {e.who for e in desk.audit(AuditFilter(who="zhang"))} == {"zhang"}
    assert {e.action for e in desk.audit(AuditFilter(action="导出"))} == {"导出"}
    assert desk.audit(AuditFilter(since=today, until=today))
    assert desk.audit(AuditFilter(since="2999-01-01")) == ()
    assert desk.audit(AuditFilter(until="1999-01-01")) == ()
    users, actions = desk.audit_names()
    assert {"zhang", "li"} <= set(users)
    assert {"提问", "导出"} <= set(actions)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r="])
def test_an_exported_entry_is_never_a_formula(start: str) -> None:
    evil = f'{start}HYPERLINK("http://evil.example")'
    entry = AuditEntry("2026-01-01T00:00:00+08:00", evil, "提问", evil)
    rows = list(csv.reader(io.StringIO(audit_file([entry], "csv").decode("utf-8-sig"))))
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in rows[1])
    sheet = load_workbook(io.BytesIO(audit_file([entry], "xlsx"))).active
    assert sheet is not None
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_the_audit_is_not_exported_in_other_forms() -> None:
    with pytest.raises(SettingsError, match=r"不能导出为 \.pdf"):
        audit_file([], "pdf")


# ---------------------------------------------------------------------- limits and marks


def test_an_import_over_the_limits_is_refused_whole(fake: FakeReviewer) -> None:
    fake.settings = Settings(home=fake.settings.home, max_import_files=2, max_upload_mb=1)
    desk = guarded(fake, ZHANG)
    with pytest.raises(TooLarge, match="一次最多导入 2 个文件"):
        desk.ingest([(f"{n}.txt", b"x") for n in range(3)])
    with pytest.raises(TooLarge, match="超过 1 MB"):
        desk.ingest([("大.txt", b"x" * (1 << 20) + b"x")])
    assert isinstance(desk.overview(), Overview)


def test_no_page_reads_files_of_the_server(fake: FakeReviewer) -> None:
    with pytest.raises(AccessRefused, match="不能从服务器上的文件夹导入"):
        guarded(fake, BOSS).ingest([Path("/etc/passwd")])


def test_who_comes_in_is_not_decided_through_a_page(fake: FakeReviewer) -> None:
    for name in FIXED:
        with pytest.raises(AccessRefused, match="不能在网页上修改登录与接入设置"):
            guarded(fake, BOSS).save_settings({name: "x"})


def test_the_last_admin_stays(fake: FakeReviewer) -> None:
    fake.settings = Settings(home=fake.settings.home, access="header", admins=("boss",))
    with pytest.raises(SettingsError, match="至少要留一名管理员"):
        guarded(fake, BOSS).save_settings({"admins": ()})


@pytest.mark.parametrize("mark", ["机密★10年", "秘密★", "绝密", "密级：机密"])
def test_text_under_a_secrecy_mark_is_refused_and_kept_nowhere(
    fake: FakeReviewer, mark: str
) -> None:
    desk = guarded(fake, ZHANG)
    pasted = f"{mark}\n固定资产账实不符。"
    for call in (
        lambda: desk.stream_answer(pasted),
        lambda: desk.search(pasted),
        lambda: desk.draft(pasted),
        lambda: desk.draft("固定资产账实不符。", cause=mark),
        lambda: desk.store.save_draft(record(pasted)),
    ):
        with pytest.raises(Classified, match="有国家秘密标志"):
            call()
    assert desk.store.drafts() == ()
    assert not [entry for entry in log(fake) if mark in entry.detail]


def test_a_question_about_secrets_is_a_question(fake: FakeReviewer) -> None:
    guarded(fake, ZHANG).stream_answer("机密文件管理不规范、秘密载体未登记怎么整改？")


def test_numbers_of_persons_typed_in_are_neither_asked_nor_kept(fake: FakeReviewer) -> None:
    desk, number = guarded(fake, ZHANG), "13812345678"
    stream = desk.stream_answer(f"电话{number}的人违规怎么整改？")
    conversation = desk.store.save_turn(None, f"电话{number}？", stream.answer)
    held = desk.store.conversation(conversation)
    assert number not in repr(held)
    assert number not in repr(desk.store.save_draft(record(f"王某（{number}）违规领取补贴。")))
    assert number not in repr(desk.draft(f"王某（{number}）违规领取补贴。", cause=f"电话{number}"))
    assert number not in desk.search(f"电话{number}的人违规").query

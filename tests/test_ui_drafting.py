"""One measure written anew, and the Word page on screen."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from assistant.access.policy import Role, User
from assistant.export.preview import Block, blocks_of
from assistant.models import DraftRecord, Finding, LedgerRow, UnitProfile
from assistant.ui import state
from assistant.ui.drafting import difference_html, grouped, told
from assistant.ui.preview import sheet_html
from assistant.ui.regenerating import regenerated
from tests.fakes_ui import FakeReviewer
from tests.ui_support import fake_desk, open_page, press, shown

desk = pytest.fixture(fake_desk)
PROBLEM = "固定资产账实不符，部分设备购置后未登记入账。"


def drafted(desk: FakeReviewer) -> DraftRecord:
    record = desk.store.save_draft(DraftRecord("", PROBLEM, "待拟", None, UnitProfile()))
    return desk.store.save_draft(replace(record, draft=desk.draft(PROBLEM), state="在拟"))


def read(at: AppTest) -> str:
    """Give what a page says, without its tags."""
    return unescape(re.sub(r"<[^>]+>", "", shown(at)))


def choose(at: AppTest, key: str, choice: str) -> AppTest:
    menu: Any = at.get_by_key(key)
    return menu.set_value(choice).run()  # type: ignore[no-any-return]


def test_a_measure_is_written_anew_and_the_others_stay(desk: FakeReviewer) -> None:
    record = drafted(desk)
    at = press(open_page("draft"), f"open-{record.id}-0-2")
    at = at.text_area(key=f"text-{record.id}-0-2").set_value("随便写的一条。").run()
    at = choose(at, f"menu-{record.id}-0-2", "换一种写法")
    assert not at.exception
    stored = desk.store.draft_record(record.id).draft
    first = desk.draft(PROBLEM)
    assert stored is not None
    assert stored.measures == first.measures


def test_another_wording_is_taken_from_similar_cases(desk: FakeReviewer) -> None:
    draft = desk.draft(PROBLEM)
    new = regenerated(draft, 2, draft, UnitProfile())
    assert new is not None
    assert new.measures[2].text != draft.measures[2].text
    assert new.measures[2].step == draft.measures[2].step
    assert new.measures[2].evidence
    assert (*new.measures[:2], new.measures[3]) == (*draft.measures[:2], draft.measures[3])


def test_where_no_case_took_the_step_nothing_changes(desk: FakeReviewer) -> None:
    draft = desk.draft(PROBLEM)
    assert regenerated(draft, 0, draft, UnitProfile()) is None


def test_the_word_page_is_previewed(desk: FakeReviewer) -> None:
    drafted(desk)
    at = press(open_page("draft"), "preview")
    assert not at.exception
    assert '<article class="sheet"' in shown(at)
    assert PROBLEM.rstrip("。") in shown(at)


def test_a_preview_shows_what_the_file_holds(desk: FakeReviewer) -> None:
    drafted(desk)
    _, content = desk.export("plan", [desk.draft(PROBLEM)], "docx")
    blocks = blocks_of(content)
    assert blocks[0].style == "mark"
    assert any(block.style == "title" for block in blocks)
    assert any(block.style == "table" and len(block.rows) > 1 for block in blocks)


def test_a_preview_takes_text_as_text() -> None:
    html = sheet_html([Block("body", "责任领导：<b>某</b>【　】")])
    assert "<b>责任领导：</b>&lt;b&gt;某&lt;/b&gt;<mark>【　】</mark>" in html


# ---------------------------------------------------------------------- what is final


def signed_in(monkeypatch: pytest.MonkeyPatch, role: Role) -> None:
    user = User("", "张三", role)
    monkeypatch.setattr(state, "current_user", lambda _settings: user)


def finished(desk: FakeReviewer) -> DraftRecord:
    return desk.store.save_draft(replace(drafted(desk), state="定稿"))


def shut(at: AppTest) -> dict[str, bool]:
    fields = [*at.text_area, *at.text_input]
    keys = ("add-", "fix-", "drop-", "fill-", "open-")
    buttons = [one for one in at.button if str(one.key).startswith(keys)]
    return {str(one.key): one.disabled for one in (*fields, *buttons)}


@pytest.mark.parametrize(
    ("role", "state_of_draft", "locked"),
    [
        (Role.CLERK, "定稿", True),
        (Role.CLERK, "在拟", False),
        (Role.REVIEWER, "定稿", False),
        (Role.ADMIN, "定稿", False),
    ],
)
def test_what_is_final_is_greyed_for_who_may_not_change_it(
    desk: FakeReviewer,
    monkeypatch: pytest.MonkeyPatch,
    role: Role,
    state_of_draft: str,
    locked: bool,
) -> None:
    record = desk.store.save_draft(replace(drafted(desk), state=state_of_draft))
    signed_in(monkeypatch, role)
    at = open_page("draft", p=record.id)
    assert not at.exception
    found = shut(at)
    # what cannot be changed is there to be read: it opens no fields
    for key in ("text-", "open-"):
        assert any(one.startswith(key) for one in found) is not locked
    assert any(key.startswith("drop-") for key in found)
    assert any(key.startswith("fix-") for key in found)
    of_draft = [key for key in found if record.id in key]
    assert {key: found[key] for key in of_draft} == dict.fromkeys(of_draft, locked)
    assert (desk.draft(PROBLEM).measures[0].text in read(at)) is locked


def test_who_may_not_reopen_is_told_who_may(
    desk: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = finished(desk)
    signed_in(monkeypatch, Role.CLERK)
    at = open_page("draft", p=record.id)
    assert "请审核人员退回" in " ".join(one.value for one in at.caption)
    assert "reopen" not in [one.key for one in at.button]


def test_a_version_that_was_final_comes_back_as_work_for_who_may_not_finish(
    desk: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    final = finished(desk)
    desk.store.save_draft(replace(final, state="在拟", draft=None))
    signed_in(monkeypatch, Role.CLERK)
    at = AppTest.from_function(comparing, default_timeout=120)
    at.session_state["versions"] = (final.id, final.version)
    at = press(at.run(), f"restore-{final.id}-{final.version}")
    assert not at.exception
    now = desk.store.draft_record(final.id)
    assert (now.draft, now.state) == (final.draft, "在拟")


def comparing() -> None:
    """Draw the inside of the dialog that compares two versions."""
    import streamlit as st  # noqa: PLC0415

    from assistant.ui.draft_work import difference  # noqa: PLC0415
    from assistant.ui.state import reviewer  # noqa: PLC0415

    desk = reviewer()
    record_id, version = st.session_state["versions"]
    versions = {one.version: one for one in desk.store.draft_versions(record_id)}
    difference(desk, desk.store.draft_record(record_id), versions[version])


def test_versions_show_what_a_ledger_changed(desk: FakeReviewer) -> None:
    record = drafted(desk)
    filled = replace(record, ledger=LedgerRow(PROBLEM, progress="已盘点<b>。"))
    html = difference_html(record, filled)
    assert "<ins>进展情况：已盘点&lt;b&gt;。</ins>" in html
    assert difference_html(record, record) == "<p>两版内容相同</p>"


# ---------------------------------------------------------------------- one card open at a time


def test_one_measure_is_open_to_edit_and_the_others_are_read(desk: FakeReviewer) -> None:
    record = drafted(desk)
    at = open_page("draft", p=record.id)
    draft = desk.draft(PROBLEM)
    assert [str(area.key) for area in at.text_area] == [f"text-{record.id}-0-0"]
    assert all(measure.text in read(at) for measure in draft.measures[1:])
    at = press(at, f"open-{record.id}-0-1")
    assert [str(area.key) for area in at.text_area] == [f"text-{record.id}-0-1"]
    assert at.text_area[0].label == "措施 2 内容"
    assert draft.measures[0].text in read(at)
    at = press(at, f"open-{record.id}-0-1")
    assert not at.text_area


def test_all_measures_may_be_open_at_once(desk: FakeReviewer) -> None:
    record = drafted(desk)
    at = open_page("draft", held={"all-open": True}, p=record.id)
    assert len(at.text_area) == len(desk.draft(PROBLEM).measures)


def test_two_changes_that_come_together_are_both_kept(desk: FakeReviewer) -> None:
    record = drafted(desk)
    at = open_page("draft", p=record.id)
    at.text_area(key=f"text-{record.id}-0-0").set_value("逐件盘点，列出清单。")
    at = press(at, f"add-{record.id}-0")
    assert not at.exception
    stored = desk.store.draft_record(record.id).draft
    assert stored is not None
    assert stored.measures[0].text == "逐件盘点，列出清单。"
    assert len(stored.measures) == len(desk.draft(PROBLEM).measures) + 1


def test_a_measure_that_is_moved_stays_open(desk: FakeReviewer) -> None:
    record = drafted(desk)
    at = open_page("draft", p=record.id)
    text = at.text_area[0].value
    at = choose(at, f"menu-{record.id}-0-0", "下移")
    assert at.text_area(key=f"text-{record.id}-1-1").value == text


def test_the_blanks_of_a_measure_stand_out(desk: FakeReviewer) -> None:
    record = drafted(desk)
    assert record.draft is not None
    blank = replace(record.draft.measures[1], text="清退【　】元<b>。", deadline="")
    measures = (record.draft.measures[0], blank)
    desk.store.save_draft(replace(record, draft=replace(record.draft, measures=measures)))
    html = shown(open_page("draft", p=record.id))
    assert "清退<mark>【　】</mark>元&lt;b&gt;。" in html
    assert '<b>时限</b><i class="none">未填</i>' in html


# ---------------------------------------------------------------------- what a file masks

PHONE = "13912345678"


def with_phone(desk: FakeReviewer) -> DraftRecord:
    record = drafted(desk)
    assert record.draft is not None
    first = replace(record.draft.measures[0], responsible=f"责任人：甲 {PHONE}")
    measures = (first, *record.draft.measures[1:])
    return desk.store.save_draft(replace(record, draft=replace(record.draft, measures=measures)))


def test_the_drawer_says_beforehand_what_the_files_will_mask(desk: FakeReviewer) -> None:
    drafted(desk)
    assert "会遮盖" not in shown(open_page("draft"))
    with_phone(desk)
    assert "含手机号1个，导出的文件中会遮盖。" in shown(open_page("draft"))


def test_after_an_export_the_page_says_what_was_masked_until_it_is_seen(
    desk: FakeReviewer,
) -> None:
    record = with_phone(desk)
    at = AppTest.from_function(downloading, default_timeout=120)
    at.session_state["record"] = record.id
    at = at.run()
    assert not at.exception
    assert "整改方案" in shown(at)
    assert "含手机号1个，文件中已遮盖" in shown(at)
    assert "已遮盖" not in shown(press(at, "export-seen"))


def downloading() -> None:
    """Make a file as its button does, then draw what is told of it."""
    import streamlit as st  # noqa: PLC0415

    from assistant.ui.exporting import export_told, file_of  # noqa: PLC0415
    from assistant.ui.state import reviewer  # noqa: PLC0415

    desk = reviewer()
    if "made" not in st.session_state:
        st.session_state["made"] = True
        record = desk.store.draft_record(st.session_state["record"])
        file_of(desk, "plan", lambda: [record], "docx")()
    export_told()


def test_what_is_said_of_many_measures_is_said_once() -> None:
    said = [
        Finding("R01", "error", f"第{n + 1}条没有写明责任。", f"measure:{n}") for n in range(12)
    ]
    said.append(Finding("R21", "warn", "第2条与另一问题的措施基本相同。", "measure:1"))
    first, second = grouped(said)
    assert told(first) == "第1、2、3、4、5、6、7、8等12条没有写明责任。"
    assert told(second) == "第2条与另一问题的措施基本相同。"


def test_problems_that_begin_alike_can_both_be_chosen(desk: FakeReviewer) -> None:
    begun = "固定资产账实不符，部分设备购置后未登记入账，" * 3
    first, second = (
        desk.store.save_draft(DraftRecord("", begun + end, "待拟", None, UnitProfile()))
        for end in ("甲处。", "乙处。")
    )
    at = open_page("draft", p=first.id)
    for record, end in ((second, "乙处。"), (first, "甲处。")):
        at = at.radio(key="p").set_value(record.id).run()
        assert f"{end}</div>" in shown(at)

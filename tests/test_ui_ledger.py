"""A ledger the office filled in comes back into the drafts on the 起草 page."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from assistant.access import guarded
from assistant.access.policy import Role, User
from assistant.export.bundle import export
from assistant.export.ledger import OFFICE_FIELDS
from assistant.ledger_merging import Conflict, MergeResult
from assistant.models import DraftRecord, UnitProfile
from assistant.ui import state
from assistant.ui.ledger import CHOSEN_ONE_BY_ONE, KEEP, TAKE
from tests.fakes_ui import FakeReviewer
from tests.fakes_ui_notices import HOSTILE
from tests.ui_support import fake_desk, open_page, press, shown

desk = pytest.fixture(fake_desk)
PROBLEM = "固定资产账实不符，部分设备购置后未登记入账。"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def exported(desk: FakeReviewer) -> bytes:
    record = desk.store.save_draft(DraftRecord("", PROBLEM, "待拟", None, UnitProfile()))
    record = desk.store.save_draft(replace(record, draft=desk.draft(PROBLEM), state="在拟"))
    return export("plan", [record], "xlsx", profile=desk.store.profile())[1]


def filled(content: bytes, column: str, value: str) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["整改台账"]
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value == column:
                sheet.cell(cell.row + 1, cell.column).value = value
                stream = io.BytesIO()
                book.save(stream)
                return stream.getvalue()
    raise AssertionError(f"no column {column}")


def page() -> None:
    """Draw the tab by itself: the dialog it stands in forgets its state outside a browser."""
    from assistant.ui.ledger import filled_ledger  # noqa: PLC0415
    from assistant.ui.state import reviewer  # noqa: PLC0415

    filled_ledger(reviewer(), key="tab")


def uploaded(content: bytes) -> AppTest:
    at = AppTest.from_function(page, default_timeout=120).run()
    return at.file_uploader(key="ledger-tab").upload("台账.xlsx", content, EXCEL).run()


def test_what_the_office_filled_in_is_shown_and_taken_over_on_a_click(desk: FakeReviewer) -> None:
    at = uploaded(filled(exported(desk), "责任人", "资产管理员"))
    assert not at.exception
    before = desk.store.drafts()[0]
    at = press(at, "ledger-take-tab")
    assert not at.exception
    after = desk.store.drafts()[0]
    assert after.version == before.version + 1
    assert after.draft is not None
    assert any("资产管理员" in measure.responsible for measure in after.draft.measures)


def test_an_untouched_ledger_changes_nothing(desk: FakeReviewer) -> None:
    at = uploaded(exported(desk))
    assert "没有需要写回的内容" in shown(at)


def test_a_file_that_is_no_ledger_gets_its_sentence(desk: FakeReviewer) -> None:
    exported(desk)
    at = uploaded(b"not a workbook")
    assert not at.exception
    assert at.error or "台账.xlsx" in shown(at)


def conflicting(desk: FakeReviewer, ours: str, theirs: str) -> bytes:
    """Export, change the cause on both sides, and give the ledger as it comes back."""
    content = exported(desk)
    record = desk.store.drafts()[0]
    assert record.draft is not None
    desk.store.save_draft(replace(record, draft=replace(record.draft, cause=ours)))
    return filled(content, "原因分析", theirs)


def cause(desk: FakeReviewer) -> str:
    draft = desk.store.drafts()[0].draft
    assert draft is not None
    return draft.cause


def settle(at: AppTest, desk: FakeReviewer, field: str, choice: str) -> AppTest:
    record = desk.store.drafts()[0]
    at.radio(key=f"settle-tab-{record.id}-{field}").set_value(choice)
    return press(at, "ledger-take-tab")


def test_where_both_sides_changed_the_draft_stands_unless_the_ledger_is_chosen(
    desk: FakeReviewer,
) -> None:
    at = uploaded(conflicting(desk, "人手不足。", "制度没有落实。"))
    assert "人手不足。" in shown(at)
    assert "制度没有落实。" in shown(at)
    before = desk.store.drafts()[0].version
    at = settle(at, desk, "cause", KEEP)
    assert not at.exception
    assert (cause(desk), desk.store.drafts()[0].version) == ("人手不足。", before)
    settle(at, desk, "cause", TAKE)
    assert (cause(desk), desk.store.drafts()[0].version) == ("制度没有落实。", before + 1)


def test_what_a_ledger_changed_is_taken_back_on_a_click(desk: FakeReviewer) -> None:
    at = uploaded(conflicting(desk, "人手不足。", "制度没有落实。"))
    at = settle(at, desk, "cause", TAKE)
    held = {"_session": at.session_state["_session"]}
    at = open_page("draft", held=held)
    assert "台账已写回 1 个问题" in shown(at)
    at = press(at, "ledger-undo")
    assert not at.exception
    assert cause(desk) == "人手不足。"
    assert "台账已写回" not in shown(at)


def test_taking_back_leaves_what_was_changed_since(desk: FakeReviewer) -> None:
    at = uploaded(conflicting(desk, "人手不足。", "制度没有落实。"))
    at = settle(at, desk, "cause", TAKE)
    record = desk.store.drafts()[0]
    assert record.draft is not None
    desk.store.save_draft(replace(record, draft=replace(record.draft, cause="后来改的。")))
    at = open_page("draft", held={"_session": at.session_state["_session"]})
    at = press(at, "ledger-undo")
    assert cause(desk) == "后来改的。"
    assert "写回后又改过" in shown(at)


def test_measures_reworded_in_the_ledger_may_be_chosen(desk: FakeReviewer) -> None:
    content = exported(desk)
    draft = desk.store.drafts()[0].draft
    assert draft is not None
    cell = "\n".join(f"{n}.改写的第{n}条。" for n in range(1, len(draft.measures) + 1))
    at = uploaded(filled(content, "整改措施", cell))
    settle(at, desk, "measures", TAKE)
    after = desk.store.drafts()[0].draft
    assert after is not None
    assert [m.text for m in after.measures] == [
        f"改写的第{n}条。" for n in range(1, len(draft.measures) + 1)
    ]
    assert [m.evidence for m in after.measures] == [m.evidence for m in draft.measures]


def test_measures_that_no_longer_match_one_to_one_are_shown_and_not_offered(
    desk: FakeReviewer,
) -> None:
    at = uploaded(filled(exported(desk), "整改措施", "1.只剩一条。"))
    assert "条数或编号与草稿不同" in shown(at)
    assert not at.radio
    assert "ledger-take-tab" not in [one.key for one in at.button]


def test_who_may_not_change_a_final_draft_writes_none_back(
    desk: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = filled(exported(desk), "责任人", "资产管理员")
    record = desk.store.save_draft(replace(desk.store.drafts()[0], state="定稿"))
    clerk = User("", "张三", Role.CLERK)
    monkeypatch.setattr(state, "current_user", lambda _settings: clerk)
    at = press(uploaded(content), "ledger-take-tab")
    assert not at.exception
    assert desk.store.drafts()[0].version == record.version
    at = open_page("draft", held={"_session": at.session_state["_session"]})
    assert "已定稿，未写回" in shown(at)


def test_a_flood_of_differences_is_decided_together(
    desk: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = desk.store.save_draft(DraftRecord("", PROBLEM, "待拟", None, UnitProfile()))
    conflicts = tuple(
        Conflict(
            record.id, PROBLEM, f"列{n}", "我们的", "台账的", "都改了", f"{field}{n}", takeable=True
        )
        for n, field in enumerate([*OFFICE_FIELDS, *OFFICE_FIELDS])
    )
    assert len(conflicts) > CHOSEN_ONE_BY_ONE
    result = MergeResult((), conflicts, matched=(record,))
    monkeypatch.setattr(guarded, "merge_ledger", lambda *_, **__: result)
    at = uploaded(export("plan", [record], "xlsx", profile=UnitProfile())[1])
    assert len(at.radio) == CHOSEN_ONE_BY_ONE + 1
    assert "其余" in shown(at)


@pytest.mark.parametrize("words", [HOSTILE, "长" * 2000, '=HYPERLINK("http://evil.example")'])
def test_hostile_cells_are_text(desk: FakeReviewer, words: str) -> None:
    at = uploaded(conflicting(desk, words, f"{words}。"))
    assert not at.exception
    html = shown(at)
    assert "<script" not in html
    assert "<img" not in html
    assert "href=" not in html
    if len(words) == 2000:
        assert "全文（2001 字）" in html

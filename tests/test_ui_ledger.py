"""A ledger the office filled in comes back into the drafts on the 起草 page."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from assistant.export.bundle import export
from assistant.models import DraftRecord, UnitProfile
from tests.fakes_ui import FakeReviewer
from tests.ui_support import fake_desk, press, shown

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
    at = AppTest.from_function(page, default_timeout=30).run()
    return at.file_uploader(key="ledger-tab").upload("台账.xlsx", content, EXCEL).run()


def test_what_the_office_filled_in_is_shown_and_taken_over_on_a_click(desk: FakeReviewer) -> None:
    at = uploaded(filled(exported(desk), "责任人", "资产管理员"))
    assert not at.exception
    before = desk.store.drafts()[0]
    at = press(at, "ledger-take-tab")
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

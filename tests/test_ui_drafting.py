"""One measure written anew, and the Word page on screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from assistant.export.preview import Block, blocks_of
from assistant.models import DraftRecord, UnitProfile
from assistant.ui.preview import sheet_html
from assistant.ui.regenerating import regenerated
from tests.fakes_ui import FakeReviewer
from tests.ui_support import fake_desk, open_page, press, shown

desk = pytest.fixture(fake_desk)
PROBLEM = "固定资产账实不符，部分设备购置后未登记入账。"


def drafted(desk: FakeReviewer) -> DraftRecord:
    record = desk.store.save_draft(DraftRecord("", PROBLEM, "待拟", None, UnitProfile()))
    return desk.store.save_draft(replace(record, draft=desk.draft(PROBLEM), state="在拟"))


def choose(at: AppTest, key: str, choice: str) -> AppTest:
    menu: Any = at.get_by_key(key)
    return menu.set_value(choice).run()  # type: ignore[no-any-return]


def test_a_measure_is_written_anew_and_the_others_stay(desk: FakeReviewer) -> None:
    record = drafted(desk)
    at = open_page("draft")
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

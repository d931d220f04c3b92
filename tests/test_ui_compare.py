"""对标 with a list of one's own, each unit's progress, and the list to check at home."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from assistant.models import CheckItem
from assistant.ui.compare_lists import kept_items
from tests.fakes_ui import FakeReviewer
from tests.ui_support import fake_desk, open_page, press, shown

desk = pytest.fixture(fake_desk)
LIST = "固定资产账实不符。\n公务接待先接待后补单。\n".encode()


def uploaded() -> AppTest:
    at = open_page("compare", held={"own-unit": True})
    at = at.file_uploader(key="own-unit-file").upload("本单位清单.txt", LIST, "text/plain").run()
    return press(at, "own-unit-read")


def test_an_own_list_is_compared_without_being_stored(desk: FakeReviewer) -> None:
    before = len(desk.notices())
    at = uploaded()
    assert not at.exception
    assert at.selectbox(key="u").value == "own"
    assert "不入库" in at.caption[0].value
    assert "固定资产账实不符。" in shown(at)
    assert len(desk.notices()) == before


def test_cases_of_an_own_list_link_to_no_page(desk: FakeReviewer) -> None:
    assert "n=own" not in shown(uploaded())


def test_each_unit_shows_counted_and_stated_progress(desk: FakeReviewer) -> None:
    html = shown(open_page("compare"))
    assert "完成情况" in html
    assert "问题数 9 <b>≠ 实数 7</b>" in html
    assert "未写明" in html


def test_what_was_found_at_home_is_counted_and_kept(desk: FakeReviewer) -> None:
    at = open_page("compare")
    unit = str(at.selectbox(key="u").value)
    peers = "-".join(peer.notice.id for peer in desk.compare(unit).peers)
    key = f"check-{unit}-{peers}"
    at = at.toggle(key=f"edit-{key}").set_value(True).run()
    edits = {0: {"自查结果": "存在", "事项": "本单位的事项"}}
    at.session_state[key] = {"edited_rows": edits, "added_rows": [], "deleted_rows": []}
    at = at.run()
    assert "已自查 1 项，存在 1 项" in shown(at)
    kept = at.session_state["_session"].checks_edited[key]
    assert kept[0]["事项"] == "本单位的事项"
    at = at.toggle(key=f"edit-{key}").set_value(False).run()
    assert '<span class="box">存在</span><span>本单位的事项' in shown(at)


def test_results_and_edits_reach_the_export() -> None:
    items = (CheckItem("T01", "甲？", ()), CheckItem("T02", "乙？", ()))
    rows: list[dict[str, Any]] = [
        {"自查结果": "存在", "事项": "改过"},
        {"自查结果": None, "事项": " "},
    ]
    assert kept_items(items, rows) == (CheckItem("T01", "改过", (), "存在"),)

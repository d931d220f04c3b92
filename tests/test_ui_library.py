"""案例库 and 设置 on an invented library, without a browser."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.errors import NotFound
from assistant.models import DateField
from assistant.ui import notice_list
from assistant.ui.kit import date_of
from tests.fakes_ui import FakeReviewer
from tests.fakes_ui_notices import make_notice
from tests.ui_support import fake_desk, open_page, press, shown

desk = pytest.fixture(fake_desk)


# ---------------------------------------------------------------------- 案例库


def test_a_notice_opens_at_a_line(desk: FakeReviewer) -> None:
    notice = desk.notices()[1]
    case = notice.cases[2]
    html = shown(open_page("library", n=notice.id, line=str(case.line)))
    assert f'<p id="L{case.line}" class="in start target">' in html
    assert "跳到第" in html


def test_search_lists_cases_with_their_lines(desk: FakeReviewer) -> None:
    at = open_page("library", q="党费收缴")
    assert "个案例，按相近程度排列" in shown(at)
    at = press(at, next(str(b.key) for b in at.button if b.label == "看原文"))
    assert at.query_params["n"]


def test_filters_narrow_the_table(desk: FakeReviewer) -> None:
    at = open_page("library")
    at.multiselect(key="library-unit_types-").set_value(["街道"]).run()
    assert len(at.radio[0].options) == 2


def test_the_list_is_put_in_order_and_follows_the_address(desk: FakeReviewer) -> None:
    wanted = desk.notices()[3]
    at = open_page("library", held={"notices-order": "按单位名称"}, n=wanted.id)
    assert at.radio(key="notice-0").value == wanted.id
    names = at.radio(key="notice-0").options
    assert names == sorted(names)
    other = next(notice for notice in desk.notices() if notice.id != wanted.id)
    at = at.radio(key="notice-0").set_value(other.id).run()
    assert at.query_params["n"] in (other.id, [other.id])


def test_a_long_list_is_paged_and_opens_at_the_page_of_its_notice(
    desk: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_list, "PAGE_SIZE", 3)
    last = desk.notices()[-1]
    at = open_page("library", n=last.id)
    assert not at.exception
    assert at.radio(key="notice-0").value == last.id
    assert len(at.radio(key="notice-0").options) == len(desk.notices()) % 3


def test_a_vanished_notice_is_said(desk: FakeReviewer) -> None:
    assert "不在案例库" in shown(open_page("library", n="gone"))


def test_a_notice_is_removed_only_after_asking(desk: FakeReviewer) -> None:
    notice = desk.notices()[0]
    at = press(open_page("library", held={"about": "解析"}, n=notice.id), f"remove-{notice.id}")
    assert "将被移出" in shown(at)
    assert desk.notice(notice.id)
    at = press(at, f"sure-{notice.id}")
    # AppTest does not keep a dialog open over a run, so the second step is tried on its body
    if notice in desk.notices():
        desk.remove(notice.id)
    with pytest.raises(NotFound):
        desk.notice(notice.id)


# ---------------------------------------------------------------------- 设置


def test_settings_say_that_nothing_leaves_the_machine(desk: FakeReviewer) -> None:
    assert "外网：关闭" in shown(open_page("settings"))


def test_a_stored_key_is_never_shown(desk: FakeReviewer) -> None:
    desk.save_settings(
        {"base_url": "http://127.0.0.1:9/v1", "model": "m", "api_key": "sk-very-secret"}
    )
    at = open_page("settings")
    assert "sk-very-secret" not in shown(at)
    assert at.text_input(key="api-key").value == ""
    assert "已保存" in (at.text_input(key="api-key").placeholder or "")


def test_the_endpoint_is_tried_and_the_result_said(desk: FakeReviewer) -> None:
    desk.save_settings({"base_url": "http://127.0.0.1:9/v1", "model": "m"})
    at = press(open_page("settings"), "test-model")
    assert "连接不上模型服务" in shown(at)


def test_the_rectification_period_is_set_by_the_user(desk: FakeReviewer) -> None:
    at = open_page("settings")
    assert at.number_input(key="months").value == 0
    at = at.number_input(key="months").set_value(6).run()
    press(at, "save-months")
    assert desk.settings.rectification_months == 6


@pytest.mark.parametrize(
    ("raw", "iso", "told"),
    [
        ("2024年12月10日", "2024-12-10", "2024-12"),
        ("2023年X月X日", "", "2023 年"),
        ("X月X日", "", ""),
        ("××年×月", "", ""),
    ],
)
def test_a_date_that_is_masked_is_left_out(raw: str, iso: str, told: str) -> None:
    _, notice = make_notice(0)
    assert date_of(replace(notice, published_date=DateField(raw, iso))) == told


def test_two_notices_of_one_unit_can_both_be_chosen(desk: FakeReviewer) -> None:
    document, notice = make_notice(1)
    later = replace(notice, id="later", source="后来的.txt", title="后来的通报")
    desk.library.put(replace(document, source="后来的.txt", sha256="f" * 64), [later])
    at = open_page("library")
    rows = at.radio[0].options
    assert len(set(rows)) == len(rows)

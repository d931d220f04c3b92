"""Correcting how a notice was read, on the page beside its text."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from assistant.models import Notice, StatusClass
from tests.fakes_ui import FakeReviewer
from tests.ui_support import fake_desk, open_page, press, shown

desk = pytest.fixture(fake_desk)


@pytest.fixture
def notice(desk: FakeReviewer) -> Notice:
    return desk.notices()[0]


def opened(notice: Notice, place: int) -> AppTest:
    at_line = str(notice.cases[place].line)
    return open_page("library", held={"about": "更正"}, n=notice.id, line=at_line)


def test_a_corrected_problem_is_stored_shown_and_taken_back(
    desk: FakeReviewer, notice: Notice
) -> None:
    case = notice.cases[1]
    at = opened(notice, 1)
    at = at.text_area(key=f"problem-{notice.id}-0-{case.id}").set_value("改后的问题").run()
    at = press(at, f"problem-ok-{notice.id}-0")
    assert desk.case(case.id).problem == "改后的问题"
    assert "已更正" in shown(at)
    at = press(at, f"undo-{notice.id}")
    assert desk.case(case.id).problem == case.problem
    assert "已更正" not in shown(at)


def test_a_status_is_set(desk: FakeReviewer, notice: Notice) -> None:
    case = notice.cases[2]
    at = opened(notice, 2)
    at = at.selectbox(key=f"status-{notice.id}-0-{case.id}").set_value("未完成").run()
    press(at, f"status-ok-{notice.id}-0")
    assert desk.case(case.id).status_class is StatusClass.OPEN


def test_a_case_is_joined_to_the_one_before(desk: FakeReviewer, notice: Notice) -> None:
    before, case = notice.cases[1:3]
    press(opened(notice, 2), f"merge-{notice.id}-0")
    left = desk.notice(notice.id).cases
    assert case.id not in [one.id for one in left]
    assert left[1].measures == before.measures + case.measures


def test_the_first_case_has_none_to_be_joined_to(desk: FakeReviewer, notice: Notice) -> None:
    assert opened(notice, 0).button(key=f"merge-{notice.id}-0").disabled


def test_a_case_is_split_at_a_measure(desk: FakeReviewer, notice: Notice) -> None:
    case = notice.cases[1]
    at = opened(notice, 1)
    at = at.selectbox(key=f"which-measure-{notice.id}-0-{case.id}").set_value(1).run()
    at.text_input(key=f"split-problem-{notice.id}-0-{case.id}").set_value("另一个问题").run()
    press(at, f"split-{notice.id}-0")
    kept, new = desk.notice(notice.id).cases[1:3]
    assert (kept.measures, new.measures) == (case.measures[:1], case.measures[1:])
    assert new.problem == "另一个问题"


def test_a_measure_is_moved_to_the_case_before(desk: FakeReviewer, notice: Notice) -> None:
    before, case = notice.cases[1:3]
    press(opened(notice, 2), f"move-{notice.id}-0")
    left = desk.notice(notice.id).cases
    assert len(left[1].measures) == len(before.measures) + 1
    assert left[2].measures == case.measures[1:]


def test_what_is_no_case_is_dropped(desk: FakeReviewer, notice: Notice) -> None:
    at = press(opened(notice, 1), f"drop-case-{notice.id}-0")
    assert notice.cases[1].id not in [case.id for case in desk.notice(notice.id).cases]
    assert "去掉一条案例" in shown(at)

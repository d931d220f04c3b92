"""A page nobody touches is cleared by itself; nothing the page does by itself keeps it open."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

import assistant.ui.signing_in as signing_in
import assistant.ui.state as state
import assistant.ui.visitor as visitor
from assistant.access.identity import IDENTITY_HEADER, sealed
from assistant.access.policy import Identity
from assistant.settings import Settings
from assistant.ui import presence_watch
from assistant.ui.presence import Coming, Presence
from tests.browser_support import REPOSITORY, Visitor, serve, settle, visitors
from tests.fakes_proxy import UserProxy
from tests.fakes_ui import FakeReviewer
from tests.ports import end_server
from tests.ui_support import open_page, press, shown

HOUR = 3_600.0
visit = pytest.fixture(visitors)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeReviewer]:
    """Stand a fake behind the pages of an office; zhang has come in."""
    fake = FakeReviewer(tmp_path / "home")
    fake.settings = Settings(home=tmp_path / "home", access="header", idle_minutes=60)
    monkeypatch.setattr(state, "build_reviewer", lambda _settings: fake)
    given = {IDENTITY_HEADER: sealed(Identity("zhang"))}
    monkeypatch.setattr(visitor, "headers", lambda: given)
    monkeypatch.setattr(signing_in, "headers", lambda: given)
    st.cache_resource.clear()
    yield fake
    st.cache_resource.clear()
    fake.library.close()


def away(at: AppTest, seconds: float) -> AppTest:
    """Let the page have been touched so long ago."""
    at.session_state["_touched"] -= seconds
    return at


def by_itself(at: AppTest) -> AppTest:
    """Run the page as its timer does, or progress of a job."""
    at.session_state["_by_itself"] = True
    return at.run()


def seen(seconds: float) -> None:
    signing_in.presence()._seen["zhang"] = time.time() - seconds


def test_looking_at_a_user_is_no_sight_of_them() -> None:
    held = Presence()
    held.come("a", idle_s=60, now=1_000)
    for moment in (1_030, 1_060):
        assert held.look("a", idle_s=60, now=moment) is Coming.STAYS
    assert held.look("a", idle_s=60, now=1_061) is Coming.IDLE
    assert held.look("a", idle_s=0, now=9_999) is Coming.STAYS
    assert held.look("b", idle_s=60, now=1_000) is Coming.STAYS


def test_the_timer_clears_a_page_left_for_too_long(office: FakeReviewer) -> None:
    at = open_page()
    assert at.chat_input
    away(at, HOUR + 1)
    by_itself(at)
    assert "请重新确认身份" in shown(at)
    assert not at.chat_input
    # nothing brings it back but the button
    at.run()
    assert "请重新确认身份" in shown(at)
    press(at, "again")
    assert at.chat_input


def test_a_page_is_cleared_though_its_user_is_at_work_on_another(office: FakeReviewer) -> None:
    at = open_page()
    away(at, HOUR + 1)
    seen(5)
    by_itself(at)
    assert "请重新确认身份" in shown(at)


def test_runs_the_page_makes_by_itself_keep_nobody_in(office: FakeReviewer) -> None:
    at = open_page()
    touched, last = at.session_state["_touched"], signing_in.presence()._seen["zhang"]
    by_itself(at)
    assert at.chat_input
    assert at.session_state["_touched"] == touched
    assert signing_in.presence()._seen["zhang"] == last
    at.run()
    assert at.session_state["_touched"] > touched
    assert signing_in.presence()._seen["zhang"] > last


def test_a_touched_page_stays(office: FakeReviewer) -> None:
    at = open_page()
    away(at, HOUR - 30)
    by_itself(at)
    assert at.chat_input
    away(at, -(HOUR - 30))
    at.run()
    by_itself(at)
    assert at.chat_input


@pytest.mark.parametrize(("left_s", "told"), [(30, True), (300, False)])
def test_who_is_about_to_lose_the_page_is_told_before(
    office: FakeReviewer, left_s: float, told: bool
) -> None:
    at = open_page()
    away(at, HOUR - left_s)
    by_itself(at)
    assert any("即将收起" in toast.value for toast in at.toast) is told


@pytest.mark.parametrize(("access", "minutes"), [("off", 60), ("header", 0)])
def test_where_nobody_signs_in_or_no_limit_is_set_there_is_no_timer(
    office: FakeReviewer, monkeypatch: pytest.MonkeyPatch, access: str, minutes: int
) -> None:
    started: list[float] = []
    monkeypatch.setattr(st, "fragment", _fragment(started))
    office.settings = office.settings.model_copy(update={"access": access, "idle_minutes": minutes})
    at = open_page()
    assert at.chat_input
    assert started == []


@pytest.mark.parametrize(("minutes", "every"), [(5, 30.0), (10, 30.0), (60, 60.0)])
def test_one_page_has_one_slow_timer(
    office: FakeReviewer, monkeypatch: pytest.MonkeyPatch, minutes: int, every: float
) -> None:
    started: list[float] = []
    monkeypatch.setattr(st, "fragment", _fragment(started))
    office.settings = office.settings.model_copy(update={"idle_minutes": minutes})
    open_page()
    assert started == [every]
    assert min(presence_watch.EVERY_SECONDS, presence_watch.EVERY_SECONDS_WHERE_SHORT) >= 30


def test_a_page_open_for_too_long_goes_through_the_proxy_again(office: FakeReviewer) -> None:
    at = open_page()
    at.session_state["_since"] -= 11 * HOUR
    at.run()
    assert at.chat_input
    at.session_state["_since"] -= 1 * HOUR + 1
    at.run()
    assert "请重新进入" in shown(at)
    assert not at.chat_input
    assert "超过 12 小时" in shown(at)


def _fragment(started: list[float]) -> Callable[..., Any]:
    def fragment(func: Any = None, *, run_every: float = 0, **_more: object) -> Any:
        if func is presence_watch._look:
            started.append(run_every)
        return func if func is not None else lambda wrapped: wrapped

    return fragment


# ---------------------------------------------------------------------- in a browser


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(240)
def test_an_abandoned_screen_is_cleared_without_a_click(
    tmp_path: Path, visit: Callable[[str], Visitor]
) -> None:
    address, process = serve(
        REPOSITORY / "tests" / "browser_app.py",
        tmp_path / "log",
        FAKE_HOME=str(tmp_path / "home"),
        ZHENGGAI_HOME=str(tmp_path / "home"),
        ZHENGGAI_ACCESS="header",
        ZHENGGAI_IDLE_MINUTES="1",
        FORWARDED_ALLOW_IPS="",
    )
    proxy = UserProxy(address, {"X-Forwarded-User": "zhang"})
    try:
        page = visit(proxy.address).open("/library")
        expect(page.locator("h1").first).to_be_visible()
        text = page.get_by_test_id("stApp").inner_text()
        assert "青禾" in text or "整改" in text
        # one minute untouched, and the timer looks every half minute
        expect(page.get_by_text("请重新确认身份")).to_be_visible(timeout=125_000)
        expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(0)
        expect(page.get_by_role("heading", name="整改通报")).to_have_count(0)
        page.get_by_role("button", name="继续使用").click()
        settle(page)
        expect(page.get_by_role("heading", name="整改通报")).to_be_visible()
    finally:
        proxy.close()
        end_server(process)

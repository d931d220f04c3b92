"""Before anybody is served: closed unless set, secrets kept, hosts known, idle users asked."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from openpyxl import load_workbook
from streamlit.testing.v1 import AppTest

import assistant.ui.signing_in as signing_in
import assistant.ui.state as state
import assistant.ui.visitor as visitor
from assistant.access.front_door import cookie_secret, oidc_secrets, require_closed, rules_at
from assistant.access.hosts import Hosts, is_loopback
from assistant.access.identity import IDENTITY_HEADER, SEAT_HEADER, proxy_rules, sealed, unsealed
from assistant.access.policy import Identity
from assistant.cli import main
from assistant.errors import SettingsError
from assistant.library import open_library
from assistant.models import Answer, Answerable, DraftRecord, UnitProfile
from assistant.settings import Settings, load_settings, save_settings
from assistant.ui.presence import Coming, Presence
from tests.fakes_ui import FakeReviewer
from tests.ui_support import open_page, press, shown

OIDC = {
    "access": "oidc",
    "oidc_metadata_url": "http://10.0.0.1/.well-known/openid-configuration",
    "oidc_client_id": "zhenggai",
    "oidc_client_secret": "the-secret",
    "oidc_redirect_url": "https://zhenggai.example/oauth2callback",
}


def settings(**changes: object) -> Settings:
    return Settings(**changes)  # type: ignore[arg-type]


# ---------------------------------------------------------------------- closed unless set


@pytest.mark.parametrize("address", ["0.0.0.0", "10.0.0.5", "::", "zhenggai.example"])
def test_serving_beyond_this_machine_without_login_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="没有设置登录，不能对本机以外开放"):
        require_closed(settings(), address)
    assert "不对本机以外开放" in rules_at(settings(), address).closed
    for held in (settings(open_without_login=True), settings(access="header"), settings(**OIDC)):
        require_closed(held, address)
        assert rules_at(held, address).closed == ""


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "[::1]", "127.0.0.9"])
def test_on_this_machine_nothing_need_be_set(address: str) -> None:
    assert is_loopback(address)
    require_closed(settings(), address)


def test_the_command_line_refuses_to_serve_to_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(tmp_path), "serve", "--address", "0.0.0.0"]) == 1
    assert "没有设置登录" in capsys.readouterr().err


# ---------------------------------------------------------------------- hosts


def test_hosts_of_the_settings_may_begin_with_a_star() -> None:
    hosts = Hosts(("*.office.example", "Plain.Example."), "127.0.0.1")
    assert hosts.allows("a.office.example:8501")
    assert hosts.allows("plain.example")
    for foreign in ("office.example.evil", "evil-office.example", "office.example", "10.0.0.1", ""):
        assert not hosts.allows(foreign), foreign


def test_an_address_in_digits_is_ours_only_where_we_serve_beyond_this_machine() -> None:
    assert Hosts((), "0.0.0.0").allows("10.1.2.3:8501")
    assert not Hosts((), "127.0.0.1").allows("10.1.2.3:8501")
    assert not Hosts((), "0.0.0.0").allows("evil.example")


def test_an_origin_is_ours_by_host_and_port_or_by_a_name_set() -> None:
    hosts = Hosts(("zhenggai.example",), "127.0.0.1")
    assert hosts.is_own("http://127.0.0.1:8501", "127.0.0.1:8501")
    assert not hosts.is_own("http://127.0.0.1:9999", "127.0.0.1:8501")
    assert hosts.is_own("https://zhenggai.example:8443", "zhenggai.example")
    for foreign in ("null", "http://evil.example", "file://", "http://a@zhenggai.example"):
        assert not hosts.is_own(foreign, "zhenggai.example"), foreign


# ---------------------------------------------------------------------- signing in set up


def test_the_sections_needed_for_signing_in_are_made_from_the_settings() -> None:
    made = oidc_secrets(settings(**OIDC), cookie_secret="c")
    assert made == {
        "redirect_uri": "https://zhenggai.example/oauth2callback",
        "cookie_secret": "c",
        "client_id": "zhenggai",
        "client_secret": "the-secret",
        "server_metadata_url": "http://10.0.0.1/.well-known/openid-configuration",
    }
    assert "the-secret" not in repr(settings(**OIDC))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"oidc_client_id": ""}, "没有填 oidc_client_id"),
        ({"oidc_redirect_url": "https://zhenggai.example/"}, "要以 /oauth2callback 结尾"),
        ({"oidc_metadata_url": "https://accounts.example.com/x"}, "内网"),
    ],
)
def test_what_is_wrong_with_signing_in_is_told(change: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        oidc_secrets(settings(**{**OIDC, **change}), cookie_secret="")


def test_the_cookie_key_is_made_once_for_the_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = cookie_secret(home)
    assert cookie_secret(home) == first
    assert len(first) == 64
    assert stat.S_IMODE((home / "cookie_secret").stat().st_mode) == 0o600
    (home / "cookie_secret").write_text("short", encoding="ascii")
    with pytest.raises(SettingsError, match="登录密钥文件不完整"):
        cookie_secret(home)


def test_a_proxy_address_that_is_none_is_told() -> None:
    with pytest.raises(SettingsError, match="“office”不是网络地址"):
        proxy_rules(settings(trusted_proxies="10.0.0.1, office"))


def test_proxies_may_be_networks_and_come_mapped() -> None:
    rules = proxy_rules(settings(trusted_proxies="10.0.0.0/24, ::1"))
    assert rules.trusts("10.0.0.77")
    assert rules.trusts("::ffff:10.0.0.77")
    assert not rules.trusts("10.0.1.1")
    assert not rules.trusts("127.0.0.1")
    assert not rules.trusts("")


def test_an_identity_is_sealed_and_unsealed_whole() -> None:
    identity = Identity("zhang", '张三\n"x"', ("组一", "b,c"))
    assert unsealed(sealed(identity)) == identity
    assert sealed(identity).isascii()


# ---------------------------------------------------------------------- idle


def test_a_user_away_too_long_is_asked_until_signed_in_anew() -> None:
    held = Presence()
    assert held.come("a", idle_s=60, now=1_000) is Coming.ENTERS
    assert held.come("a", idle_s=60, now=1_050) is Coming.STAYS
    assert held.come("a", idle_s=60, now=1_111) is Coming.IDLE
    assert held.come("a", idle_s=60, now=1_112) is Coming.IDLE
    assert held.come("b", idle_s=60, now=1_112) is Coming.ENTERS
    assert held.come("a", idle_s=60, signed_in=1_113, now=1_114) is Coming.ENTERS
    held.leave("a")
    assert held.come("a", idle_s=60, now=9_999) is Coming.ENTERS


def test_without_a_limit_nobody_is_asked() -> None:
    held = Presence()
    held.come("a", idle_s=0, now=1)
    assert held.come("a", idle_s=0, now=10**9) is Coming.STAYS


# ---------------------------------------------------------------------- pages of a user


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeReviewer]:
    """Stand a fake behind the pages of an office whose proxy names users."""
    fake = FakeReviewer(tmp_path / "home")
    fake.settings = settings(
        home=tmp_path / "home", access="header", admins="boss", reviewers="wang", idle_minutes=60
    )
    monkeypatch.setattr(state, "build_reviewer", lambda _settings: fake)
    st.cache_resource.clear()
    yield fake
    st.cache_resource.clear()
    fake.library.close()


def come_as(monkeypatch: pytest.MonkeyPatch, user: str, *, seat: bool = True) -> None:
    given = {IDENTITY_HEADER: sealed(Identity(user))} if user else {}
    if not seat:
        given[SEAT_HEADER] = "none"
    monkeypatch.setattr(visitor, "headers", lambda: given)
    monkeypatch.setattr(signing_in, "headers", lambda: given)


def keys(at: AppTest) -> set[str]:
    return {str(button.key) for button in at.button}


def test_who_the_gate_did_not_name_sees_no_page(
    office: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_as(monkeypatch, "")
    for path in ("", "draft", "library", "settings", "audit"):
        at = open_page(path)
        assert "没有收到用户身份" in shown(at)
        assert not at.chat_input
    assert office.library.audit_entries()[0].action == "拒绝"


def test_who_is_on_no_list_is_refused_with_a_sentence(
    office: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.settings = office.settings.model_copy(update={"default_role": "无"})
    come_as(monkeypatch, "stranger")
    assert "尚未获准使用" in shown(open_page())
    noted = office.library.audit_entries()[0]
    assert (noted.action, noted.who) == ("拒绝", "stranger")


def test_each_role_is_shown_what_it_may(
    office: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = {"zhang": (False, False), "wang": (False, False), "boss": (True, True)}
    for user, (settings_shown, log_shown) in expected.items():
        come_as(monkeypatch, user)
        at = open_page("settings")
        assert ("save-model" in keys(at)) is settings_shown
        assert ("reindex" in keys(at)) is settings_shown
        assert ("操作日志" in shown(open_page("audit"))) is log_shown


def test_a_role_given_holds_at_the_next_click(
    office: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_as(monkeypatch, "zhang")
    at = open_page("settings")
    assert "save-model" not in keys(at)
    office.settings = office.settings.model_copy(update={"admins": ("zhang",)})
    assert "save-model" in keys(at.run())


def test_pages_show_a_user_only_the_own_records(
    office: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = type(office.store)(office.library, "zhang")
    conversation = desk.save_turn(None, "党费怎么收？", Answer("问", "答", (), (), Answerable.YES))
    draft = desk.save_draft(DraftRecord("", "只有张三知道的问题。", "待拟", None, UnitProfile()))
    for user, sees in (("zhang", True), ("li", False), ("wang", False), ("boss", False)):
        come_as(monkeypatch, user)
        asked = open_page("", c=conversation)
        assert ("党费怎么收？" in shown(asked)) is sees
        assert (f"open-{conversation}" in keys(asked)) is sees
        drafting = open_page("draft", p=draft.id)
        assert ("只有张三知道的问题" in shown(drafting)) is sees


def test_another_user_on_the_same_socket_finds_nothing_of_the_first(
    office: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_as(monkeypatch, "zhang")
    at = open_page()
    at.session_state["_session"].handed_problem = "张三手头的问题"
    come_as(monkeypatch, "li")
    at.run()
    assert at.session_state["_session"].handed_problem == ""


def test_signing_in_is_noted_once_not_with_every_click(
    office: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_as(monkeypatch, "zhang")
    at = open_page()
    at.run()
    open_page("draft")
    noted = [e for e in office.library.audit_entries() if e.action == "登录"]
    assert [(e.who, e.detail) for e in noted] == [("zhang", "zhang 经办")]


def test_who_was_away_too_long_confirms(
    office: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_as(monkeypatch, "zhang")
    at = open_page()
    signing_in.presence()._seen["zhang"] -= 61 * 60
    at.run()
    assert "请重新确认身份" in shown(at)
    assert not at.chat_input
    press(at, "again")
    assert at.chat_input


def test_who_finds_no_seat_is_told(office: FakeReviewer, monkeypatch: pytest.MonkeyPatch) -> None:
    come_as(monkeypatch, "zhang", seat=False)
    at = open_page()
    assert "使用人数已满" in shown(at)
    assert not at.chat_input


def test_served_to_all_every_page_says_so(
    office: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.settings = office.settings.model_copy(
        update={"access": "off", "open_without_login": True}
    )
    come_as(monkeypatch, "")
    monkeypatch.setattr(signing_in, "is_open_to_all", lambda *_: True)
    for path in ("", "library"):
        assert "本服务未设登录" in shown(open_page(path))


def test_roles_are_edited_by_an_admin(
    office: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_as(monkeypatch, "boss")
    at = open_page("audit")
    at.text_area(key="people-reviewers").set_value("wang\n@组\n")
    next(b for b in at.button if b.label == "保存").click().run()
    assert office.settings.reviewers == ("wang", "@组")
    assert office.library.audit_entries()[0].detail == "admins、default_role、reviewers"


# ---------------------------------------------------------------------- kept and printed


def test_lists_of_people_are_kept_in_the_settings_file(tmp_path: Path) -> None:
    held = load_settings(home=tmp_path)
    save_settings(held, {"admins": ("boss", "@组"), "default_role": "无"})
    again = load_settings(home=tmp_path)
    assert again.admins == ("boss", "@组")
    assert again.access_rules().default_role is None


def test_the_log_is_printed_filtered_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = open_library(tmp_path)
    library.log("提问", "=1+1", who="zhang")
    library.log("导出", "案例", who="")
    library.close()
    home = ["--home", str(tmp_path), "audit"]
    assert main([*home, "--who", "zhang", "--format", "json"]) == 0
    assert [row["detail"] for row in json.loads(capsys.readouterr().out)] == ["=1+1"]
    assert main([*home, "--action", "导出"]) == 0
    assert "本机  导出  案例" in capsys.readouterr().out
    target = tmp_path / "日志.xlsx"
    assert main([*home, "--out", str(target)]) == 0
    assert load_workbook(target).active is not None
    assert main([*home, "--since", "昨天"]) == 1
    assert "日期写法不对" in capsys.readouterr().err

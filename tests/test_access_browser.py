"""Signing in as people do: through a proxy's header and through a sign-in service, in Chromium."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from joserfc.jwk import RSAKey
from playwright.sync_api import Page, expect

from tests.browser_support import REPOSITORY, Visitor, serve, settle, visitors
from tests.fakes_issuer import CLIENT, CLIENT_SECRET, Issuer
from tests.fakes_proxy import UserProxy
from tests.ports import end_server

pytestmark = [pytest.mark.slow, pytest.mark.browser]
Visit = Callable[..., Visitor]
QUESTION = "固定资产账实不符怎么整改？"
ROLES = {"ZHENGGAI_ADMINS": "boss", "ZHENGGAI_REVIEWERS": "wang"}

visit = pytest.fixture(visitors)


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as service:
        yield service


def _run(folder: Path, **environment: str) -> tuple[str, subprocess.Popen[bytes]]:
    return serve(
        REPOSITORY / "tests" / "browser_app.py",
        folder / "log",
        FAKE_HOME=str(folder / "home"),
        ZHENGGAI_HOME=str(folder / "home"),
        FORWARDED_ALLOW_IPS="",
        **environment,
    )


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    address, process = _run(
        tmp_path_factory.mktemp("proxied"),
        ZHENGGAI_ACCESS="header",
        ZHENGGAI_DEFAULT_ROLE="经办",
        **ROLES,
    )
    yield address
    end_server(process)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> Iterator[str]:
    address, process = _run(
        tmp_path_factory.mktemp("signed"),
        ZHENGGAI_ACCESS="oidc",
        ZHENGGAI_OIDC_METADATA_URL=f"{issuer.url}/.well-known/openid-configuration",
        ZHENGGAI_OIDC_CLIENT_ID=CLIENT,
        ZHENGGAI_OIDC_CLIENT_SECRET=CLIENT_SECRET,
        ZHENGGAI_OIDC_REDIRECT_URL="http://127.0.0.1:{port}/oauth2callback",
        ZHENGGAI_DEFAULT_ROLE="经办",
        ZHENGGAI_ADMINS="boss",
        ZHENGGAI_REVIEWERS="@巡察整改审核",
    )
    yield address
    end_server(process)


@pytest.fixture
def behind(proxied: str, visit: Visit) -> Iterator[Callable[..., Visitor]]:
    """Give visitors of the proxied app, each through a proxy that names its user."""
    proxies: list[UserProxy] = []

    def new(user: str, **options: object) -> Visitor:
        headers = {"X-Forwarded-User": user, "X-Forwarded-Name": "%E5%BC%A0%E4%B8%89"}
        proxies.append(UserProxy(proxied, headers))
        visitor: Visitor = visit(proxies[-1].address, **options)
        return visitor

    yield new
    for proxy in proxies:
        proxy.close()


def sign_in(page: Page, account: str) -> None:
    page.get_by_role("button", name="统一登录").click()
    page.locator(f"#{account}").click()
    expect(page.locator(".st-key-who")).to_contain_text(account, timeout=60_000)
    settle(page)


# ---------------------------------------------------------------------- a proxy


def test_a_user_of_the_proxy_works_under_the_own_name(behind: Visit) -> None:
    page = behind("zhang").open()
    expect(page.locator(".st-key-who")).to_contain_text("张三（zhang） · 经办")
    expect(page.get_by_test_id("stSidebarNavLink").filter(has_text="日志")).to_have_count(0)


@pytest.mark.parametrize("user", ["zhang", "boss"])
def test_every_page_opens_for_a_signed_in_user(behind: Visit, user: str) -> None:
    page = behind(user).open()
    for name in ("起草", "对标", "案例库", "设置", "问答"):
        page.get_by_test_id("stSidebarNavLink").filter(has_text=name).click()
        settle(page)
        expect(page.locator("h1, .st-key-ask-bar").first).to_be_visible()
        expect(page.get_by_text("页面出了意外")).to_have_count(0)


def test_a_conversation_of_another_is_not_found_by_its_address(behind: Visit) -> None:
    page = behind("zhang").open()
    page.get_by_test_id("stChatInputTextArea").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.get_by_text("可以接着问")).to_be_visible(timeout=60_000)
    settle(page)
    where = "/" + page.url.split("/", 3)[3]
    again = behind("zhang").open(where)
    expect(again.locator(".q p")).to_have_text(QUESTION)
    for user in ("li", "wang", "boss"):
        other = behind(user).open(where)
        expect(other.get_by_text("没有这个会话")).to_be_visible()
        expect(other.get_by_text(QUESTION)).to_have_count(0)


def test_a_reviewer_sees_the_drafts_of_all_and_finishes_them(behind: Visit) -> None:
    page = behind("zhang").open("/draft")
    page.get_by_label("反馈的问题").fill("固定资产账实不符，设备未登记。")
    page.get_by_label("反馈的问题").blur()
    page.get_by_role("button", name="加入问题清单").click()
    page.get_by_role("button", name="起草措施").click()
    expect(page.get_by_label("措施 1 内容")).to_be_visible(timeout=60_000)
    settle(page)
    expect(page.get_by_text("定稿由审核人员办理")).to_be_visible()
    expect(page.get_by_role("button", name="定稿，下一条")).to_have_count(0)
    reviewing = behind("wang").open("/draft")
    expect(reviewing.get_by_text("从反馈的问题开始")).to_be_visible()
    reviewing.get_by_role("radio", name="全部").click()
    expect(reviewing.get_by_text("固定资产账实不符").first).to_be_visible()
    settle(reviewing)
    expect(reviewing.locator(".st-key-problems")).to_contain_text("zhang")
    reviewing.get_by_role("button", name="定稿，下一条").click()
    expect(reviewing.get_by_text("已定稿").first).to_be_visible()
    page.reload()
    settle(page)
    expect(page.locator(".st-key-problems")).to_contain_text("定稿")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_an_admin_reads_filters_and_exports_the_log(behind: Visit, dark: bool) -> None:
    page = behind("boss", dark=dark).open("/audit")
    expect(page.get_by_role("heading", name="操作日志")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert "时间,人员,操作,内容" in text
    assert "boss,登录" in text
    page.get_by_role("tab", name="人员与角色").click()
    expect(page.get_by_label("管理员", exact=True)).to_have_value("boss")


def test_no_page_of_others_is_reached_by_its_address(behind: Visit) -> None:
    page = behind("zhang").open("/audit")
    expect(page.get_by_role("heading", name="操作日志")).to_have_count(0)


# ---------------------------------------------------------------------- a sign-in service


def test_nothing_is_shown_before_signing_in(signed: str, visit: Visit) -> None:
    for path in ("/", "/library", "/draft", "/settings", "/audit"):
        page = visit(signed).open(path)
        expect(page.get_by_role("heading", name="请先登录")).to_be_visible()
        expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(0)


def test_a_user_signs_in_and_out(signed: str, visit: Visit, issuer: Issuer) -> None:
    page = visit(signed).open()
    sign_in(page, "zhang")
    expect(page.locator(".st-key-who")).to_contain_text("张三（zhang） · 经办")
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert cookies["_streamlit_user"]["httpOnly"]
    assert cookies["_streamlit_user"]["sameSite"] == "Lax"
    upload = f"{signed}/_stcore/upload_file/x/y"
    assert page.context.request.get(upload).status != 401
    assert visit(signed).page.context.request.get(upload).status == 401
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="请先登录")).to_be_visible(timeout=60_000)
    assert issuer.ended
    assert "_streamlit_user" not in {cookie["name"] for cookie in page.context.cookies()}


def test_groups_of_the_service_give_roles(signed: str, visit: Visit) -> None:
    page = visit(signed).open()
    sign_in(page, "wang")
    expect(page.locator(".st-key-who")).to_contain_text("王五（wang） · 审核")


def test_a_forged_token_signs_nobody_in(signed: str, visit: Visit, issuer: Issuer) -> None:
    forged = RSAKey.generate_key(2048, parameters={"kid": "k1", "use": "sig", "alg": "RS256"})
    issuer.signing_key = forged
    try:
        page = visit(signed).open()
        page.get_by_role("button", name="统一登录").click()
        page.locator("#boss").click()
        expect(page.get_by_role("heading", name="请先登录")).to_be_visible(timeout=60_000)
    finally:
        issuer.signing_key = issuer.key


def test_who_signed_in_too_long_ago_signs_in_again(
    signed: str, visit: Visit, issuer: Issuer
) -> None:
    issuer.issued_ago = 13 * 3600
    try:
        page = visit(signed).open()
        page.get_by_role("button", name="统一登录").click()
        page.locator("#stranger").click()
        expect(page.get_by_role("heading", name="请重新确认身份")).to_be_visible(timeout=60_000)
    finally:
        issuer.issued_ago = 0
    page.get_by_role("button", name="重新登录").click()
    expect(page.get_by_role("heading", name="请先登录")).to_be_visible(timeout=60_000)
    sign_in(page, "stranger")


def test_a_forged_cookie_signs_nobody_in(signed: str, visit: Visit) -> None:
    visitor = visit(signed)
    visitor.page.context.add_cookies(
        [
            {
                "name": "_streamlit_user",
                "value": "2|1:0|10:1|15:_streamlit_user|4:e30=|0",
                "url": signed,
            }
        ]
    )
    expect(visitor.open().get_by_role("heading", name="请先登录")).to_be_visible()

"""Every page in a real browser: all in Chinese, readable, within the window, by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser_audit import faint_texts, foreign_words
from tests.browser_support import REPOSITORY, Visitor, fake_apps, serve, settle, visitors
from tests.ports import end_server

served = pytest.fixture(scope="module")(fake_apps)
visit = pytest.fixture(visitors)
pytestmark = [pytest.mark.browser, pytest.mark.slow]

Served = Callable[..., str]
Visit = Callable[..., Visitor]
QUESTION = "固定资产账实不符怎么整改？"
FADES = 150
"""Looks at a page until what has just been drawn has its own colours."""
FOUND = "固定资产账实不符。\n公务接待先接待后补单。\n"


def ask(page: Page) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(QUESTION)
    box.press("Enter")
    expect(page.get_by_text("可以接着问")).to_be_visible(timeout=60_000)
    settle(page)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()
    settle(page)


def asking(page: Page) -> Iterator[str]:
    yield "start"
    page.get_by_test_id("stMainMenu").click()
    expect(page.get_by_test_id("stMainMenuPopover")).to_be_visible()
    yield "menu"
    page.keyboard.press("Escape")
    press(page, "筛选")
    page.get_by_test_id("stMultiSelect").first.locator("input").fill("没有的选项")
    yield "filter"
    page.keyboard.press("Escape")
    page.locator("h1").click()
    ask(page)
    yield "answer"
    press(page, "复制")
    yield "copy"


def drafting(page: Page) -> Iterator[str]:
    yield "empty"
    page.get_by_role("tab", name="上传反馈意见").click()
    yield "upload"
    files = page.locator("input[type=file]").first
    files.set_input_files({"name": "x.exe", "mimeType": "application/x", "buffer": b"MZ"})
    expect(page.get_by_text("x.exe")).to_be_visible()
    yield "refused"
    page.reload()
    settle(page)
    page.get_by_role("tab", name="上传反馈意见").click()
    files = page.locator("input[type=file]").first
    files.set_input_files(
        {"name": "反馈意见.txt", "mimeType": "text/plain", "buffer": FOUND.encode()}
    )
    press(page, "读取问题")
    page.get_by_test_id("stDataFrame").hover()
    yield "found"
    press(page, "加入 2 个问题")
    press(page, "起草措施")
    expect(page.get_by_label("措施 1 内容")).to_be_visible(timeout=60_000)
    settle(page)
    yield "desk"
    for name in ("单位信息", "预览"):
        press(page, name)
        expect(page.get_by_role("dialog")).to_be_visible()
        settle(page)
        yield name
        page.get_by_role("dialog").get_by_role("button", name="关闭").click()
        settle(page)


def comparing(page: Page) -> Iterator[str]:
    yield "table"
    press(page, "更换参照单位")
    page.get_by_test_id("stMultiSelect").locator("input").click()
    yield "peers"
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.get_by_text("填写自查结果").click()
    page.get_by_test_id("stDataFrame").hover()
    settle(page)
    yield "self-check"
    for name in ("逐题对照", "重复被指出", "文字重合"):
        page.get_by_role("tab", name=name).click()
        settle(page)
        yield name


def reading(page: Page) -> Iterator[str]:
    yield "list"
    for name in ("解析", "更正"):
        page.get_by_role("tab", name=name).click()
        settle(page)
        yield name
    press(page, "导入通报")
    expect(page.get_by_role("dialog")).to_be_visible()
    yield "import"


def setting(page: Page) -> Iterator[str]:
    yield "settings"
    page.get_by_test_id("stSelectbox").first.locator("input").click()
    yield "providers"


WALKS: dict[str, Callable[[Page], Iterator[str]]] = {
    "/": asking,
    "/draft": drafting,
    "/compare": comparing,
    "/library": reading,
    "/settings": setting,
}


@pytest.mark.parametrize("path", WALKS)
def test_no_page_shows_a_word_that_is_not_chinese(served: Served, visit: Visit, path: str) -> None:
    page = visit(served()).open(path)
    left = {where: foreign_words(page, besides="x.exe") for where in WALKS[path](page)}
    assert {where: words for where, words in left.items() if words} == {}
    assert page.locator("html").get_attribute("lang") == "zh-CN"


def test_a_lost_connection_and_a_wrong_address_are_said_in_chinese(
    visit: Visit, tmp_path: Path
) -> None:
    address, process = serve(
        REPOSITORY / "tests" / "browser_app.py",
        tmp_path / "log",
        FAKE_HOME=str(tmp_path / "home"),
        ZHENGGAI_HOME=str(tmp_path / "home"),
    )
    try:
        page = visit(address).open("/no-such-page")
        expect(page.get_by_text("没有这个页面")).to_be_visible()
        assert foreign_words(page) == []
    finally:
        end_server(process)
    expect(page.get_by_text("连不上服务")).to_be_visible()
    assert foreign_words(page) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", WALKS)
def test_every_text_can_be_read(served: Served, visit: Visit, path: str, dark: bool) -> None:
    page = visit(served(), dark=dark).open(path)
    if path == "/":
        ask(page)
    # a control that has just been drawn may still be fading into its colour
    for _ in range(FADES):
        if not faint_texts(page):
            break
        page.wait_for_timeout(200)
    assert faint_texts(page) == []


@pytest.mark.parametrize("path", WALKS)
def test_the_keyboard_reaches_the_page_and_shows_where_it_is(
    served: Served, visit: Visit, path: str
) -> None:
    page = visit(served()).open(path)
    page.keyboard.press("Tab")
    inside = []
    for _ in range(40):
        page.keyboard.press("Tab")
        name, outlined, main = page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e);
            const row = e.closest("[data-testid=stRadioGroup] > div");
            const ring = [e, e.parentElement, row].filter(Boolean).map(x => getComputedStyle(x));
            const drawn = ring.some(r => r.outlineStyle !== "none" && r.outlineWidth !== "0px" ||
              r.boxShadow !== "none" || r.borderColor !== "rgba(0, 0, 0, 0)");
            return [e.getAttribute("aria-label") || e.textContent || e.placeholder || e.title || "",
              drawn, !!e.closest(".stMain")]; }"""
        )
        if main:
            inside.append((name, outlined))
    assert len(inside) >= 3
    assert [name for name, outlined in inside if not outlined] == []


def test_long_and_hostile_problems_stay_within_the_page(served: Served, visit: Visit) -> None:
    long_word, script = "长" * 4_000 + "x" * 4_000, "<script>document.title='hacked'</script>"
    visitor = visit(served(FAKE_NOTICES="6"), width=1366, height=768)
    page = visitor.open("/draft")
    area = page.get_by_label("反馈的问题")
    area.fill(f"{script}**粗** ![图](https://evil.example/x.png) ~~删~~ {long_word}")
    area.blur()
    press(page, "加入问题清单")
    press(page, "起草措施")
    expect(page.get_by_label("措施 1 内容")).to_be_visible(timeout=60_000)
    settle(page)
    assert page.locator(".stMain").evaluate("e => e.scrollWidth - e.clientWidth") <= 1
    assert page.title() != "hacked"
    assert page.locator("[src*='evil.example'],[href*='evil.example']").count() == 0
    assert page.locator(".stMain del, .stHtml script").count() == 0

"""Journeys in a real browser: what only a browser can show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from assistant.review import build_reviewer
from assistant.settings import load_settings
from tests.browser_support import (
    REPOSITORY,
    Visitor,
    fake_apps,
    serve,
    settle,
    visitors,
)
from tests.ports import end_server
from tests.waiting import wait_for

served = pytest.fixture(scope="module")(fake_apps)
visit = pytest.fixture(visitors)
pytestmark = pytest.mark.browser

Served = Callable[..., str]
Visit = Callable[..., Visitor]
QUESTION = "固定资产账实不符怎么整改？"
LINE = "一是组织财政、办公室开展拉网式清查，共盘点资产1246件，补登漏记固定资产23件。"
PAGES = {
    "/": "别的单位是怎么整改的",
    "/draft": "整改方案",
    "/compare": "同类单位对照",
    "/library": "整改通报",
    "/settings": "模型与运行状态",
}


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gate") / "go"


@pytest.fixture
def held(served: Served, gate: Path) -> Iterator[str]:
    """Serve answers that stand still in their midst until the gate is made."""
    gate.unlink(missing_ok=True)
    yield served(FAKE_UNTIL=str(gate))
    gate.touch()


def ask(page: Page, question: str) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")


def opened(page: Page) -> str:
    panel = page.locator(".src:visible")
    expect(panel).to_have_count(1)
    return panel.inner_text()


# ---------------------------------------------------------------------- 问答


def test_a_citation_opens_the_highlighted_source_line_while_the_answer_is_coming(
    held: str, gate: Path, visit: Visit
) -> None:
    page = visit(held).open()
    ask(page, QUESTION)
    live = page.locator(".a.live")
    live.locator("a.cite").first.click()
    assert "固定资产账实不符" in opened(page)
    before = len(live.inner_text())
    expect(page.get_by_test_id("stChatInputStopButton")).to_be_visible()
    gate.touch()
    expect(page.get_by_text("可以接着问")).to_be_visible()
    settle(page)
    answer = page.locator(".a")
    expect(answer).to_contain_text("上述做法普遍见效较快")
    assert len(answer.inner_text()) > before, "opening a source must not stop the answer"
    expect(page.get_by_text("已停止")).to_have_count(0)
    text = opened(page)
    assert page.locator(".src:visible mark").inner_text() == LINE
    number = page.locator(".src:visible .ln.hit .no").inner_text()
    assert re.search(rf"整改通报\.docx 第 {number} 行", text)
    page.locator(".src:visible .x").click()
    expect(page.locator(".src:visible")).to_have_count(0)


def test_stopping_keeps_what_was_written_also_after_a_reload(held: str, visit: Visit) -> None:
    page = visit(held).open()
    ask(page, "公务接待怎么整改？停一停")
    expect(page.locator(".a.live a.cite").first).to_be_visible()
    page.get_by_test_id("stChatInputStopButton").click()
    settle(page)
    expect(page.get_by_text("已停止")).to_be_visible()
    page.reload()
    settle(page)
    expect(page.get_by_text("公务接待怎么整改？停一停").first).to_be_visible()
    expect(page.locator(".a a.cite").first).to_be_visible()
    expect(page.get_by_text("已停止").first).to_be_visible()


def test_leaving_the_page_or_reloading_it_does_not_cut_an_answer_short(
    held: str, gate: Path, visit: Visit
) -> None:
    page = visit(held).open()
    ask(page, QUESTION)
    expect(page.locator(".a.live a.cite").first).to_be_visible()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="设置").click()
    expect(page.get_by_text("模型与运行状态")).to_be_visible()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="问答").click()
    expect(page.locator("a.cite").first).to_be_visible()
    page.reload()
    expect(page.locator("a.cite").first).to_be_visible()
    gate.touch()
    expect(page.get_by_text("可以接着问")).to_be_visible(timeout=60_000)
    settle(page)
    expect(page.locator(".a")).to_contain_text("上述做法普遍见效较快")
    expect(page.get_by_text("已停止")).to_have_count(0)


def test_a_conversation_is_found_again_in_a_new_window(served: Served, visit: Visit) -> None:
    address = served()
    page = visit(address).open()
    ask(page, "党费收缴怎么整改？")
    expect(page.get_by_text("可以接着问")).to_be_visible()
    where = page.url.removeprefix(address)
    other = visit(address).open(where)
    expect(other.locator(".a a.cite").first).to_be_visible()


def test_the_keyboard_alone_opens_and_closes_a_source(served: Served, visit: Visit) -> None:
    page = visit(served()).open()
    ask(page, QUESTION)
    expect(page.get_by_text("可以接着问")).to_be_visible()
    settle(page)
    page.locator("a.cite").first.focus()
    page.keyboard.press("Enter")
    assert "固定资产" in opened(page)
    page.locator(".src:visible .x").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".src:visible")).to_have_count(0)


# ---------------------------------------------------------------------- 起草


def test_a_list_of_problems_becomes_a_plan_that_survives_a_reload(
    served: Served, visit: Visit, tmp_path: Path
) -> None:
    feedback = tmp_path / "反馈意见.txt"
    feedback.write_text("固定资产账实不符。\n公务接待先接待后补单。\n", encoding="utf-8")
    page = visit(served(FAKE_NOTICES="7")).open("/draft")
    page.get_by_role("tab", name="上传反馈意见").click()
    page.locator("input[type=file]").first.set_input_files(str(feedback))
    page.get_by_role("button", name="读取问题").click()
    page.get_by_role("button", name="加入 2 个问题").click()
    page.get_by_role("button", name="起草措施").click()
    area = page.get_by_label("措施 1 内容")
    expect(area).to_be_visible()
    settle(page)
    area.fill("逐件盘点，列出差异清单，明确到人。")
    area.blur()
    settle(page)
    page.locator(".mh a.cite").first.click()
    assert "引证原文" in opened(page)
    page.reload()
    settle(page)
    expect(page.get_by_label("措施 1 内容")).to_have_value("逐件盘点，列出差异清单，明确到人。")
    page.get_by_role("button", name="历史版本").click()
    page.get_by_role("button", name="比较").first.click()
    page.get_by_role("button", name=re.compile("恢复第 .* 版")).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    settle(page)
    expect(page.get_by_label("措施 1 内容")).to_have_value(re.compile("开展一次全面清查"))
    settle(page)
    page.get_by_role("button", name="导出").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="整改方案 Word").click()
    assert download.value.suggested_filename == "整改方案.docx"


def test_a_measure_is_opened_and_filled_in_with_the_keyboard_alone(
    served: Served, visit: Visit
) -> None:
    page = visit(served(FAKE_NOTICES="6")).open("/draft")
    page.get_by_label("反馈的问题").fill("固定资产账实不符。")
    page.get_by_label("反馈的问题").blur()
    page.get_by_role("button", name="加入问题清单").click()
    page.get_by_role("button", name="起草措施").click()
    expect(page.get_by_label("措施 1 内容")).to_be_visible(timeout=30_000)
    settle(page)
    page.get_by_role("button", name="修改措施 2").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="收起措施 2")).to_be_focused()
    area = page.get_by_label("措施 2 内容")
    expect(area).to_be_visible()
    expect(page.get_by_label("措施 1 内容")).to_have_count(0)
    settle(page)
    page.keyboard.press("Tab")
    expect(area).to_be_focused()
    page.keyboard.type("逐件盘点。")
    page.keyboard.press("Tab")
    settle(page)
    # what was typed is stored, and the run that stored it left the focus where it was
    expect(page.get_by_label("责任", exact=True)).to_be_focused()
    page.get_by_role("button", name="修改措施 1").press("Enter")
    expect(page.locator(".mt").filter(has_text="逐件盘点。")).to_be_visible()


# ---------------------------------------------------------------------- 对标, 案例库, 设置


def test_a_number_of_the_table_opens_its_cases(served: Served, visit: Visit) -> None:
    page = visit(served()).open("/compare")
    page.locator(".heat td a").first.click()
    assert "看原文" in opened(page)
    expect(page.locator(".src:visible mark").first).to_be_visible()


def test_files_are_imported_with_a_report_for_each(
    served: Served, visit: Visit, tmp_path: Path
) -> None:
    good, bad = tmp_path / "甲.txt", tmp_path / "空.txt"
    good.write_text("整改通报", encoding="utf-8")
    bad.write_text(" ", encoding="utf-8")
    page = visit(served(FAKE_NOTICES="5")).open("/library")
    page.get_by_role("button", name="导入通报").click()
    page.locator("input[type=file]").set_input_files([str(good), str(bad)])
    page.get_by_role("button", name="开始导入 2 个文件").click()
    expect(page.get_by_text("导入结束")).to_be_visible()
    report = page.locator(".st-key-import-result").inner_text()
    assert "新增 1" in report
    assert "失败 1" in report
    assert "文件里没有文字" in report
    expect(page.get_by_text("6 份通报 ·")).to_be_visible()


def test_a_link_to_a_line_shows_that_line(served: Served, visit: Visit) -> None:
    address = served()
    page = visit(address).open("/compare")
    page.locator(".heat td a").first.click()
    with page.context.expect_page() as news:
        page.locator(".src:visible a.open").first.click()
    other = news.value
    settle(other)
    target = other.locator(".doc .target")
    expect(target).to_be_in_viewport()


def beyond(page: Page) -> int:
    """Give by how much the page is wider than its window."""
    return int(page.locator(".stMain").evaluate("e => e.scrollWidth - e.clientWidth"))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_page_is_wider_than_the_window(
    served: Served, visit: Visit, path: str, dark: bool
) -> None:
    page = visit(served(), width=1366, height=900, dark=dark).open(path)
    for width in (1366, 1024, 820):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)  # drawn anew; what is too wide stays so
        settle(page)
        expect(page.get_by_text(PAGES[path]).first).to_be_visible()
        wait_for(lambda: beyond(page) <= 1)


# ---------------------------------------------------------------------- nothing gets in or out


def test_hostile_sources_are_inert(served: Served, visit: Visit) -> None:
    visitor = visit(served(FAKE_HOSTILE="1"))
    for path in ("/library", "/compare", "/"):
        page = visitor.open(path)
        if path == "/":
            ask(page, "点我 删 红 引用")
            expect(page.get_by_text("可以接着问")).to_be_visible()
            settle(page)
        assert page.title() != "hacked"
        assert page.locator("[src*='evil.example'],[href*='evil.example']").count() == 0
        assert page.locator(".stHtml script,.stHtml [onerror],.stHtml del").count() == 0
    assert visitor.outside == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_hostile_settings_are_inert_and_stay_within_the_page(
    served: Served, visit: Visit, dark: bool
) -> None:
    visitor = visit(served(FAKE_HOSTILE="1"), width=1366, height=768, dark=dark)
    page = visitor.open("/settings")
    page.get_by_text("查看发送内容").click()
    settle(page)
    for fold in page.locator(".st-key-sent-box details").all():
        fold.evaluate("e => { e.open = true }")
    expect(page.locator(".st-key-sent-box pre").first).to_contain_text("<script>")
    inert(page)
    page.get_by_role("button", name="填写或修改").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    settle(page)
    expect(page.get_by_label("单位名称")).to_have_value(re.compile("<script>"))
    inert(page)
    assert visitor.outside == []


def inert(page: Page) -> None:
    assert page.title() != "hacked"
    assert page.locator("[src*='evil.example'],[href*='evil.example']").count() == 0
    for css in ("script", "img", "[onerror]", "[onmouseover]", "del"):
        assert page.locator(f".stMain {css}, [role=dialog] {css}").count() == 0, css
    assert page.locator(".stMain").evaluate("e => e.scrollWidth - e.clientWidth") <= 1
    wide = page.locator(".stHtml").evaluate_all(
        "es => es.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.innerHTML.slice(0, 80))"
    )
    assert wide == []


def test_every_answer_of_the_server_forbids_other_hosts(served: Served) -> None:
    with urlopen(served()) as answer:
        policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    request = Request(served(), headers={"Host": "evil.example"})
    try:
        with urlopen(request) as answer:
            status = answer.status
    except HTTPError as error:
        status = error.code
    assert status == 403


# ---------------------------------------------------------------------- the real thing


@pytest.mark.slow
def test_a_question_to_the_samples_opens_its_line(visit: Visit, tmp_path: Path) -> None:
    home = tmp_path / "home"
    reviewer = build_reviewer(load_settings(home))
    reviewer.ingest([REPOSITORY / "samples"])
    held = {notice.source: reviewer.lines(notice.id) for notice in reviewer.notices()}
    reviewer.library.close()
    address, process = serve(REPOSITORY / "app.py", tmp_path / "log", ZHENGGAI_HOME=str(home))
    try:
        page = visit(address).open()
        page.locator(".st-key-suggestions button").first.click()
        expect(page.get_by_role("button", name="转到起草")).to_be_visible(timeout=60_000)
        settle(page)
        page.locator("a.cite").first.click()
        panel = opened(page)
        number = int(page.locator(".src:visible .ln.hit .no").first.inner_text())
        source = next(name for name in held if name in panel)
        marked = page.locator(".src:visible .ln.hit mark").first.inner_text()
        assert marked in held[source][number - 1]
    finally:
        end_server(process)

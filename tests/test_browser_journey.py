"""The whole way of a new office through the real app, in one go and one home."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Page, expect

from tests.browser_support import REPOSITORY, Visitor, serve, settle, visitors
from tests.ports import end_server

visit = pytest.fixture(visitors)
pytestmark = [pytest.mark.browser, pytest.mark.slow]

Visit = Callable[..., Visitor]
EDITED = "逐件盘点，列出差异清单，明确到人。"
PROBLEMS = ("固定资产账实不符，部分设备购置后未登记入账。", "公务接待审批手续不全，先接待后补单。")


def feedback(folder: Path) -> Path:
    """Write a 反馈意见 with two problems."""
    document = docx.Document()
    document.add_paragraph("关于青禾镇党委的巡察反馈意见")
    document.add_paragraph("二、存在的主要问题")
    for number, problem in enumerate(PROBLEMS, 1):
        document.add_paragraph(f"{number}.{problem}")
    path = folder / "反馈意见.docx"
    document.save(str(path))
    return path


def go(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebarNavLink").filter(has_text=name).click()
    settle(page)


def import_samples(page: Page) -> None:
    page.get_by_role("button", name=re.compile("导入")).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    files = sorted(f for f in (REPOSITORY / "samples").iterdir() if f.suffix in (".txt", ".docx"))
    page.locator("input[type=file]").set_input_files([str(file) for file in files])
    page.get_by_role("button", name=re.compile("开始导入")).click()
    expect(page.get_by_text("导入结束")).to_be_visible(timeout=300_000)
    page.get_by_role("button", name="知道了").click()
    settle(page)


def ask(page: Page) -> None:
    go(page, "问答")
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill("固定资产账实不符，别的单位是怎么整改的？")
    box.press("Enter")
    expect(page.get_by_role("button", name="转到起草").last).to_be_visible(timeout=60_000)
    settle(page)
    page.locator("a.cite").first.click()
    expect(page.locator(".src:visible .ln.hit mark").first).to_be_visible()
    page.locator(".src:visible .x").click()


def draft(page: Page, file: Path) -> None:
    go(page, "起草")
    page.get_by_role("tab", name="上传反馈意见").click()
    page.locator("input[type=file]").first.set_input_files(str(file))
    page.get_by_role("button", name="读取问题").click()
    page.get_by_role("button", name="加入 2 个问题").click()
    page.get_by_role("button", name="起草措施").click()
    area = page.get_by_label("措施 1 内容")
    expect(area).to_be_visible(timeout=60_000)
    settle(page)
    area.fill(EDITED)
    area.blur()
    settle(page)


def export_plan(page: Page) -> None:
    page.get_by_role("button", name="预览").click()
    expect(page.locator(".sheet")).to_contain_text(EDITED.rstrip("。"))
    page.get_by_role("dialog").get_by_role("button", name="关闭").click()
    expect(page.locator(".sheet")).to_have_count(0)
    settle(page)
    page.get_by_role("button", name="导出").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="整改方案 Word").click()
    file = docx.Document(str(download.value.path()))
    text = "\n".join(paragraph.text for paragraph in file.paragraphs)
    assert EDITED.rstrip("。") in text
    assert all(problem.rstrip("。") in text for problem in PROBLEMS[:1])


def compare(page: Page, file: Path) -> None:
    go(page, "对标")
    expect(page.locator(".heat").first).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="用自己的清单").click()
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_role("button", name="用它对照").click()
    expect(page.get_by_text("不入库；刷新页面")).to_be_visible(timeout=60_000)
    settle(page)
    page.get_by_role("button", name="用自己的清单").click()
    page.get_by_role("button", name="更换参照单位").click()
    page.get_by_test_id("stMultiSelect").locator("input").click()
    page.get_by_role("option").nth(0).click()
    page.keyboard.press("Escape")
    # the drawer of peers closes with a run of its own: a download must not fall into it
    page.locator("h1").click()
    settle(page)
    page.get_by_role("button", name="导出").first.click()
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="对照表与自查清单 Excel").click()
    assert download.value.suggested_filename.endswith(".xlsx")


def test_from_an_empty_library_to_a_plan_and_a_comparison(visit: Visit, tmp_path: Path) -> None:
    file = feedback(tmp_path)
    address, process = serve(
        REPOSITORY / "app.py", tmp_path / "log", ZHENGGAI_HOME=str(tmp_path / "home")
    )
    try:
        page = visit(address).open()
        import_samples(page)
        ask(page)
        draft(page, file)
        export_plan(page)
        where = page.url
        page.goto("about:blank")
        page.goto(where)
        settle(page)
        expect(page.get_by_label("措施 1 内容")).to_have_value(EDITED)
        compare(page, file)
    finally:
        end_server(process)

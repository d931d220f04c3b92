"""Makes docs/screenshots anew: the five pages, light and dark, on the sample library.

python -m benchmarks.screenshots [--out docs/screenshots] [--only ask draft]
"""

from __future__ import annotations

import argparse
import io
import re
import tempfile
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import openpyxl
from playwright.sync_api import Browser, Page, expect, sync_playwright

from assistant.models import DraftRecord, UnitProfile
from assistant.review import Reviewer, build_reviewer
from assistant.settings import load_settings
from tests.browser_support import CHROMIUM, REPOSITORY, serve, settle

QUESTION = "固定资产账实不符的问题，别的单位是怎么整改的？"
PROBLEMS = (
    "固定资产账实不符，部分设备购置后未登记入账。",
    "公务接待审批手续不全，个别事项先接待后补单。",
    "党工委会议记录不规范，讨论过程记录过简。",
    "镇里多个村党费年底一次性补收，缴纳基数多年未核。",
    "招商协议履约监管不到位，未建立台账。",
)
FILLED = {"责任人": ("财政所所长", "党政办主任"), "完成时限": ("2025年8月31日前",)}
LEDGER: list[Path] = []
"""Where the filled-in ledger of this run lies."""
PROFILE = UnitProfile(
    name="青禾经济开发区党工委",
    unit_type="开发区",
    deadline="2025年9月30日",
    feedback_date="2025年3月12日",
    leaders=(("责任领导", "分管领导"), ("责任部门", "党政办公室")),
)


def prepare(home: Path) -> Reviewer:
    """Fill a home: samples, a profile, five problems of which three are drafted."""
    reviewer = build_reviewer(load_settings(home))
    reviewer.ingest(
        [file for file in sorted((REPOSITORY / "samples").iterdir()) if file.suffix != ".md"]
    )
    reviewer.store.save_profile(PROFILE)
    for place, problem in enumerate(PROBLEMS):
        record = DraftRecord("", problem, "待拟", None, PROFILE, number=f"{place + 1}.")
        stored = reviewer.store.save_draft(record)
        if place < 3:
            draft = reviewer.draft(problem, profile=PROFILE)
            state = "定稿" if place == 1 else "在拟"
            reviewer.store.save_draft(replace(stored, draft=draft, state=state))
    LEDGER.append(_filled_in(reviewer, home.parent / "整改台账.xlsx"))
    return reviewer


def _filled_in(reviewer: Reviewer, path: Path) -> Path:
    """Export the ledger, fill it in as an office would, and change one draft meanwhile."""
    _, content = reviewer.export("plan", reviewer.store.drafts(), "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["整改台账"]
    places = {str(cell.value): cell for row in sheet.iter_rows() for cell in row if cell.value}
    for column, values in FILLED.items():
        head = places[column]
        for below, value in enumerate(values, 1):
            sheet.cell(head.row + below, head.column).value = value
    book.save(path)
    record = next(one for one in reviewer.store.drafts() if one.draft is not None)
    assert record.draft is not None
    first = replace(record.draft.measures[0], responsible="责任人：财政所会计")
    draft = replace(record.draft, measures=(first, *record.draft.measures[1:]))
    reviewer.store.save_draft(replace(record, draft=draft))
    return path


def ask(page: Page) -> None:
    """Ask, wait for the whole answer, open its first source."""
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(QUESTION)
    box.press("Enter")
    expect(page.get_by_role("button", name="转到起草")).to_be_visible(timeout=60_000)
    settle(page)
    page.mouse.move(600, 400)
    page.mouse.wheel(0, -20_000)
    page.wait_for_timeout(300)
    page.locator("a.cite").first.click()


def nothing(_page: Page) -> None:
    """Show the page as it opens."""


def compare(page: Page) -> None:
    """Set one unit beside several others."""
    expect(page.locator(".heat").first).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="更换参照单位").click()
    peers = page.get_by_test_id("stMultiSelect").locator("input")
    for _ in range(4):
        peers.click()
        page.get_by_role("option").nth(1).click()
        page.keyboard.press("Escape")
        settle(page)
    page.locator("h1").click()
    settle(page)


def compare_more(page: Page) -> None:
    """Show what stands below the table."""
    compare(page)
    page.get_by_test_id("stTabs").evaluate("tabs => tabs.scrollIntoView({block: 'start'})")


def ledger(page: Page) -> None:
    """Show a ledger that comes back filled in, with one conflict."""
    page.get_by_role("button", name="添加", exact=True).click()
    page.get_by_role("tab", name="回填台账").click()
    page.get_by_role("dialog").locator("input[type=file]").last.set_input_files(str(LEDGER[0]))
    expect(page.get_by_role("button", name=re.compile("写回"))).to_be_visible()
    settle(page)


def corrections(page: Page) -> None:
    """Show the corrections of a case."""
    page.get_by_role("tab", name="更正").click()
    expect(page.get_by_text("更正哪一条")).to_be_visible()
    settle(page)


def preview(page: Page) -> None:
    """Show the Word page of the plan."""
    page.get_by_role("button", name="预览").click()
    expect(page.locator(".sheet")).to_be_visible()


def drawn(page: Page) -> None:
    """Wait until the page stands still and the code of every control has come."""
    expect(page.locator(".stMain .stHtml").first).to_be_visible(timeout=60_000)
    settle(page)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=60_000)


SIZES = ((1440, 900), (1366, 768))
SCENES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "ask": ("/", ask),
    "draft": ("/draft", nothing),
    "preview": ("/draft", preview),
    "ledger": ("/draft", ledger),
    "compare": ("/compare", compare),
    "compare_more": ("/compare", compare_more),
    "library": ("/library", nothing),
    "corrections": ("/library", corrections),
    "settings": ("/settings", nothing),
}


def shoot(
    browser: Browser, address: str, out: Path, size: tuple[int, int], wanted: Collection[str]
) -> None:
    """Take the wanted scenes in both themes."""
    width, height = size
    for theme in ("light", "dark"):
        context = browser.new_context(
            locale="zh-CN",
            viewport={"width": width, "height": height},
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
        )
        page = context.new_page()
        for name in wanted:
            path, act = SCENES[name]
            page.goto(address + path)
            page.wait_for_timeout(800)
            drawn(page)
            act(page)
            page.mouse.move(width // 2, height - 20)
            page.wait_for_timeout(600)
            drawn(page)
            small = "" if size == SIZES[0] else f"_{width}"
            target = out / f"{name}_{theme}{small}.png"
            page.screenshot(path=str(target))
            print(target)
        context.close()


def main() -> None:
    """Prepare, serve, shoot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "screenshots")
    parser.add_argument("--only", nargs="*", choices=SCENES, default=list(SCENES))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        # the page shows where the data lie: as an office would see it, not our temporary folder
        home = Path(folder) / "zhenggai"
        prepare(home).library.close()
        address, process = serve(
            REPOSITORY / "app.py", Path(folder) / "log", HOME=folder, ZHENGGAI_HOME=str(home)
        )
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=CHROMIUM, args=["--no-sandbox"]
                )
                for size in SIZES:
                    shoot(browser, address, options.out, size, options.only)
                browser.close()
        finally:
            process.terminate()
            process.wait(20)


if __name__ == "__main__":
    main()

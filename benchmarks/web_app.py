"""Times of the web app in a real browser, on the samples: start, first page, switching, long chats.

python -m benchmarks.web_app [--rounds 5]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from assistant.review import Reviewer, build_reviewer
from assistant.settings import load_settings
from assistant.ui.slim import slim_answer
from tests.browser_support import CHROMIUM, REPOSITORY, serve

TURNS = 100
QUESTION = "固定资产账实不符怎么整改？"
TITLES = {
    "起草": "整改方案",
    "对标": "同类单位对照",
    "案例库": "整改通报",
    "设置": "模型与运行状态",
    "问答": "别的单位是怎么整改的",
}
STANDS = """title => {
  const heads = [...document.querySelectorAll("h1")];
  const app = document.querySelector("[data-testid=stApp]");
  return heads.some(h => h.textContent.includes(title) && h.getClientRects().length) &&
    app.getAttribute("data-test-script-state") === "notRunning" &&
    !document.querySelector("[data-stale=true],[data-testid=stSkeleton]");
}"""


def prepare(home: Path) -> str:
    """Fill a home with the samples and one conversation of 200 messages; give its id."""
    reviewer: Reviewer = build_reviewer(load_settings(home))
    reviewer.ingest(
        [file for file in sorted((REPOSITORY / "samples").iterdir()) if file.suffix != ".md"]
    )
    answer = slim_answer(reviewer.ask(QUESTION))
    conversation: str | None = None
    for number in range(TURNS):
        conversation = reviewer.store.save_turn(conversation, f"第{number}问", answer)
    reviewer.library.close()
    return conversation or ""


def still(page: Page, title: str) -> None:
    """Wait for the heading of a page, for its script to end, for nothing to be stale or missing.

    What is missing is a control whose code is still on its way: a grey bar stands in its place.
    Asked at every frame: Playwright's own assertions ask after 0.1, 0.25 and 0.5 s, which is as
    long as what is measured.
    """
    page.wait_for_function(STANDS, arg=title, polling="raf")


def measure(browser: Browser, address: str, conversation: str) -> dict[str, float]:
    """Open the app as a new visitor and press through its pages; seconds by step."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    times: dict[str, float] = {}
    begun = time.perf_counter()
    page.goto(address)
    still(page, TITLES["问答"])
    times["first page"] = time.perf_counter() - begun
    for name, title in TITLES.items():
        link = page.get_by_test_id("stSidebarNavLink").filter(has_text=name)
        begun = time.perf_counter()
        link.click()
        still(page, title)
        times[f"switch to {name}"] = time.perf_counter() - begun
    begun = time.perf_counter()
    page.goto(f"{address}/?c={conversation}")
    expect(page.get_by_text(f"第{TURNS - 1}问").first).to_be_visible()
    times["reload into 200 messages"] = time.perf_counter() - begun
    context.close()
    return times


def main() -> None:
    """Prepare, serve, time; print the median of the rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        conversation = prepare(home)
        begun = time.perf_counter()
        address, process = serve(
            REPOSITORY / "app.py", Path(folder) / "log", ZHENGGAI_HOME=str(home)
        )
        print(f"{'server answers':28} {time.perf_counter() - begun:6.2f} s")
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=CHROMIUM, args=["--no-sandbox"]
                )
                taken = [measure(browser, address, conversation) for _ in range(rounds)]
                browser.close()
        finally:
            process.terminate()
            process.wait(20)
    for step in taken[0]:
        every = [times[step] for times in taken]
        print(f"{step:28} {statistics.median(every):6.2f} s  (first {every[0]:.2f})")


if __name__ == "__main__":
    main()

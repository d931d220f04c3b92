"""Several visitors at work at once in real browser tabs: what each waits for, alone and together.

python -m benchmarks.web_tabs [--tabs 6]

The browser draws on the same cores as the server works on; the processor the server took is told
apart, so that waiting for the one is not taken for waiting for the other.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from benchmarks.load_parts import Process
from benchmarks.web_app import STANDS, prepare
from tests.browser_support import CHROMIUM, REPOSITORY, serve

QUESTIONS = (
    "固定资产账实不符怎么整改？",
    "公务接待审批手续不全怎么整改？",
    "党费收缴不规范，别的单位是怎么做的？",
)
HEADS = {"案例库": "整改通报", "对标": "同类单位对照", "起草": "整改方案"}
WAIT_MS = 120_000
Times = dict[str, list[float]]


async def stand(page: Page, title: str) -> None:
    """Wait until a page stands still under its heading."""
    await page.wait_for_function(STANDS, arg=title, polling="raf", timeout=WAIT_MS)


async def work(browser: Browser, address: str, number: int, times: Times) -> None:
    """Do what a visitor does: open, ask, look at the other pages, come back."""
    context = await browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
    page = await context.new_page()
    begun = time.perf_counter()
    await page.goto(address)
    await stand(page, "别的单位是怎么整改的")
    times.setdefault("first page", []).append(time.perf_counter() - begun)
    box = page.get_by_test_id("stChatInputTextArea")
    await box.fill(QUESTIONS[number % len(QUESTIONS)])
    begun = time.perf_counter()
    await box.press("Enter")
    await page.locator("a.cite").first.wait_for(timeout=WAIT_MS)
    times.setdefault("question to first citation", []).append(time.perf_counter() - begun)
    await page.get_by_role("button", name="转到起草").wait_for(timeout=WAIT_MS)
    times.setdefault("question to whole answer", []).append(time.perf_counter() - begun)
    for name, title in HEADS.items():
        begun = time.perf_counter()
        await page.get_by_test_id("stSidebarNavLink").filter(has_text=name).click()
        await stand(page, title)
        times.setdefault(f"switch to {name}", []).append(time.perf_counter() - begun)
    await context.close()


@dataclass
class Figures:
    """What was measured: seconds by step, then how long and how much processor of the server."""

    times: Times = field(default_factory=dict)
    wall: float = 0.0
    server: float = 0.0


async def measure(address: str, tabs: int, server: Process) -> tuple[Figures, Figures]:
    """Time one visitor alone (after a warm-up), then all at once."""
    found: list[Figures] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        await work(browser, address, 0, {})
        for visitors in (1, tabs):
            figures, used, begun = Figures(), server.processor(), time.perf_counter()
            await asyncio.gather(
                *(work(browser, address, number, figures.times) for number in range(visitors))
            )
            figures.wall = time.perf_counter() - begun
            figures.server = server.processor() - used
            found.append(figures)
        await browser.close()
    return found[0], found[1]


def main() -> None:
    """Prepare, serve, time, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tabs", type=int, default=6)
    tabs = parser.parse_args().tabs
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        prepare(home)
        address, process = serve(
            REPOSITORY / "app.py", Path(folder) / "log", ZHENGGAI_HOME=str(home)
        )
        try:
            alone, together = asyncio.run(measure(address, tabs, Process("web app", process)))
        finally:
            process.terminate()
            process.wait(20)
    print(f"{'seconds':28} {'alone':>7} {'median of ' + str(tabs):>13} {'slowest':>8}")
    for step, taken in together.times.items():
        first, median, most = alone.times[step][0], statistics.median(taken), max(taken)
        print(f"{step:28} {first:7.2f} {median:13.2f} {most:8.2f}")
    for name, figures in (("alone", alone), (f"{tabs} at once", together)):
        print(
            f"{name}: {figures.wall:.1f} s in all, of which the server worked {figures.server:.1f} "
            f"s of processor ({figures.server / figures.wall:.2f} cores of {os.cpu_count()})"
        )


if __name__ == "__main__":
    main()

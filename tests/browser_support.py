"""A served app and a headless Chromium for tests; a page that left 127.0.0.1 fails its test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

REPOSITORY = Path(__file__).resolve().parent.parent
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
START_SECONDS = 60
expect.set_options(timeout=30_000)
LOCAL = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:", "about:")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(app: Path, log: Path, **environment: str) -> tuple[str, subprocess.Popen[bytes]]:
    """Start an app on a free port and wait until it answers."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urlopen(f"{address}/_stcore/health") as answer:
                if answer.status == 200:
                    return address, process
        except (URLError, ConnectionError):
            time.sleep(0.2)
    process.terminate()
    raise RuntimeError(f"the app did not start: {log.read_text(errors='replace')[-2000:]}")


@dataclass
class Visitor:
    """One browser context: a page, what it asked of other hosts, what it complained of."""

    page: Page
    address: str
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> Page:
        """Open a page and wait until it stands still."""
        self.page.goto(self.address + path)
        settle(self.page)
        return self.page


def settle(page: Page) -> None:
    """Wait until no script runs and nothing on the page is stale."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)
    expect(page.locator("[data-stale='true']")).to_have_count(0, timeout=20_000)
    page.wait_for_timeout(150)


def chromium_browser() -> Iterator[Browser]:
    """Start one browser for all tests."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def fake_apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Serve the fake desk, once for each set of settings."""
    running: dict[tuple[tuple[str, str], ...], tuple[str, subprocess.Popen[bytes]]] = {}

    def start(**environment: str) -> str:
        key = tuple(sorted(environment.items()))
        if key not in running:
            folder = tmp_path_factory.mktemp("app")
            running[key] = serve(
                REPOSITORY / "tests" / "browser_app.py",
                folder / "log",
                FAKE_HOME=str(folder / "home"),
                ZHENGGAI_HOME=str(folder / "home"),
                **environment,
            )
        return running[key][0]

    yield start
    for _, process in running.values():
        process.terminate()
        process.wait(20)


def visitors(chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Give visitors; at the end no request may have left this machine."""
    known: list[Visitor] = []

    def new(address: str, *, width: int = 1440, height: int = 900, dark: bool = False) -> Visitor:
        context = chromium.new_context(
            locale="zh-CN",
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            accept_downloads=True,
        )
        visitor = Visitor(context.new_page(), address)
        visitor.page.on(
            "request",
            lambda request: (
                None if request.url.startswith(LOCAL) else visitor.outside.append(request.url)
            ),
        )
        visitor.page.on(
            "console",
            lambda message: (
                visitor.complaints.append(message.text)
                if "Content Security Policy" in message.text
                else None
            ),
        )
        known.append(visitor)
        return visitor

    yield new
    left = [url for visitor in known for url in visitor.outside]
    complaints = [text for visitor in known for text in visitor.complaints]
    for visitor in known:
        visitor.page.context.close()
    assert left == []
    assert complaints == []

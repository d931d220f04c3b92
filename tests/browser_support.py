"""A served app and a headless Chromium for tests; a page that left 127.0.0.1 fails its test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from tests.ports import end_server, free_port
from tests.waiting import LONG_S

REPOSITORY = Path(__file__).resolve().parent.parent
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
START_SECONDS = 120
expect.set_options(timeout=60_000)
LOCAL = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:", "about:")


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
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), urlopen(f"{address}/_stcore/health", timeout=10) as answer:
            if answer.status == 200:
                return address, process
        time.sleep(0.1)
    end_server(process)
    raise RuntimeError(f"the app did not start: {log.read_text(errors='replace')[-2000:]}")


@dataclass
class Visitor:
    """One browser context: a page, what it asked of other hosts, what it complained of."""

    page: Page
    address: str
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def tell(self) -> None:
        """Say what the page shows; pytest passes it on where the test failed."""
        with suppress(Error):
            shown = self.page.inner_text("body", timeout=2_000)
            sys.stdout.write(f"{self.page.url}\n{shown[-4000:]}\n")

    def open(self, path: str = "/") -> Page:
        """Open a page and wait until it stands still."""
        self.page.goto(self.address + path)
        settle(self.page)
        return self.page


_WIRE = """
(() => { const Plain = window.WebSocket, wire = window.testWire = {sent: 0, got: 0};
window.WebSocket = class extends Plain {
  constructor(...given) { super(...given);
    this.addEventListener("message", () => { wire.got = performance.now(); }); }
  send(data) { wire.sent = performance.now(); return super.send(data); } }; })()
"""
"""Run before a page: notes when it last asked the server and when the server last answered."""
_SETTLED = """() => {
const app = document.querySelector("[data-testid=stApp]"), now = performance.now();
if (app?.getAttribute("data-test-script-state") !== "notRunning") return false;
if (document.querySelector("[data-stale=true]")) return false;
const wire = window.testWire;
return !wire || now - wire.got > 150 && (wire.got > wire.sent || now - wire.sent > 10000); }"""


def settle(page: Page) -> None:
    """Wait until what was asked is answered, no script runs and nothing on the page is stale."""
    deadline = time.monotonic() + LONG_S
    page.wait_for_timeout(150)
    while not _settled(page):
        assert time.monotonic() < deadline, f"{page.url} did not come to rest"
        page.wait_for_timeout(50)


def _settled(page: Page) -> bool:
    try:
        return bool(page.evaluate(_SETTLED))
    except Error as error:
        if "context was destroyed" in str(error):  # on its way to another page
            return False
        raise


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
        end_server(process)


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
        context.add_init_script(_WIRE)
        context.set_default_timeout(60_000)
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
        visitor.tell()
        visitor.page.context.close()
    assert left == []
    assert complaints == []

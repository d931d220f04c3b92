"""Every program of ours, started as users start it: which addresses does it call? None outside."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from mcp import StdioServerParameters
from mcp.client import Client
from playwright.sync_api import sync_playwright

from tests.browser_support import CHROMIUM, LOCAL, settle
from tests.ports import end_server, free_port
from tests.world import open_reviewer

pytestmark = pytest.mark.slow
REPOSITORY = Path(__file__).resolve().parent.parent
HOOK = """
import os, sys
def _told(event, args):
    if event == "socket.connect" or event == "socket.sendto":
        address = args[1]
        told = address if isinstance(address, (str, bytes)) else address[0]
    elif event == "socket.getaddrinfo":
        told = args[0]
    else:
        return
    line = f"{event} {told!r}\\n".encode()
    handle = os.open(os.environ["CONNECTIONS_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(handle, line)
    os.close(handle)
sys.addaudithook(_told)
"""
"""Put into every Python process of the program, its children's too."""
_HERE = ("'127.0.0.1'", "'::1'", "'localhost'", "None", "'0.0.0.0'", "''", "b''")


class Watched:
    """A home with two notices, and an environment in which every connection is written down."""

    def __init__(self, folder: Path) -> None:
        reviewer = open_reviewer(folder / "home")
        reviewer.library.close()
        (folder / "hook").mkdir()
        (folder / "hook" / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
        self.log = folder / "connections"
        self.command = [sys.executable, "-m", "assistant.cli", "--home", str(folder / "home")]
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("ZHENGGAI_")},
            "PYTHONPATH": f"{folder / 'hook'}{os.pathsep}{REPOSITORY}",
            "CONNECTIONS_LOG": str(self.log),
        }

    def outside(self) -> list[str]:
        """What was called beyond this machine."""
        told = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        return [one for one in told if one.split(" ", 1)[1] not in _HERE and "/" not in one]

    @contextmanager
    def served(self, *words: str, health: str) -> Iterator[str]:
        """A server of ours, up and answering."""
        port = free_port()
        process = subprocess.Popen(
            [*self.command, *words, "--port", str(port)],
            cwd=REPOSITORY,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _until(lambda: _answers(address + health))
            yield address
        finally:
            end_server(process)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as reply:
            return bool(reply.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False


def _until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 240
    while not met():
        assert time.monotonic() < deadline, "the program did not start"
        time.sleep(0.2)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_the_watch_sees_a_connection(watched: Watched) -> None:
    """Otherwise the tests below would prove nothing."""
    code = (
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    )
    subprocess.run([sys.executable, "-c", code], env=watched.environment, check=False)
    assert watched.outside() == ["socket.connect '192.0.2.1'"]


@pytest.mark.parametrize("words", [("doctor",), ("list",), ("ask", "党费收缴不及时怎么整改？")])
def test_a_command_calls_nobody(watched: Watched, words: tuple[str, ...]) -> None:
    subprocess.run(
        [*watched.command, *words], cwd=REPOSITORY, env=watched.environment, capture_output=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert watched.outside() == []


def test_the_http_api_calls_nobody(watched: Watched) -> None:
    with watched.served("api", health="/openapi.json") as address:
        asked = Request(
            f"{address}/search",
            data='{"query": "党费收缴不及时"}'.encode(),
            headers={"content-type": "application/json"},
        )
        with urlopen(asked, timeout=60) as reply:
            assert reply.status == 200
    assert watched.outside() == []


def test_the_mcp_server_calls_nobody(watched: Watched) -> None:
    async def talk() -> None:
        command = StdioServerParameters(
            command=watched.command[0],
            args=[*watched.command[1:], "mcp"],
            env=watched.environment,
            cwd=str(REPOSITORY),
        )
        async with Client(command) as client:
            found = await client.call_tool("search_cases", {"query": "党费", "limit": 3})
            assert not found.is_error

    asyncio.run(talk())
    assert watched.outside() == []


@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium")
def test_the_web_app_with_a_page_open_calls_nobody(watched: Watched) -> None:
    asked: list[str] = []
    with watched.served("serve", health="/_stcore/health") as address, sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        for path in ("/", "/library", "/settings"):
            page.goto(address + path)
            settle(page)
        browser.close()
    assert asked
    assert [url for url in asked if not url.startswith(LOCAL)] == []
    assert watched.outside() == []


def test_usage_statistics_and_foreign_fonts_are_off() -> None:
    config = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["browser"]["gatherUsageStats"] is False
    assert "fontFaces" not in config["theme"]
    assert "http" not in str(config["theme"])
    style = (REPOSITORY / "assistant" / "ui" / "style.css").read_text(encoding="utf-8")
    assert "http" not in style
    assert "@import" not in style

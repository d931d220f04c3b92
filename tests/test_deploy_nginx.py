"""The proxy example as it is handed out, before the real app: TLS, sign-in, sizes, what is shut."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, expect

from assistant.library import open_library
from tests.browser_support import REPOSITORY, settle
from tests.nginx_server import NAME, SECRET, Front, nginx_program
from tests.ports import end_server, free_port

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(600)]
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served") / "home"


@pytest.fixture(scope="module")
def app(home: Path) -> Iterator[int]:
    """The app as `zhenggai serve` runs it, in header mode."""
    if nginx_program() is None:
        pytest.skip("nginx is not installed (Debian: nginx-light)")
    port = free_port()
    home.mkdir()
    with (home.parent / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "assistant.cli", "serve", "--port", str(port)],
            cwd=REPOSITORY,
            env={
                **os.environ,
                "ZHENGGAI_HOME": str(home),
                "ZHENGGAI_ACCESS": "header",
                "ZHENGGAI_HEADER_SECRET": SECRET,
                "ZHENGGAI_ALLOWED_HOSTS": NAME,
                "ZHENGGAI_ADMINS": "boss",
                "ZHENGGAI_METRICS": "true",
            },
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(f"http://127.0.0.1:{port}/readyz", home.parent / "log")
        yield port
    finally:
        end_server(process)


def _wait(url: str, log: Path) -> None:
    deadline = time.monotonic() + 400
    while True:
        try:
            with urlopen(url) as answer:
                assert answer.status == 200
                return
        except URLError:
            assert time.monotonic() < deadline, log.read_text(errors="replace")[-3000:]
            time.sleep(0.3)


@pytest.fixture(scope="module")
def front(app: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    # nginx drops its rights where it has them: what it serves from must be open to its user
    folder.chmod(0o755)
    made = Front(folder, app)
    checked = subprocess.run(made.command("-t"), capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    made.start()
    yield made
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_nobody_comes_in_who_is_not_signed_in(front: Front) -> None:
    for path in ("/", "/library", "/_stcore/upload_file/a/b", "/_stcore/stream", "/media/x"):
        assert front.ask(path)[0] == 401, path
        assert front.ask(path, account="stranger")[0] == 401, path
    claims = {"X-Forwarded-User": "boss", "X-Zhenggai-Secret": SECRET}
    assert front.ask("/", headers=claims)[0] == 401


def test_who_is_signed_in_gets_the_page(front: Front) -> None:
    status, body, headers = front.ask("/", account="zhang", headers={"Accept": "text/html"})
    assert status == 200
    assert b'<html lang="zh-CN">' in body
    assert "default-src 'self'" in headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/metrics", "/%6detrics", "//metrics", "/./metrics", "/x/../metrics", "/readyz"]
)
def test_what_is_for_supervisors_stays_inside(front: Front, path: str) -> None:
    status, body, _ = front.ask(path, account="boss")
    assert status == 403
    assert b"zhenggai_" not in body


@pytest.mark.parametrize("path", ["/metrics/", "/METRICS", "/metrics%2f", "/metrics;x"])
def test_other_spellings_of_it_are_nothing(front: Front, path: str) -> None:
    assert b"zhenggai_" not in front.ask(path, account="boss")[1]


def test_a_name_claimed_from_outside_changes_nothing(front: Front, chromium: Browser) -> None:
    """A real page over TLS and its WebSocket, with headers that claim to be 管理员."""
    context = chromium.browser_type.launch(
        executable_path=str(shutil.which("chromium") or "/usr/bin/chromium"),
        args=["--no-sandbox", f"--host-resolver-rules=MAP {NAME} 127.0.0.1"],
    ).new_context(
        ignore_https_errors=True,
        locale="zh-CN",
        extra_http_headers={
            "X-Forwarded-User": "boss",
            "X-Forwarded-Groups": "admins",
            "X-Zhenggai-Identity": '["boss","",[]]',
            "X-Zhenggai-Secret": SECRET,
        },
    )
    try:
        url = f"https://{NAME}:{front.port}"
        context.add_cookies([{"name": "session", "value": "zhang", "url": url}])
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.goto(url)
        settle(page)
        expect(page.locator(".st-key-who")).to_contain_text("zhang · 经办")
        cookies = [one for one in context.cookies() if one["name"] != "session"]
        assert cookies
        assert all(one["secure"] for one in cookies), cookies
        context.clear_cookies(name="session")
        context.add_cookies([{"name": "session", "value": "boss", "url": url}])
        page.goto(url)
        settle(page)
        expect(page.locator(".st-key-who")).to_contain_text("boss · 管理员")
    finally:
        browser = context.browser
        context.close()
        if browser is not None:
            browser.close()


def test_a_body_over_the_limit_is_stopped_by_the_proxy_or_the_app(front: Front) -> None:
    where = "/_stcore/upload_file/session/file"
    status, body, _ = front.ask(where, method="PUT", body=b"x" * (56 * MEGABYTE), account="zhang")
    assert status == 413
    assert "50 MB" in body.decode()
    try:
        status, body, _ = front.ask(
            where, method="PUT", body=b"x" * (61 * MEGABYTE), account="zhang"
        )
    except (BrokenPipeError, ConnectionResetError):
        return  # cut off while sending: stopped as well
    assert status == 413
    assert b"nginx" in body


def test_a_foreign_name_and_a_foreign_page_are_refused(front: Front) -> None:
    status, body, _ = front.ask("/", account="zhang", headers={"Host": "evil.example"})
    assert status == 403
    assert "不在允许的访问地址之内" in body.decode()
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw==",
        "Origin": "https://evil.example",
    }
    assert front.ask("/_stcore/stream", account="zhang", headers=upgrade)[0] == 403


def test_the_apps_own_port_believes_nobody_without_the_secret(
    front: Front, app: int, home: Path
) -> None:
    for headers in ({}, {"X-Forwarded-User": "boss"}, {"X-Zhenggai-Secret": "guess"}):
        wire = http.client.HTTPConnection("127.0.0.1", app, timeout=120)
        wire.request("GET", "/", headers={"X-Forwarded-User": "boss", **headers})
        assert wire.getresponse().status == 403
        wire.close()
    library = open_library(home)
    deadline = time.monotonic() + 120
    # the audit is written beside the answer
    while not (noted := [e for e in library.audit_entries(action="拒绝") if "密钥" in e.detail]):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    library.close()
    assert noted


def test_plain_http_is_sent_to_tls(front: Front) -> None:
    wire = http.client.HTTPConnection("127.0.0.1", front.plain_port, timeout=120)
    wire.request("GET", "/draft?p=1", headers={"Host": NAME})
    answer = wire.getresponse()
    assert (answer.status, answer.getheader("Location")) == (301, f"https://{NAME}/draft?p=1")
    wire.close()

"""The gate over real sockets: hosts, origins, identities and sizes, on pages and the WebSocket."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser_support import REPOSITORY, serve
from tests.ports import end_server

pytestmark = pytest.mark.slow
STREAM = "/_stcore/stream"
SECRET = "only-the-proxy-knows"
Start = Callable[..., "Served"]


class Served:
    """A running app, spoken to in raw bytes."""

    def __init__(self, address: str, log: Path) -> None:
        host, port = address.removeprefix("http://").split(":")
        self.host, self.port, self.log = host, int(port), log

    @property
    def own(self) -> str:
        return f"{self.host}:{self.port}"

    def get(self, path: str = "/", **headers: str) -> tuple[int, str]:
        """Give status and body of a page."""
        return self.send("GET", path, headers={"Host": self.own, **headers})

    def open_socket(self, **headers: str) -> int:
        """Give the status that a WebSocket handshake is answered with."""
        key = base64.b64encode(os.urandom(16)).decode()
        handshake = {
            "Host": self.own,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": key,
            "Sec-WebSocket-Version": "13",
            **headers,
        }
        return self.send("GET", STREAM, headers=handshake, whole=False)[0]

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str],
        body: bytes = b"",
        whole: bool = True,
    ) -> tuple[int, str]:
        lines = [f"{method} {path} HTTP/1.1"]
        for name, value in headers.items():
            lines += [f"{name}: {one}" for one in value.split("\n")]
        if whole:
            lines.append("Connection: close")
        with socket.create_connection((self.host, self.port), timeout=120) as wire:
            wire.sendall("\r\n".join([*lines, "", ""]).encode() + body)
            answer = b""
            while chunk := wire.recv(65536):
                answer += chunk
                if not whole and b"\r\n\r\n" in answer:
                    break
        text = answer.decode("utf-8", "replace")
        return int(text.split()[1]), text


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    running: dict[tuple[tuple[str, str], ...], tuple[Served, subprocess.Popen[bytes]]] = {}

    def new(**environment: str) -> Served:
        key = tuple(sorted(environment.items()))
        if key not in running:
            folder = tmp_path_factory.mktemp("gate")
            address, process = serve(
                REPOSITORY / "tests" / "browser_app.py",
                folder / "log",
                FAKE_HOME=str(folder / "home"),
                ZHENGGAI_HOME=str(folder / "home"),
                FORWARDED_ALLOW_IPS="",
                **environment,
            )
            running[key] = Served(address, folder / "log"), process
        return running[key][0]

    yield new
    for _, process in running.values():
        end_server(process)


@pytest.fixture
def plain(start: Start) -> Served:
    return start()


@pytest.fixture
def proxied(start: Start) -> Served:
    return start(
        ZHENGGAI_ACCESS="header",
        ZHENGGAI_HEADER_SECRET=SECRET,
        ZHENGGAI_ALLOWED_HOSTS="zhenggai.office.example",
        ZHENGGAI_MAX_SESSIONS="3",
        ZHENGGAI_MAX_UPLOAD_MB="1",
    )


# ---------------------------------------------------------------------- hosts and origins


def test_our_own_name_is_answered(plain: Served) -> None:
    assert plain.get()[0] == 200
    assert plain.open_socket(Origin=f"http://{plain.own}") == 101


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8501", "localhost.evil.example", "127.0.0.1.evil.example", "",
     "localhost@evil.example", "localhost\nevil.example", "10.0.0.9", "[::2]:80", "local host"],
)  # fmt: skip
def test_a_foreign_host_is_refused_on_page_and_socket(plain: Served, host: str) -> None:
    status, body = plain.get(Host=host)
    assert status in (400, 403)
    assert "<script" not in body
    assert plain.open_socket(Host=host, Origin=f"http://{host.split()[-1:] or 'x'}") in (400, 403)


def test_a_rebound_page_cannot_open_the_socket_under_its_own_name(plain: Served) -> None:
    assert plain.open_socket(Host="evil.example", Origin="http://evil.example") == 403


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://127.0.0.1:1", "https://localhost.evil.example"],
)
def test_a_foreign_page_cannot_open_the_socket(plain: Served, origin: str) -> None:
    assert plain.open_socket(Origin=origin) == 403


def test_the_refusal_is_a_chinese_sentence_for_people_and_json_for_programs(plain: Served) -> None:
    _, page = plain.get(Host="evil.example", Accept="text/html")
    assert "<h1>整改参谋</h1>" in page
    assert "不在允许的访问地址之内" in page
    assert "content-security-policy" in page.lower()
    _, answer = plain.get(Host="evil.example", Accept="application/json")
    assert '{"error": "这个地址不在允许的访问地址之内' in answer


def test_a_name_from_the_settings_is_answered_whatever_its_port(proxied: Served) -> None:
    known = {
        "Host": "zhenggai.office.example",
        "X-Zhenggai-Secret": SECRET,
        "X-Forwarded-User": "zhang",
    }
    assert proxied.get(**known)[0] == 200
    assert proxied.get(**{**known, "Host": "other.office.example"})[0] == 403


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/openapi.json"])
def test_doors_of_the_framework_that_nobody_needs_are_shut(plain: Served, path: str) -> None:
    assert plain.get(path)[0] == 404


# ---------------------------------------------------------------------- identities


def test_a_proxy_with_the_secret_brings_its_user(proxied: Served) -> None:
    given = {"X-Zhenggai-Secret": SECRET, "X-Forwarded-User": "zhang"}
    assert proxied.get(**given)[0] == 200
    assert proxied.open_socket(Origin=f"http://{proxied.own}", **given) == 101


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "没有出示约定的密钥"),
        ({"X-Forwarded-User": "zhang"}, "没有出示约定的密钥"),
        ({"X-Forwarded-User": "zhang", "X-Zhenggai-Secret": "guess"}, "没有出示约定的密钥"),
        ({"X-Forwarded-User": "zhang", "X-Zhenggai-Secret": f"{SECRET}\n{SECRET}"}, "没有出示"),
        ({"X-Zhenggai-Secret": SECRET}, "没有收到用户身份"),
        ({"X-Zhenggai-Secret": SECRET, "X-Forwarded-User": "zhang\nli"}, "收到多个用户身份"),
        ({"X-Zhenggai-Secret": SECRET, "X-Forwarded-User": "zhang,li"}, "有效的用户身份"),
        ({"X-Zhenggai-Secret": SECRET, "X-Zhenggai-Identity": '["li","",[]]'}, "没有收到用户身份"),
        ({"X-Zhenggai-Secret": SECRET, "X_Forwarded_User": "zhang"}, "没有收到用户身份"),
    ],
)
def test_a_spoofed_identity_is_refused_on_page_and_socket(
    proxied: Served, given: dict[str, str], sentence: str
) -> None:
    status, body = proxied.get(**given)
    assert status == 403
    assert sentence in body
    assert proxied.open_socket(Origin=f"http://{proxied.own}", **given) == 403


def test_uploads_and_media_need_an_identity_as_pages_do(proxied: Served) -> None:
    for path in ("/_stcore/upload_file/x/y", "/media/x", "/static/index.js"):
        assert proxied.get(path)[0] == 403


def test_headers_from_elsewhere_than_the_proxy_are_refused(start: Start) -> None:
    served = start(ZHENGGAI_ACCESS="header", ZHENGGAI_TRUSTED_PROXIES="10.9.8.7")
    status, body = served.get(**{"X-Forwarded-User": "zhang"})
    assert status == 403
    assert "只接受本单位统一入口转来的访问" in body
    # nor does a header about the way here help
    assert served.get(**{"X-Forwarded-User": "zhang", "X-Forwarded-For": "10.9.8.7"})[0] == 403


def test_health_is_told_without_an_identity(proxied: Served) -> None:
    assert proxied.get("/_stcore/health")[0] == 200
    assert proxied.get("/healthz")[0] == 200


# ---------------------------------------------------------------------- how much


def test_a_body_over_the_limit_is_refused_with_or_without_its_length(proxied: Served) -> None:
    head = {
        "Host": proxied.own,
        "X-Zhenggai-Secret": SECRET,
        "X-Forwarded-User": "zhang",
        "Accept": "application/json",
    }
    path = "/_stcore/upload_file/x/y"
    status, body = proxied.send("PUT", path, headers={**head, "Content-Length": str(3 << 20)})
    assert status == 413
    assert "超过 1 MB" in body
    assert proxied.send("PUT", path, headers={**head, "Content-Length": "-1"})[0] in (400, 413)


def test_who_sends_a_body_over_the_limit_whole_is_told_so_and_not_cut_off(
    proxied: Served,
) -> None:
    body = b"x" * (24 << 20)
    head = {
        "Host": proxied.own,
        "X-Zhenggai-Secret": SECRET,
        "X-Forwarded-User": "zhang",
        "Content-Length": str(len(body)),
    }
    status, told = proxied.send("PUT", "/_stcore/upload_file/x/y", headers=head, body=body)
    assert status == 413
    assert "超过 1 MB" in told


def test_the_socket_tells_when_no_seat_is_left_and_shuts_when_overrun(start: Start) -> None:
    # an app of its own: in another the seats of the tests before may still be given up
    proxied = start(
        ZHENGGAI_ACCESS="header", ZHENGGAI_HEADER_SECRET=SECRET, ZHENGGAI_MAX_SESSIONS="3"
    )
    given = {"X-Zhenggai-Secret": SECRET, "X-Forwarded-User": "zhang", "Host": proxied.own}
    wires = []
    try:
        statuses = []
        for _ in range(8):
            wire = socket.create_connection((proxied.host, proxied.port), timeout=120)
            wires.append(wire)
            lines = [f"{name}: {value}" for name, value in given.items()]
            key = base64.b64encode(os.urandom(16)).decode()
            wire.sendall(
                "\r\n".join(
                    [f"GET {STREAM} HTTP/1.1", *lines, "Upgrade: websocket", "Connection: Upgrade",
                     f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", ""]
                ).encode()
            )  # fmt: skip
            statuses.append(int(wire.recv(4096).split()[1]))
    finally:
        for wire in wires:
            wire.close()
    assert statuses[:6] == [101] * 6
    assert statuses[6:] == [403, 403]


# ---------------------------------------------------------------------- closed


def test_without_login_nothing_is_served_beyond_this_machine(start: Start) -> None:
    served = start(STREAMLIT_SERVER_ADDRESS="0.0.0.0")
    status, body = served.get(Accept="text/html")
    assert status == 503
    assert "没有设置登录，不对本机以外开放" in body
    assert served.open_socket(Origin=f"http://{served.own}") == 403


def test_wrong_settings_shut_the_gate_and_say_why(start: Start) -> None:
    served = start(ZHENGGAI_ACCESS="oidc")
    status, body = served.get(Accept="text/html")
    assert status == 503
    assert "没有填 oidc_metadata_url" in body


def test_cookies_over_tls_are_secure(proxied: Served) -> None:
    given = {"X-Zhenggai-Secret": SECRET, "X-Forwarded-User": "zhang"}
    _, plain_answer = proxied.get("/_stcore/health", **given)
    _, over_tls = proxied.get("/_stcore/health", **given, **{"X-Forwarded-Proto": "https"})
    assert "set-cookie" in plain_answer.lower()
    assert "; Secure" not in plain_answer
    assert "; Secure" in over_tls


def test_who_is_not_signed_in_uploads_nothing(start: Start) -> None:
    served = start(
        ZHENGGAI_ACCESS="oidc",
        ZHENGGAI_OIDC_METADATA_URL="http://127.0.0.1:9/.well-known/openid-configuration",
        ZHENGGAI_OIDC_CLIENT_ID="zhenggai",
        ZHENGGAI_OIDC_CLIENT_SECRET="secret",
        ZHENGGAI_OIDC_REDIRECT_URL="https://zhenggai.example/oauth2callback",
    )
    for path in ("/_stcore/upload_file/x/y", "/media/x"):
        for cookie in ("", "_streamlit_user=e30.0.x", "_streamlit_user="):
            status, body = served.get(path, Cookie=cookie)
            assert status == 401
            assert "请先登录" in body
    assert served.get()[0] == 200
    assert served.open_socket(Origin=f"http://{served.own}") == 101

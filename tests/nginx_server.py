"""nginx with the very configuration that is handed out, before the real app, on free ports."""

from __future__ import annotations

import datetime
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Mapping
from functools import partial
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.browser_support import REPOSITORY
from tests.ports import end_server, free_port

CONFIG = REPOSITORY / "deploy" / "nginx.conf"
NAME = "zhenggai.example.gov"
SECRET = "0123456789abcdef0123456789abcdef"
ACCOUNTS = {"zhang": "张三", "boss": "赵六"}


def nginx_program() -> str | None:
    """Give the program, which is often not on a user's path."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


class SignIn(BaseHTTPRequestHandler):
    """Answers as a sign-in service does: 200 with the account of the cookie, or 401."""

    def do_GET(self) -> None:
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("session")
        account = cookie.value if cookie else ""
        self.send_response(200 if account in ACCOUNTS else 401)
        if account in ACCOUNTS:
            self.send_header("X-Auth-Request-User", account)
            self.send_header("X-Auth-Request-Groups", "office,inspection-office")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Service(ThreadingHTTPServer):
    request_queue_size = 512
    """A page asks for seventy files at once, and each is asked about here."""


def certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for the name, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    crt, private = folder / "zhenggai.crt", folder / "zhenggai.key"
    crt.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return crt, private


class Front:
    """nginx on this machine before an app at a port."""

    def __init__(self, folder: Path, app_port: int) -> None:
        self.folder, self.port, self.plain_port = folder, free_port(), free_port()
        self.sign_in = _Service(("127.0.0.1", 0), SignIn)
        threading.Thread(target=self.sign_in.serve_forever, daemon=True).start()
        crt, key = certificate(folder)
        text = CONFIG.read_text(encoding="utf-8")
        for old, new in (
            ("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl"),
            ("listen 80;", f"listen 127.0.0.1:{self.plain_port};"),
            ("server 127.0.0.1:8501;", f"server 127.0.0.1:{app_port};"),
            ("127.0.0.1:4180", f"127.0.0.1:{self.sign_in.server_port}"),
            ("/etc/ssl/zhenggai.crt", str(crt)),
            ("/etc/ssl/private/zhenggai.key", str(key)),
            ("the value of ZHENGGAI_HEADER_SECRET", SECRET),
        ):
            assert old in text, f"{old} is not in {CONFIG.name}"
            text = text.replace(old, new)
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        self.config = folder / "nginx.conf"
        self.config.write_text(
            # as who runs the test: its folders are nobody else's
            f"{'' if os.geteuid() else 'user root;'}\n"
            f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
            "worker_processes 1;\nevents {}\n"
            f"http {{\naccess_log off;\n{temporary}{text}\n}}\n",
            encoding="utf-8",
        )
        self.config.chmod(0o644)
        self._process: subprocess.Popen[bytes] | None = None

    def command(self, *more: str) -> list[str]:
        """Give the command line with this configuration."""
        program = nginx_program()
        assert program
        return [program, "-p", str(self.folder), "-c", str(self.config), *more]

    def start(self) -> None:
        """Start and wait until it answers."""
        self._process = subprocess.Popen(self.command())
        deadline = time.monotonic() + 60
        while True:
            try:
                self.ask("/healthz")
                return
            except OSError:
                assert time.monotonic() < deadline, (self.folder / "error.log").read_text()
                time.sleep(0.1)

    def stop(self) -> None:
        """Stop it and the sign-in service."""
        if self._process is not None:
            end_server(self._process)
        self.sign_in.shutdown()
        self.sign_in.server_close()

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        account: str = "",
    ) -> tuple[int, bytes, Mapping[str, str]]:
        """Make one request over TLS, checked against our certificate."""
        trust = ssl.create_default_context(cafile=str(self.folder / "zhenggai.crt"))
        wire = http.client.HTTPSConnection(NAME, self.port, context=trust, timeout=60)
        # by its name, though no name server knows it
        here = ("127.0.0.1", self.port)
        connect = partial(socket.create_connection, here, 60)
        wire._create_connection = lambda *_: connect()  # type: ignore[attr-defined]
        cookie = {"Cookie": f"session={account}"} if account else {}
        try:
            wire.request(method, path, body=body, headers={**cookie, **(headers or {})})
            answer = wire.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        finally:
            wire.close()

"""Runs the web app in a process of its own and ends it cleanly."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from assistant.access.front_door import OPEN_WARNING, cookie_secret, is_open_to_all, require_closed
from assistant.errors import SettingsError
from assistant.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
GRACE_SECONDS = 10
SIGNALLED = 128
"""Added by shells to the number of the signal that ended a program."""


def serve(settings: Settings, *, address: str, port: int) -> int:
    """Serve until interrupted; gives the exit status, 0 where the end was asked for.

    Raises `SettingsError` when the port is taken or the page files are missing.
    """
    script = ROOT / "app.py"
    if not script.exists():
        raise SettingsError(
            "找不到网页程序 app.py", where=str(ROOT), todo="请在完整的程序目录中运行"
        )
    require_closed(settings, address)
    require_free(address, port)
    shown = "127.0.0.1" if address in ("0.0.0.0", "::") else address
    print(f"网页版：http://{shown}:{port}  （按 Ctrl+C 退出）", file=sys.stderr)
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(script)),
        *("--server.address", address, "--server.port", str(port)),
    ]
    # the gate before the app checks hosts, also on pages and calls
    command += ["--server.allowedHosts", "*"]
    command += ["--server.maxUploadSize", str(settings.max_upload_mb)]
    if is_open_to_all(settings, address):
        print(f"警告：{OPEN_WARNING}", file=sys.stderr)
    environment = {
        **os.environ,
        "ZHENGGAI_HOME": str(settings.home.resolve()),
        # the gate must see who really connects, not what a header says
        "FORWARDED_ALLOW_IPS": "",
    }
    if settings.access != "off":
        environment["STREAMLIT_SERVER_COOKIE_SECRET"] = cookie_secret(settings.home)
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        # our end is the app's end, whoever asks for it
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        try:
            status = process.wait()
        except KeyboardInterrupt:
            process.terminate()
            process.wait(GRACE_SECONDS)
            return 0
    # a supervisor must not take the end it asked for as a failure
    if status == -signal.SIGTERM:
        return 0
    return SIGNALLED - status if status < 0 else status


def require_free(address: str, port: int) -> None:
    """Raise `SettingsError` where nobody could listen: in a sentence, not in a log of errors."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except (OSError, UnicodeError) as error:
            raise SettingsError(
                "端口被占用或地址不可用",
                where=f"{address}:{port}",
                todo="请用 --port 换一个端口，或检查 --address",
            ) from error

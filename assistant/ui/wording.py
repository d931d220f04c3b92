"""Puts the page in Chinese before it is ours to draw: its language, and Streamlit's own words.

Streamlit has no translations. Its one HTML page is sent with `lang="zh-CN"` and a script of ours
that replaces the known words of its controls as they appear; the script comes from this server, so
that the policy against foreign scripts stays as it is. The same script loads early what the next
pages are drawn with.
"""

from __future__ import annotations

from pathlib import Path

from assistant.ui.security import Application, Message, Receive, Scope, Send
from assistant.ui.warming import warming_js

SCRIPT_PATH = "/wording.js"
_FILE = Path(__file__).parent / "assets" / "wording.js"
_CONDITIONS = frozenset({b"accept-encoding", b"if-none-match", b"if-modified-since"})
_OF_THE_BODY = frozenset({b"content-length", b"etag", b"last-modified"})


class ChineseShell:
    """ASGI middleware: serves the script and adds it to every HTML page."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._script = _FILE.read_bytes() + warming_js()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for the script, rewrite pages, pass on everything else."""
        path = str(scope.get("path", ""))
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif path == SCRIPT_PATH:
            await self._serve(send)
        elif "." in path.rsplit("/", 1)[-1] or path.startswith("/_stcore"):
            await self._app(scope, receive, send)
        else:
            # the page must come whole and readable: neither compressed nor "not modified"
            headers = [pair for pair in scope["headers"] if pair[0].lower() not in _CONDITIONS]
            await self._app({**scope, "headers": headers}, receive, _Rewriting(send))

    async def _serve(self, send: Send) -> None:
        headers = [
            (b"content-type", b"text/javascript; charset=utf-8"),
            (b"content-length", str(len(self._script)).encode()),
            (b"cache-control", b"no-cache"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self._script})


class _Rewriting:
    """A `send` that holds an HTML page back until it is whole, and adds the script to it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        body = in_chinese(self._body)
        kept = [pair for pair in start["headers"] if pair[0].lower() not in _OF_THE_BODY]
        kept.append((b"content-length", str(len(body)).encode()))
        await self._send({**start, "headers": kept})
        await self._send({"type": "http.response.body", "body": body})


def _is_page(start: Message) -> bool:
    held = {name.lower(): value for name, value in start.get("headers", ())}
    html = held.get(b"content-type", b"").startswith(b"text/html")
    return html and b"content-encoding" not in held


def in_chinese(page: bytes) -> bytes:
    """Name the language of a page and load the words before the rest of it."""
    page = page.replace(b'<html lang="en">', b'<html lang="zh-CN">', 1)
    return page.replace(b"<head>", f'<head><script src="{SCRIPT_PATH}"></script>'.encode(), 1)

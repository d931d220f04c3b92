"""What supervisors ask of a running server: `/healthz`, `/readyz`, `/metrics`. Any ASGI app.

Answered before everything else of the app, so that neither signing in nor a full queue can make
a living process look dead.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from assistant.access.hosts import Hosts
from assistant.operation.health import readiness, watch
from assistant.operation.metrics import CONTENT_TYPE, metrics
from assistant.operation.operations import identified, new_id
from assistant.review import Reviewer

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Opened = Callable[[], Reviewer | None]
"""Gives the open product, or nothing while it is being opened."""

_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
_FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")
_OF_PAGES = ("origin", "referer", "cookie")
"""What no supervisor sends and browsers do when a page asks."""
_LOCAL = Hosts((), "127.0.0.1")
REQUEST_ID = b"x-request-id"


class Probes:
    """ASGI middleware that answers the three paths and passes everything else on."""

    def __init__(self, app: Application, opened: Opened) -> None:
        self._app, self._opened = app, opened
        self._watched: Reviewer | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a probe, or pass the request on."""
        path = scope.get("path") if scope["type"] == "http" else None
        if path not in ("/healthz", "/readyz", "/metrics"):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if request.method not in ("GET", "HEAD"):
            response: Response = PlainTextResponse("GET\n", 405)
        elif path == "/healthz":
            response = JSONResponse({"status": "ok"})
        elif path == "/readyz":
            response = await run_in_threadpool(self._ready)
        else:
            response = await run_in_threadpool(self._metrics, request)
        response.headers["cache-control"] = "no-store"
        await response(scope, receive, send)

    def _ready(self) -> Response:
        checks = readiness(self._opened())
        ready = all(check.ok for check in checks)
        told = [{"name": c.name, "ok": c.ok, "message": c.message} for c in checks]
        return JSONResponse(
            {"status": "ready" if ready else "not ready", "checks": told}, 200 if ready else 503
        )

    def _metrics(self, request: Request) -> Response:
        reviewer = self._opened()
        if reviewer is None:
            return PlainTextResponse("案例库尚未打开\n", 503)
        if not reviewer.settings.metrics:
            return PlainTextResponse("指标未开启：请设置 ZHENGGAI_METRICS=true\n", 404)
        if not may_read_metrics(request, reviewer.settings.api_token.get_secret_value()):
            return PlainTextResponse("指标只对本机开放，或须带访问令牌\n", 403)
        if self._watched is not reviewer:
            watch(reviewer)
            self._watched = reviewer
        return Response(metrics().text(), media_type=CONTENT_TYPE)


def may_read_metrics(request: Request, token: str) -> bool:
    """Tell whether a caller is this machine itself or bears the token.

    What a proxy on this machine hands on comes from loopback too and is not this machine's; nor is
    a page in a browser here whose name was made to lead to us (DNS rebinding).
    """
    given = request.headers.get("authorization", "").encode("latin-1")  # the bytes as sent
    if token and secrets.compare_digest(given, f"Bearer {token}".encode()):
        return True
    if any(name in request.headers for name in (*_FORWARDED, *_OF_PAGES)):
        return False
    if request.client is None or not _LOCAL.allows(request.headers.get("host", "")):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


class RequestIds:
    """ASGI middleware that does each request under an id, the caller's or a new one."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its id and tell the id in the response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(REQUEST_ID, b"").decode("latin-1")
        name = given if _ID.fullmatch(given) else new_id()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (REQUEST_ID, name.encode())]
            await send(message)

        with identified(name):
            await self._app(scope, receive, send_with_id)

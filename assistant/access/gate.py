"""The gate before every page, socket and call: host, origin, size, proxy, seats. Plain ASGI.

Nothing behind it sees a request for a foreign host (DNS rebinding), a socket opened by a foreign
page, a body over the limit, or a header that claims an identity without right.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from assistant.access.gate_answers import refusal, refusal_of_a_body
from assistant.access.hosts import Hosts
from assistant.access.identity import (
    IDENTITY_HEADER,
    OURS,
    SEAT_HEADER,
    ProxyRules,
    proxy_rules,
    sealed,
)
from assistant.access.policy import AccessMode
from assistant.errors import AccessRefused, SettingsError
from assistant.settings import Settings

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Refused = Callable[[Scope, int, str], None]
"""Is told of a refused call: what it was, the status, the sentence."""

MEGABYTE = 1024 * 1024
ROOM_FOR_FORM = MEGABYTE
"""What a form adds around an upload."""
OVERFULL = 2
"""So many times the seats may knock and be told it is full; more are turned away unheard."""
OPEN_PATHS = ("/_stcore/health", "/healthz", "/readyz", "/metrics", "/health")
"""Answered without an identity, so that supervisors reach them."""
ALIVE_PATHS = ("/_stcore/health", "/healthz")
"""Answered also while the settings are wrong: the process lives, and says to people what is."""
SIGNED_PATHS = ("/_stcore/upload_file", "/media")
"""In oidc mode answered only to who is signed in; pages and socket show the way to sign in."""
SHUT_PATHS = ("/_stcore/metrics", "/_stcore/agent")
"""Doors of the web framework that nobody here needs."""
TOO_LARGE = 413
_SAFE = ("GET", "HEAD", "OPTIONS")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GateRules:
    """What holds at the gate."""

    mode: AccessMode
    hosts: Hosts
    proxy: ProxyRules
    body_bytes: int
    max_sessions: int
    closed: str = ""
    """Why nobody is let in, where that is so."""
    secure_cookies: bool = False
    signed_in: Callable[[str], bool] = lambda _cookies: False
    """Tells whether a `Cookie` header is that of a signed-in user (oidc mode)."""


def gate_rules(settings: Settings, *, address: str, closed: str = "") -> GateRules:
    """Read the rules from the settings; raises `SettingsError`."""
    return GateRules(
        settings.access,
        Hosts(settings.allowed_hosts, address),
        proxy_rules(settings),
        settings.max_upload_mb * MEGABYTE + ROOM_FOR_FORM,
        settings.max_sessions,
        closed,
        settings.oidc_redirect_url.startswith("https://"),
    )


@dataclass
class _Refused(Exception):
    """An answer the gate gives itself."""

    status: int
    sentence: str
    headers: dict[str, str] = field(default_factory=dict)


class Gate:
    """ASGI middleware; `rules` is called until it gives rules, which then hold."""

    def __init__(
        self,
        app: Application,
        *,
        rules: Callable[[], GateRules],
        refused: Refused = lambda _scope, _status, _why: None,
    ) -> None:
        self._app, self._read_rules, self._refused = app, rules, refused
        self._rules: GateRules | None = None
        self._sockets = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may pass."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            rules = self._known()
        except SettingsError as error:
            if scope["path"] in ALIVE_PATHS:
                await self._app(scope, receive, send)
            else:
                await refusal(scope, send, 503, str(error))
            return
        try:
            scope = {**scope, "headers": self._checked(rules, scope)}
        except _Refused as no:
            _log.warning("refused %s at the gate: %s", scope["type"], no.sentence)
            self._refused(scope, no.status, no.sentence)
            if no.status == TOO_LARGE and scope["type"] == "http":
                await refusal_of_a_body(scope, receive, send, no.status, no.sentence)
            else:
                await refusal(scope, send, no.status, no.sentence)
            return
        if scope["type"] == "websocket":
            await self._seated(rules, scope, receive, send)
            return
        send = _secured(send) if _is_https(scope, rules) else send
        await self._sized(rules, scope, receive, send)

    def _known(self) -> GateRules:
        if self._rules is None:
            self._rules = self._read_rules()
        return self._rules

    # ------------------------------------------------------------------ who and where from

    def _checked(self, rules: GateRules, scope: Scope) -> list[tuple[bytes, bytes]]:
        """Give the headers as those behind may see them."""
        headers = list(scope["headers"])
        host = _one(headers, b"host")
        if not rules.hosts.allows(host):
            raise _Refused(
                403,
                "这个地址不在允许的访问地址之内。请用管理员给出的地址打开；"
                "管理员可在设置 allowed_hosts 中加入本服务的域名。",
            )
        _check_origin(rules, scope, host, _one(headers, b"origin"))
        _check_length(rules, _one(headers, b"content-length"))
        path, peer = scope["path"], (scope.get("client") or ("",))[0]
        if path.startswith(SHUT_PATHS):
            raise _Refused(404, "没有这个页面。")
        kept = [pair for pair in headers if not _claims(rules, pair[0])]
        if path in OPEN_PATHS:
            return kept
        if rules.closed:
            raise _Refused(503, rules.closed)
        unsigned = rules.mode == "oidc" and path.startswith(SIGNED_PATHS)
        if unsigned and not rules.signed_in(_one(headers, b"cookie")):
            raise _Refused(401, "请先登录。")
        if rules.mode == "header":
            try:
                identity = rules.proxy.identity(headers, peer=peer)
            except AccessRefused as error:
                raise _Refused(403, str(error)) from error
            kept.append((IDENTITY_HEADER.encode(), sealed(identity).encode()))
        return kept

    # ------------------------------------------------------------------ how much

    async def _seated(self, rules: GateRules, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the socket while it is open; the page behind tells who finds no seat."""
        if self._sockets >= OVERFULL * rules.max_sessions:
            await refusal(scope, send, 503, "")
            return
        if self._sockets >= rules.max_sessions:
            scope["headers"] = [*scope["headers"], (SEAT_HEADER.encode(), b"none")]
        self._sockets += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._sockets -= 1

    async def _sized(self, rules: GateRules, scope: Scope, receive: Receive, send: Send) -> None:
        """Stop a body that says no length and goes on past the limit; the answer is ours then."""
        read, started = 0, False

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > rules.body_bytes:
                raise _Refused(TOO_LARGE, _too_large(rules))
            return message

        async def noticed(message: Message) -> None:
            nonlocal started
            # what those behind make of a body cut short is not for the caller
            if started or read <= rules.body_bytes:
                started = True
                await send(message)

        try:
            await self._app(scope, counted, noticed)
        except _Refused:
            pass
        finally:
            if read > rules.body_bytes and not started:
                self._refused(scope, TOO_LARGE, _too_large(rules))
                await refusal_of_a_body(scope, receive, send, TOO_LARGE, _too_large(rules))


def _check_origin(rules: GateRules, scope: Scope, host: str, origin: str) -> None:
    risky = scope["type"] == "websocket" or scope["method"] not in _SAFE
    if origin and risky and not rules.hosts.is_own(origin, host):
        raise _Refused(403, "请求来自别的网站，已拒绝。请从整改参谋的页面操作。")


def _check_length(rules: GateRules, length: str) -> None:
    if length and (not length.isdigit() or int(length) > rules.body_bytes):
        raise _Refused(TOO_LARGE, _too_large(rules))


def _too_large(rules: GateRules) -> str:
    most = (rules.body_bytes - ROOM_FOR_FORM) // MEGABYTE
    return f"上传的内容超过 {most} MB，未接收。请拆分后再传。"


def _claims(rules: GateRules, name: bytes) -> bool:
    """Tell whether a header could claim an identity; those behind must not see it from outside.

    `_` and `-` are one: some servers behind a gateway fold them.
    """
    plain = name.decode("latin-1").lower().replace("_", "-")
    return plain in OURS or plain in rules.proxy.headers


def _one(headers: list[tuple[bytes, bytes]], name: bytes) -> str:
    """Give the only value of a header; several of one are as good as a wrong one."""
    values = [value.decode("latin-1") for key, value in headers if key.lower() == name]
    return values[0] if len(values) == 1 else ("" if not values else "\0")


def _is_https(scope: Scope, rules: GateRules) -> bool:
    if scope.get("scheme") == "https" or rules.secure_cookies:
        return True
    peer = (scope.get("client") or ("",))[0]
    return rules.proxy.trusts(peer) and _one(scope["headers"], b"x-forwarded-proto") == "https"


def _secured(send: Send) -> Send:
    """Add `Secure` to the cookies of an answer that goes out over TLS."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [
                (key, value + b"; Secure")
                if key.lower() == b"set-cookie" and b"; secure" not in value.lower()
                else (key, value)
                for key, value in message.get("headers", ())
            ]
        await send(message)

    return sending

"""Who calls the HTTP API, with which rights, and how much at once."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from assistant.access.gate import MEGABYTE, GateRules, Refused, gate_rules
from assistant.access.gate_answers import refusal
from assistant.access.guarded import GuardedReviewer
from assistant.access.policy import LOCAL, Role, User, clean_id
from assistant.access.refusals import UNKNOWN, Refusals, peer_of
from assistant.errors import AccessRefused, SettingsError
from assistant.settings import Settings

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_BYTES = 2 * MEGABYTE
LEAST_TOKEN = 16
BUSY_SECONDS, WINDOW_SECONDS = 2, 60
CALLERS_KEPT = 4_096
NO_TOKEN = "缺少访问令牌或令牌不对"
_SCHEME = HTTPBearer(auto_error=False)
_OWNER = User("api", "接口", Role.ADMIN)


def callers_of(settings: Settings, *, token: str = "") -> dict[str, User]:
    """Give token → user; without any token every caller is the local user.

    Raises `SettingsError` for an entry that names no role or a token that can be guessed.
    """
    found = {token: _OWNER} if token else {}
    for entry, secret in settings.api_tokens.items():
        name, _, role = entry.rpartition(":")
        value = secret.get_secret_value()
        if role not in tuple(Role) or not name or len(value) < LEAST_TOKEN:
            raise SettingsError(
                f"api_tokens 中“{entry}”的写法不对",
                where="接口令牌",
                todo=f'请写成 {{"名称:经办": "令牌"}}，令牌不少于 {LEAST_TOKEN} 个字符',
            )
        if value in found:
            raise SettingsError(f"api_tokens 中“{entry}”的令牌与别的相同", where="接口令牌")
        try:
            found[value] = User(clean_id(f"api:{name}"), name, Role(role))
        except AccessRefused as error:
            raise SettingsError(f"api_tokens 中“{entry}”的名称不合适", where="接口令牌") from error
    return found


def user_of(callers: dict[str, User], given: str) -> User | None:
    """Give the user of a token; each is compared, so that time tells nothing."""
    if not callers:
        return LOCAL
    found = None
    for token, user in callers.items():
        if secrets.compare_digest(given.encode(), token.encode()):
            found = user
    return found


def _guard(
    request: Request,
    _told_in_the_schema: Annotated[HTTPAuthorizationCredentials | None, Depends(_SCHEME)],
) -> GuardedReviewer:
    user = caller_of(request.scope, request.app.state.callers)
    if user is None:
        request.app.state.refused(request.scope, status.HTTP_401_UNAUTHORIZED, NO_TOKEN)
        raise HTTPException(
            status.HTTP_401_UNAUTHORIZED, NO_TOKEN, headers={"WWW-Authenticate": "Bearer"}
        )
    return GuardedReviewer(request.app.state.reviewer, user)


def caller_of(scope: Scope, callers: dict[str, User]) -> User | None:
    """Give the user a request bears the token of."""
    # a token may be of Chinese letters, which programs send as UTF-8
    given = dict(scope["headers"]).get(b"authorization", b"").decode("utf-8", "replace")
    kind, _, token = given.partition(" ")
    return user_of(callers, token.strip() if kind.lower() == "bearer" else "")


def noting(refusals: Refusals, callers: dict[str, User]) -> Refused:
    """Give what notes a refused call under the name of its token, where that is a known one."""

    def refused(scope: Scope, code: int, why: str) -> None:
        user = caller_of(scope, callers)
        refusals.note(scope, code, why, who=UNKNOWN if user is None else user.id)

    return refused


Guard = Annotated[GuardedReviewer, Depends(_guard)]
"""The reviewer as the caller may use it."""


def api_gate(settings: Settings, address: str) -> GateRules:
    """Give the rules of the gate for the API, where callers bear tokens, not headers."""
    rules = gate_rules(settings, address=address)
    return replace(rules, mode="off", body_bytes=BODY_BYTES)


class Throttle:
    """ASGI middleware: so many requests at once, so many of one caller in a minute."""

    def __init__(
        self,
        app: Application,
        *,
        at_once: int,
        per_minute: int,
        refused: Refused = lambda _scope, _status, _why: None,
        known: Callable[[Scope], User | None] = lambda _scope: None,
    ) -> None:
        self._app, self._at_once, self._per_minute = app, at_once, per_minute
        self._known = known
        self._refused = refused
        self._working = 0
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or ask to come back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        user = self._known(scope)
        # guesses count together, however many tokens are guessed
        wait = self._to_wait(f"user {user.id}" if user else f"from {peer_of(scope)}")
        if wait:
            await self._later(scope, send, "请求过于频繁", wait)
            return
        if self._working >= self._at_once:
            await self._later(scope, send, "同时处理的请求已到上限", BUSY_SECONDS)
            return
        self._working += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._working -= 1

    def _to_wait(self, caller: str) -> int:
        """Count a request of a caller; seconds to wait where it is one too many."""
        now = time.monotonic()
        began, count = self._counts.pop(caller, (now, 0))
        if now - began >= WINDOW_SECONDS:
            began, count = now, 0
        self._counts[caller] = (began, count + 1)
        while len(self._counts) > CALLERS_KEPT:
            self._counts.popitem(last=False)
        return int(WINDOW_SECONDS - (now - began)) + 1 if count >= self._per_minute else 0

    async def _later(self, scope: Scope, send: Send, why: str, seconds: int) -> None:
        self._refused(scope, status.HTTP_429_TOO_MANY_REQUESTS, why)
        sentence = f"{why}，请 {seconds} 秒后重试。"
        await refusal(scope, send, 429, sentence, more={"retry-after": str(seconds)})

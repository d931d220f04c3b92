"""What the gate answers itself: a page for people, JSON for programs, a closed socket."""

from __future__ import annotations

import asyncio
import html
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

REST_BYTES = 64 * 1024 * 1024
"""So much of a refused body is let go by."""
REST_IDLE_S = 1.0
"""So long a caller that sends nothing more is waited for."""

POLICY_VIOLATION = 1008
_PAGE = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>整改参谋</title>'
    '<meta name="viewport" content="width=device-width"><style>:root{color-scheme:light dark}'
    "body{font:1rem/1.9 'Noto Sans CJK SC','Microsoft YaHei',sans-serif;margin:16vh auto;"
    "max-width:34rem;padding:0 1.5rem;background:#FCFAF6;color:#231F1C}"
    "h1{font:500 1.5rem/1.6 'Noto Serif CJK SC',SimSun,serif;letter-spacing:.04em}"
    "p{border-left:3px solid #9E1B1E;padding:.2rem 1rem}"
    "@media(prefers-color-scheme:dark){body{background:#181513;color:#ECE6DC}}</style>"
    "<h1>整改参谋</h1><p>%s</p></html>"
)


async def refusal(
    scope: Mapping[str, Any],
    send: Send,
    status: int,
    sentence: str,
    *,
    more: Mapping[str, str] | None = None,
) -> None:
    """Answer with a Chinese sentence; a socket is closed before it opens."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": ""})
        return
    wants_page = any(
        key.lower() == b"accept" and b"text/html" in value for key, value in scope["headers"]
    )
    if wants_page:
        kind, body = "text/html; charset=utf-8", _PAGE % html.escape(sentence)
    else:
        kind, body = "application/json", json.dumps({"error": sentence}, ensure_ascii=False)
    content = body.encode()
    headers = {
        "content-type": kind,
        "content-length": str(len(content)),
        "cache-control": "no-store",
        **(more or {}),
    }
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(key.encode(), value.encode()) for key, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": content})


async def refusal_of_a_body(
    scope: Mapping[str, Any], receive: Receive, send: Send, status: int, sentence: str
) -> None:
    """Answer at once, then let go by what the caller is still sending before the line is cut.

    A connection closed on unread bytes is reset, and with it goes the answer: a proxy would say
    502 and a browser that the connection was lost, instead of what is too large.
    """

    async def held_open(message: MutableMapping[str, Any]) -> None:
        last = message["type"] == "http.response.body"
        await send({**message, "more_body": True} if last else message)

    await refusal(scope, held_open, status, sentence)
    left, coming = REST_BYTES, True
    try:
        while coming and left > 0:
            message = await asyncio.wait_for(receive(), REST_IDLE_S)
            left -= len(message.get("body", b""))
            coming = bool(message.get("more_body"))
    except TimeoutError:
        pass  # it waits for our answer, as it should
    await send({"type": "http.response.body", "body": b""})

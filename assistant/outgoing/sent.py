"""What was sent to endpoints: the last requests, byte for byte, kept so that they can be seen.

The record is made where the bytes leave, by the hooks of the HTTP client, so that retries and
whatever an adapter adds are in it. Headers are never kept, and a key in a body is crossed out.
"""

from __future__ import annotations

import itertools
import json
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import reason_of

if TYPE_CHECKING:
    import httpx2

KEPT = 50
"""Requests remembered."""
KEPT_CHARS = 8_000_000
"""Text remembered at most, of all requests together."""
FILE_CHARS = 50_000_000
"""A log file this long is put aside once and begun anew."""
UNANSWERED = "没有收到答复"
_MARK = "zhenggai_sent"
_CROSSED = "（密钥）"


@dataclass(frozen=True, slots=True)
class Sent:
    """One request that left."""

    number: int
    when: float
    """Seconds since 1970."""
    host: str
    """Host with port, as called."""
    path: str
    purpose: str
    """问答、起草、改写追问、辅助识别、向量、重排、测试连接."""
    body: str
    """The body as sent."""
    masked: bool
    result: str = UNANSWERED

    @property
    def chars(self) -> int:
        """Length of the body in characters."""
        return len(self.body)

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """(who, text) of what the body says, for reading; the body itself where it is odd."""
        return _texts_of(self.body)


class Gathered:
    """What left on behalf of one piece of work, for whoever asked for it and for nobody else."""

    def __init__(self) -> None:
        self._kept: dict[int, Sent] = {}
        self._lock = threading.Lock()

    def note(self, sent: Sent) -> None:
        """Take a request, or what came of one."""
        with self._lock:
            self._kept[sent.number] = sent

    @property
    def requests(self) -> tuple[Sent, ...]:
        """All so far, oldest first."""
        with self._lock:
            return tuple(self._kept.values())


_gathering: ContextVar[Gathered | None] = ContextVar("gathering", default=None)


@contextmanager
def gathering() -> Iterator[Gathered]:
    """Gather the requests of the work done inside: of this thread, and of models it hands on."""
    gathered = Gathered()
    token = _gathering.set(gathered)
    try:
        yield gathered
    finally:
        _gathering.reset(token)


@dataclass(frozen=True, slots=True)
class Watch:
    """Notes the requests of one purpose; give `hooks()` to a client, `async_hooks()` to another."""

    log: SentLog
    purpose: str
    key: str = ""
    masked: bool = False
    gathered: Gathered | None = None
    """Who asked when the watch was made: a model works in a thread that does not know."""

    def hooks(self) -> Mapping[str, list[Callable[..., Any]]]:
        """Event hooks of a blocking client."""
        return {"request": [self._sent], "response": [self._answered]}

    def async_hooks(self) -> Mapping[str, list[Callable[..., Any]]]:
        """Event hooks of an asynchronous client."""

        async def sent(request: httpx2.Request) -> None:
            self._sent(request)

        async def answered(response: httpx2.Response) -> None:
            self._answered(response)

        return {"request": [sent], "response": [answered]}

    def _sent(self, request: httpx2.Request) -> None:
        body = request.content.decode("utf-8", "replace")
        if self.key:
            body = body.replace(self.key, _CROSSED)
        url = request.url
        host = f"{url.host}:{url.port}" if url.port else url.host
        sent = Sent(0, time.time(), host, url.path, self.purpose, body, self.masked)
        sent = replace(sent, number=self.log.add(sent))
        request.extensions[_MARK] = sent
        self._tell(sent)

    def _answered(self, response: httpx2.Response) -> None:
        sent = response.request.extensions.get(_MARK)
        if isinstance(sent, Sent):
            result = f"HTTP {response.status_code}"
            self.log.answered(sent.number, result)
            self._tell(replace(sent, result=result))

    def _tell(self, sent: Sent) -> None:
        gathered = self.gathered or _gathering.get()
        if gathered is not None:
            gathered.note(sent)


class SentLog:
    """The last requests of this process; safe between threads. On disk only where asked for."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self.trouble = ""
        """Why the file could not be written; sending goes on."""
        self._kept: deque[Sent] = deque()
        self._chars = 0
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, sent: Sent) -> int:
        """Note a request that is leaving; return its number."""
        with self._lock:
            sent = replace(sent, number=next(self._numbers))
            self._kept.append(sent)
            self._chars += sent.chars
            while len(self._kept) > KEPT or (self._chars > KEPT_CHARS and len(self._kept) > 1):
                self._chars -= self._kept.popleft().chars
            self._write(sent)
        return sent.number

    def answered(self, number: int, result: str) -> None:
        """Note what came of a request."""
        with self._lock:
            for place, sent in enumerate(self._kept):
                if sent.number == number:
                    self._kept[place] = replace(sent, result=result)

    def last(self) -> tuple[Sent, ...]:
        """The requests remembered, newest first."""
        with self._lock:
            return tuple(reversed(self._kept))

    def since(self, number: int) -> tuple[Sent, ...]:
        """The requests after a number, oldest first."""
        with self._lock:
            return tuple(sent for sent in self._kept if sent.number > number)

    def watch(self, purpose: str, *, key: str = "", masked: bool = False) -> Watch:
        """A watch over the requests of one purpose."""
        told = key if len(key) > len("none") else ""
        return Watch(self, purpose, told, masked, _gathering.get())

    def _write(self, sent: Sent) -> None:
        if self.file is None:
            return
        told = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(sent.when)),
            "host": sent.host,
            "path": sent.path,
            "purpose": sent.purpose,
            "masked": sent.masked,
            "body": sent.body,
        }
        try:
            _append(self.file, json.dumps(told, ensure_ascii=False) + "\n")
        except OSError as error:
            self.trouble = f"发送记录写不进 {self.file}（{reason_of(error)}）"


def _append(path: Path, line: str) -> None:
    if path.exists() and path.stat().st_size > FILE_CHARS:
        path.replace(path.with_suffix(".old.jsonl"))
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(line)


def _texts_of(body: str) -> tuple[tuple[str, str], ...]:
    try:
        said = json.loads(body)
    except ValueError:
        return (("", body),)
    if not isinstance(said, dict):
        return (("", body),)
    found = [
        (str(turn.get("role", "")), str(turn.get("content", "")))
        for turn in said.get("messages", [])
        if isinstance(turn, dict)
    ]
    if "query" in said:
        found.append(("query", str(said["query"])))
    texts = said.get("input", said.get("documents", []))
    found += [("text", str(text)) for text in (texts if isinstance(texts, list) else [texts])]
    return tuple(found) or (("", body),)

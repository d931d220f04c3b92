"""A visitor of the web app without a browser: Streamlit's own messages over its WebSocket.

Sends what a browser sends (which page, what was typed, what was pressed, the values of all widgets,
what it has cached) and reads what a browser reads, until the page stands still. Fifty of them cost
less than one browser. What it leaves out: fragments that run again by themselves (progress of a
job), fonts, styles and scripts, files sent up.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from types import TracebackType
from typing import Any, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from assistant.ui.state import Session
from benchmarks.load_page import BrowserPage, Node

PATIENCE_S = 180.0
_FULL_TEXT = re.compile(r'href="(/library\?[^"#]+)')
_COMPLAINT = re.compile(r'class="note bad"[^>]*>(.*?)</p>', re.DOTALL)
_ANSWER = 'class="basis"'


class PageFailed(Exception):
    """The page showed an error, broke off, did not come in time or gave no answer."""


class VisitorLost(Exception):
    """What the visitor looked for is not on the page, and the page complains of nothing."""


class Visitor:
    """One open page of one user."""

    def __init__(self, address: str, user: str, runs: Counter[str] | None = None) -> None:
        self._address, self._user = address, user
        self._socket: ClientConnection | None = None
        self._at = ""
        self.page = BrowserPage(runs)

    async def __aenter__(self) -> Self:
        try:
            self._socket = await connect(
                f"{self._address.replace('http', 'ws', 1)}/_stcore/stream",
                subprotocols=["streamlit"],  # type: ignore[list-item]
                origin=self._address,  # type: ignore[arg-type]
                additional_headers={"X-Forwarded-User": self._user},
                max_size=None,
                open_timeout=PATIENCE_S,
                proxy=None,
            )
        except (WebSocketException, OSError) as error:
            raise PageFailed(f"no connection: {error}") from error
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        assert self._socket is not None
        await self._socket.close()

    # ------------------------------------------------------------------ what a visitor does

    async def open(self, page: str = "ask", query: str = "") -> None:
        """Go to a page and wait until it stands still."""
        if page not in self.page.pages and self.page.pages:
            raise VisitorLost(f"no page {page}: {sorted(self.page.pages)}")
        if page != self._at:
            self.page.leave()
        self._at, self.page.query = page, query
        await self._run([])

    async def ask(self, question: str) -> None:
        """Ask on 问答 and wait for the checked answer."""
        node, box = self._one("chat_input")
        state = WidgetState(id=box.id)
        state.chat_input_value.data = question
        before = self.page.html()
        await self._run([state], node.fragment)
        after = self.page.html()
        # a long conversation shows its last turns only: one comes, one goes
        wanted = min(before.count(_ANSWER) + 1, Session().shown_turns)
        if after == before or after.count(_ANSWER) < wanted:
            raise PageFailed("no answer on the page")

    def citation(self) -> str:
        """Give the query of a link to a full text; empty where the answer cites nothing."""
        found = _FULL_TEXT.search(self.page.html())
        return unescape(found[1]).partition("?")[2] if found else ""

    async def add_problem(self, text: str) -> None:
        """Type a problem on 起草 and put it into the list."""
        if not any(self.page.all("text_area", "反馈的问题")):
            await self.press("添加")
        await self.type("反馈的问题", text)
        await self.press("加入问题清单")
        listed = [row for _, radio in self.page.all("radio", "问题清单") for row in radio.options]
        if not any(text[:10] in row for row in listed):
            raise PageFailed(f"the problem is not in the list of {len(listed)}")

    async def type(self, label: str, text: str) -> None:
        """Type into a field and leave it."""
        node, area = self._one("text_area", label)
        self.page.fill(WidgetState(id=area.id, string_value=text))
        await self._run([], node.fragment)

    async def draft(self) -> None:
        """Have measures written for the problem that is open."""
        await self.press("起草措施")
        if not any(self.page.all("text_area", "措施 1")):
            raise PageFailed("no draft on the page")

    async def press(self, label: str) -> None:
        """Press a button."""
        node, button = self._one("button", label)
        if button.disabled:
            raise VisitorLost(f"the button {label} cannot be pressed on {self._at}")
        await self._run([WidgetState(id=button.id, trigger_value=True)], node.fragment)

    # ------------------------------------------------------------------ inside

    def message(self, pressed: list[WidgetState], fragment: str) -> BackMsg:
        """Give what a browser sends when something was done, inside a fragment or not."""
        known = bool(self.page.pages)
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string = self.page.query
        rerun.page_script_hash = self.page.pages.get(self._at, "")
        rerun.page_name = "" if known else self._at
        rerun.fragment_id = fragment
        rerun.widget_states.CopyFrom(WidgetStates(widgets=[*self.page.widgets(), *pressed]))
        rerun.cached_message_hashes.extend(self.page.cached())
        rerun.context_info.url = f"{self._address}/{self._at}"
        rerun.context_info.locale = "zh-CN"
        rerun.context_info.timezone = "Asia/Shanghai"
        rerun.context_info.timezone_offset = -480
        return message

    async def _run(self, pressed: list[WidgetState], fragment: str = "") -> None:
        """Send what was done and wait until the page stands still."""
        assert self._socket is not None
        message = self.message(pressed, fragment)
        try:
            await self._socket.send(message.SerializeToString())
            async with asyncio.timeout(PATIENCE_S):
                while not self.page.take(
                    ForwardMsg.FromString(await self._socket.recv(decode=False))
                ):
                    pass
        except WebSocketException as error:
            raise PageFailed(f"the connection broke: {error}") from error
        except TimeoutError as error:
            raise PageFailed(f"{self._at} did not come to rest in {PATIENCE_S:g} s") from error
        if self.page.broken:
            raise PageFailed("the script does not compile")
        complaint = next(self._complaints(), "")
        if complaint:
            raise PageFailed(complaint)

    def _complaints(self) -> Iterator[str]:
        for _, error in self.page.all("exception"):
            yield f"{error.type}: {error.message}"
        for _, alert in self.page.all("alert"):
            if alert.format == alert.ERROR:
                yield str(alert.body)
        for found in _COMPLAINT.finditer(self.page.html()):
            yield re.sub(r"<[^>]+>", "", found[1])

    def _one(self, kind: str, label: str = "") -> tuple[Node, Any]:
        for found in self.page.all(kind, label):
            return found
        there = [getattr(element, "label", "") for _, element in self.page.all(kind)]
        raise VisitorLost(f"no {kind} {label} on {self._at or 'the first page'}: {there[:12]}")

"""A visitor of the web app without a browser: Streamlit's own messages over its WebSocket.

Sends what a browser sends (which page, what was typed, what was pressed) and reads what a browser
reads, until the page stands still. Fifty of them cost less than one browser.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from html import unescape
from types import TracebackType
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.asyncio.client import ClientConnection, connect

PATIENCE_S = 180.0
_EARLY = ForwardMsg.FINISHED_EARLY_FOR_RERUN
_BROKEN = ForwardMsg.FINISHED_WITH_COMPILE_ERROR
_FULL_TEXT = re.compile(r'href="(/library\?[^"#]+)')
_COMPLAINT = re.compile(r'class="note bad"[^>]*>(.*?)</p>', re.DOTALL)


class PageFailed(Exception):
    """The page showed an error, or not what it should."""


class Visitor:
    """One open page of one user."""

    def __init__(self, address: str, user: str) -> None:
        self._address, self._user = address, user
        self._socket: ClientConnection | None = None
        self._pages: dict[str, str] = {}
        self._page = self._query = ""
        self._elements: dict[tuple[int, ...], Any] = {}

    async def __aenter__(self) -> Visitor:
        self._socket = await connect(
            f"{self._address.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            origin=self._address,  # type: ignore[arg-type]
            additional_headers={"X-Forwarded-User": self._user},
            max_size=None,
            open_timeout=PATIENCE_S,
            proxy=None,
        )
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
        if page not in self._pages and self._pages:
            raise PageFailed(f"no page {page}: {sorted(self._pages)}")
        self._page, self._query = page, query
        await self._run([])

    async def ask(self, question: str) -> None:
        """Ask on 问答 and wait for the checked answer."""
        state = WidgetState(id=self._one("chat_input").id)
        state.chat_input_value.data = question
        before = self._html().count('class="basis"')
        await self._run([state])
        if self._html().count('class="basis"') <= before and 'class="basis"' not in self._html():
            raise PageFailed("no answer on the page")

    def citation(self) -> str:
        """Give the query of a link to a full text."""
        found = _FULL_TEXT.search(self._html())
        if found is None:
            raise PageFailed("no citation to open")
        return unescape(found[1]).partition("?")[2]

    async def add_problem(self, text: str) -> None:
        """Type a problem on 起草 and put it into the list."""
        if not any(True for _ in self._all("text_area", "反馈的问题")):
            await self.press("添加")
        area = self._one("text_area", "反馈的问题")
        await self._run([WidgetState(id=area.id, string_value=text)])
        await self.press("加入问题清单")

    async def draft(self) -> None:
        """Have measures written for the problem that is open."""
        await self.press("起草措施")
        if not any(True for _ in self._all("text_area", "措施 1")):
            raise PageFailed("no draft on the page")

    async def press(self, label: str) -> None:
        """Press a button."""
        await self._run([WidgetState(id=self._one("button", label).id, trigger_value=True)])

    # ------------------------------------------------------------------ inside

    async def _run(self, widgets: list[WidgetState]) -> None:
        assert self._socket is not None
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string = self._query
        rerun.page_script_hash = self._pages.get(self._page, "")
        rerun.page_name = "" if self._pages else self._page
        rerun.widget_states.CopyFrom(WidgetStates(widgets=widgets))
        rerun.context_info.url = f"{self._address}/{self._page}"
        rerun.context_info.locale = "zh-CN"
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE_S):
            while not self._took(ForwardMsg.FromString(await self._socket.recv(decode=False))):
                pass
        complaint = next(self._complaints(), "")
        if complaint:
            raise PageFailed(complaint)

    def _took(self, message: ForwardMsg) -> bool:
        """Take a message in; true when the page stands still."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._elements.clear()
        elif kind == "navigation":
            self._pages = {
                page.url_pathname: page.page_script_hash for page in message.navigation.app_pages
            }
            self._pages["ask"] = self._pages[""]
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "delta" and message.delta.HasField("new_element"):
            self._elements[tuple(message.metadata.delta_path)] = message.delta.new_element
        elif kind == "script_finished":
            if message.script_finished == _BROKEN:
                raise PageFailed("the script does not compile")
            return message.script_finished != _EARLY
        return False

    def _complaints(self) -> Iterator[str]:
        for element in self._elements.values():
            if element.WhichOneof("type") == "exception":
                yield f"{element.exception.type}: {element.exception.message}"
            if element.WhichOneof("type") == "alert" and element.alert.format == 1:
                yield str(element.alert.body)
        for found in _COMPLAINT.finditer(self._html()):
            yield re.sub(r"<[^>]+>", "", found[1])

    def _html(self) -> str:
        return "\n".join(
            element.html.body
            for element in list(self._elements.values())
            if element.WhichOneof("type") == "html"
        )

    def _all(self, kind: str, label: str = "") -> Iterator[Any]:
        for element in self._elements.values():
            if element.WhichOneof("type") == kind:
                found = getattr(element, kind)
                if not label or getattr(found, "label", "").startswith(label):
                    yield found

    def _one(self, kind: str, label: str = "") -> Any:
        for found in self._all(kind, label):
            return found
        raise PageFailed(f"no {kind} {label} on {self._page or 'the first page'}")

"""What left for services on behalf of one answer or draft: a quiet line under it, opened on demand.

Who asked sees what their own question or draft sent; the record of everybody's is in 设置. Kept in
memory only, like that record. Without an endpoint there is nothing to tell and nothing is drawn.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import streamlit as st

from assistant.outgoing.sent import Sent, gathering
from assistant.settings import Settings
from assistant.ui.desk import ReviewDesk
from assistant.ui.safe import label
from assistant.ui.sent import sent_html

KEPT = 400
KEPT_CHARS = 8_000_000
NOTHING = "本次没有向任何服务发送内容"
_HOST = re.compile(r"[A-Za-z0-9.\-]+(?::\d+)?")


class Sendings:
    """Requests by what they were sent for; the oldest go first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[Sent, ...]] = OrderedDict()
        self._chars = 0

    def keep(self, what: str, requests: Sequence[Sent]) -> None:
        """Remember the requests of an answer or a draft, in place of what was remembered."""
        with self._lock:
            self._drop(what)
            self._kept[what] = tuple(requests)
            self._chars += sum(one.chars for one in requests)
            while len(self._kept) > 1 and (len(self._kept) > KEPT or self._chars > KEPT_CHARS):
                self._drop(next(iter(self._kept)))

    def of(self, what: str) -> tuple[Sent, ...] | None:
        """Give the requests; `None` where nothing is known of any."""
        with self._lock:
            return self._kept.get(what)

    def _drop(self, what: str) -> None:
        self._chars -= sum(one.chars for one in self._kept.pop(what, ()))


@cache
def sendings() -> Sendings:
    """Give what is remembered, shared so that a reload finds it."""
    return Sendings()


def of_turn(owner: str, conversation: str, position: int) -> str:
    """Name an answer."""
    return f"turn {owner} {conversation} {position}"


def of_draft(record_id: str) -> str:
    """Name a draft."""
    return f"draft {record_id}"


def sends(settings: Settings) -> bool:
    """Tell whether any service is set to which texts could go."""
    services = (settings.embeddings_base_url, settings.rerank_base_url)
    return bool(settings.provider or settings.base_url or any(services))


@contextmanager
def kept(desk: ReviewDesk, what: str, *, at: Sendings | None = None) -> Iterator[None]:
    """Remember what leaves in the `with` body; `at` is for threads that have no page."""
    with gathering() as gathered:
        try:
            yield
        finally:
            if sends(desk.settings) or gathered.requests:
                (at or sendings()).keep(what, gathered.requests)


def sent_line(what: str, *, key: str) -> None:
    """Draw how much was sent where; opened, the whole of it."""
    requests = sendings().of(what)
    if requests is None:
        return
    with st.container(key=f"sent-{key}", gap=None):
        if not requests:
            st.html(f'<p class="sent">{NOTHING}</p>')
            return
        drawer = st.expander(sent_text(requests), key=f"sent-open-{key}", on_change="rerun")
        # the texts are long: they come when someone looks
        if drawer.open:
            with drawer:
                st.html(sent_html(requests))


def sent_text(requests: Sequence[Sent]) -> str:
    """Write how much was sent where, by host; safe as a label."""
    chars: dict[tuple[str, bool], int] = {}
    for one in requests:
        place = (one.host, one.masked)
        chars[place] = chars.get(place, 0) + one.chars
    parts = [
        f"{count:,} 字到 {_host(host)}（{'已遮蔽' if masked else '未遮蔽'}）"
        for (host, masked), count in chars.items()
    ]
    return f"本次发送 {'，'.join(parts)}"


def _host(host: str) -> str:
    return host if _HOST.fullmatch(host) else label(host, 60)

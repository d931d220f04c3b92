"""How the index of a home is opened, and when changed settings ask for another."""

from __future__ import annotations

import threading
from collections.abc import Callable

from assistant.errors import SettingsError
from assistant.indexing import CaseIndex
from assistant.library import Library
from assistant.outgoing.services import Outgoing
from assistant.settings import Settings
from vectorstore.address import read_address
from vectorstore.errors import StoreUnreachable


def open_index(settings: Settings, library: Library, outgoing: Outgoing) -> CaseIndex:
    """Open the index and bring it up to date; raises `IndexUnavailable` or `SettingsError`."""
    if settings.chroma_url:
        settings.require_allowed(chroma_host(settings.chroma_url))
    index = CaseIndex(settings.home, library, url=settings.chroma_url, remote=outgoing.embeddings())
    index.reconcile(refit=in_background)
    return index


def sends_other_texts(now: Settings, before: Settings) -> bool:
    """Tell whether the vectors held would not be those of the new settings."""
    config = now.embedding_config()
    return config != before.embedding_config() or (
        config is not None and now.mask_sent != before.mask_sent
    )


def chroma_host(url: str) -> str:
    """Give the address really called, without its token; raises `SettingsError`."""
    try:
        return read_address(url).shown
    except StoreUnreachable as error:
        raise SettingsError(
            f"向量库地址写法不对（{error}）",
            where="ZHENGGAI_CHROMA_URL",
            todo="应为 http(s)://[令牌@]主机:端口[/库名] 或 cloud://租户/库名，留空用本机向量库",
        ) from error


def in_background(build: Callable[[], None]) -> None:
    """Fit a large library anew beside the work; the program ends only when it is done."""
    threading.Thread(target=build, name="refit").start()

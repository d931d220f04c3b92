"""What `app.py` builds its application from: the script, our headers, our error page, the start."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from assistant.errors import AssistantError
from assistant.ui.security import SecurityHeaders
from assistant.ui.shell import warm

SCRIPT = Path(__file__).with_name("script.py")
MIDDLEWARE = [Middleware(SecurityHeaders)]

_log = logging.getLogger(__name__)


def show_error(error: Exception) -> bool:
    """Show a sentence instead of a traceback; the traceback goes to the log."""
    if isinstance(error, AssistantError):
        st.error(str(error).translate({ord(c): f"\\{c}" for c in "[]*_`$~:"}))
    else:
        _log.error("page failed", exc_info=error)
        st.error(
            "页面出了意外，操作没有完成。请刷新页面重试；若再次出现，请把时间和操作告诉管理员。"
        )
    return True


@asynccontextmanager
async def opening(_app: st.App) -> AsyncIterator[None]:
    """Open the library as the server starts, beside it, so that no visitor waits for that."""
    threading.Thread(target=_warm, name="opening", daemon=True).start()
    yield


def _warm() -> None:
    try:
        warm()
    except AssistantError as error:
        # the first visitor's run tries again and shows it
        _log.warning("library not opened at start: %s", error)

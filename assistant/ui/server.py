"""What `app.py` builds its application from: the script, our headers, our error page, the start."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from streamlit.runtime.secrets import SecretsValue

from assistant.access.front_door import cookie_secret, oidc_secrets, rules_at
from assistant.access.gate import Gate, GateRules
from assistant.access.refusals import Refusals
from assistant.errors import AssistantError, SettingsError
from assistant.library import Library
from assistant.operation.memory import Tidiness, few_heaps
from assistant.settings import load_settings
from assistant.ui.health import HEALTH, open_library, start_logs
from assistant.ui.security import SecurityHeaders
from assistant.ui.shell import warm
from assistant.ui.visitor import signed_in
from assistant.ui.wording import ChineseShell

SCRIPT = Path(__file__).with_name("script.py")


def _rules() -> GateRules:
    address = str(st.get_option("server.address") or "0.0.0.0")
    return replace(rules_at(load_settings(), address), signed_in=signed_in)


def _record() -> Library | None:
    desk = open_library()
    return desk.library if desk is not None else None


REFUSALS = Refusals(_record, door="网页")

# a supervisor is answered before the gate: it signs in nowhere and learns nothing there
MIDDLEWARE = [
    Middleware(SecurityHeaders),
    HEALTH,
    Middleware(Gate, rules=_rules, refused=REFUSALS.note),
    Middleware(ChineseShell),
]

_log = logging.getLogger(__name__)


def sign_in_secrets() -> Mapping[str, SecretsValue] | None:
    """Give what the web framework signs people in by, where that is set.

    What is wrong with the settings is told by the gate, to whoever comes.
    """
    try:
        settings = load_settings()
        if settings.access != "oidc":
            return None
        secret = cookie_secret(settings.home)
        return {"auth": {**oidc_secrets(settings, cookie_secret=secret)}}
    except SettingsError as error:
        _log.warning("sign-in not set up: %s", error)
        return None


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
    few_heaps()
    start_logs()
    tidiness = Tidiness()
    threading.Thread(target=_warm, args=(tidiness,), name="opening", daemon=True).start()
    yield
    tidiness.stop()
    await run_in_threadpool(REFUSALS.close)


def _warm(tidiness: Tidiness) -> None:
    try:
        warm()
    except AssistantError as error:
        # the first visitor's run tries again and shows it
        _log.warning("library not opened at start: %s", error)
    tidiness.start()

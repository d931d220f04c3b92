"""The web app's side of health and logs: its open library, its sessions, its log lines."""

from __future__ import annotations

import logging

from starlette.middleware import Middleware
from streamlit import runtime

from assistant.errors import SettingsError
from assistant.operation import logs
from assistant.operation.metrics import metrics
from assistant.operation.probes import Probes
from assistant.review import Reviewer
from assistant.settings import load_settings
from assistant.ui.state import opened, shared

_log = logging.getLogger(__name__)


def open_library() -> Reviewer | None:
    """Give the open product without opening it: a probe must not wait for that."""
    if not opened.is_set():
        return None
    desk: object = shared()
    return desk if isinstance(desk, Reviewer) else None


def sessions() -> int:
    """Count the pages open now."""
    return runtime.get_instance()._session_mgr.num_active_sessions() if runtime.exists() else 0


def start_logs() -> None:
    """Log as the settings say; wrong settings are shown to the first visitor and logged here."""
    metrics().watch("zhenggai_sessions", "Pages open", sessions)
    try:
        logs.configure(load_settings().log_plan("web"))
    except SettingsError as error:
        logs.configure(logs.LogPlan(role="web"))
        _log.warning("settings: %s", error)


HEALTH = Middleware(Probes, opened=open_library)

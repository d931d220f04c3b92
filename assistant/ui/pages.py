"""Going from one page to another; whether the visitor is still there."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

LEAVING_SECONDS = 0.4


def go(function: Callable[[], None], path: str, query: dict[str, str] | None = None) -> None:
    """Switch to a page; a Page object is made for the purpose, since they must not be shared."""
    page = st.Page(function, url_path=path, default=path == "ask")
    st.switch_page(page, query_params=query or {})


def stop_point() -> None:
    """Let Streamlit end this run here, if a click or the stop button asks for it."""
    # reading any key does it; there is no call for the purpose
    st.session_state.get("_session")


def connection() -> object | None:
    """Give what stands for the visitor's connection; a reloaded page comes with a new one."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return None
    return runtime.get_instance().get_client(context.session_id)


class Meeting:
    """One run of the page with its visitor, to tell a pressed stop button from a visitor who left.

    Streamlit ends the run in the same way for both. Who goes to another page begins another run;
    who closes or reloads the page lets go of the connection.
    """

    def __init__(self, runs: Callable[[], int]) -> None:
        self._runs, self._run, self._connection = runs, runs(), connection()

    def is_left(self) -> bool:
        """Tell whether the visitor is gone; waits for either sign a moment."""
        until = time.monotonic() + LEAVING_SECONDS
        while time.monotonic() < until:
            if self._runs() != self._run or connection() is not self._connection:
                return True
            time.sleep(LEAVING_SECONDS / 20)
        return False

"""Going from one page to another; whether the visitor is still there."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx


def go(function: Callable[[], None], path: str, query: dict[str, str] | None = None) -> None:
    """Switch to a page; a Page object is made for the purpose, since they must not be shared."""
    page = st.Page(function, url_path=path, default=path == "ask")
    st.switch_page(page, query_params=query or {})


def stop_point() -> None:
    """Let Streamlit end this run here, if a click or the stop button asks for it."""
    # reading any key does it; there is no call for the purpose
    st.session_state.get("_session")


def still_here() -> bool:
    """Tell whether the visitor is connected: a run is also stopped when the page was closed."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return True
    return runtime.get_instance().is_active_session(context.session_id)

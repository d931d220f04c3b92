"""Going from one page to another."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st


def go(function: Callable[[], None], path: str, query: dict[str, str] | None = None) -> None:
    """Switch to a page; a Page object is made for the purpose, since they must not be shared."""
    page = st.Page(function, url_path=path, default=path == "ask")
    st.switch_page(page, query_params=query or {})

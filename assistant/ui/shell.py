"""The frame of the web app: pages, navigation, style, what stands when nothing can be opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from assistant.errors import AssistantError
from assistant.ui import ask, compare, draft, library, settings
from assistant.ui.kit import note
from assistant.ui.sources import panel_rules
from assistant.ui.state import notices, opened, overview, reviewer

HERE = Path(__file__).parent
STYLE = HERE / "style.css"
ASSETS = HERE / "assets"
ABOUT = "整改参谋：从巡察、巡视整改通报中找做法、拟方案、作对照。在本机离线运行，文件不外传。"
FIRST_SEARCH = "整改"

ROUTES: dict[str, tuple[Callable[[], None], str, str]] = {
    "ask": (ask.page, "问答", ":material/forum:"),
    "draft": (draft.page, "起草", ":material/edit_note:"),
    "compare": (compare.page, "对标", ":material/compare:"),
    "library": (library.page, "案例库", ":material/library_books:"),
    "settings": (settings.page, "设置", ":material/tune:"),
}


def pages() -> list[StreamlitPage]:
    """Build the pages anew for each run: Page objects carry state and must not be shared."""
    return [
        st.Page(function, title=title, icon=icon, url_path=path, default=path == "ask")
        for path, (function, title, icon) in ROUTES.items()
    ]


def main() -> None:
    """Draw one run."""
    st.set_page_config(
        page_title="整改参谋",
        page_icon=str(ASSETS / "favicon.svg"),
        layout="wide",
        initial_sidebar_state=232,
        menu_items={"About": ABOUT},
    )
    theme = st.context.theme.type or "light"
    st.html(STYLE)
    st.html(f"<style>:root{{color-scheme:{theme}}}{panel_rules()}</style>")
    st.logo(str(ASSETS / f"logo_{theme}.svg"), size="large")
    page = st.navigation(pages())
    try:
        _open()
    except AssistantError as error:
        note(str(error), "bad")
        st.button("重试", type="primary", on_click=reviewer.clear)
        return
    page.run()


def _open() -> None:
    if opened.is_set():
        reviewer()
        return
    with st.spinner("正在打开案例库…"):
        reviewer()


def warm() -> None:
    """Open the library and touch what a first question would load; raises `AssistantError`."""
    desk = reviewer()
    notices(desk)
    overview(desk)
    desk.search(FIRST_SEARCH, limit=1)

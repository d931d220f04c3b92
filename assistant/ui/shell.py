"""The frame of the web app: pages, navigation, style, what stands when nothing can be opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from assistant.access.guarded import GuardedReviewer
from assistant.access.policy import LOCAL, Act
from assistant.errors import AssistantError
from assistant.review import Reviewer
from assistant.ui import ask, audit, compare, draft, library, settings
from assistant.ui.activity import activity
from assistant.ui.exporting import export_told
from assistant.ui.jobs import Kind
from assistant.ui.kit import note
from assistant.ui.signing_in import enter
from assistant.ui.sources import panel_rules
from assistant.ui.state import opened, outlines, overview, reviewer, session, shared
from assistant.ui.widget_memory import forget_gone_widgets

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

AUDIT_ROUTE = {"audit": (audit.page, "日志", ":material/history:")}
"""Where people sign in, for 管理员."""


def pages(*, audited: bool = False) -> list[StreamlitPage]:
    """Build the pages anew for each run: Page objects carry state and must not be shared."""
    routes = ROUTES | AUDIT_ROUTE if audited else ROUTES
    return [
        st.Page(function, title=title, icon=icon, url_path=path, default=path == "ask")
        for path, (function, title, icon) in routes.items()
    ]


def main() -> None:
    """Draw one run."""
    session().runs += 1
    forget_gone_widgets()
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
    entered = _entered()
    if not entered:
        st.navigation(pages(), position="hidden")
        return
    desk = reviewer()
    page = st.navigation(pages(audited=bool(desk.user.id) and desk.may(Act.AUDIT)))
    activity(desk.store.owner, hidden=Kind.IMPORT if page.url_path == "library" else None)
    export_told()
    page.run()


def _entered() -> bool:
    """Open the library and let the visitor in, or draw why not."""
    try:
        desk = _open()
        return enter(desk.settings, desk.library)
    except AssistantError as error:
        note(str(error), "bad")
        st.button("重试", type="primary", on_click=shared.clear)
        return False


def _open() -> Reviewer:
    if opened.is_set():
        return shared()
    with st.spinner("正在打开案例库…"):
        return shared()


def warm() -> None:
    """Open the library and touch what a first question would load; raises `AssistantError`."""
    desk = GuardedReviewer(shared(), LOCAL)
    outlines(desk)
    overview(desk)
    desk.search(FIRST_SEARCH, limit=1)

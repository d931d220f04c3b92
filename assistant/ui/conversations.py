"""The list of conversations in the sidebar: open, search, rename, delete."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import streamlit as st

from assistant.models import Conversation
from assistant.ui.desk import ReviewDesk
from assistant.ui.kit import note
from assistant.ui.safe import label
from assistant.ui.state import session

LISTED = 30
RENAME, DELETE = "改名", "删除"


def sidebar(desk: ReviewDesk) -> None:
    """Draw the list."""
    current = session().conversation
    with st.sidebar:
        if st.button("新对话", icon=":material/add:", width="stretch", key="new-conversation"):
            open_conversation("")
            st.rerun()
        found = desk.store.conversations()
        search = ""
        if len(found) > 3 or st.session_state.get("conversation-search"):
            search = st.text_input(
                "搜索对话",
                key="conversation-search",
                placeholder="搜索对话内容",
                label_visibility="collapsed",
                icon=":material/search:",
            )
        if search:
            found = desk.store.conversations(search=search)
            if not found:
                note("没有找到包含这些字的对话。")
        with st.container(key="conversations", gap=None):
            _listed(desk, found[:LISTED], current)
        if len(found) > LISTED:
            st.caption(f"只列最近 {LISTED} 段，其余请搜索")


def _listed(desk: ReviewDesk, found: Sequence[Conversation], current: str) -> None:
    before = ""
    for conversation in found:
        age = _age(conversation.updated)
        if age != before:
            st.html(f'<p class="side-h">{age}</p>')
            before = age
        state = "on" if conversation.id == current else "off"
        with st.container(
            horizontal=True,
            gap=None,
            vertical_alignment="center",
            wrap=False,
            key=f"conv-{state}-{conversation.id}",
        ):
            if st.button(
                label(conversation.title, 22),
                key=f"open-{conversation.id}",
                type="tertiary",
                width="stretch",
            ):
                open_conversation(conversation.id)
                st.rerun()
            choice = st.menu_button(
                "⋯",
                [RENAME, DELETE],
                key=f"menu-{conversation.id}",
                type="tertiary",
                help="改名或删除",
            )
        if choice == RENAME:
            rename(desk, conversation)
        elif choice == DELETE:
            delete(desk, conversation)


def open_conversation(conversation_id: str) -> None:
    """Make a conversation the current one and put it in the address."""
    state = session()
    state.conversation = conversation_id
    state.shown_turns = 10
    state.suggested = type(state.suggested)()
    if conversation_id:
        st.query_params["c"] = conversation_id
    else:
        st.query_params.clear()


def _age(updated: str) -> str:
    try:
        then = datetime.fromisoformat(updated)
    except ValueError:
        return "更早"
    today = datetime.now(tz=then.tzinfo).date()
    if then.date() >= today:
        return "今天"
    return "近七天" if then.date() > today - timedelta(days=7) else "更早"


@st.dialog("对话改名")
def rename(desk: ReviewDesk, conversation: Conversation) -> None:
    """Ask for another title."""
    rename_body(desk, conversation)


def rename_body(desk: ReviewDesk, conversation: Conversation) -> None:
    """Draw the inside of the dialog."""
    title = st.text_input(
        "名称", value=conversation.title, key=f"title-{conversation.id}", max_chars=60
    )
    if st.button(
        "保存", type="primary", key=f"rename-{conversation.id}", disabled=not title.strip()
    ):
        desk.store.rename(conversation.id, title)
        st.rerun()


@st.dialog("删除对话")
def delete(desk: ReviewDesk, conversation: Conversation) -> None:
    """Ask before deleting."""
    delete_body(desk, conversation)


def delete_body(desk: ReviewDesk, conversation: Conversation) -> None:
    """Draw the inside of the dialog."""
    note(f"“{conversation.title}”及其中的全部问答将被删除，不能恢复。", "warn")
    if st.button("确认删除", type="primary", key=f"delete-{conversation.id}"):
        desk.store.delete(conversation.id)
        if session().conversation == conversation.id:
            open_conversation("")
        st.rerun()

"""Tells who typed, pasted or read back numbers of persons what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from assistant.personal_data import told

ICON = ":material/visibility_off:"


def tell_of_numbers(text: str) -> None:
    """Say what was masked, where something was; what is masked is masked below the pages."""
    if found := told([text]):
        st.toast(f"含{found}，已遮盖后处理", icon=ICON)


def tell_of_kept_numbers(texts: Iterable[str]) -> None:
    """Say that numbers are kept as typed here, and masked in what is exported."""
    if found := told(texts):
        st.toast(f"含{found}：按所填保存，导出时遮盖。非必要请删去。", icon=ICON)


def kept_numbers_note(texts: Iterable[str]) -> str:
    """Give the same as a sentence for the page; nothing where there is no such number."""
    found = told(texts)
    return f"含{found}：写回后按原样保存，导出时遮盖；非必要请在台账中删去。" if found else ""

"""Tells who typed or pasted numbers of persons that they were masked."""

from __future__ import annotations

import streamlit as st

from assistant.personal_data import told


def tell_of_numbers(text: str) -> None:
    """Say what was masked, where something was; what is masked is masked below the pages."""
    if found := told([text]):
        st.toast(f"含{found}，已遮盖后处理", icon=":material/visibility_off:")

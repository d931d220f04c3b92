"""Streamlit entry: `streamlit run app.py`."""

import streamlit as st

from assistant.ui.server import MIDDLEWARE, SCRIPT, opening, show_error, sign_in_secrets

# `streamlit run` looks for this very call in the text of the file
app = st.App(
    SCRIPT,
    middleware=MIDDLEWARE,
    lifespan=opening,
    on_script_error=show_error,
    secrets=sign_in_secrets(),
)

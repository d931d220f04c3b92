"""The web app on the fake desk, for browser tests: `streamlit run tests/browser_app.py`."""

import streamlit as st

from assistant.ui.server import MIDDLEWARE, show_error, sign_in_secrets

app = st.App(
    "browser_script.py",
    middleware=MIDDLEWARE,
    on_script_error=show_error,
    secrets=sign_in_secrets(),
)

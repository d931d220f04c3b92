"""Opens pages on the fake desk without a browser."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import assistant.ui.state as state
from assistant.ui.server import SCRIPT
from tests.fakes_ui import FakeReviewer
from tests.waiting import wait_for


def fake_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeReviewer]:
    """Stand a fake behind the pages; only the builder of the reviewer is replaced."""
    fake = FakeReviewer(tmp_path / "home")
    monkeypatch.setattr(state, "build_reviewer", lambda _settings: fake)
    st.cache_resource.clear()
    with warnings.catch_warnings():
        # Streamlit warns of its own deprecations; they are not ours to fail on
        warnings.simplefilter("ignore", DeprecationWarning)
        yield fake
    st.cache_resource.clear()
    fake.library.close()


def open_page(path: str = "", *, held: Mapping[str, object] | None = None, **query: str) -> AppTest:
    """Run one page as its address would; `held` opens drawers and tabs that draw on demand."""
    at = AppTest.from_file(str(SCRIPT), default_timeout=120)
    for key, value in (held or {}).items():
        at.session_state[key] = value
    if path:
        at._page_hash = calc_hash(path)
    for name, value in query.items():
        at.query_params[name] = value
    return at.run()


def shown(at: AppTest) -> str:
    """Give all HTML of a page as one text."""
    return "\n".join(str(getattr(block, "value", "")) for block in at.get("html"))


def press(at: AppTest, key: str) -> AppTest:
    """Press a button and run the page."""
    return at.button(key=key).click().run()


def jobs_end() -> None:
    """Wait until no background job is left at work."""
    wait_for(lambda: all(job.finished for job in state.jobs().visible("")))

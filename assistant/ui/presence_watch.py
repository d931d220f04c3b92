"""Clears a page that nobody has touched for too long, without waiting for a click.

A quiet timer in each signed-in page looks at the clock and draws nothing. Runs that the page makes
by itself (the timer, progress of background work) are no sign of a person and keep nothing alive.
"""

from __future__ import annotations

import time
from typing import NoReturn, cast

import streamlit as st

EVERY_SECONDS, EVERY_SECONDS_WHERE_SHORT = 60.0, 30.0
"""Between two looks; the shorter where pages are cleared after ten minutes or less."""
SHORT_SECONDS = 600.0
WARNED_BEFORE_SECONDS = 120.0
_BY_ITSELF, _TOUCHED, _LEFT, _WARNED = "_by_itself", "_touched", "_left", "_left_warned"


def rerun_by_itself() -> NoReturn:
    """Draw the whole page anew, not because somebody clicked."""
    st.session_state[_BY_ITSELF] = True
    st.rerun()


def came_by_itself() -> bool:
    """Tell, once a run, whether the page drew itself anew."""
    return bool(st.session_state.pop(_BY_ITSELF, False))


def screen_left(idle_s: float, *, by_itself: bool) -> bool:
    """Tell whether this page was left for too long; a run by hand is a touch. 0 is never."""
    now = time.time()
    if idle_s and (st.session_state.get(_LEFT) or now - _touched(now) > idle_s):
        st.session_state[_LEFT] = True
        return True
    if not by_itself or _TOUCHED not in st.session_state:
        st.session_state[_TOUCHED] = now
    return False


def back_at_screen() -> None:
    """Take up a page that was left."""
    st.session_state[_LEFT] = False
    st.session_state[_TOUCHED] = time.time()


def watch_screen(idle_s: float) -> None:
    """Start the timer of this page; a page that is drawn anew starts it anew."""
    if idle_s:
        every = EVERY_SECONDS_WHERE_SHORT if idle_s <= SHORT_SECONDS else EVERY_SECONDS
        st.fragment(_look, run_every=every)(idle_s)


def _look(idle_s: float) -> None:
    now = time.time()
    touched = _touched(now)
    if now - touched > idle_s:
        rerun_by_itself()
    left_s = idle_s - (now - touched)
    near = idle_s > SHORT_SECONDS and left_s <= WARNED_BEFORE_SECONDS
    if near and st.session_state.get(_WARNED) != touched:
        st.session_state[_WARNED] = touched
        st.toast("较长时间没有操作，页面即将收起。正在填写的内容请先保存。")


def _touched(now: float) -> float:
    return cast(float, st.session_state.get(_TOUCHED, now))

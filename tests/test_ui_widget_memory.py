"""A page that stays open keeps what it shows, not all it ever showed."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

SHOWN = 20


def _pages() -> None:
    import streamlit as st  # noqa: PLC0415
    from streamlit.runtime.scriptrunner import get_script_run_ctx  # noqa: PLC0415

    from assistant.ui.widget_memory import forget_gone_widgets  # noqa: PLC0415

    st.session_state.turn = st.session_state.get("turn", 0) + 1
    if st.session_state.get("tidy", True):
        forget_gone_widgets()
    turn = st.session_state.turn

    def pressed(number: int) -> None:
        st.session_state.pressed = number

    st.text_input("stays", key="stays", value="先写的")
    for number in range(20):
        st.button(f"{turn}-{number}", key=f"{turn}-{number}", on_click=pressed, args=(number,))
    known = get_script_run_ctx().session_state._state._new_widget_state.widget_metadata  # type: ignore[union-attr]
    st.session_state.known = len(known)


def _known_after(runs: int, *, tidy: bool) -> int:
    app = AppTest.from_function(_pages)
    app.session_state.tidy = tidy
    for _ in range(runs):
        app.run()
    assert not app.exception
    return int(app.session_state.known)


def test_callbacks_of_widgets_long_gone_are_dropped() -> None:
    assert _known_after(12, tidy=False) > 10 * SHOWN, "the framework drops them itself by now"
    assert _known_after(12, tidy=True) <= 2 * SHOWN + 2


def test_widgets_that_stand_keep_their_callbacks_and_values() -> None:
    app = AppTest.from_function(_pages).run()
    app.text_input(key="stays").set_value("改过的").run()
    app.button[3].click().run()
    assert app.session_state.pressed == 3
    assert app.text_input(key="stays").value == "改过的"
    assert not app.exception

"""What the page framework keeps of widgets that are no longer drawn.

It drops the values of such widgets and keeps their callbacks, with all these hold: the draft a
card showed, the evidence of an answer. A page left open for a day would keep every version it ever
drew. There is no public call for it; where the framework changes inside, nothing is dropped.
"""

from __future__ import annotations

from streamlit.runtime.scriptrunner import get_script_run_ctx


def forget_gone_widgets() -> int:
    """Drop the callbacks of widgets that have no value any more; give how many went.

    To be called when a run begins: a widget of the last whole run still has its value then.
    """
    context = get_script_run_ctx()
    held = getattr(context and context.session_state, "_state", None)
    values, widgets = getattr(held, "_old_state", None), getattr(held, "_new_widget_state", None)
    known = getattr(widgets, "widget_metadata", None)
    fresh = getattr(widgets, "states", None)
    if not (isinstance(known, dict) and isinstance(values, dict) and isinstance(fresh, dict)):
        return 0
    gone = [widget for widget in known if widget not in values and widget not in fresh]
    for widget in gone:
        del known[widget]
    return len(gone)

"""The filter bar: constraints as chips that can be taken off, suggestions that can be taken up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from assistant.models import Filters, Notice, StatusClass
from assistant.ui.kit import FILTER_NAMES, filter_chips, filters_of, year_of
from assistant.ui.safe import label
from assistant.ui.state import topic_name

EMPTY = Filters()
Chip = tuple[str, str]


def choices(notices: Sequence[Notice]) -> dict[str, list[str]]:
    """Give what can be chosen: only what occurs in the library, most frequent first."""
    topics = Counter(topic for n in notices for case in n.cases for topic in case.topics[:1])
    statuses = {case.status_class for n in notices for case in n.cases}
    return {
        "unit_types": _common(n.unit_type for n in notices),
        "inspections": _common(n.inspection or "" for n in notices),
        "statuses": [status.value for status in StatusClass if status in statuses],
        "topics": [topic for topic, _ in topics.most_common()],
        "levels": _common(n.unit_level for n in notices),
        "years": sorted({str(y) for n in notices if (y := year_of(n))}, reverse=True),
    }


def _common(values: object) -> list[str]:
    counted = Counter(value for value in values if value)  # type: ignore[attr-defined]
    return [value for value, _ in counted.most_common()]


def bar(current: Filters, suggested: Filters, notices: Sequence[Notice], *, key: str) -> Filters:
    """Draw the chips of `current`, the offered ones and the menu of all; give what is chosen."""
    chosen = filter_chips(current)
    offered = {c: text for c, text in filter_chips(suggested).items() if c not in chosen}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}-bar"):
        with st.popover("筛选", icon=":material/filter_list:", key=f"{key}-menu"):
            current = menu(current, notices, key=key)
        for (name, value), text in filter_chips(current).items():
            if st.button(
                f"{label(text, 14)} ✕",
                key=f"{key}-off-{name}-{value}",
                help=f"去掉筛选“{FILTER_NAMES[name]}：{label(text)}”",
            ):
                left = [chip for chip in filter_chips(current) if chip != (name, value)]
                _forget(key)
                return filters_of(left)
        for (name, value), text in offered.items():
            if st.button(
                f"只看{label(text, 14)}？",
                key=f"{key}-on-{name}-{value}",
                type="tertiary",
                help="按刚才的问句识别，点一下才会生效",
            ):
                _forget(key)
                return filters_of([*filter_chips(current), (name, value)])
    return current


def menu(current: Filters, notices: Sequence[Notice], *, key: str) -> Filters:
    """Draw one choice of many for each field."""
    available = choices(notices)
    chips: list[Chip] = []
    for name, title in FILTER_NAMES.items():
        held = [str(value) for value in getattr(current, name)]
        options = list(dict.fromkeys([*available[name], *held]))
        if len(options) < 2 and not held:
            continue
        picked = st.multiselect(
            title,
            options,
            default=held,
            key=f"{key}-{name}-{'.'.join(held)}",
            format_func=topic_name if name == "topics" else label,
            placeholder="不限",
        )
        chips += [(name, value) for value in picked]
    return filters_of(chips)


def _forget(key: str) -> None:
    """Drop the menu's own memory so that it starts from the new filters."""
    for name in list(st.session_state):
        if str(name).startswith(tuple(f"{key}-{field}-" for field in FILTER_NAMES)):
            del st.session_state[name]

"""The list of notices in 案例库: one radio, a row a notice, so that keys and readers work on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from assistant.models import Notice
from assistant.ui.kit import date_of, empty, unit_of
from assistant.ui.safe import label, told_apart

PAGE_SIZE = 30
KEY, PAGE_KEY, ORDER_KEY = "notice", "notices-page", "notices-order"
ORDERS: dict[str, Callable[[Notice], tuple[object, ...]]] = {
    "按入库次序": lambda _notice: (),
    "按年月，新的在前": lambda notice: (tuple(-ord(c) for c in date_of(notice)) or (0,),),
    "按单位名称": lambda notice: (unit_of(notice),),
    "案例多的在前": lambda notice: (-len(notice.cases),),
}


def notice_list(shown: Sequence[Notice], opened: str, on_pick: Callable[[str], None]) -> None:
    """Draw the list with `opened` chosen; a click calls `on_pick` with the id of a notice."""
    if not shown:
        empty("没有符合筛选的通报", "去掉一两个筛选条件再看。")
        return
    ordered = sorted(shown, key=ORDERS[_order()])
    ids = [notice.id for notice in ordered]
    pages = -(-len(ids) // PAGE_SIZE)
    page = _page(ids, opened, pages)
    here = ordered[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    by_id = {notice.id: notice for notice in here}
    chosen = opened if opened in by_id else None
    rows = told_apart({notice.id: label(unit_of(notice), 22) for notice in here})
    key = _key(chosen)
    with st.container(key="notices"):
        st.radio(
            "通报清单",
            list(by_id),
            index=list(by_id).index(chosen) if chosen else None,
            key=key,
            format_func=lambda i: rows.get(i, ""),
            captions=[_caption(notice) for notice in here],
            label_visibility="collapsed",
            on_change=lambda: on_pick(str(st.session_state[key] or "")),
        )
    if pages > 1:
        st.pagination(pages, max_visible_pages=5, key=PAGE_KEY)
    st.html(f'<p class="lede small">{len(shown)} 份通报，点一行看全文。</p>')


def _key(chosen: str | None) -> str:
    """Give the key of the radio: another one when the address, not a click, chose.

    A choice put into the session would get lost on its way when two runs follow closely.
    """
    generation = int(st.session_state.get("_notices_generation", 0))
    if st.session_state.get(f"{KEY}-{generation}", chosen) != chosen:
        generation += 1
        st.session_state["_notices_generation"] = generation
    return f"{KEY}-{generation}"


def _order() -> str:
    names = list(ORDERS)
    held = st.session_state.get(ORDER_KEY, names[0])
    with st.container(key="notices-sort"):
        picked = st.menu_button(
            f"排列：{held}", names, key="notices-sort-menu", type="tertiary", icon=":material/sort:"
        )
    if picked and picked != held:
        st.session_state[ORDER_KEY] = picked
        st.rerun()
    return str(held)


def _page(ids: Sequence[str], opened: str, pages: int) -> int:
    """Give the page to show; a notice opened by its address brings up its own page, once."""
    held = st.session_state.get(PAGE_KEY)
    if opened in ids and st.session_state.get("_notices_page_of") != opened:
        st.session_state["_notices_page_of"] = opened
        held = ids.index(opened) // PAGE_SIZE + 1
    page = min(int(held or 1), pages)
    if pages > 1:
        st.session_state[PAGE_KEY] = page
    return page


def _caption(notice: Notice) -> str:
    parts = [notice.unit_type, date_of(notice), f"{len(notice.cases)} 个案例"]
    return " · ".join(label(part) for part in parts if part)

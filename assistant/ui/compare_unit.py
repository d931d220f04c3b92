"""Whose notice is compared: one of the library, or an own list that is not stored."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from assistant.models import Comparison, Notice
from assistant.ui.desk import ReviewDesk
from assistant.ui.intake import UPLOADS
from assistant.ui.kit import date_of, shown_errors, unit_of
from assistant.ui.safe import label, told_apart
from assistant.ui.state import session

PEERS_AT_MOST = 8
COMPARISONS_KEPT = 24


def choose_unit(desk: ReviewDesk, held: Mapping[str, Notice]) -> Notice:
    """Let the unit be chosen from the library or read from a file of one's own."""
    own = session().own_unit
    offered = {**({own.id: own} if own else {}), **held}
    chosen = _picked(offered)
    drawer = st.popover(
        "用自己的清单", icon=":material/upload_file:", key="own-unit", on_change="rerun"
    )
    if drawer.open:
        with drawer:
            _upload(desk)
    return offered[chosen]


def own_unit_note(unit: Notice) -> None:
    """Say that an uploaded list is not kept."""
    if is_own(unit):
        st.caption(f"“{label(unit.source, 30)}”只供本次对照，不入库；刷新页面后需重新上传。")


def _picked(offered: Mapping[str, Notice]) -> str:
    ids = list(offered)
    held, wanted = st.session_state.get("u"), st.query_params.get("u", "")
    chosen = next(one for one in (held, wanted, *ids) if one in offered)
    if held != chosen:
        st.session_state["u"] = chosen
    if chosen != wanted:
        st.query_params["u"] = str(chosen)
    names = told_apart({i: _name(notice) for i, notice in offered.items()})
    return str(st.selectbox("本单位", ids, key="u", format_func=lambda i: names[i], width=520))


def _name(notice: Notice) -> str:
    if is_own(notice):
        return f"上传：{label(notice.source, 26)}（{len(notice.cases)} 个问题）"
    parts = [notice.unit_type, date_of(notice), f"{len(notice.cases)} 个案例"]
    return f"{label(unit_of(notice), 20)}（{'，'.join(label(p) for p in parts if p)}）"


def is_own(notice: Notice) -> bool:
    """Tell whether a notice was uploaded for comparison only, so that it has no page."""
    own = session().own_unit
    return own is not None and own.id == notice.id


def _upload(desk: ReviewDesk) -> None:
    file = st.file_uploader(
        "上传本单位的反馈意见、问题清单或整改通报", type=UPLOADS, key="own-unit-file"
    )
    st.caption("支持 Word、PDF、文本、Excel、网页。只在本机读取，不入库。")
    if file is None or not st.button("用它对照", type="primary", key="own-unit-read"):
        return
    with shown_errors(), st.spinner("正在读取…"):
        unit = desk.read_unit(file.name, file.getvalue())
        session().own_unit = unit
        # the box of units is drawn already: its choice is set on the next run, by the address
        st.session_state.pop("u", None)
        st.query_params["u"] = unit.id
        st.rerun()


def compared(desk: ReviewDesk, unit: Notice, peer_ids: tuple[str, ...] = ()) -> Comparison:
    """Compare a unit of the library or an own list."""
    if is_own(unit):
        return desk.compare_notice(unit, peer_ids=peer_ids)
    return _compared(desk.library.revision(), unit.id, peer_ids, desk)


@st.cache_resource(max_entries=COMPARISONS_KEPT, show_spinner=False)
def _compared(
    revision: int, unit_id: str, peer_ids: tuple[str, ...], _desk: ReviewDesk
) -> Comparison:
    return _desk.compare(unit_id, peer_ids=peer_ids)


def choose_peers(desk: ReviewDesk, found: Comparison, held: Mapping[str, Notice]) -> Comparison:
    """Let the peers be changed; compares anew when they are."""
    offered = [peer.notice.id for peer in found.peers if peer.notice.id in held]
    kept = session().peers.get(found.unit.id, offered)
    drawer = st.popover(
        "更换参照单位", icon=":material/group:", key="peers-menu", on_change="rerun"
    )
    if drawer.open:
        names = told_apart({i: label(unit_of(notice), 18) for i, notice in held.items()})
        with drawer:
            kept = st.multiselect(
                "参照单位（自动选同类型、时间和层级相近的，可增减）",
                [i for i in held if i != found.unit.id],
                default=[i for i in kept if i in held],
                key=f"peers-{found.unit.id}",
                format_func=lambda i: names[i],
                placeholder="选择参照单位",
                max_selections=PEERS_AT_MOST,
            )
        session().peers[found.unit.id] = kept
    chosen = [i for i in kept if i in held]
    if chosen and set(chosen) != set(offered):
        return compared(desk, found.unit, tuple(chosen))
    return found

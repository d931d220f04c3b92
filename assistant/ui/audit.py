"""日志: who did what, newest first, for 管理员."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import streamlit as st

from assistant.access.audit import HEADER, LOCAL_NAME, AuditFilter
from assistant.access.policy import Act
from assistant.ui.desk import ReviewDesk
from assistant.ui.kit import empty, head, note, shown_errors
from assistant.ui.people import people
from assistant.ui.state import reviewer

LISTED = 500
ROWS_SHOWN, ROW_PX, HEADER_PX = 14, 35, 38
EVERYBODY, EVERYTHING = "全部人员", "全部操作"
MIMES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}


def page() -> None:
    """Draw the page."""
    desk = reviewer()
    head("日志", "操作日志", "谁在何时做了什么。只增不改；提问和草稿只记开头，个人号码已遮盖。")
    if not desk.may(Act.AUDIT):
        note("操作日志只有管理员能看。", "warn")
        return
    log, roles = st.tabs(["操作日志", "人员与角色"])
    with log, shown_errors():
        _log(desk)
    with roles, shown_errors():
        people(desk)


def _log(desk: ReviewDesk) -> None:
    chosen = _chosen(desk)
    found = desk.audit(chosen, limit=LISTED)
    if not found:
        empty("没有符合条件的记录", "放宽人员、操作或日期再看。")
        return
    rows = [
        {
            HEADER[0]: entry.at[:19].replace("T", " "),
            HEADER[1]: entry.who or LOCAL_NAME,
            HEADER[2]: entry.action,
            HEADER[3]: entry.detail,
        }
        for entry in found
    ]
    st.dataframe(
        rows,
        key="audit-table",
        hide_index=True,
        height=HEADER_PX + ROW_PX * min(len(rows), ROWS_SHOWN),
        column_config={
            HEADER[0]: st.column_config.TextColumn(width=160),
            HEADER[1]: st.column_config.TextColumn(width=140),
            HEADER[2]: st.column_config.TextColumn(width=120),
            HEADER[3]: st.column_config.TextColumn(width="large"),
        },
    )
    if len(found) == LISTED:
        st.caption(f"只列最近 {LISTED} 条，导出的文件含全部。")
    with st.container(horizontal=True):
        for form, mime in MIMES.items():
            st.download_button(
                f"导出 {'Excel' if form == 'xlsx' else 'CSV'}",
                data=_file(desk, chosen, form),
                file_name=f"操作日志.{form}",
                mime=mime,
                key=f"audit-{form}",
                icon=":material/download:",
                on_click="ignore",
            )


def _chosen(desk: ReviewDesk) -> AuditFilter:
    users, actions = desk.audit_names()
    with st.container(horizontal=True, vertical_alignment="bottom", key="audit-filters"):
        who = st.selectbox(
            "人员",
            [None, *users],
            key="audit-who",
            format_func=lambda user: EVERYBODY if user is None else user or LOCAL_NAME,
        )
        action = st.selectbox(
            "操作", ["", *actions], key="audit-action", format_func=lambda a: a or EVERYTHING
        )
        none: Any = ()
        days: Any = st.date_input("日期", value=none, key="audit-days", format="YYYY-MM-DD")
    since, until = _span(days)
    return AuditFilter(who, action, since, until)


def _span(days: tuple[date, ...]) -> tuple[str, str]:
    """Give the first and last day chosen; while only one is, that one on its own."""
    if not days:
        return "", ""
    return days[0].isoformat(), days[-1].isoformat()


def _file(desk: ReviewDesk, chosen: AuditFilter, form: str) -> Callable[[], bytes]:
    return lambda: desk.export_audit(chosen, form)

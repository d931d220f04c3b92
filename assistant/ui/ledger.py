"""A ledger the office filled in, read back into the drafts: what changes, what differs."""

from __future__ import annotations

import streamlit as st

from assistant.ledger_merging import MergeResult
from assistant.ui.desk import ReviewDesk
from assistant.ui.kit import note, shown_errors

LEDGERS = ["xlsx", "xls", "ods", "csv"]


def filled_ledger(desk: ReviewDesk, *, key: str) -> None:
    """Draw the way back for an exported ledger; nothing is taken over before a click."""
    file = st.file_uploader("选择填好的整改台账", type=LEDGERS, key=f"ledger-{key}")
    st.caption(
        "读取本工具导出、由单位填写的台账：责任、时限、进展写回草稿；两边都改过的只列出，不覆盖。"
    )
    if file is None:
        return
    with shown_errors():
        result = desk.merge_ledger(file.name, file.getvalue())
        _report(result)
        if result.updated and st.button(
            f"写回 {len(result.updated)} 个问题", type="primary", key=f"ledger-take-{key}"
        ):
            for record in result.updated:
                desk.store.save_draft(record)
            st.toast(f"已写回 {len(result.updated)} 个问题，原内容保留在历史版本中。")
            st.rerun()


def _report(result: MergeResult) -> None:
    for change in result.changes:
        st.text(f"· {change}")
    if result.conflicts:
        note(f"有 {len(result.conflicts)} 处两边不一致，保留草稿内容，请人工决定。", "warn")
        st.dataframe(
            [
                {
                    "问题": conflict.problem,
                    "栏目": conflict.column,
                    "草稿": conflict.kept,
                    "台账": conflict.offered,
                    "说明": conflict.reason,
                }
                for conflict in result.conflicts
            ],
            hide_index=True,
        )
    for row in result.unmatched:
        st.text(f"· 台账中的“{row.problem}”不在问题清单里，未处理")
    for problem in result.missing:
        st.text(f"· 台账中没有“{problem}”，未改动")
    if not (result.changes or result.conflicts):
        note("台账与草稿一致，没有需要写回的内容。", "ok")

"""A ledger the office filled in, read back into the drafts: what changes, what differs."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant.ledger_merging import Conflict, MergeResult
from assistant.ui.desk import ReviewDesk
from assistant.ui.kit import note, section, shown_errors
from assistant.ui.safe import plain, shorten

LEDGERS = ["xlsx", "xls", "ods", "csv"]
ROWS_LISTED = 12
ROW_CHARS, CELL_CHARS = 160, 300


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
    if result.changes:
        section("将写回草稿", f"{len(result.changes)} 处")
        st.html(_list_html(result.changes, tone="ok"))
    if result.conflicts:
        section("两边不一致", f"{len(result.conflicts)} 处，保留草稿内容，请人工决定")
        st.html("".join(map(_conflict_html, result.conflicts)))
    left = [
        *(f"台账中的“{row.problem}”不在问题清单里，未处理" for row in result.unmatched),
        *(f"台账中没有“{problem}”，未改动" for problem in result.missing),
    ]
    if left:
        section("没有对上的", f"{len(left)} 条")
        st.html(_list_html(left, tone="warn"))
    if not (result.changes or result.conflicts):
        note("台账与草稿一致，没有需要写回的内容。", "ok")


def _list_html(rows: Sequence[str], *, tone: str) -> str:
    drawn = [
        f'<li class="{tone}"><span>{plain(shorten(row, ROW_CHARS))}</span></li>' for row in rows
    ]
    shown, rest = drawn[:ROWS_LISTED], drawn[ROWS_LISTED:]
    more = (
        f'<details><summary>其余 {len(rest)} 条</summary><ul class="check">{"".join(rest)}</ul>'
        "</details>"
        if rest
        else ""
    )
    return f'<ul class="check">{"".join(shown)}</ul>{more}'


def _conflict_html(conflict: Conflict) -> str:
    return (
        f'<div class="conflict"><p><b>{plain(conflict.column)}</b>'
        f"<small>{plain(shorten(conflict.problem, 60))}</small></p>"
        f"<dl><dt>草稿</dt><dd>{plain(shorten(conflict.kept, CELL_CHARS)) or '<i>空</i>'}</dd>"
        f"<dt>台账</dt><dd>{plain(shorten(conflict.offered, CELL_CHARS)) or '<i>空</i>'}</dd></dl>"
        f"<p><small>{plain(conflict.reason)}</small></p></div>"
    )

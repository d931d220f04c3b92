"""A ledger the office filled in, read back into the drafts: what changes, what differs."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant.errors import NotFound
from assistant.export.masked import texts_of
from assistant.ledger_merging import Conflict, MergeResult, settled
from assistant.models import DraftRecord
from assistant.ui.desk import ReviewDesk
from assistant.ui.kit import note, section, shown_errors
from assistant.ui.personal import kept_numbers_note
from assistant.ui.safe import label, plain, shorten
from assistant.ui.state import redraw, session
from assistant.ui.whose import changeable

LEDGERS = ["xlsx", "xls", "ods", "csv"]
ROWS_LISTED = 12
ROW_CHARS, CELL_CHARS = 160, 180
KEEP, TAKE = "保留现在的", "用台账的"
CHOSEN_ONE_BY_ONE = 20
"""Conflicts each with its own choice; a flood of them is decided together."""


def filled_ledger(desk: ReviewDesk, *, key: str) -> None:
    """Draw the way back for an exported ledger; nothing is taken over before a click."""
    file = st.file_uploader("选择填好的整改台账", type=LEDGERS, key=f"ledger-{key}")
    st.caption(
        "读取本工具导出、由单位填写的台账：责任、时限、进展写回草稿；"
        "两边都改过的逐处选择，不选则保留现在的。"
    )
    if file is None:
        return
    with shown_errors():
        result = desk.merge_ledger(file.name, file.getvalue())
        _changes(result)
        open_ones = [conflict for conflict in result.conflicts if conflict.takeable]
        _untakeable([conflict for conflict in result.conflicts if not conflict.takeable])
        if not (result.updated or open_ones):
            if not result.conflicts:
                note("台账与草稿一致，没有需要写回的内容。", "ok")
            return
        # one form: choosing among many draws nothing anew
        with st.form(f"ledger-form-{key}", border=False):
            chosen = _choices(open_ones, key)
            pressed = st.form_submit_button("写回草稿", type="primary", key=f"ledger-take-{key}")
        if pressed:
            _write_back(desk, settled(result, chosen))


def _changes(result: MergeResult) -> None:
    if result.changes:
        section("将写回草稿", f"{len(result.changes)} 处")
        st.html(_list_html(result.changes, tone="ok"))
    kept = [(row.ledger, row.draft.measures if row.draft else ()) for row in result.updated]
    offered = [conflict.offered for conflict in result.conflicts if conflict.takeable]
    if told := kept_numbers_note([*texts_of(kept), *offered]):
        note(told, "warn")
    left = [
        *(f"台账中的“{row.problem}”不在问题清单里，未处理" for row in result.unmatched),
        *(f"台账中没有“{problem}”，未改动" for problem in result.missing),
    ]
    if left:
        section("没有对上的", f"{len(left)} 条")
        st.html(_list_html(left, tone="warn"))


def _untakeable(conflicts: Sequence[Conflict]) -> None:
    if conflicts:
        section("不能写回的不同", f"{len(conflicts)} 处，保留草稿内容")
        st.html(f'<div class="conflicts">{"".join(map(_conflict_html, conflicts))}</div>')


def _choices(conflicts: Sequence[Conflict], key: str) -> list[Conflict]:
    """Draw a choice for each conflict; give those where the ledger is to hold."""
    if not conflicts:
        return []
    section("两边不一致", f"{len(conflicts)} 处，请逐处选择")
    chosen = []
    single, rest = conflicts[:CHOSEN_ONE_BY_ONE], conflicts[CHOSEN_ONE_BY_ONE:]
    for place, conflict in enumerate(single):
        with st.container(key=f"conflict-{key}-{place}", gap=None):
            st.html(_conflict_html(conflict))
            told = f"{conflict.column}：{label(conflict.problem, 20)}"
            if _choice(told, f"settle-{key}-{conflict.record_id}-{conflict.field}"):
                chosen.append(conflict)
    if rest:
        st.html(
            f"<details><summary>其余 {len(rest)} 处</summary>"
            f'<div class="conflicts">{"".join(map(_conflict_html, rest))}</div></details>'
        )
        if _choice(f"其余 {len(rest)} 处", f"settle-{key}-rest"):
            chosen += rest
    return chosen


def _choice(told: str, key: str) -> bool:
    return (
        st.radio(told, [KEEP, TAKE], key=key, horizontal=True, label_visibility="collapsed") == TAKE
    )


def _write_back(desk: ReviewDesk, records: Sequence[DraftRecord]) -> None:
    open_ones = [record for record in records if changeable(desk, record)]
    for record in open_ones:
        desk.store.save_draft(record)
        redraw(record.id)
    shut = len(records) - len(open_ones)
    session().written_back = tuple((record.id, record.version) for record in open_ones)
    if shut:
        session().notes["ledger"] = f"另有 {shut} 个问题已定稿，未写回，请审核人员办理。"
    st.rerun()


def written_back(desk: ReviewDesk) -> None:
    """Say what the last ledger changed, and offer to take it back."""
    state = session()
    message = state.notes.get("ledger", "")
    if not state.written_back and not message:
        return
    said = f"台账已写回 {len(state.written_back)} 个问题。" if state.written_back else ""
    with st.container(horizontal=True, vertical_alignment="center", key="written-back"):
        note(said + message, "ok" if not message else "warn")
        if state.written_back and st.button("撤销写回", key="ledger-undo"):
            with shown_errors():
                _take_back(desk, state.written_back)
        if st.button("知道了", key="ledger-seen", type="tertiary"):
            _forget()
            st.rerun()


def _take_back(desk: ReviewDesk, written: Sequence[tuple[str, int]]) -> None:
    """Put back the versions from before; what was changed since by hand stays."""
    kept = 0
    for record_id, before in written:
        try:
            now = desk.store.draft_record(record_id)
        except NotFound:
            continue
        if now.version != before + 1 or not changeable(desk, now):
            kept += 1
            continue
        desk.store.restore(record_id, before)
        redraw(record_id)
    _forget()
    if kept:
        session().notes["ledger"] = (
            f"已撤销；{kept} 个问题写回后又改过，未动，可在“历史版本”中恢复。"
        )
    else:
        st.toast("已撤销写回，恢复为写回前的内容")
    st.rerun()


def _forget() -> None:
    session().written_back = ()
    session().notes.pop("ledger", None)


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
        f"<dl><dt>草稿</dt><dd>{_cell_html(conflict.kept)}</dd>"
        f"<dt>台账</dt><dd>{_cell_html(conflict.offered)}</dd></dl>"
        f"<p><small>{plain(conflict.reason)}</small></p></div>"
    )


def _cell_html(text: str) -> str:
    """Draw a cell; who chooses between two long ones can read them whole."""
    if len(text) <= CELL_CHARS:
        return plain(text) or "<i>空</i>"
    return (
        f"{plain(shorten(text, CELL_CHARS))}<details><summary>全文（{len(text)} 字）</summary>"
        f"{plain(text)}</details>"
    )

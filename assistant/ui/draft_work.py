"""The middle of 起草: writing a draft, finishing it, its versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import streamlit as st

from assistant.access.policy import Act
from assistant.models import DraftRecord, Finding, UnitProfile
from assistant.ui.desk import ReviewDesk
from assistant.ui.drafting import FINAL, WORKING, difference_html, next_open, with_draft
from assistant.ui.kit import note, shown_errors, working
from assistant.ui.measures import Editor, problem_html
from assistant.ui.safe import shorten
from assistant.ui.sending import kept, of_draft, sent_line
from assistant.ui.state import redraw, session
from assistant.ui.whose import changeable, deletable

VERSIONS_LISTED = 12


def findings_of(desk: ReviewDesk, record: DraftRecord, profile: UnitProfile) -> tuple[Finding, ...]:
    """Check the draft as it stands."""
    return desk.check(record.draft, profile=profile) if record.draft else ()


def work(
    desk: ReviewDesk,
    record: DraftRecord,
    records: Sequence[DraftRecord],
    findings: Sequence[Finding],
) -> None:
    """Draw the draft of one problem, or the way to one."""
    st.html(problem_html(record))
    if record.draft is None:
        _write(desk, record)
        return
    Editor(desk, record, record.draft).show(findings)
    sent_line(of_draft(record.id), key=record.id)
    st.html('<hr class="thin">')
    with st.container(horizontal=True, vertical_alignment="center", key="draft-foot"):
        if record.state == FINAL:
            if not desk.may(Act.RETURN):
                st.caption("已定稿，不能再改；确需修改的，请审核人员退回")
            elif st.button("退回修改", key="reopen"):
                desk.store.save_draft(replace(record, state=WORKING))
                st.rerun()
        elif not desk.may(Act.FINALISE):
            st.caption("定稿由审核人员办理")
        elif st.button("定稿，下一条", type="primary", key="finish", icon=":material/done:"):
            errors = sum(finding.level == "error" for finding in findings)
            desk.store.save_draft(replace(record, state=FINAL))
            st.toast(f"已定稿，仍有 {errors} 处须改" if errors else "已定稿")
            session().opened_draft = next_open(records, record.id)
            st.rerun()
        _versions(desk, record)
        with st.popover(
            "重写",
            icon=":material/refresh:",
            key=f"again-{record.id}",
            disabled=not changeable(desk, record),
        ):
            st.caption("按下面的要求或原因重写全部措施；现在的内容留在历史版本里。")
            cause = st.text_input(
                "原因或要求", key=f"cause-{record.id}", placeholder="例如：制度缺失、人员变动"
            )
            if st.button("重写全部措施", key=f"rewrite-{record.id}", type="primary"):
                _make(desk, record, cause)
        if st.button(
            "删除本条",
            key=f"drop-{record.id}",
            type="tertiary",
            icon=":material/delete:",
            disabled=not deletable(desk, record),
        ):
            drop_dialog(desk, record)


def _write(desk: ReviewDesk, record: DraftRecord) -> None:
    cause = st.text_area(
        "已知的原因（可不填）",
        key=f"known-{record.id}",
        height=90,
        placeholder="例如：核算办法多年未更新，经办人员调整后未交接",
    )
    with st.container(horizontal=True):
        if st.button(
            "起草措施", type="primary", icon=":material/edit_note:", key=f"write-{record.id}"
        ):
            _make(desk, record, cause)
        if st.button(
            "删除本条",
            key=f"drop-{record.id}",
            type="tertiary",
            disabled=not deletable(desk, record),
        ):
            drop_dialog(desk, record)


def _make(desk: ReviewDesk, record: DraftRecord, cause: str) -> None:
    profile = desk.store.profile()
    with shown_errors(), working("正在查找相近案例并起草…"):
        with kept(desk, of_draft(record.id)):
            draft = desk.draft(record.problem, profile=profile, cause=cause)
        desk.store.save_draft(with_draft(replace(record, profile=profile), draft))
        redraw(record.id)
        st.rerun()


@st.dialog("删除问题")
def drop_dialog(desk: ReviewDesk, record: DraftRecord) -> None:
    """Ask before a problem and its versions are deleted."""
    note(f"“{shorten(record.problem, 60)}”及其草稿、历史版本将被删除，不能恢复。", "warn")
    if st.button("确认删除", type="primary", key=f"sure-{record.id}"):
        desk.store.delete_draft(record.id)
        st.session_state.pop("p", None)
        st.rerun()


def _versions(desk: ReviewDesk, record: DraftRecord) -> None:
    drawer = st.popover(
        "历史版本", icon=":material/history:", key=f"versions-{record.id}", on_change="rerun"
    )
    # versions are many and long: they are read only when someone looks
    if not drawer.open:
        return
    with drawer:
        versions = desk.store.draft_versions(record.id)
        st.caption(f"每次改动自动保存，共 {len(versions)} 版。")
        for older in versions[1 : VERSIONS_LISTED + 1]:
            _version(desk, record, older)
        if len(versions) > VERSIONS_LISTED + 1:
            st.caption("只列最近几版。")


def _version(desk: ReviewDesk, record: DraftRecord, older: DraftRecord) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        count = len(older.draft.measures) if older.draft else 0
        st.html(
            f'<p class="ver">第 {older.version} 版 <small>{_time(older.updated)} · '
            f"{older.state} · {count} 条</small></p>"
        )
        st.space("stretch")
        if st.button("比较", key=f"diff-{record.id}-{older.version}", type="tertiary"):
            difference_dialog(desk, record, older)


@st.dialog("与现在的内容比较", width="medium")
def difference_dialog(desk: ReviewDesk, record: DraftRecord, older: DraftRecord) -> None:
    """Show what changed since an older version, and offer to go back."""
    difference(desk, record, older)


def difference(desk: ReviewDesk, record: DraftRecord, older: DraftRecord) -> None:
    """Draw the inside of the dialog."""
    st.html(f'<div class="diff">{difference_html(older, record)}</div>')
    if st.button(
        f"恢复第 {older.version} 版",
        type="primary",
        key=f"restore-{record.id}-{older.version}",
        disabled=not changeable(desk, record),
    ):
        with shown_errors():
            if older.state == FINAL and not desk.may(Act.FINALISE):
                # what was final comes back as work: finishing it anew is for who reviews
                desk.store.save_draft(replace(older, state=WORKING))
            else:
                desk.store.restore(record.id, older.version)
            redraw(record.id)
            st.rerun()


def _time(iso: str) -> str:
    try:
        return datetime.fromisoformat(iso).strftime("%m-%d %H:%M")
    except ValueError:
        return iso

"""The middle of 起草: writing a draft, finishing it, its versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import streamlit as st

from assistant.access.policy import Act
from assistant.models import DraftRecord, Finding, UnitProfile
from assistant.ui.desk import ReviewDesk
from assistant.ui.drafting import FINAL, WORKING, difference_html, next_open, with_draft
from assistant.ui.kit import note, shown_errors, working
from assistant.ui.measure_html import problem_html
from assistant.ui.measures import Editor
from assistant.ui.safe import shorten
from assistant.ui.sending import kept, of_draft, sent_line
from assistant.ui.state import redraw, session
from assistant.ui.whose import changeable, deletable, listed

VERSIONS_LISTED = 12


def findings_of(desk: ReviewDesk, record: DraftRecord, profile: UnitProfile) -> tuple[Finding, ...]:
    """Check the draft as it stands; what was just checked is not checked again."""
    if record.draft is None:
        return ()
    state = session()
    what = (record.id, record.version, record.updated, profile, date.today())
    if state.checked is None or state.checked[0] != what:
        state.checked = (what, desk.check(record.draft, profile=profile))
    return state.checked[1]


def work(desk: ReviewDesk, record: DraftRecord, profile: UnitProfile) -> DraftRecord:
    """Draw the draft of one problem, or the way to one; writes it where a press asked for it.

    Gives the record as it is then: what is drawn after this shows what has been written.
    """
    # both places stand in every run: what comes below keeps its place, and the focus in it
    problem, waiting = st.empty(), st.empty()
    problem.html(problem_html(record))
    asked, session().making = session().making, None
    if asked is not None and asked[0] == record.id:
        with waiting.container():
            written = _written(desk, record, profile, cause=asked[1])
        if written is not None:
            waiting.empty()
            record = written
            problem.html(problem_html(record))
    if record.draft is None:
        _write(desk, record)
        return record
    findings = findings_of(desk, record, profile)
    Editor(desk, record, record.draft).show(findings)
    sent_line(of_draft(record.id), key=record.id)
    st.html('<hr class="thin">')
    with st.container(horizontal=True, vertical_alignment="center", key="draft-foot"):
        _finish(desk, record, findings)
        _versions(desk, record)
        _rewrite(desk, record)
        _drop(desk, record, icon=":material/delete:")
    return record


def _written(
    desk: ReviewDesk, record: DraftRecord, profile: UnitProfile, *, cause: str
) -> DraftRecord | None:
    with shown_errors(), working("正在查找相近案例并起草…"):
        with kept(desk, of_draft(record.id)):
            draft = desk.draft(record.problem, profile=profile, cause=cause)
        desk.store.save_draft(with_draft(replace(record, profile=profile), draft))
        session().opened_measures.pop(record.id, None)
        redraw(record.id)
        return desk.store.draft_record(record.id)
    return None


def _finish(desk: ReviewDesk, record: DraftRecord, findings: Sequence[Finding]) -> None:
    if record.state == FINAL:
        if not desk.may(Act.RETURN):
            st.caption("已定稿，不能再改；确需修改的，请审核人员退回")
        else:
            st.button("退回修改", key="reopen", on_click=_reopened, args=(desk, record.id))
    elif not desk.may(Act.FINALISE):
        st.caption("定稿由审核人员办理")
    else:
        errors = sum(finding.level == "error" for finding in findings)
        st.button(
            "定稿，下一条",
            type="primary",
            key="finish",
            icon=":material/done:",
            on_click=_finished,
            args=(desk, record.id, errors),
        )


def _reopened(desk: ReviewDesk, record_id: str) -> None:
    with shown_errors():
        desk.store.save_draft(replace(desk.store.draft_record(record_id), state=WORKING))


def _finished(desk: ReviewDesk, record_id: str, errors: int) -> None:
    with shown_errors():
        desk.store.save_draft(replace(desk.store.draft_record(record_id), state=FINAL))
        st.toast(f"已定稿，仍有 {errors} 处须改" if errors else "已定稿")
        session().opened_draft = next_open(listed(desk), record_id)


def _rewrite(desk: ReviewDesk, record: DraftRecord) -> None:
    drawer = st.popover(
        "重写",
        icon=":material/refresh:",
        key=f"again-{record.id}",
        on_change="rerun",
        disabled=not changeable(desk, record),
    )
    if not drawer.open:
        return
    with drawer:
        st.caption("按下面的要求或原因重写全部措施；现在的内容留在历史版本里。")
        st.text_input(
            "原因或要求", key=f"cause-{record.id}", placeholder="例如：制度缺失、人员变动"
        )
        st.button(
            "重写全部措施",
            key=f"rewrite-{record.id}",
            type="primary",
            on_click=_asked,
            args=(record.id, f"cause-{record.id}"),
        )


def _write(desk: ReviewDesk, record: DraftRecord) -> None:
    st.text_area(
        "已知的原因（可不填）",
        key=f"known-{record.id}",
        height=90,
        placeholder="例如：核算办法多年未更新，经办人员调整后未交接",
    )
    with st.container(horizontal=True):
        st.button(
            "起草措施",
            type="primary",
            icon=":material/edit_note:",
            key=f"write-{record.id}",
            on_click=_asked,
            args=(record.id, f"known-{record.id}"),
        )
        _drop(desk, record)


def _asked(record_id: str, cause_key: str) -> None:
    session().making = (record_id, str(st.session_state.get(cause_key) or ""))


def _drop(desk: ReviewDesk, record: DraftRecord, *, icon: str | None = None) -> None:
    if st.button(
        "删除本条",
        key=f"drop-{record.id}",
        type="tertiary",
        icon=icon,
        disabled=not deletable(desk, record),
    ):
        drop_dialog(desk, record)


@st.dialog("删除问题")
def drop_dialog(desk: ReviewDesk, record: DraftRecord) -> None:
    """Ask before a problem and its versions are deleted."""
    note(f"“{shorten(record.problem, 60)}”及其草稿、历史版本将被删除，不能恢复。", "warn")

    def sure() -> None:
        with shown_errors():
            desk.store.delete_draft(record.id)
            st.session_state.pop("p", None)
            st.rerun()

    st.button("确认删除", type="primary", key=f"sure-{record.id}", on_click=sure)


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

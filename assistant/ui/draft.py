"""起草: from a list of problems to a plan, one problem at a time, nothing lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from assistant.models import DraftRecord, UnitProfile
from assistant.ui.activity import waiting_text
from assistant.ui.batch_drafting import drafts_job
from assistant.ui.desk import ReviewDesk
from assistant.ui.draft_side import side
from assistant.ui.draft_work import work
from assistant.ui.drafting import FINAL, STATES, WAITING, WORKING
from assistant.ui.exporting import file_of, to_be_masked
from assistant.ui.intake import intake
from assistant.ui.jobs import Kind
from assistant.ui.kit import empty, head_with_tools, note, section
from assistant.ui.ledger import written_back
from assistant.ui.preview import preview_dialog
from assistant.ui.profile import profile_dialog
from assistant.ui.safe import label, shorten, told_apart
from assistant.ui.state import jobs, reviewer, session
from assistant.ui.whose import listed, owner_of, whose_switch

ALL = "全部"
DOTS = {WAITING: "○", WORKING: "◐", FINAL: "●"}
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def page() -> None:
    """Draw the page."""
    desk = reviewer()
    profile = desk.store.profile()
    records = listed(desk)
    # drawn last: writing a draft changes what the head and the list say
    top = st.container()
    written_back(desk)
    if not records:
        with top:
            _head(desk, profile, records)
        _first(desk)
        return
    if session().handed_problem:
        add_dialog(desk)
    chosen, left = _choose(records)
    left_column, middle, right = st.columns([0.26, 0.44, 0.30], gap="medium")
    record = next((r for r in records if r.id == chosen), None)
    if record is None:
        with middle:
            empty("没有这一状态的问题", "换一个状态查看，或添加问题。")
    else:
        with middle:
            now = work(desk, record, profile)
        with right:
            side(desk, now, profile)
        if now is not record:
            session().opened_draft = now.id
            records = listed(desk)
            _, left = _choose(records)
    with left_column:
        _problems(desk, records, left)
    with top:
        _head(desk, profile, records)


def _head(desk: ReviewDesk, profile: UnitProfile, records: Sequence[DraftRecord]) -> None:
    groups = list(dict.fromkeys(record.group for record in records if record.group))
    parts = (
        [*(shorten(group, 24) for group in groups[:2]), f"{len(records)} 个问题"] if records else []
    )
    if profile.deadline:
        parts.append(f"集中整改期至 {profile.deadline}")
    lede = " · ".join(parts) or "粘贴或上传反馈的问题，逐条生成措施，核对后导出。"
    title = f"{shorten(profile.name, 30)} · 整改方案" if profile.name else "整改方案"
    with head_with_tools("起草", title, lede):
        done = sum(record.state == FINAL for record in records)
        whose_switch(desk)
        if records:
            st.html(f'<p class="count"><b>{done}</b> / {len(records)} 已定稿</p>', width="content")
        if st.button("单位信息", icon=":material/badge:", key="profile"):
            profile_dialog(desk)
        if records:
            _exports(desk, records, profile)


def _exports(desk: ReviewDesk, records: Sequence[DraftRecord], profile: UnitProfile) -> None:
    ready = [record for record in records if record.draft is not None]
    drafts = [record.draft for record in records if record.draft is not None]
    # not inside the drawer below: it would stay open over the dialog
    if st.button("预览", icon=":material/preview:", key="preview", disabled=not ready):
        preview_dialog(desk, drafts)
    with st.popover(
        "导出", icon=":material/download:", type="primary", key="export", disabled=not ready
    ):
        unfinished = sum(record.state != FINAL for record in ready)
        if unfinished:
            st.caption(f"含 {unfinished} 条未定稿，文件中标为讨论稿。")
        if told := to_be_masked(ready, profile):
            note(told, "warn")
        for text, form, mime in (
            ("整改方案 Word", "docx", WORD),
            ("整改台账 Excel", "xlsx", EXCEL),
        ):
            st.download_button(
                text,
                data=file_of(desk, "plan", lambda: ready, form),
                file_name=f"{text.split()[0]}.{form}",
                mime=mime,
                key=f"plan-{form}",
                icon=":material/description:" if form == "docx" else ":material/table:",
                width="stretch",
                on_click="ignore",
            )


def _first(desk: ReviewDesk) -> None:
    left, right = st.columns([0.6, 0.4], gap="large")
    with left:
        section("从反馈的问题开始")
        intake(desk, key="first")
    with right:
        section("接下来")
        st.html(
            '<ol class="steps"><li><b>逐条生成</b>按查清、纠正、问责、建制等步骤给出措施。</li>'
            "<li><b>对照依据</b>每条措施标明来自哪些案例，点编号看原文那一行。</li>"
            "<li><b>核对补空</b>本单位的数字、时限、责任人留空待填，先看质量检查。</li>"
            "<li><b>导出</b>整改方案 Word 与整改台账 Excel。</li></ol>"
        )


@st.dialog("添加问题", width="medium")
def add_dialog(desk: ReviewDesk) -> None:
    """Add problems to a list that exists."""
    intake(desk, key="more", dialog=True)


# ---------------------------------------------------------------------- left: problems


def _choose(records: Sequence[DraftRecord]) -> tuple[str, list[DraftRecord]]:
    """Find what is chosen, from the address or a request, and what the state filter leaves."""
    state = session()
    wanted = state.opened_draft or st.query_params.get("p", "")
    shown = st.session_state.get("draft-state", ALL) or ALL
    left = [record for record in records if shown in (ALL, record.state)]
    ids = [record.id for record in left]
    if state.opened_draft:
        state.opened_draft = ""
        if wanted not in ids:
            st.session_state["draft-state"] = ALL
            left, ids = list(records), [record.id for record in records]
        st.session_state["p"] = wanted
    held = st.session_state.get("p")
    chosen = next((one for one in (held, wanted, *ids) if one in ids), "")
    if held != chosen:
        st.session_state.pop("p", None)
        if chosen:
            st.session_state["p"] = chosen
    if chosen and chosen != st.query_params.get("p", ""):
        st.query_params["p"] = chosen
    return str(chosen), left


def _problems(desk: ReviewDesk, records: Sequence[DraftRecord], left: list[DraftRecord]) -> None:
    counts = Counter(record.state for record in records)
    with st.container(horizontal=True, vertical_alignment="center"):
        section("反馈问题")
        st.space("stretch")
        if st.button("添加", icon=":material/add:", type="tertiary", key="add-problem"):
            add_dialog(desk)
    st.segmented_control(
        "状态",
        [ALL, *STATES],
        default=ALL,
        key="draft-state",
        label_visibility="collapsed",
        format_func=lambda value: value if value == ALL else f"{value} {counts[value]}",
        width="stretch",
    )
    if counts[WAITING] > 1 or jobs().of(Kind.DRAFTS, desk.store.owner):
        mine = [r for r in records if r.owner == desk.user.id]
        _batch(desk, [r for r in mine if r.state == WAITING and r.draft is None])
    if left:
        ids = [record.id for record in left]
        rows = told_apart({record.id: _row(record) for record in left})
        with st.container(key="problems"):
            st.radio(
                "问题清单",
                ids,
                key="p",
                format_func=lambda i: rows.get(i, ""),
                captions=[_caption(record, owner_of(desk, record)) for record in left],
                label_visibility="collapsed",
            )


def _row(record: DraftRecord) -> str:
    number = f"{label(record.number)}\u2009" if record.number else ""
    return number + label(record.problem, 44)


def _caption(record: DraftRecord, owner: str) -> str:
    parts = [f"{DOTS[record.state]} {record.state}", *([owner] if owner else [])]
    if record.draft:
        parts.append(f"{len(record.draft.measures)} 条措施")
    if record.group:
        parts.append(label(record.group, 14))
    return "　".join(parts)


def _batch(desk: ReviewDesk, waiting: Sequence[DraftRecord]) -> None:
    job = jobs().of(Kind.DRAFTS, desk.store.owner)
    if job is not None and not job.finished:
        said = waiting_text(job) or f"正在起草 {job.done + 1}/{job.total}，可离开本页"
        st.html(f'<p class="lede small" role="status">{said}；进度与停止在左侧。</p>')
        return
    if waiting:
        st.button(
            f"起草全部待拟（{len(waiting)}）",
            key="batch",
            width="stretch",
            icon=":material/bolt:",
            on_click=_start,
            args=(desk, waiting),
        )


def _start(desk: ReviewDesk, waiting: Sequence[DraftRecord]) -> None:
    jobs().start(*drafts_job(desk, waiting, owner=desk.store.owner))

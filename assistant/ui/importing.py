"""Importing notices: choose files, watch each one, read what became of it."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from assistant.models import IngestState
from assistant.ui.activity import bar_html, waiting_text
from assistant.ui.desk import ReviewDesk
from assistant.ui.jobs import Job, Kind, import_job
from assistant.ui.kit import note
from assistant.ui.presence_watch import rerun_by_itself
from assistant.ui.safe import plain
from assistant.ui.state import jobs

SUFFIXES = [
    "docx",
    "doc",
    "pdf",
    "txt",
    "html",
    "htm",
    "xlsx",
    "xls",
    "odt",
    "rtf",
    "ofd",
    "wps",
    "csv",
]
POLL_SECONDS = 0.6
MARKS = {
    IngestState.ADDED: "ok",
    IngestState.UPDATED: "ok",
    IngestState.UNCHANGED: "info",
    IngestState.FAILED: "bad",
}
SECRECY = "只导入可公开的通报。带密级标志的文件会被拒收，也不会留存。"


@st.dialog("导入通报", width="medium", icon=":material/upload_file:")
def import_dialog(desk: ReviewDesk) -> None:
    """Choose files and start; the import itself goes on when the dialog is closed."""
    files = st.file_uploader(
        "选择文件（可多选、可拖入）", type=SUFFIXES, accept_multiple_files=True, key="import-files"
    )
    st.caption(
        "支持 Word、PDF、网页、文本、Excel、ODT、RTF、OFD，"
        f"单个不超过 {desk.settings.max_upload_mb} MB。"
        "同一文件重复导入不会产生重复案例。"
    )
    note(SECRECY)
    most = desk.settings.max_import_files
    if len(files) > most:
        note(f"一次最多导入 {most} 个文件，这次选了 {len(files)} 个，请分批导入。", "bad")
    running = jobs().of(Kind.IMPORT)
    busy = running is not None and not running.finished
    if st.button(
        f"开始导入{f' {len(files)} 个文件' if files else ''}",
        type="primary",
        disabled=not files or busy or len(files) > most,
        key="start-import",
    ):
        held = [(file.name, file.getvalue()) for file in files]
        jobs().start(*import_job(desk, held, owner=desk.store.owner))
        st.rerun()
    if busy:
        note("另一批文件正在导入，请等它结束。", "warn")


def progress_panel() -> None:
    """Show the running or last import, where there is one."""
    job = jobs().of(Kind.IMPORT)
    if job is None:
        return
    if job.finished:
        _result(job)
    else:
        _watch()


@st.fragment(run_every=POLL_SECONDS)
def _watch() -> None:
    job = jobs().of(Kind.IMPORT)
    if job is None or job.finished:
        rerun_by_itself()
    done = len(job.results)
    with st.container(border=True, key="import-progress"):
        last = f"，刚处理：{job.doing}" if job.doing else ""
        said = waiting_text(job) or f"正在入库 {done}/{job.total}{last}"
        if done == job.total:
            said = "文件都已入库，正在更新检索索引，完成后即可检索…"
        st.html(bar_html(job) + f'<p class="lede small" role="status">{plain(said)}</p>')
        if job.stopping:
            note("处理完手头的文件后停止…")
        elif st.button("停止导入", key="stop-import", help="已入库的保留"):
            job.stop()


def _result(job: Job) -> None:
    counts = Counter(result.state for result in job.results)
    parts = [f"{state.value} {counts[state]}" for state in IngestState if counts[state]]
    skipped = job.total - len(job.results)
    if skipped > 0:
        parts.append(f"未处理 {skipped}")
    cases = sum(r.cases for r in job.results if r.state in (IngestState.ADDED, IngestState.UPDATED))
    with st.container(border=True, key="import-result"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(
                f'<p class="lede" role="status"><b>导入结束</b>　{"　".join(parts)}　'
                f"入库案例 {cases} 个</p>"
            )
            st.space("stretch")
            if st.button("知道了", key="dismiss-import"):
                jobs().dismiss(job)
                st.rerun()
        if job.error:
            note(job.error, "bad")
        rows = "".join(
            f'<li class="{MARKS[r.state]}"><span><b>{plain(r.source)}</b> {r.state.value}'
            f"{f'：{r.notices} 份通报、{r.cases} 个案例' if r.cases else ''}"
            f"{f'<br><small>{plain(r.message)}</small>' if r.message else ''}</span></li>"
            for r in sorted(job.results, key=lambda r: r.state != IngestState.FAILED)
        )
        with st.expander("逐个文件查看", expanded=len(job.results) <= 8):
            st.html(f'<ul class="check">{rows}</ul>')

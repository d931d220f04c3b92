"""What is going on in the background, in the sidebar of every page: progress, stop, the end."""

from __future__ import annotations

import streamlit as st

from assistant.ui.jobs import Job, Kind
from assistant.ui.kit import note
from assistant.ui.presence_watch import rerun_by_itself
from assistant.ui.safe import plain
from assistant.ui.state import jobs, session

POLL_SECONDS = 1.0


def activity(owner: str, *, hidden: Kind | None = None) -> None:
    """Draw a line for each job; `hidden` is the kind its own page shows in full."""
    shown = [job for job in jobs().visible(owner) if job.kind is not hidden]
    session().jobs_done = sum(job.done for job in shown)
    # the container is always there, so that nothing below it is drawn anew when a job begins
    with st.sidebar, st.container(key="activity", gap="small"):
        if not shown:
            return
        if all(job.finished for job in shown):
            for job in shown:
                _ended(job)
        else:
            _watch(owner, hidden)


@st.fragment(run_every=POLL_SECONDS)
def _watch(owner: str, hidden: Kind | None) -> None:
    shown = [job for job in jobs().visible(owner) if job.kind is not hidden]
    drafted = any(job.kind is Kind.DRAFTS for job in shown)
    moved = sum(job.done for job in shown) != session().jobs_done
    if all(job.finished for job in shown) or (drafted and moved):
        # what has come meanwhile belongs on the page too
        rerun_by_itself()
    for job in shown:
        if job.finished:
            _ended(job)
        else:
            _line(job)


def _line(job: Job) -> None:
    said = waiting_text(job) or f"{job.done}/{job.total} {job.doing}"
    st.html(
        f'<p class="job" role="status"><b>{job.kind.value}</b> {plain(said)}</p>' + bar_html(job)
    )
    if job.stopping:
        note("做完手头的一项后停止…")
    elif st.button(
        f"停止{job.kind.value}", key=f"stop-{job.kind.name}", help="已完成的保留", type="tertiary"
    ):
        job.stop()
        st.rerun(scope="fragment")


def bar_html(job: Job) -> str:
    """Draw how far a job is."""
    return (
        f'<progress class="job" max="{max(1, job.total)}" value="{job.done}" '
        f'aria-label="{job.kind.value}进度"></progress>'
    )


def waiting_text(job: Job) -> str:
    """Say how many jobs come first; nothing once it is at work."""
    if job.begun:
        return ""
    return f"排队中，前面还有 {jobs().ahead(job)} 项任务"


def _ended(job: Job) -> None:
    left = job.total - job.done
    said = f"已完成 {job.done} 项" + (f"，未处理 {left} 项" if left else "")
    st.html(f'<p class="job" role="status"><b>{job.kind.value}结束</b> {said}</p>')
    if job.error:
        note(job.error, "bad")
    if st.button("知道了", key=f"dismiss-{job.kind.name}", type="tertiary"):
        jobs().dismiss(job)
        st.rerun()

"""Drafting all waiting problems beside the page: each is stored as it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.errors import NotFound
from assistant.models import DraftRecord
from assistant.ui.desk import ReviewDesk
from assistant.ui.drafting import with_draft
from assistant.ui.jobs import Job, Kind, Work
from assistant.ui.safe import shorten
from assistant.ui.sending import Sendings, kept, of_draft, sendings

SHOWN = 16


def drafts_job(
    desk: ReviewDesk, records: Sequence[DraftRecord], *, owner: str = ""
) -> tuple[Job, Work]:
    """Make the job that drafts records still without a draft when their turn comes."""
    ids = [record.id for record in records]
    remembered = sendings()

    def work(job: Job) -> None:
        for done, record_id in enumerate(ids):
            if job.stopping:
                return
            job.done = done
            record = _waiting(desk, record_id)
            if record is not None:
                job.doing = shorten(record.problem, SHOWN)
                _draft(desk, record, remembered)
        job.done = len(ids)

    return Job(Kind.DRAFTS, len(ids), owner), work


def _waiting(desk: ReviewDesk, record_id: str) -> DraftRecord | None:
    """Give the record as it is now, unless it was deleted or someone has drafted it."""
    try:
        record = desk.store.draft_record(record_id)
    except NotFound:
        return None
    return record if record.draft is None else None


def _draft(desk: ReviewDesk, record: DraftRecord, remembered: Sendings) -> None:
    profile = desk.store.profile()
    with kept(desk, of_draft(record.id), at=remembered):
        draft = desk.draft(record.problem, profile=profile)
    # writing may take a minute: what a person did meanwhile stands
    now = _waiting(desk, record.id)
    if now is not None:
        desk.store.save_draft(with_draft(replace(now, profile=profile), draft))

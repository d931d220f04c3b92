"""What the pages call: one Protocol, so that they run on the real reviewer and on a fake.

Knows nothing of how answers are made, where records are kept or which model writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from assistant.access.audit import AuditFilter
from assistant.access.policy import Act, User
from assistant.corrections import Correction
from assistant.export.bundle import Exported, Payload
from assistant.ledger_merging import MergeResult
from assistant.models import (
    Answer,
    Case,
    Comparison,
    Draft,
    DraftMeasure,
    Evidence,
    FeedbackItem,
    Filters,
    Finding,
    IngestResult,
    Notice,
    Overview,
    SearchResult,
    UnitProfile,
)
from assistant.outgoing.sent import Sent
from assistant.record.audit import AuditEntry
from assistant.record.desk import Desk
from assistant.settings import Settings

Progress = Callable[[int, int, IngestResult], None]
"""Called with (done, total, result of the last file)."""


class AnswerStream(Protocol):
    """An answer on its way: evidence first, then text, then the checked whole."""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Known before the first piece of text."""

    @property
    def result(self) -> SearchResult:
        """What the search found."""

    @property
    def rewritten(self) -> str:
        """The question as searched, when it was rewritten."""

    @property
    def answer(self) -> Answer:
        """Checked; of what has arrived, when it was stopped."""

    def __iter__(self) -> Iterator[str]:
        """Pieces of text as they come."""

    def stop(self) -> None:
        """Ask no more of the writer."""


class Revised(Protocol):
    """What changes."""

    @property
    def revision(self) -> Callable[[], int]:
        """Gives a number that grows with every change."""


class EndpointReport(Protocol):
    """What a trial call of the model endpoint gave."""

    @property
    def ok(self) -> bool:
        """Whether it answered usably."""

    @property
    def message(self) -> str:
        """A Chinese sentence: latency and dialect, or what is wrong and what to do."""


class ReviewDesk(Protocol):
    """The one object behind all pages."""

    @property
    def user(self) -> User:
        """Who is at work."""

    def may(self, act: Act) -> bool:
        """Whether this user may; what they may not is not shown, and refused when called."""

    @property
    def settings(self) -> Settings:
        """What holds now; secrets do not show."""

    @property
    def library(self) -> Revised:
        """The record of truth, asked only whether it has changed."""

    @property
    def store(self) -> Desk:
        """Conversations, drafts and the unit profile."""

    def overview(self) -> Overview:
        """Count the library."""

    def notices(self) -> tuple[Notice, ...]:
        """All notices with their cases."""

    def outlines(self) -> tuple[Notice, ...]:
        """All notices with cases that have id, topics and status but no text."""

    def notice(self, notice_id: str) -> Notice:
        """One notice; raises `NotFound`."""

    def lines(self, notice_id: str) -> tuple[str, ...]:
        """Raw lines of the whole file of a notice."""

    def case(self, case_id: str) -> Case:
        """One case; raises `NotFound`."""

    def search(self, query: str, *, filters: Filters = Filters(), limit: int = 10) -> SearchResult:
        """Find cases."""

    def stream_answer(
        self,
        question: str,
        *,
        filters: Filters = Filters(),
        history: Sequence[Answer] = (),
    ) -> AnswerStream:
        """Start an answer."""

    def draft(
        self, problem: str, *, profile: UnitProfile = UnitProfile(), cause: str = ""
    ) -> Draft:
        """Draft measures for a problem."""

    def rewrite_measure(
        self, draft: Draft, place: int, instruction: str, *, profile: UnitProfile = UnitProfile()
    ) -> DraftMeasure:
        """Have the model write one measure anew; raises `ModelError` or `Refused`."""

    def check(self, draft: Draft, *, profile: UnitProfile) -> tuple[Finding, ...]:
        """Check a draft as edited."""

    def find_problems(self, name: str, content: bytes) -> tuple[FeedbackItem, ...]:
        """Read the problems of a 反馈意见."""

    def merge_ledger(self, name: str, content: bytes) -> MergeResult:
        """Lay a filled-in ledger beside the stored drafts; saves nothing."""

    def compare(self, notice_id: str, *, peer_ids: Sequence[str] = ()) -> Comparison:
        """Count a unit against its peers."""

    def read_unit(self, name: str, content: bytes) -> Notice:
        """Read a unit's own upload; nothing is stored."""

    def compare_notice(self, unit: Notice, *, peer_ids: Sequence[str] = ()) -> Comparison:
        """Count a unit that need not be in the library."""

    def ingest(
        self,
        files: Sequence[tuple[str, bytes] | Path],
        *,
        on_progress: Progress | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> tuple[IngestResult, ...]:
        """Read files into the library."""

    def remove(self, notice_id: str) -> None:
        """Remove a notice."""

    def correct(self, notice_id: str, correction: Correction) -> None:
        """Lay a person's correction over a case."""

    def undo_correction(self, notice_id: str) -> bool:
        """Take back the last correction of a notice."""

    def corrections(self, notice_id: str) -> tuple[Correction, ...]:
        """Corrections of a notice, oldest first."""

    def reindex(self) -> None:
        """Build the search index anew."""

    def export(self, kind: str, payload: Payload, form: str) -> tuple[str, bytes]:
        """Give (file name, content) of an answer, draft, plan, comparison or case list."""

    def export_noted(self, kind: str, payload: Payload, form: str) -> Exported:
        """Give the same with notes for its reader: what was masked or left out."""

    def save_settings(self, changes: Mapping[str, object]) -> None:
        """Store changed settings; raises `SettingsError`."""

    def sent(self) -> tuple[Sent, ...]:
        """The last requests that left for endpoints, newest first."""

    def check_endpoint(self) -> EndpointReport:
        """Try the model endpoint once."""

    def audit(self, chosen: AuditFilter, *, limit: int) -> tuple[AuditEntry, ...]:
        """Entries of the audit, newest first."""

    def audit_names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Users and actions that the audit knows."""

    def export_audit(self, chosen: AuditFilter, form: str) -> bytes:
        """Give the audit as a file."""

"""The reviewer as one user may use it: every call asks the policy, every act is noted.

The pages and the HTTP API hold this object, never the reviewer itself, so that a button shown by
mistake or a call made by hand opens nothing. Nothing is passed on that is not written here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from assistant.access.audit import ALL, AuditFilter, audit_file, entries, excerpt
from assistant.access.guarded_store import GuardedDesk, Notebook
from assistant.access.policy import Act, User, acting_as, may
from assistant.answering import AnswerStream
from assistant.corrections import Correction
from assistant.endpoints.check import EndpointReport
from assistant.errors import AccessRefused, SettingsError, TooLarge
from assistant.export.bundle import Exported, Payload, export_noted
from assistant.ingesting import Progress, Upload
from assistant.ledger_merging import MergeResult, merge_ledger
from assistant.ledger_reading import read_ledger
from assistant.loading.secrecy import check_text
from assistant.models import (
    Answer,
    Case,
    Comparison,
    Draft,
    DraftMeasure,
    DraftRecord,
    FeedbackItem,
    Filters,
    Finding,
    IngestResult,
    Notice,
    Overview,
    SearchResult,
    UnitProfile,
)
from assistant.operation.operations import operation
from assistant.outgoing.sent import Sent
from assistant.personal_data import mask
from assistant.record.audit import AuditEntry
from assistant.review import Reviewer
from assistant.settings import Settings

FIXED = frozenset(
    {
        *("access", "open_without_login", "allowed_hosts", "trusted_proxies"),
        *("header_user", "header_name", "header_groups", "header_secret"),
        *("oidc_metadata_url", "oidc_client_id", "oidc_client_secret", "oidc_redirect_url"),
        *("oidc_user_claim", "api_token", "api_tokens", "home", "database_url"),
    }
)
"""Settings that decide who comes in: changed on the machine itself, not through a page."""
_KINDS = {
    "answer": "答复",
    "draft": "草稿",
    "plan": "整改方案",
    "comparison": "对标结果",
    "cases": "案例",
}


class Revised:
    """The one thing the pages ask of the record itself: whether it has changed."""

    def __init__(self, revision: Callable[[], int]) -> None:
        self.revision = revision


class GuardedReviewer:
    """The reviewer, for one user."""

    def __init__(self, reviewer: Reviewer, user: User) -> None:
        self._reviewer, self.user = reviewer, user
        self._notebook = Notebook(reviewer.library, user)
        self.library = Revised(reviewer.library.revision)
        self.store = GuardedDesk(reviewer.library, user)

    @property
    def settings(self) -> Settings:
        """What holds now; secrets do not show."""
        return self._reviewer.settings

    def may(self, act: Act) -> bool:
        """Tell whether the user may, so that the pages can hide what they may not."""
        return may(self.user, act)

    # ------------------------------------------------------------------ reading

    def overview(self) -> Overview:
        """Count the library."""
        self._notebook.require(Act.READ)
        return self._reviewer.overview()

    def notices(self) -> tuple[Notice, ...]:
        """Give all notices with their cases."""
        self._notebook.require(Act.READ)
        return self._reviewer.notices()

    def outlines(self) -> tuple[Notice, ...]:
        """Give all notices with cases that have id, topics and status but no text."""
        self._notebook.require(Act.READ)
        return self._reviewer.outlines()

    def notice(self, notice_id: str) -> Notice:
        """Give one notice; raises `NotFound`."""
        self._notebook.require(Act.READ)
        return self._reviewer.notice(notice_id)

    def lines(self, notice_id: str) -> tuple[str, ...]:
        """Give the lines of the whole file of a notice."""
        self._notebook.require(Act.READ)
        return self._reviewer.lines(notice_id)

    def case(self, case_id: str) -> Case:
        """Give one case; raises `NotFound`."""
        self._notebook.require(Act.READ)
        return self._reviewer.case(case_id)

    def corrections(self, notice_id: str) -> tuple[Correction, ...]:
        """Give the corrections of a notice, oldest first."""
        self._notebook.require(Act.READ)
        return self._reviewer.corrections(notice_id)

    def search(self, query: str, *, filters: Filters = Filters(), limit: int = 10) -> SearchResult:
        """Find cases like the query; raises `Classified` for one under a 密级 mark."""
        self._notebook.require(Act.ASK)
        check_text(query)
        return self._reviewer.search(mask(query), filters=filters, limit=limit)

    # ------------------------------------------------------------------ asking and drafting

    def stream_answer(
        self, question: str, *, filters: Filters = Filters(), history: Sequence[Answer] = ()
    ) -> AnswerStream:
        """Start an answer; raises `Classified` for a question under a 密级 mark."""
        self._notebook.require(Act.ASK)
        check_text(question)
        self._notebook.note(Act.ASK.value, excerpt(question))
        return self._reviewer.stream_answer(mask(question), filters=filters, history=history)

    def ask(
        self, question: str, *, filters: Filters = Filters(), history: Sequence[Answer] = ()
    ) -> Answer:
        """Answer a question."""
        stream = self.stream_answer(question, filters=filters, history=history)
        for _ in stream:
            pass
        return stream.answer

    def draft(
        self, problem: str, *, profile: UnitProfile = UnitProfile(), cause: str = ""
    ) -> Draft:
        """Draft measures for a problem."""
        self._notebook.require(Act.DRAFT)
        check_text(problem)
        check_text(cause)
        self._notebook.note(Act.DRAFT.value, excerpt(problem))
        return self._reviewer.draft(mask(problem), profile=profile, cause=mask(cause))

    def rewrite_measure(
        self, draft: Draft, place: int, instruction: str, *, profile: UnitProfile = UnitProfile()
    ) -> DraftMeasure:
        """Have the model write one measure anew as instructed."""
        self._notebook.require(Act.DRAFT)
        check_text(instruction)
        self._notebook.note(Act.DRAFT.value, excerpt(instruction))
        return self._reviewer.rewrite_measure(draft, place, mask(instruction), profile=profile)

    def check(self, draft: Draft, *, profile: UnitProfile) -> tuple[Finding, ...]:
        """Check a draft as edited."""
        self._notebook.require(Act.DRAFT)
        return self._reviewer.check(draft, profile=profile)

    def find_problems(self, name: str, content: bytes) -> tuple[FeedbackItem, ...]:
        """Read the problems of a 反馈意见."""
        self._notebook.require(Act.DRAFT)
        self._sized(content, name)
        self._notebook.note("读取反馈意见", excerpt(name))
        return self._reviewer.find_problems(name, content)

    def merge_ledger(self, name: str, content: bytes) -> MergeResult:
        """Lay a filled-in ledger beside the own drafts; saves nothing."""
        self._notebook.require(Act.DRAFT)
        self._sized(content, name)
        self._notebook.note("读取台账", excerpt(name))
        rows = read_ledger(name, content)
        return merge_ledger(self.store.drafts(), rows, profile=self.store.profile())

    # ------------------------------------------------------------------ comparing

    def compare(self, notice_id: str, *, peer_ids: Sequence[str] = ()) -> Comparison:
        """Count a unit against its peers."""
        self._notebook.require(Act.COMPARE)
        return self._reviewer.compare(notice_id, peer_ids=peer_ids)

    def read_unit(self, name: str, content: bytes) -> Notice:
        """Read a unit's own upload; nothing is stored."""
        self._notebook.require(Act.COMPARE)
        self._sized(content, name)
        self._notebook.note("读取本单位清单", excerpt(name))
        return self._reviewer.read_unit(name, content)

    def compare_notice(self, unit: Notice, *, peer_ids: Sequence[str] = ()) -> Comparison:
        """Count a unit that need not be in the library."""
        self._notebook.require(Act.COMPARE)
        return self._reviewer.compare_notice(unit, peer_ids=peer_ids)

    # ------------------------------------------------------------------ changing the library

    def ingest(
        self,
        files: Sequence[Path | Upload],
        *,
        on_progress: Progress | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> tuple[IngestResult, ...]:
        """Read uploaded files into the library."""
        self._notebook.require(Act.IMPORT)
        most = self.settings.max_import_files
        if len(files) > most:
            raise TooLarge(
                f"一次最多导入 {most} 个文件，这次选了 {len(files)} 个", todo="请分批导入"
            )
        for file in files:
            if isinstance(file, Path):
                self._refuse("从服务器上的文件夹导入", file.name)
            else:
                self._sized(file[1], file[0])
        names = "、".join(file[0] for file in files if not isinstance(file, Path))
        self._notebook.note("导入文件", f"{len(files)}个：{excerpt(names)}")
        with acting_as(self.user):
            return self._reviewer.ingest(files, on_progress=on_progress, should_stop=should_stop)

    def remove(self, notice_id: str) -> None:
        """Remove a notice."""
        self._notebook.require(Act.REMOVE, notice_id)
        with acting_as(self.user):
            self._reviewer.remove(notice_id)

    def correct(self, notice_id: str, correction: Correction) -> None:
        """Lay a person's correction over a case."""
        self._notebook.require(Act.CORRECT, notice_id)
        with acting_as(self.user):
            self._reviewer.correct(notice_id, correction)

    def undo_correction(self, notice_id: str) -> bool:
        """Take back the last correction of a notice."""
        self._notebook.require(Act.CORRECT, notice_id)
        with acting_as(self.user):
            return self._reviewer.undo_correction(notice_id)

    def reindex(self) -> None:
        """Build the search index anew."""
        self._notebook.require(Act.REINDEX)
        self._notebook.note(Act.REINDEX.value)
        self._reviewer.reindex()

    # ------------------------------------------------------------------ out, settings, audit

    def export(self, kind: str, payload: Payload, form: str) -> tuple[str, bytes]:
        """Give (file name, content) of an answer, draft, plan, comparison or case list."""
        made = self.export_noted(kind, payload, form)
        return made.name, made.content

    def export_noted(self, kind: str, payload: Payload, form: str) -> Exported:
        """Give the same with notes for its reader: what was masked or left out."""
        self._notebook.require(Act.EXPORT, kind)
        self._check_owners(payload)
        with operation("export"):
            made = export_noted(kind, payload, form, profile=self.store.profile())
        self._notebook.note(Act.EXPORT.value, f"{_KINDS.get(kind, kind)} {excerpt(made.name)}")
        return made

    def save_settings(self, changes: Mapping[str, object]) -> None:
        """Store changed settings; those that decide who comes in are not changed here."""
        self._notebook.require(Act.SETTINGS, "、".join(changes))
        fixed = sorted(FIXED & set(changes))
        if fixed:
            self._refuse("在网页上修改登录与接入设置", "、".join(fixed))
        self._keep_an_admin(changes)
        self._reviewer.save_settings(changes)
        self._notebook.note(Act.SETTINGS.value, "、".join(sorted(changes)))

    def sent(self) -> tuple[Sent, ...]:
        """Give the last requests that left for endpoints: other people's questions are in them."""
        self._notebook.require(Act.SETTINGS)
        return self._reviewer.sent()

    def check_endpoint(self) -> EndpointReport:
        """Try the model endpoint once."""
        self._notebook.require(Act.SETTINGS)
        return self._reviewer.check_endpoint()

    def audit(self, chosen: AuditFilter = ALL, *, limit: int = 500) -> tuple[AuditEntry, ...]:
        """Give entries of the audit, newest first."""
        self._notebook.require(Act.AUDIT)
        return entries(self._reviewer.library, chosen, limit=limit)

    def audit_names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Give the users and the actions that the audit knows."""
        self._notebook.require(Act.AUDIT)
        return self._reviewer.library.audit_names()

    def export_audit(self, chosen: AuditFilter, form: str) -> bytes:
        """Give the audit as a file."""
        self._notebook.require(Act.AUDIT)
        content = audit_file(entries(self._reviewer.library, chosen), form)
        self._notebook.note(Act.EXPORT.value, f"操作日志 .{form}")
        return content

    # ------------------------------------------------------------------ inside

    def _sized(self, content: bytes, name: str) -> None:
        most = self.settings.max_upload_mb
        if len(content) > most * 1024 * 1024:
            raise TooLarge(f"文件超过 {most} MB，未读取", where=name, todo="请拆分后再传")

    def _check_owners(self, payload: Payload) -> None:
        """Let nobody export another's draft that they may not open."""
        rows = payload if isinstance(payload, Sequence) else (payload,)
        for row in rows:
            if isinstance(row, DraftRecord) and row.owner != self.user.id:
                self._notebook.require(Act.READ_ALL_DRAFTS, row.id)

    def _keep_an_admin(self, changes: Mapping[str, object]) -> None:
        """Let 管理员 not shut themselves out."""
        if self.settings.access == "off" or not {"admins", "reviewers"} & set(changes):
            return
        held = self.settings.model_copy(update=dict(changes)).access_rules()
        if not held.admins:
            raise SettingsError("至少要留一名管理员", where="管理员", todo="请填写账号后再保存")

    def _refuse(self, what: str, detail: str) -> None:
        self._notebook.note("拒绝", f"{what} {detail}")
        raise AccessRefused(f"不能{what}", todo="请在服务器上用命令行或设置文件办理")

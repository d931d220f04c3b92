"""Wires the stages: ingest, search, ask, draft, compare. The one object behind every door.

Thread-safe; a few searches or drafts run at a time and the rest wait their turn in a bounded
line, so that many users of a small machine stay served.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.access.role_lists import RoleLists
from assistant.comparing.candidates import Candidates
from assistant.corrections import Correction
from assistant.errors import IndexUnavailable
from assistant.index_follower import IndexFollower
from assistant.indexing import CaseIndex
from assistant.library import Library, open_library
from assistant.loading.limits import Limits
from assistant.loading.secrecy import check_text
from assistant.models import (
    Answer,
    Case,
    Comparison,
    Document,
    Draft,
    DraftMeasure,
    FeedbackItem,
    Filters,
    Finding,
    IngestResult,
    IngestState,
    Notice,
    Overview,
    SearchResult,
    UnitProfile,
)
from assistant.opening import in_background, open_index, sends_other_texts
from assistant.operation.operations import operation
from assistant.operation.queueing import WaitingLine
from assistant.outgoing.sent import Sent
from assistant.outgoing.services import Outgoing
from assistant.personal_data import mask
from assistant.record.desk import Desk
from assistant.retrieval import Retriever
from assistant.settings import Settings, save_settings
from assistant.taxonomy.classify import load_taxonomy
from vectorstore.later import Later

if TYPE_CHECKING:
    from assistant import (
        asking,
        comparison,
        drafting,
        ingesting,
        ledger_merging,
        ledger_reading,
        model_reading,
        reading,
        unit_file,
    )
    from assistant.answering import AnswerStream
    from assistant.endpoints.check import EndpointReport
    from assistant.export import bundle
    from assistant.export.bundle import Payload
    from assistant.ingesting import Progress, Upload
    from assistant.ledger_merging import MergeResult
    from assistant.outgoing.model import OutgoingModel
    from assistant.parsing import feedback
    from assistant.verification import drafts
else:  # with the libraries for files they bring, most of what there is to load: a search needs none
    asking = Later("assistant.asking")
    bundle = Later("assistant.export.bundle")
    comparison = Later("assistant.comparison")
    drafting = Later("assistant.drafting")
    drafts = Later("assistant.verification.drafts")
    feedback = Later("assistant.parsing.feedback")
    ingesting = Later("assistant.ingesting")
    ledger_merging = Later("assistant.ledger_merging")
    ledger_reading = Later("assistant.ledger_reading")
    model_reading = Later("assistant.model_reading")
    reading = Later("assistant.reading")
    unit_file = Later("assistant.unit_file")


class Reviewer:
    """The open product: a Library, its index and, where one is set, a model."""

    def __init__(
        self, settings: Settings, library: Library, index: CaseIndex, outgoing: Outgoing
    ) -> None:
        self._roles = RoleLists()
        self._candidates = Candidates(library)
        self._settings = settings
        self.library = library
        self.index = index
        self.store = Desk(library)
        self.outgoing = outgoing
        self.retriever = Retriever(library, index, reranker=outgoing.reranker())
        self.follower = IndexFollower(library, index, refit=in_background)
        self.model: OutgoingModel | None = outgoing.model()
        self.line = WaitingLine(
            settings.heavy_at_once,
            max_waiting=settings.max_waiting,
            patience_s=settings.max_wait_seconds,
        )

    @property
    def settings(self) -> Settings:
        """What holds now; role lists that another process of this home stored hold here too."""
        return self._roles.over(self._settings)

    @settings.setter
    def settings(self, held: Settings) -> None:
        self._settings = held

    # ------------------------------------------------------------------ library

    def overview(self) -> Overview:
        """Count the library."""
        return self.library.overview()

    def notices(self) -> tuple[Notice, ...]:
        """Give all notices with their cases."""
        return self.library.notices()

    def outlines(self) -> tuple[Notice, ...]:
        """Give all notices with cases that have id, topics and status but no text."""
        return self.library.outlines()

    def notice(self, notice_id: str) -> Notice:
        """Give one notice; raises `NotFound`."""
        return self.library.notice(notice_id)

    def lines(self, notice_id: str) -> tuple[str, ...]:
        """Give the raw lines of the whole file of a notice."""
        return self.library.lines(notice_id)

    def case(self, case_id: str) -> Case:
        """Give one case; raises `NotFound`."""
        return self.library.case(case_id)

    def ingest(
        self,
        files: Sequence[Path | Upload],
        *,
        on_progress: Progress | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> tuple[IngestResult, ...]:
        """Read files and folders into the Library, then bring the index up to date."""
        spread: list[Path | Upload] = []
        for file in files:
            spread.extend(ingesting.expand([file]) if isinstance(file, Path) else [file])
        model = self.model.to("辅助识别") if self.model and self.settings.model_reading else None
        with operation("ingest") as done, self.follower.at_rest():
            results = ingesting.ingest(
                self.library,
                spread,
                on_progress=on_progress,
                should_stop=should_stop,
                limits=self._limits(),
                reread=partial(model_reading.reread, model=model) if model is not None else None,
            )
            self._reconcile()
            failed = sum(result.state is IngestState.FAILED for result in results)
            done.note(files=len(results), failed=failed)
        return results

    def _reconcile(self) -> None:
        with operation("index"), self.follower.at_rest():
            self.index.reconcile(refit=in_background)

    def _loaded(self, name: str, content: bytes) -> Document:
        return reading.load_upload(name, content, limits=self._limits())

    def _limits(self) -> Limits:
        return Limits(ocr=self.settings.ocr)

    def remove(self, notice_id: str) -> None:
        """Remove a notice from the Library and the index."""
        self.library.remove(notice_id)
        self._reconcile()

    def correct(self, notice_id: str, correction: Correction) -> None:
        """Lay a person's correction over a case and search by it from now on."""
        self.library.correct(notice_id, correction)
        self._reconcile()

    def undo_correction(self, notice_id: str) -> bool:
        """Take back the last correction of a notice; `False` where there is none."""
        undone = self.library.undo_correction(notice_id)
        if undone:
            self._reconcile()
        return undone

    def corrections(self, notice_id: str) -> tuple[Correction, ...]:
        """Give the corrections of a notice, oldest first."""
        return self.library.corrections(notice_id)

    def reindex(self) -> None:
        """Build the search index anew from the Library."""
        with operation("reindex"):
            self.index.rebuild()

    # ------------------------------------------------------------------ search and ask

    def search(self, query: str, *, filters: Filters = Filters(), limit: int = 10) -> SearchResult:
        """Find cases like the query; raises `Classified` for one under a 密级 mark."""
        query = _fit(query)
        self.follower.look()
        with operation("search") as done, self.line.place():
            found = self.retriever.search(query, filters=filters, limit=limit)
            done.note(hits=len(found.hits))
            return found

    def stream_answer(
        self, question: str, *, filters: Filters = Filters(), history: Sequence[Answer] = ()
    ) -> AnswerStream:
        """Start an answer: searched at once, written as it is iterated.

        Counting and listing questions are answered from the Library. Raises nothing of the
        model's: a failing model is told in `Answer.notice` and the extractive answer stands in.
        Raises `Classified` for a question under a 密级 mark.
        """
        question = _fit(question)
        searched = asking.standing_alone(question, history, model=self.model)
        self.follower.look()
        with operation("ask"), self.line.place():
            found = asking.Found(
                question,
                searched,
                library=self.library,
                retriever=self.retriever,
                filters=filters,
                history=history,
            )
        return found.stream(
            model=self.model, history=history, evidence_chars=self.settings.evidence_chars
        )

    def ask(
        self, question: str, *, filters: Filters = Filters(), history: Sequence[Answer] = ()
    ) -> Answer:
        """Answer a question."""
        stream = self.stream_answer(question, filters=filters, history=history)
        for _ in stream:
            pass
        return stream.answer

    # ------------------------------------------------------------------ draft

    def draft(
        self, problem: str, *, profile: UnitProfile = UnitProfile(), cause: str = ""
    ) -> Draft:
        """Draft measures for a problem, checked; raises `Classified` as `search` does."""
        problem, cause = _fit(problem), _fit(cause)
        months = self.settings.rectification_months
        if months and not profile.deadline:
            profile = replace(profile, deadline=f"{months}个月")
        self.follower.look()
        with operation("draft"):
            with self.line.place():
                grounds = drafting.find_grounds(problem, self.retriever)
            draft = drafting.write_draft(
                problem,
                grounds,
                profile=profile,
                cause=cause,
                model=self.model,
                evidence_chars=self.settings.evidence_chars,
            )
        return replace(draft, findings=(*draft.findings, *self.check(draft, profile=profile)))

    def rewrite_measure(
        self, draft: Draft, place: int, instruction: str, *, profile: UnitProfile = UnitProfile()
    ) -> DraftMeasure:
        """Have the model write one measure anew as instructed; `check` the draft it goes into.

        Raises `ModelError`, and `Refused` without a model or for what is not written for anybody.
        """
        instruction = _fit(instruction)
        with operation("draft"):
            return drafting.rewrite_measure(
                draft,
                place,
                instruction,
                profile=profile,
                model=self.model,
                evidence_chars=self.settings.evidence_chars,
            )

    def check(self, draft: Draft, *, profile: UnitProfile) -> tuple[Finding, ...]:
        """Check a draft, as written or as edited."""
        return drafts.check_draft(draft, profile=profile)

    def find_problems(self, name: str, content: bytes) -> tuple[FeedbackItem, ...]:
        """Read the problems of an uploaded 反馈意见, problem list or ledger."""
        return feedback.find_problems(self._loaded(name, content))

    def merge_ledger(self, name: str, content: bytes) -> MergeResult:
        """Lay a ledger the office filled in beside the stored drafts; nothing is saved yet."""
        rows = ledger_reading.read_ledger(name, content)
        return ledger_merging.merge_ledger(self.store.drafts(), rows, profile=self.store.profile())

    # ------------------------------------------------------------------ compare

    def compare(self, notice_id: str, *, peer_ids: Sequence[str] = ()) -> Comparison:
        """Count a unit of the Library against its peers."""
        return self.compare_notice(self.library.notice(notice_id), peer_ids=peer_ids)

    def read_unit(self, name: str, content: bytes) -> Notice:
        """Read a unit's own upload for comparison; nothing is stored.

        Raises `LoadError`, or `ParseError` where no problems are found.
        """
        return unit_file.notice_of_document(self._loaded(name, content))

    def compare_notice(self, unit: Notice, *, peer_ids: Sequence[str] = ()) -> Comparison:
        """Count a unit against peers of the Library; the unit itself need not be in it.

        Raises `NotFound` for a peer that is not there.
        """
        for peer_id in peer_ids:
            self.library.notice(peer_id)
        taxonomy = load_taxonomy()
        with operation("compare"), self.line.place():
            return comparison.compare(
                unit,
                self._candidates.for_unit(unit, peer_ids),
                topic_names={topic.id: topic.name for topic in taxonomy.topics.values()},
                kind_names={kind.id: kind.name for kind in taxonomy.kinds.values()},
                peer_ids=peer_ids,
            )

    # ------------------------------------------------------------------ out and settings

    def export(self, kind: str, payload: Payload, form: str) -> tuple[str, bytes]:
        """Give (file name, content) of an answer, draft, plan, comparison or case list."""
        with operation("export") as done:
            name, content = bundle.export(kind, payload, form, profile=self.store.profile())
            done.note(bytes=len(content))
            return name, content

    def save_settings(self, changes: Mapping[str, object]) -> None:
        """Store changed settings and use them at once.

        Raises `SettingsError`, or `IndexUnavailable` where new embeddings cannot be had: then all
        stays as it was.
        """
        before = self.settings
        self.settings = save_settings(before, changes)
        self.outgoing.use(self.settings)
        if sends_other_texts(self.settings, before):
            try:
                self._use_index(open_index(self.settings, self.library, self.outgoing))
            except IndexUnavailable:
                held = {name: getattr(before, name) for name in changes}
                self.settings = save_settings(self.settings, held)
                self.outgoing.use(self.settings)
                raise
        else:
            self._use_index(self.index)
        self.model = self.outgoing.model()

    def _use_index(self, index: CaseIndex) -> None:
        self.index = index
        self.retriever = Retriever(self.library, index, reranker=self.outgoing.reranker())
        self.follower = IndexFollower(self.library, index, refit=in_background)

    def sent(self) -> tuple[Sent, ...]:
        """Give the last requests that left for endpoints, newest first."""
        return self.outgoing.log.last()

    def check_endpoint(self) -> EndpointReport:
        """Try the model endpoint once."""
        return self.outgoing.check()


def _fit(typed: str) -> str:
    """Give what somebody typed with numbers of persons masked: neither searched, sent nor shown.

    Raises `Classified` where it bears a 密级 mark.
    """
    check_text(typed)
    return mask(typed)


def build_reviewer(settings: Settings) -> Reviewer:
    """Open the Library of `settings.home` and bring its index up to date.

    Raises `LibraryError`, `IndexUnavailable` or `SettingsError`.
    """
    library = open_library(settings.home, settings.library_url())
    outgoing = Outgoing(settings, library)
    return Reviewer(settings, library, open_index(settings, library, outgoing), outgoing)

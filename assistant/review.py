"""Wires the stages: ingest, search, ask, draft, compare. The one object behind every door.

Thread-safe; at most `HEAVY_AT_ONCE` searches or drafts run at a time and the rest wait their
turn, so that many users of a small machine stay served.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from assistant.answering import (
    AnswerStream,
    CountedStream,
    LookedStream,
    Question,
    number_evidence,
)
from assistant.chat_model import Message
from assistant.comparison import compare
from assistant.corrections import Correction
from assistant.counting import answer_count
from assistant.endpoint_check import EndpointReport, check_endpoint
from assistant.errors import IndexUnavailable, ModelError
from assistant.export.bundle import Payload, export
from assistant.followup import carry_over
from assistant.indexing import CaseIndex
from assistant.ingesting import Progress, Upload, expand, ingest
from assistant.ledger_merging import MergeResult, merge_ledger
from assistant.ledger_reading import read_ledger
from assistant.library import Library, open_library
from assistant.library_desk import Desk
from assistant.loading.limits import Limits
from assistant.model_reading import reread
from assistant.models import (
    Answer,
    Answerable,
    Case,
    Comparison,
    Draft,
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
from assistant.openai_model import OpenAIChatModel
from assistant.parsing.feedback import find_problems
from assistant.reading import load_upload
from assistant.retrieval import Retriever
from assistant.rewriting import rewrite_question
from assistant.settings import EmbeddingConfig, Settings, save_settings
from assistant.taxonomy.classify import load_taxonomy
from assistant.unit_file import notice_of_document
from assistant.verification.drafts import check_draft
from assistant.writing.answer import AnswerWriter, ExtractiveAnswerWriter
from assistant.writing.draft import ExtractiveDraftWriter
from assistant.writing.model_answer import ModelAnswerWriter
from assistant.writing.model_draft import ModelDraftWriter
from assistant.writing.notice_lines import answer_from_lines
from vectorstore.openai_embeddings import EndpointConfig, EndpointReranker, OpenAIEmbeddings

HEAVY_AT_ONCE = 2
DRAFT_EVIDENCE = 8
EMBEDDINGS_FILE = "embeddings.sqlite"


class Reviewer:
    """The open product: a Library, its index and, where one is set, a model."""

    def __init__(self, settings: Settings, library: Library, index: CaseIndex) -> None:
        self.settings = settings
        self.library = library
        self.index = index
        self.store = Desk(library)
        self.retriever = Retriever(library, index, reranker=_reranker_of(settings))
        self.model: OpenAIChatModel | None = _model_of(settings)
        self._heavy = threading.BoundedSemaphore(HEAVY_AT_ONCE)

    # ------------------------------------------------------------------ library

    def overview(self) -> Overview:
        """Count the library."""
        return self.library.overview()

    def notices(self) -> tuple[Notice, ...]:
        """Give all notices with their cases."""
        return self.library.notices()

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
            spread.extend(expand([file]) if isinstance(file, Path) else [file])
        model = self.model if self.settings.model_reading else None
        results = ingest(
            self.library,
            spread,
            on_progress=on_progress,
            should_stop=should_stop,
            limits=self._limits(),
            reread=partial(reread, model=model) if model is not None else None,
        )
        self.index.reconcile(refit=in_background)
        return results

    def _limits(self) -> Limits:
        return Limits(ocr=self.settings.ocr)

    def remove(self, notice_id: str) -> None:
        """Remove a notice from the Library and the index."""
        self.library.remove(notice_id)
        self.index.reconcile(refit=in_background)

    def correct(self, notice_id: str, correction: Correction) -> None:
        """Lay a person's correction over a case and search by it from now on."""
        self.library.correct(notice_id, correction)
        self.index.reconcile(refit=in_background)

    def undo_correction(self, notice_id: str) -> bool:
        """Take back the last correction of a notice; `False` where there is none."""
        undone = self.library.undo_correction(notice_id)
        if undone:
            self.index.reconcile(refit=in_background)
        return undone

    def corrections(self, notice_id: str) -> tuple[Correction, ...]:
        """Give the corrections of a notice, oldest first."""
        return self.library.corrections(notice_id)

    def reindex(self) -> None:
        """Build the search index anew from the Library."""
        self.index.rebuild()

    # ------------------------------------------------------------------ search and ask

    def search(self, query: str, *, filters: Filters = Filters(), limit: int = 10) -> SearchResult:
        """Find cases like the query."""
        with self._heavy:
            return self.retriever.search(query, filters=filters, limit=limit)

    def stream_answer(
        self, question: str, *, filters: Filters = Filters(), history: Sequence[Answer] = ()
    ) -> AnswerStream:
        """Start an answer: searched at once, written as it is iterated.

        Counting and listing questions are answered from the Library. Raises nothing of the
        model's: a failing model is told in `Answer.notice` and the extractive answer stands in.
        """
        searched = self._standing_alone(question, history)
        with self._heavy:
            looked = answer_from_lines(searched, self.library)
            counted = None if looked else answer_count(searched, self.library)
            result = self.retriever.search(searched, filters=filters, limit=10)
        asked = Question(question, searched, result)
        if looked is not None:
            return LookedStream(asked, looked, lines=self._lines)
        if counted is not None:
            return CountedStream(asked, counted.text, counted.evidence, lines=self._lines)
        stand_in = ExtractiveAnswerWriter()
        writer: AnswerWriter = stand_in
        # where nothing answers, a model could only invent: the extractive writer says so plainly
        model = None if result.answerable is Answerable.NO else self.model
        stopped = threading.Event()
        if model is not None:
            model = model.stopping_when(stopped.is_set)
            writer = ModelAnswerWriter(
                model, _told(history), evidence_chars=self.settings.evidence_chars
            )
        return AnswerStream(
            asked,
            writer=writer,
            stand_in=stand_in,
            lines=self._lines,
            model=model.name if model else "",
            stopped=stopped,
        )

    def ask(
        self, question: str, *, filters: Filters = Filters(), history: Sequence[Answer] = ()
    ) -> Answer:
        """Answer a question."""
        stream = self.stream_answer(question, filters=filters, history=history)
        for _ in stream:
            pass
        return stream.answer

    def _standing_alone(self, question: str, history: Sequence[Answer]) -> str:
        earlier = [answer.question for answer in history]
        if self.model is not None and history:
            try:
                return rewrite_question(self.model, question, _told(history))
            except ModelError:
                return carry_over(question, earlier)
        return carry_over(question, earlier)

    def _lines(self, notice: Notice) -> Sequence[str]:
        return self.library.lines(notice.id)

    # ------------------------------------------------------------------ draft

    def draft(
        self, problem: str, *, profile: UnitProfile = UnitProfile(), cause: str = ""
    ) -> Draft:
        """Draft measures for a problem, checked."""
        months = self.settings.rectification_months
        if months and not profile.deadline:
            profile = replace(profile, deadline=f"{months}个月")
        with self._heavy:
            result = self.retriever.search(problem, limit=DRAFT_EVIDENCE)
            topics = load_taxonomy().topics_of(problem)
        evidence = number_evidence(result)
        draft = self._written(problem, evidence, topics, profile, cause)
        draft = replace(draft, answerable=result.answerable)
        return replace(draft, findings=(*draft.findings, *self.check(draft, profile=profile)))

    def _written(
        self,
        problem: str,
        evidence: Sequence[Evidence],
        topics: Sequence[str],
        profile: UnitProfile,
        cause: str,
    ) -> Draft:
        extractive = ExtractiveDraftWriter()
        if self.model is None:
            return extractive.write(problem, evidence, topics=topics, profile=profile, cause=cause)
        try:
            writer = ModelDraftWriter(self.model, evidence_chars=self.settings.evidence_chars)
            return writer.write(problem, evidence, topics=topics, profile=profile, cause=cause)
        except ModelError as error:
            draft = extractive.write(problem, evidence, topics=topics, profile=profile, cause=cause)
            return replace(draft, notice=f"{error}。以下为不经模型、直接依据案例拟出的草稿。")

    def check(self, draft: Draft, *, profile: UnitProfile) -> tuple[Finding, ...]:
        """Check a draft, as written or as edited."""
        return check_draft(draft, profile=profile)

    def find_problems(self, name: str, content: bytes) -> tuple[FeedbackItem, ...]:
        """Read the problems of an uploaded 反馈意见, problem list or ledger."""
        return find_problems(load_upload(name, content, limits=self._limits()))

    def merge_ledger(self, name: str, content: bytes) -> MergeResult:
        """Lay a ledger the office filled in beside the stored drafts; nothing is saved yet."""
        rows = read_ledger(name, content)
        return merge_ledger(self.store.drafts(), rows, profile=self.store.profile())

    # ------------------------------------------------------------------ compare

    def compare(self, notice_id: str, *, peer_ids: Sequence[str] = ()) -> Comparison:
        """Count a unit of the Library against its peers."""
        return self.compare_notice(self.library.notice(notice_id), peer_ids=peer_ids)

    def read_unit(self, name: str, content: bytes) -> Notice:
        """Read a unit's own upload for comparison; nothing is stored.

        Raises `LoadError`, or `ParseError` where no problems are found.
        """
        return notice_of_document(load_upload(name, content, limits=self._limits()))

    def compare_notice(self, unit: Notice, *, peer_ids: Sequence[str] = ()) -> Comparison:
        """Count a unit against peers of the Library; the unit itself need not be in it."""
        taxonomy = load_taxonomy()
        return compare(
            unit,
            self.library.notices(),
            topic_names={topic.id: topic.name for topic in taxonomy.topics.values()},
            kind_names={kind.id: kind.name for kind in taxonomy.kinds.values()},
            peer_ids=peer_ids,
        )

    # ------------------------------------------------------------------ out and settings

    def export(self, kind: str, payload: Payload, form: str) -> tuple[str, bytes]:
        """Give (file name, content) of an answer, draft, plan, comparison or case list."""
        return export(kind, payload, form, profile=self.store.profile())

    def save_settings(self, changes: Mapping[str, object]) -> None:
        """Store changed settings and use them at once.

        Raises `SettingsError`, or `IndexUnavailable` where new embeddings cannot be had: then all
        stays as it was.
        """
        before = self.settings
        self.settings = save_settings(before, changes)
        if self.settings.embedding_config() != before.embedding_config():
            try:
                self._use_index(_open_index(self.settings, self.library))
            except IndexUnavailable:
                held = {name: getattr(before, name) for name in changes}
                self.settings = save_settings(self.settings, held)
                raise
        elif self.settings.rerank_config() != before.rerank_config():
            self._use_index(self.index)
        self.model = _model_of(self.settings)

    def _use_index(self, index: CaseIndex) -> None:
        self.index = index
        self.retriever = Retriever(self.library, index, reranker=_reranker_of(self.settings))

    def check_endpoint(self) -> EndpointReport:
        """Try the model endpoint once."""
        config = self.settings.chat_config()
        if config is None:
            return EndpointReport(ok=False, message="尚未填写模型服务地址，目前离线运行。")
        return check_endpoint(config)


def build_reviewer(settings: Settings) -> Reviewer:
    """Open the Library of `settings.home` and bring its index up to date.

    Raises `LibraryError`, `IndexUnavailable` or `SettingsError`.
    """
    library = open_library(settings.home)
    return Reviewer(settings, library, _open_index(settings, library))


def _open_index(settings: Settings, library: Library) -> CaseIndex:
    if settings.chroma_url:
        settings.require_allowed(settings.chroma_url)
    index = CaseIndex(
        settings.home, library, url=settings.chroma_url, remote=_embeddings_of(settings)
    )
    index.reconcile(refit=in_background)
    return index


def in_background(build: Callable[[], None]) -> None:
    """Fit a large library anew beside the work; the program ends only when it is done."""
    threading.Thread(target=build, name="refit").start()


def _embeddings_of(settings: Settings) -> OpenAIEmbeddings | None:
    config = settings.embedding_config()
    if config is None:
        return None
    cache = settings.home / EMBEDDINGS_FILE
    return OpenAIEmbeddings(_endpoint(config, settings), cache=cache)


def _reranker_of(settings: Settings) -> EndpointReranker | None:
    config = settings.rerank_config()
    return EndpointReranker(_endpoint(config, settings)) if config else None


def _endpoint(config: EmbeddingConfig, settings: Settings) -> EndpointConfig:
    return EndpointConfig(
        base_url=config.base_url,
        model=config.model,
        api_key=config.api_key,
        use_proxy=not settings.intranet_only,
    )


def _told(history: Sequence[Answer]) -> tuple[Message, ...]:
    """Tell a model the conversation so far."""
    return tuple(
        message
        for answer in history
        for message in (Message("user", answer.question), Message("assistant", answer.text))
    )


def _model_of(settings: Settings) -> OpenAIChatModel | None:
    config = settings.chat_config()
    return OpenAIChatModel(config) if config is not None else None

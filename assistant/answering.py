"""One question to one checked answer: search, write, verify. Knows no page and no vendor.

The writer may be a model or extractive; what it returns is a claim, and only what
`check_answer` has seen leaves here as an `Answer`. When a model fails, the extractive answer
stands in and the user is told why.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.errors import ModelError
from assistant.models import Answer, Answerable, Evidence, Finding, Notice, SearchResult
from assistant.operation.operations import operation
from assistant.verification.answers import check_answer
from assistant.writing.answer import REFUSED, AnswerWriter, suggest_followups
from assistant.writing.notice_page import Looked, is_own
from assistant.writing.question import asked_for

EVIDENCE_AT_MOST = 8
NEAREST_SHOWN = 3
STOPPED = "已停止，以上为停止前的内容。"

Lines = Callable[[Notice], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what the search found for it."""

    text: str
    searched: str
    """As searched: the text itself, or rewritten to stand alone."""
    result: SearchResult
    told: str = ""
    """Within which scope it was searched, said before the answer."""

    @property
    def rewritten(self) -> str:
        """The question as searched where it differs from the text."""
        return self.searched if self.searched != self.text else ""


def number_evidence(result: SearchResult) -> tuple[Evidence, ...]:
    """Give the hits their numbers; where nothing answers, only the nearest few are shown."""
    most = NEAREST_SHOWN if result.answerable is Answerable.NO else EVIDENCE_AT_MOST
    return tuple(
        Evidence(number, hit.case, hit.notice, hit.score)
        for number, hit in enumerate(result.hits[:most], 1)
    )


class AnswerStream:
    """An answer on its way. Iterate for the text; then `answer` is the checked whole.

    `stop()` may be called from another thread; what had arrived is kept, checked and marked. A
    model that was handed `stopped` gives up even while nothing arrives.
    """

    def __init__(
        self,
        question: Question,
        *,
        writer: AnswerWriter,
        stand_in: AnswerWriter,
        lines: Lines,
        model: str = "",
        stopped: threading.Event | None = None,
    ) -> None:
        self._question = question
        self._writer = writer
        self._stand_in = stand_in
        self._lines = lines
        self._model = model
        self._stopped = stopped or threading.Event()
        self._text = ""
        self._lead = lead_of(question)
        self._notice = ""
        self._answer: Answer | None = None
        self._whole = False
        self.evidence = number_evidence(question.result)

    @property
    def rewritten(self) -> str:
        """The question as searched, when it was rewritten."""
        return self._question.rewritten

    @property
    def result(self) -> SearchResult:
        """What the search found."""
        return self._question.result

    def stop(self) -> None:
        """Ask no more of the writer; nothing changes once the whole answer has come."""
        if not self._whole:
            self._stopped.set()
            self._notice = STOPPED

    def __iter__(self) -> Iterator[str]:
        """Yield pieces of text; a failing model is followed by the extractive answer."""
        with operation("answer") as done:
            yield from self._with_stand_in(done)
            self._whole = not self._stopped.is_set()

    def _with_stand_in(self, done: operation) -> Iterator[str]:
        if self._lead:
            yield f"{self._lead}\n\n"
        try:
            yield from self._pieces(self._writer)
        except ModelError as error:
            done.outcome = "fallback"
            self._notice = f"{error}。以下为不经模型、直接依据案例整理的回答。"
            self._model = ""
            if self._text:
                yield "\n\n"
            self._text = ""
            yield from self._pieces(self._stand_in)

    def _pieces(self, writer: AnswerWriter) -> Iterator[str]:
        pieces = writer.stream(
            self._question.searched, self.evidence, answerable=self._question.result.answerable
        )
        for piece in pieces:
            if self._stopped.is_set():
                close = getattr(pieces, "close", None)
                if close is not None:
                    close()
                break
            self._text += piece
            yield piece
        if self._stopped.is_set():
            self._notice = STOPPED

    @property
    def answer(self) -> Answer:
        """Check what was written, once."""
        if self._answer is None:
            self._answer = self._checked()
        return self._answer

    def _checked(self) -> Answer:
        checked = check_answer(self._question.searched, self._text, self.evidence, self._lines)
        return Answer(
            question=self._question.text,
            text=f"{self._lead}\n\n{checked.text}" if self._lead else checked.text,
            citations=checked.citations,
            evidence=self.evidence,
            answerable=self._question.result.answerable,
            unsupported=checked.unsupported,
            findings=checked.findings,
            model=self._model,
            notice=self._notice,
            rewritten=self._question.rewritten,
            followups=suggest_followups(self._question.searched, self.evidence),
        )


def lead_of(question: Question) -> str:
    """Give the sentence on the scope, where what follows is an answer at all."""
    return "" if asked_for(question.searched) in REFUSED else question.told


class CountedStream(AnswerStream):
    """An answer counted from the Library: no writer, nothing to stop."""

    def __init__(
        self, question: Question, text: str, evidence: tuple[Evidence, ...], *, lines: Lines
    ) -> None:
        writer = _Fixed(text)
        super().__init__(question, writer=writer, stand_in=writer, lines=lines)
        self.evidence = evidence

    def _checked(self) -> Answer:
        # a count is not a quotation: the sentence rests on the list below it, case by case
        answer = super()._checked()
        return replace(
            answer,
            unsupported=(),
            answerable=Answerable.YES,
            findings=(Finding("counted", "info", "本回答由案例库逐条统计得出，未经模型。"),),
        )


class LookedStream(AnswerStream):
    """An answer read from the lines of the notices: fixed text, checked like any other."""

    def __init__(self, question: Question, looked: Looked, *, lines: Lines) -> None:
        writer = _Fixed(looked.text)
        super().__init__(question, writer=writer, stand_in=writer, lines=lines)
        self.evidence = looked.evidence
        self._looked = looked

    def _checked(self) -> Answer:
        # what code concluded (counts, silence of a notice) is no quotation
        answer = super()._checked()
        doubted = tuple(one for one in answer.unsupported if not is_own(one, self._looked))
        findings = tuple(one for one in answer.findings if doubted or one.rule != "unsupported")
        told = Finding("read", "info", "本回答直接查阅通报原文各行得出，未经模型。")
        return replace(
            answer,
            unsupported=doubted,
            answerable=self._looked.answerable,
            findings=(*findings, told),
        )


class RemarkStream(AnswerStream):
    """A word on the tool itself or on the conversation: nothing was looked up for it."""

    def __init__(self, question: Question, text: str, *, lines: Lines) -> None:
        writer = _Fixed(text)
        super().__init__(question, writer=writer, stand_in=writer, lines=lines)
        self.evidence = ()

    def _checked(self) -> Answer:
        answer = super()._checked()
        return replace(answer, unsupported=(), answerable=Answerable.NO, findings=(), followups=())


class _Fixed:
    def __init__(self, text: str) -> None:
        self._text = text

    def stream(
        self, question: str, evidence: Sequence[Evidence], *, answerable: Answerable
    ) -> Iterator[str]:
        """Yield the text as it is."""
        yield self._text

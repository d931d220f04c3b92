"""Question → stream of an answer: made to stand alone, looked up, counted or written."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from assistant.answering import AnswerStream, CountedStream, Lines, LookedStream, Question
from assistant.chat_model import Message
from assistant.counting import answer_count
from assistant.errors import ModelError, NotFound
from assistant.followup import carry_over
from assistant.library import Library
from assistant.models import Answer, Answerable, Filters
from assistant.outgoing.model import OutgoingModel
from assistant.retrieval import Retriever
from assistant.rewriting import rewrite_question
from assistant.writing.answer import AnswerWriter, ExtractiveAnswerWriter
from assistant.writing.model_answer import ModelAnswerWriter
from assistant.writing.notice_lines import answer_from_lines

CASES_SEARCHED = 10
TRIES = 3
"""Looks at the library before a question gives up: a notice may be replaced between two reads."""


def standing_alone(question: str, history: Sequence[Answer], *, model: OutgoingModel | None) -> str:
    """Give a follow-up question as one that needs no earlier turn to be understood."""
    earlier = [answer.question for answer in history]
    if model is not None and history:
        try:
            return rewrite_question(model.to("改写追问"), question, _told(history))
        except ModelError:
            return carry_over(question, earlier)
    return carry_over(question, earlier)


class Found:
    """What was found for a question before a word is written."""

    def __init__(
        self,
        question: str,
        searched: str,
        *,
        library: Library,
        retriever: Retriever,
        filters: Filters,
    ) -> None:
        for left in reversed(range(TRIES)):
            try:
                self._looked = answer_from_lines(searched, library)
                self._counted = None if self._looked else answer_count(searched, library)
                self._result = retriever.search(searched, filters=filters, limit=CASES_SEARCHED)
                self._lines = self._sources(library)
                break
            except NotFound:
                if not left:
                    raise
        self._asked = Question(question, searched, self._result)

    def _sources(self, library: Library) -> Lines:
        """Read the files of all evidence now, for they may be replaced while an answer is written.

        Raises `NotFound` where one was replaced since it was found.
        """
        notices = [hit.notice for hit in self._result.hits]
        for special in (self._looked, self._counted):
            notices += [item.notice for item in special.evidence] if special else []
        held = {notice.id: library.lines(notice.id) for notice in notices}
        return lambda notice: held[notice.id] if notice.id in held else library.lines(notice.id)

    def stream(
        self, *, model: OutgoingModel | None, history: Sequence[Answer], evidence_chars: int
    ) -> AnswerStream:
        """Start the answer; it is written as it is iterated."""
        if self._looked is not None:
            return LookedStream(self._asked, self._looked, lines=self._lines)
        if self._counted is not None:
            counted = self._counted
            return CountedStream(self._asked, counted.text, counted.evidence, lines=self._lines)
        stand_in = ExtractiveAnswerWriter()
        writer: AnswerWriter = stand_in
        # where nothing answers, a model could only invent: the extractive writer says so plainly
        if self._result.answerable is Answerable.NO:
            model = None
        stopped = threading.Event()
        if model is not None:
            model = model.to("问答").stopping_when(stopped.is_set)
            writer = ModelAnswerWriter(model, _told(history), evidence_chars=evidence_chars)
        return AnswerStream(
            self._asked,
            writer=writer,
            stand_in=stand_in,
            lines=self._lines,
            model=model.name if model else "",
            stopped=stopped,
        )


def _told(history: Sequence[Answer]) -> tuple[Message, ...]:
    """Tell a model the conversation so far."""
    return tuple(
        message
        for answer in history
        for message in (Message("user", answer.question), Message("assistant", answer.text))
    )

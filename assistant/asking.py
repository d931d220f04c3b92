"""Question → stream of an answer: made to stand alone, looked up, counted or written."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from assistant.answering import AnswerStream, CountedStream, Lines, LookedStream, Question
from assistant.chat_model import Message
from assistant.counting import answer_count
from assistant.errors import ModelError
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
        self._lines: Lines = lambda notice: library.lines(notice.id)
        self._looked = answer_from_lines(searched, library)
        self._counted = None if self._looked else answer_count(searched, library)
        self._result = retriever.search(searched, filters=filters, limit=CASES_SEARCHED)
        self._asked = Question(question, searched, self._result)

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

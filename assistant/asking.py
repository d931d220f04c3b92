"""Question → stream of an answer: made to stand alone, looked up, counted or written."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from assistant.answering import (
    AnswerStream,
    CountedStream,
    Lines,
    LookedStream,
    Question,
    RemarkStream,
)
from assistant.chat_model import Message
from assistant.counting import answer_count
from assistant.errors import ModelError, NotFound
from assistant.followup import asked_number, asks_for_others, carry_over
from assistant.library import Library
from assistant.models import Answer, Answerable, Filters, Hit, SearchResult
from assistant.outgoing.model import OutgoingModel
from assistant.retrieval import Retriever
from assistant.rewriting import rewrite_question
from assistant.scoping import Scoped, search_in_scope
from assistant.writing.answer import AnswerWriter, ExtractiveAnswerWriter
from assistant.writing.model_answer import ModelAnswerWriter
from assistant.writing.notice_lines import answer_from_lines
from assistant.writing.question import matters_apart
from assistant.writing.remarks import remark_on, told_in_full

CASES_SEARCHED = 10
OTHERS_FROM = 0.5
"""Share of the best score from which a case not told yet is another one on the matter."""
NO_OTHERS = "除前面已列出的以外，案例库中没有其他与所问直接相关的案例。"
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
        history: Sequence[Answer] = (),
    ) -> None:
        self._remark = remark_on(question)
        self._looked = told_in_full(asked_number(question), history)
        self._counted = None
        seen = _cited_cases(history) if asks_for_others(question) else frozenset[str]()
        for left in reversed(range(TRIES)):
            try:
                if not (self._remark or self._looked):
                    self._looked = answer_from_lines(searched, library)
                    self._counted = None if self._looked else answer_count(searched, library)
                scoped = _found_for(searched, library, retriever, filters)
                scoped = _without(scoped, seen) if seen else scoped
                self._result = scoped.result
                self._lines = self._sources(library)
                break
            except NotFound:
                if not left:
                    raise
        told = "" if self._looked or self._counted else scoped.told
        self._asked = Question(question, searched, self._result, told)

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
        if self._remark:
            return RemarkStream(self._asked, self._remark, lines=self._lines)
        if self._looked is not None:
            return LookedStream(self._asked, self._looked, lines=self._lines)
        if self._counted is not None:
            counted = self._counted
            text = f"{counted.text}\n\n{counted.basis}"
            return CountedStream(self._asked, text, counted.evidence, lines=self._lines)
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


def _found_for(searched: str, library: Library, retriever: Retriever, filters: Filters) -> Scoped:
    """Search once, or for each of two matters a question asks about apart."""
    parts = matters_apart(searched) or (searched,)
    found = [
        search_in_scope(
            part,
            partial(retriever.search, part, limit=CASES_SEARCHED),
            filters=filters,
            outlines=library.outlines,
        )
        for part in parts
    ]
    if len(found) == 1:
        return found[0]
    return Scoped(_in_turn(searched, [one.result for one in found]), found[0].told)


def _in_turn(query: str, results: Sequence[SearchResult]) -> SearchResult:
    """Put the cases of several searches in one list, one of each in turn."""
    hits: dict[str, Hit] = {}
    for at in range(CASES_SEARCHED):
        for result in results:
            for hit in result.hits[at : at + 1]:
                hits.setdefault(hit.case.id, hit)
    best = max(results, key=lambda result: result.confidence)
    return replace(best, query=query, hits=tuple(hits.values())[:CASES_SEARCHED])


def _cited_cases(history: Sequence[Answer]) -> frozenset[str]:
    """Give the cases that earlier answers told."""
    return frozenset(one.case_id for answer in history for one in answer.citations)


def _without(scoped: Scoped, seen: frozenset[str]) -> Scoped:
    """Leave out what was told before; where nothing else is near, say so."""
    best = max((hit.score for hit in scoped.result.hits), default=0.0)
    fresh = tuple(
        hit
        for hit in scoped.result.hits
        if hit.case.id not in seen and hit.score >= OTHERS_FROM * best
    )
    if not fresh:
        return Scoped(replace(scoped.result, hits=(), answerable=Answerable.NO), NO_OTHERS)
    return Scoped(replace(scoped.result, hits=fresh), scoped.told)


def _told(history: Sequence[Answer]) -> tuple[Message, ...]:
    """Tell a model the conversation so far."""
    return tuple(
        message
        for answer in history
        for message in (Message("user", answer.question), Message("assistant", answer.text))
    )

"""Answers being written, each in a thread of its own, so that no rerun of a page cuts one short.

A page may leave (another page, a click elsewhere, a reload) and come back: it finds the answer
further on, or stored. Only the stop button ends one early. Knows nothing of Streamlit.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable

from assistant.errors import AssistantError
from assistant.models import Answer
from assistant.operation.queueing import telling
from assistant.outgoing.sent import Gathered, gathering
from assistant.ui.desk import AnswerStream

FAREWELL_SECONDS = 3.0


class Running:
    """One answer on its way: read its fields at any time, `wait` for news."""

    def __init__(self, question: str, position: int, owner: str = "") -> None:
        self.question, self.position, self.owner = question, position, owner
        self.stream: AnswerStream | None = None
        """Known once the search is done."""
        self.text = ""
        self.before = 0
        """How many tasks are to end before the search begins."""
        self.error = ""
        self.finished = False
        self.gathered = Gathered()
        """What left for services on its behalf."""
        self._stopped = False
        self._news = threading.Condition()

    def stop(self) -> None:
        """End early; what has come is checked and stored. Waits for that a moment."""
        with self._news:
            self._stopped = True
            stream = self.stream
        if stream is not None:
            stream.stop()
        with self._news:
            self._news.wait_for(lambda: self.finished, FAREWELL_SECONDS)

    def wait(self, seconds: float) -> None:
        """Wait for the next piece, at most so long."""
        with self._news:
            if not self.finished:
                self._news.wait(seconds)

    def run(self, opening: Callable[[], AnswerStream], save: Callable[[Answer], None]) -> None:
        """Search, write, check, store."""
        with gathering() as self.gathered:
            self._run(opening, save)

    def _run(self, opening: Callable[[], AnswerStream], save: Callable[[Answer], None]) -> None:
        try:
            with telling(self._wait_in_line):
                stream = opening()
            with self._news:
                self.stream, self.before = stream, 0
                if self._stopped:
                    stream.stop()
                self._news.notify_all()
            for piece in stream:
                self._add(piece)
            if self.text.strip() or not self._stopped:
                save(stream.answer)
        except AssistantError as error:
            self.error = str(error)
        finally:
            with self._news:
                self.finished = True
                self._news.notify_all()

    def _wait_in_line(self, before: int) -> None:
        with self._news:
            self.before = before
            self._news.notify_all()

    def _add(self, piece: str) -> None:
        with self._news:
            self.text += piece
            self._news.notify_all()


class Answers:
    """The answers under way in this process, by conversation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, Running] = {}

    def of(self, conversation: str, owner: str) -> Running | None:
        """Give the answer under way in a conversation of one's own."""
        with self._lock:
            found = self._running.get(conversation)
        return found if found is not None and found.owner == owner else None

    def start(
        self,
        conversation: str,
        running: Running,
        opening: Callable[[], AnswerStream],
        save: Callable[[Answer], None],
    ) -> Running:
        """Begin an answer; one that is still under way in the conversation is stopped first."""
        before = self.of(conversation, running.owner)
        if before is not None:
            before.stop()
        with self._lock:
            self._running[conversation] = running
        # who asks is known by the context of the visitor's thread
        context = contextvars.copy_context()

        def work() -> None:
            try:
                context.run(running.run, opening, save)
            finally:
                # an error stays until a page has told it
                if not running.error:
                    self.forget(conversation, running)

        threading.Thread(target=work, name="answer", daemon=True).start()
        return running

    def forget(self, conversation: str, running: Running) -> None:
        """Drop an answer that has ended."""
        with self._lock:
            if self._running.get(conversation) is running:
                del self._running[conversation]

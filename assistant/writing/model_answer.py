"""The model's answer to a question, from the evidence it is shown. Raises `ModelError`.

What it yields is a claim: `verification` decides what is shown as supported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.chat_model import ChatModel, Message
from assistant.models import Answerable, Evidence
from assistant.writing.citations import hold_to_evidence
from assistant.writing.evidence_text import fence_input, make_fence, render_evidence
from assistant.writing.nature import HONEST_WAY, REFUSAL, asks_fabrication
from prompts import render

NO_EVIDENCE = "案例库中没有找到与这个问题相符的依据。"
"""How a refusal begins: the prompt, the code and the tests share it."""
EVIDENCE_CHARS = 9_000
_HISTORY_TURNS = 6
_HISTORY_CHARS = 600


class ModelAnswerWriter:
    """An `AnswerWriter` that lets a model speak.

    `history` is the conversation before this question, oldest first; its last turns are told.
    """

    def __init__(
        self,
        model: ChatModel,
        history: Sequence[Message] = (),
        *,
        evidence_chars: int = EVIDENCE_CHARS,
    ) -> None:
        self._model, self._history, self._evidence_chars = model, history, evidence_chars

    def stream(
        self, question: str, evidence: Sequence[Evidence], *, answerable: Answerable
    ) -> Iterator[str]:
        """Yield the answer with `[n]` of the given evidence only; closing stops the model."""
        # No model is asked where it could only speak from memory, or should not speak at all.
        if asks_fabrication(question):
            yield f"{REFUSAL}{HONEST_WAY}"
            return
        if not evidence:
            yield NO_EVIDENCE
            return
        messages, numbers = self.messages(question, evidence, answerable=answerable)
        pieces = self._model.stream(messages)
        try:
            yield from hold_to_evidence(pieces, numbers)
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()

    def messages(
        self, question: str, evidence: Sequence[Evidence], *, answerable: Answerable
    ) -> tuple[list[Message], tuple[int, ...]]:
        """Return what the model is asked, and the numbers it may cite."""
        fence = make_fence(question, *(item.case.id + item.case.problem for item in evidence))
        shown = render_evidence(
            evidence, fence=fence, budget=self._evidence_chars, question=question
        )
        request = render(
            "answer",
            evidence=shown.text,
            numbers=shown.citable,
            question=fence_input(question, fence),
            band=answerable.value,
            refusal=NO_EVIDENCE,
        )
        history = [
            Message(turn.role, turn.content[:_HISTORY_CHARS])
            for turn in self._history[-_HISTORY_TURNS:]
            if turn.role != "system"
        ]
        system = Message("system", render("system", fence=fence))
        return [system, *history, Message("user", request)], shown.numbers

"""One measure of a draft written anew by a model, as the user instructs; the others stay.

Raises `ModelError`, and `Refused` for what is not written for anybody. Facts and wording of the
result are for `verification`, like those of every draft.
"""

from __future__ import annotations

from dataclasses import replace

from assistant.chat_model import ChatModel, Message
from assistant.endpoints.structured import ask_structured
from assistant.errors import Refused
from assistant.models import Draft, DraftMeasure, UnitProfile
from assistant.taxonomy.classify import load_taxonomy
from assistant.writing.draft_reply import MeasureReply, Task, measure_from
from assistant.writing.evidence_text import fence_input, make_fence, render_evidence
from assistant.writing.model_draft import EVIDENCE_CHARS, profile_text
from assistant.writing.nature import asks_fabrication
from assistant.writing.practice import STEPS
from prompts import render


class ModelMeasureWriter:
    """Rewrites one measure; the instruction is an instruction only about that measure."""

    def __init__(self, model: ChatModel, *, evidence_chars: int = EVIDENCE_CHARS) -> None:
        self._model, self._evidence_chars = model, evidence_chars

    def rewrite(
        self, draft: Draft, place: int, instruction: str, *, profile: UnitProfile
    ) -> DraftMeasure:
        """Give the measure at `place` anew; who and by when stay as the user left them."""
        if asks_fabrication(instruction):
            raise Refused(
                "补造、倒签材料的要求不能办理", todo="可改写为如实补学、书面说明、自即日起规范"
            )
        messages, shown = self.messages(draft, place, instruction, profile=profile)
        reply = ask_structured(self._model, messages, MeasureReply)
        old = draft.measures[place]
        task = Task(draft.problem, draft.evidence, draft.topics, profile, draft.cause)
        step = old.step or STEPS[1]
        new = measure_from(reply, step, task, shown=shown, taxonomy=load_taxonomy())
        return replace(
            new,
            step=old.step,
            responsible=old.responsible or new.responsible,
            deadline=old.deadline or new.deadline,
            deliverable=new.deliverable or old.deliverable,
        )

    def messages(
        self, draft: Draft, place: int, instruction: str, *, profile: UnitProfile
    ) -> tuple[list[Message], tuple[int, ...]]:
        """Return what the model is asked, and the numbers of the evidence it is shown."""
        old = draft.measures[place]
        fence = make_fence(
            draft.problem, instruction, old.text, *(item.case.id for item in draft.evidence)
        )
        shown = render_evidence(
            draft.evidence,
            fence=fence,
            budget=self._evidence_chars,
            question=f"{draft.problem}{instruction}",
            with_facts=False,
        )
        others = (m.text for at, m in enumerate(draft.measures) if at != place)
        request = render(
            "measure",
            evidence=shown.text,
            numbers=shown.citable,
            problem=fence_input(draft.problem, fence),
            unit=fence_input(profile_text(profile), fence),
            step=old.step or "未分步",
            measure=fence_input(old.text, fence),
            others=fence_input("\n".join(others), fence),
            instruction=fence_input(instruction, fence),
        )
        system = Message("system", render("system", fence=fence))
        return [system, Message("user", request)], tuple(shown.numbers)

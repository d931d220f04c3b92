"""The model's measures for a problem, as the same `Draft` the extractive writer gives.

Raises `ModelError`. Facts and wording are for `verification`.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.chat_model import ChatModel, Message
from assistant.endpoints.structured import ask_structured
from assistant.models import Draft, Evidence, UnitProfile
from assistant.taxonomy.classify import load_taxonomy
from assistant.writing.draft import ExtractiveDraftWriter
from assistant.writing.draft_reply import DraftReply, Task, draft_of
from assistant.writing.evidence_text import (
    EvidenceText,
    fence_input,
    make_fence,
    render_evidence,
)
from assistant.writing.nature import asks_fabrication
from prompts import render

EVIDENCE_CHARS = 9_000
_STEP_USES = {
    "查清": "核查事实、摸清底数、列出清单",
    "纠正处置": "直接改正问题事实，涉及钱款的追缴、退回、补缴",
    "追责问责": "按照干部管理权限依规依纪处理",
    "建章立制": "针对原因制定或修订制度",
    "举一反三": "由点及面排查同类问题",
    "监督长效": "抽查、考核、回头看，防止反弹",
}


class ModelDraftWriter:
    """A `DraftWriter` that lets a model speak."""

    def __init__(self, model: ChatModel, *, evidence_chars: int = EVIDENCE_CHARS) -> None:
        self._model, self._evidence_chars = model, evidence_chars

    def write(
        self,
        problem: str,
        evidence: Sequence[Evidence],
        *,
        topics: Sequence[str],
        profile: UnitProfile,
        cause: str = "",
    ) -> Draft:
        """Return a draft whose problem is the user's, word for word.

        No model is asked where it could only speak from memory, or where back-dated records are
        wanted: then the extractive writer answers.
        """
        task = Task(problem, tuple(evidence), tuple(topics), profile, cause)
        if not evidence or asks_fabrication(problem):
            return ExtractiveDraftWriter().write(
                problem, evidence, topics=topics, profile=profile, cause=cause
            )
        messages, shown = self.messages(task)
        reply = ask_structured(self._model, messages, DraftReply)
        return draft_of(
            reply,
            task,
            shown=shown.numbers,
            taxonomy=load_taxonomy(),
            model=self._model.name,
        )

    def messages(self, task: Task) -> tuple[list[Message], EvidenceText]:
        """Return what the model is asked, and the evidence it is shown."""
        fence = make_fence(task.problem, task.cause, *(item.case.id for item in task.evidence))
        shown = render_evidence(
            task.evidence,
            fence=fence,
            budget=self._evidence_chars,
            question=task.problem,
            with_facts=False,
        )
        request = render(
            "draft",
            evidence=shown.text,
            numbers=shown.citable,
            problem=fence_input(task.problem, fence),
            unit=fence_input(profile_text(task.profile), fence),
            topics=_topic_names(task.topics),
            cause=fence_input(task.cause, fence),
            steps="\n".join(f"   {step}：{use}" for step, use in _STEP_USES.items()),
        )
        return [Message("system", render("system", fence=fence)), Message("user", request)], shown


def profile_text(profile: UnitProfile) -> str:
    """Tell the kind of unit and the user's facts; names of persons are not the model's business."""
    parts = {"单位名称": profile.name, "单位类型": profile.unit_type, "有关情况": profile.facts}
    return "\n".join(f"{name}：{value}" for name, value in parts.items() if value.strip())


def _topic_names(topics: Sequence[str]) -> str:
    known = load_taxonomy().topics
    return "、".join(known[topic].name for topic in topics if topic in known) or "未分类"

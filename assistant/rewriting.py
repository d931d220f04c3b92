"""A follow-up question written anew by a model, so that it can be searched by itself.

A help and no more: what a model answers is kept only where it plainly is what was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.chat_model import ChatModel, Message
from assistant.outgoing.masking import find_placeholders
from assistant.writing.evidence_text import fence_input, make_fence
from prompts import render

_HISTORY_TURNS = 6
_TURN_CHARS = 400
_QUESTION_CHARS = 160
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TITLE_DOCUMENT = re.compile(r"《[^》]*》")
_PREFIX = re.compile(r"^(?:改写后的?问题|问题|改写)[：:]\s*")
_ROLES = {"user": "用户", "assistant": "助手", "system": "系统"}


def rewrite_question(model: ChatModel, question: str, history: Sequence[Message]) -> str:
    """Return the question so that it can be searched without what was said before.

    The question itself comes back where there is no history, or where the rewriting brings in a
    figure or a document title nobody has mentioned. Raises `ModelError`.
    """
    if not history:
        return question
    told = "\n".join(
        f"{_ROLES[turn.role]}：{turn.content[:_TURN_CHARS]}" for turn in history[-_HISTORY_TURNS:]
    )
    fence = make_fence(question, told)
    request = render(
        "rewrite", history=fence_input(told, fence), question=fence_input(question, fence)
    )
    said = _one_line(_ask(model, fence, request))
    if not said or len(said) > _QUESTION_CHARS or _adds_facts(said, known=f"{told}\n{question}"):
        return question
    return said


def _ask(model: ChatModel, fence: str, request: str) -> str:
    system = Message("system", render("system", fence=fence))
    return model.complete([system, Message("user", request)]).text


def _one_line(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return _PREFIX.sub("", lines[0]).strip("“”\"'「」『』 ") if lines else ""


def _adds_facts(said: str, *, known: str) -> bool:
    found = [
        *_NUMBER.findall(said),
        *_TITLE_DOCUMENT.findall(said),
        *find_placeholders(said),
    ]
    return any(fact not in known for fact in found)

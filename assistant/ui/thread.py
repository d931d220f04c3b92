"""How a turn looks: question, checked answer with citations, what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from assistant.models import Answer, Conversation, Evidence, Turn
from assistant.ui import draft
from assistant.ui.desk import ReviewDesk
from assistant.ui.exporting import file_of
from assistant.ui.kit import BANDS, evidence_coverage, shown_errors
from assistant.ui.pages import go
from assistant.ui.safe import answer_html, label, plain, shorten
from assistant.ui.sending import of_turn, sent_line
from assistant.ui.sources import (
    answer_panels_html,
    citation_links,
    evidence_card_html,
    targets_html,
)
from assistant.ui.state import session

REASONS = ("引用不准", "没答到点上", "依据太少", "太笼统", "其他")
TURNS_KEPT = 300
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Place:
    """Where a turn stands: its conversation and its number from 0."""

    conversation: str
    position: int

    @property
    def prefix(self) -> str:
        """Start of the ids of its source panels."""
        return f"c-{self.position}"


def question_html(question: str) -> str:
    """Draw a question."""
    return (
        '<div class="q" role="heading" aria-level="2"><span>问</span>'
        f"<p>{plain(question)}</p></div>"
    )


def rewritten_html(question: str, rewritten: str) -> str:
    """Say as what the question was searched, when that differs."""
    if not rewritten or rewritten == question:
        return ""
    return f'<p class="rewritten">按上文理解为：{plain(rewritten)}</p>'


def body_html(answer: Answer, prefix: str) -> str:
    """Draw a checked answer."""
    tone, band = BANDS[answer.answerable]
    notice = f'<p class="note warn">{plain(answer.notice)}</p>' if answer.notice else ""
    links = citation_links(prefix, answer.evidence)
    text = answer_html(answer.text, links=links, unsupported=answer.unsupported)
    cited = {citation.number for citation in answer.citations}
    lines = [f'<span class="tag {tone}">{band}</span>']
    if covered := evidence_coverage(answer.evidence, cited):
        lines.append(f"<span>{plain(covered)}</span>")
    if answer.unsupported:
        lines.append(
            f'<span class="unsupported">虚线标出 {len(answer.unsupported)} 句：'
            "引用中未找到依据</span>"
        )
    lines.append(f"<span>{plain(answer.model or '离线摘编，未用模型')}</span>")
    return (
        f'{rewritten_html(answer.question, answer.rewritten)}{notice}<div class="a">{text}</div>'
        f'<p class="basis">{"".join(lines)}</p>'
    )


def show_turn(desk: ReviewDesk, turn: Turn, place: Place, *, revision: int) -> None:
    """Draw a stored turn; `revision` is the library's as it stands."""
    answer = turn.answer
    drawn = _drawn(
        place.conversation,
        place.position,
        turn.question,
        answer.text,
        revision,
        desk,
        answer,
    )
    for block in drawn.blocks:
        st.html(block)
    _other_evidence(answer, drawn.others)
    sent_line(
        of_turn(desk.store.owner, place.conversation, place.position),
        key=f"{place.conversation}-{place.position}",
    )
    _actions(desk, turn, place)


@dataclass(frozen=True)
class Drawn:
    """The HTML of a stored turn, which never changes while the library stays as it is."""

    blocks: tuple[str, ...]
    others: str
    """Cards of what was found and not cited."""


@st.cache_resource(max_entries=TURNS_KEPT, show_spinner=False)
def _drawn(
    conversation: str,
    position: int,
    question: str,
    text: str,
    revision: int,
    _desk: ReviewDesk,
    _answer: Answer,
) -> Drawn:
    """Draw a turn once: a long conversation comes again with every click on its page."""
    prefix = Place(conversation, position).prefix
    cards = (
        evidence_card_html(item, panel_id=f"{prefix}-{item.number}") for item in _others(_answer)
    )
    # the order is that of a turn being written, so that nothing moves when it is complete
    blocks = (
        targets_html(prefix, _answer.evidence),
        question_html(question),
        body_html(_answer, prefix),
        answer_panels_html(_desk, _answer.evidence, _answer.citations),
    )
    return Drawn(blocks, f'<div class="cards">{"".join(cards)}</div>')


def _others(answer: Answer) -> list[Evidence]:
    cited = {citation.number for citation in answer.citations}
    return [item for item in answer.evidence if item.number not in cited]


def _other_evidence(answer: Answer, cards: str) -> None:
    if others := _others(answer):
        with st.expander(f"其他检索结果（{len(others)}），回答未引用"):
            st.html(cards)


def _actions(desk: ReviewDesk, turn: Turn, place: Place) -> None:
    key = f"turn-{place.conversation}-{place.position}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"acts-{key}"):
        st.feedback(
            "thumbs",
            key=f"thumb-{key}",
            default=turn.score,
            on_change=_feedback(desk, place, f"thumb-{key}"),
        )
        if st.button("转到起草", key=f"draft-{key}", icon=":material/edit_note:", type="tertiary"):
            session().handed_problem = turn.question
            go(draft.page, "draft")
        drawer = st.popover(
            "复制",
            icon=":material/content_copy:",
            type="tertiary",
            key=f"copy-{key}",
            on_change="rerun",
        )
        if drawer.open:
            with drawer:
                st.caption("点右上角的图标复制全文（含引证编号与出处）")
                st.code(copy_text(turn.answer), language=None, wrap_lines=True, height=260)
        st.download_button(
            "导出 Word",
            data=file_of(desk, "answer", lambda: turn.answer, "docx"),
            file_name=f"问答-{shorten(label(turn.question), 20)}.docx",
            mime=WORD,
            key=f"word-{key}",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )
    if turn.score == 0:
        st.pills(
            "哪里不好？",
            REASONS,
            key=f"why-{key}",
            default=turn.reason if turn.reason in REASONS else None,
            on_change=_reason(desk, place, f"why-{key}"),
        )


def _feedback(desk: ReviewDesk, place: Place, key: str) -> Callable[[], None]:
    def store() -> None:
        with shown_errors():
            desk.store.feedback(place.conversation, place.position, st.session_state[key])

    return store


def _reason(desk: ReviewDesk, place: Place, key: str) -> Callable[[], None]:
    def store() -> None:
        reason = st.session_state[key] or ""
        desk.store.feedback(place.conversation, place.position, 0, reason)

    return store


def copy_text(answer: Answer) -> str:
    """Write an answer with its sources as plain text."""
    seen: set[int] = set()
    sources = []
    for citation in answer.citations:
        if citation.number not in seen:
            seen.add(citation.number)
            sources.append(
                f"[{citation.number}] {citation.source} 第 {citation.line} 行：{citation.quote}"
            )
    text = f"{answer.question}\n\n{answer.text}"
    return "\n".join([text, "", "出处", *sources]) if sources else text


def history(conversation: Conversation | None) -> tuple[Answer, ...]:
    """Give the last answers, for a question that leans on them."""
    return tuple(turn.answer for turn in conversation.turns[-4:]) if conversation else ()

"""问答: conversations whose every sentence opens at its source line."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner_utils.exceptions import StopException

from assistant.errors import NotFound
from assistant.models import Answer, Conversation, Notice
from assistant.ui import filters as filter_bar
from assistant.ui import library
from assistant.ui.answers import Running
from assistant.ui.conversations import open_conversation, sidebar
from assistant.ui.desk import AnswerStream, ReviewDesk
from assistant.ui.kit import coverage, head, note
from assistant.ui.pages import Meeting, go, stop_point
from assistant.ui.personal import tell_of_numbers
from assistant.ui.safe import answer_html, label, plain
from assistant.ui.sending import of_turn, sendings, sends
from assistant.ui.slim import slim_answer
from assistant.ui.sources import (
    answer_panels_html,
    citation_links,
    targets_html,
)
from assistant.ui.state import Session, answers, outlines, overview, reviewer, session, topic_name
from assistant.ui.thread import Place, history, question_html, rewritten_html, show_turn

QUESTION_LIMIT = 2000
REDRAW_SECONDS = 0.09
STOPPED = '<p class="stopped note warn">已停止。写出的部分已核对并存入本对话，刷新后仍在。</p>'
SECRECY = "本工具在本机离线运行，文件不外传。请勿导入带密级标志的文件。"


def page() -> None:
    """Draw the page."""
    desk, state = reviewer(), session()
    running, conversation = _current(desk, state)
    sidebar(desk)
    held = outlines(desk)
    question = _input(state, held)
    if question:
        tell_of_numbers(question)
        running = _begin(desk, state, conversation, question)
    with st.container(key="thread"):
        if conversation is not None:
            _thread(desk, state, conversation, asking=running is not None)
        elif running is not None:
            _slim_head(desk, running.question)
        else:
            _start(desk, held)
        if running is None:
            return
        _follow(desk, state, running)
    st.rerun()


def _current(desk: ReviewDesk, state: Session) -> tuple[Running | None, Conversation | None]:
    """Give what the address names: the answer under way in it, and what is stored of it."""
    wanted = st.query_params.get("c", "")
    if not wanted and state.conversation:
        wanted = state.conversation
        st.query_params["c"] = wanted
    if not wanted:
        return None, None
    # in this order: an answer that ends in between is found stored
    running = answers().of(wanted, desk.store.owner)
    try:
        found = desk.store.conversation(wanted)
    except NotFound as error:
        if running is not None:
            state.conversation = wanted
            return running, None
        # an id of our own whose first answer never came is no loss to tell of
        if wanted != state.conversation:
            state.notes["ask"] = str(error)
        open_conversation("")
        return None, None
    state.conversation = wanted
    if running is not None and running.position < len(found.turns):
        running = None
    return running, found


# ---------------------------------------------------------------------- what is shown


def _start(desk: ReviewDesk, held: Sequence[Notice]) -> None:
    counted = overview(desk)
    if message := session().notes.pop("ask", ""):
        note(message, "warn")
    if not counted.cases:
        head("问答", "先导入几份整改通报", SECRECY)
        _first_steps()
        return
    head("问答", "别的单位是怎么整改的", "从已入库的通报里找做法，每一句都能点回原文的那一行。")
    st.html(f'<p class="coverage">{plain(coverage(counted))}</p>')
    st.html('<h2 class="sec">可以这样问</h2>')
    with st.container(key="suggestions"):
        for place, question in enumerate(suggestions(held)):
            if st.button(label(question, 60), key=f"suggest-{place}", width="stretch"):
                session().pending = question
                st.rerun()
    st.html(f'<p class="secrecy">{SECRECY}</p>')


def _first_steps() -> None:
    st.html(
        '<ol class="steps"><li><b>导入</b>把公开的整改通报（Word、PDF、网页等）拖进案例库。</li>'
        "<li><b>提问</b>例如“村里党费收缴不规范怎么整改”，看别的单位做了什么。</li>"
        "<li><b>起草</b>粘贴反馈意见，逐条生成整改措施，核对后导出 Word 和台账。</li></ol>"
    )
    if st.button("去导入通报", type="primary", icon=":material/upload_file:", key="to-import"):
        go(library.page, "library", {"import": "1"})


def suggestions(held: Sequence[Notice]) -> list[str]:
    """Make questions that this library can answer: topics that several units share."""
    units: dict[str, set[str]] = {}
    for notice in held:
        for case in notice.cases:
            for topic in case.topics[:1]:
                units.setdefault(topic, set()).add(notice.id)
    shared = Counter({topic: len(found) for topic, found in units.items()})
    names = [topic_name(topic).split("（")[0] for topic, _ in shared.most_common(5)]
    patterns = (
        "{}方面的问题，别的单位是怎么整改的？",
        "{}方面建了哪些制度、怎样防止反弹？",
        "哪些单位查出过{}方面的问题？",
        "{}方面还没有整改完的问题有哪些？",
    )
    return [pattern.format(name) for pattern, name in zip(patterns, names, strict=False)]


def _slim_head(desk: ReviewDesk, title: str) -> None:
    st.html(
        '<header class="page-head slim"><p class="eyebrow">问答</p>'
        f'<h1 class="hidden">{plain(title)}</h1>'
        f'<p class="lede small">{plain(coverage(overview(desk)))}</p></header>'
    )


def _thread(desk: ReviewDesk, state: Session, conversation: Conversation, *, asking: bool) -> None:
    _slim_head(desk, conversation.title)
    turns = conversation.turns
    hidden = max(0, len(turns) - state.shown_turns)
    if hidden and st.button(f"显示更早的 {min(hidden, 10)} 问", key="earlier", type="tertiary"):
        state.shown_turns += 10
        st.rerun()
    revision = desk.library.revision()
    for position in range(hidden, len(turns)):
        with st.container(key=f"turn-{position}"):
            place = Place(conversation.id, position)
            show_turn(desk, turns[position], place, revision=revision)
    if turns and not asking:
        _followups(turns[-1].answer)


def _followups(answer: Answer) -> None:
    if not answer.followups:
        return
    with st.container(key="followups"):
        st.html('<p class="side-h">可以接着问</p>')
        for place, question in enumerate(answer.followups[:3]):
            if st.button(
                label(question, 60),
                key=f"follow-{place}",
                type="tertiary",
                icon=":material/subdirectory_arrow_right:",
            ):
                session().pending = question
                st.rerun()


# ---------------------------------------------------------------------- asking


def _input(state: Session, held: Sequence[Notice]) -> str:
    with st.bottom:
        chosen = filter_bar.bar(state.filters, state.suggested, held, key="ask")
        if chosen != state.filters:
            state.filters = chosen
            st.rerun()
    # not inside `st.bottom`: only a chat input that finds its own way down keeps the end in view
    typed = st.chat_input(
        "写下问题，例如：专项资金滞留怎么整改？",
        key="question",
        submit_mode="stop",
        max_chars=QUESTION_LIMIT,
    )
    question, state.pending = str(typed or state.pending or ""), ""
    return question.strip()


def _begin(
    desk: ReviewDesk, state: Session, conversation: Conversation | None, question: str
) -> Running:
    """Start an answer in a thread of its own: no rerun of the page cuts it short."""
    if conversation is None:
        # the address is set before the text comes: setting it later would close an open source
        state.conversation = _new_id(question)
        st.query_params["c"] = state.conversation
    wanted, store, chosen = state.conversation, desk.store, state.filters
    earlier = history(conversation)
    position = len(conversation.turns) if conversation else 0

    def opening() -> AnswerStream:
        return desk.stream_answer(question, filters=chosen, history=earlier)

    running, remembered = Running(question, position, store.owner), sendings()

    def save(answer: Answer) -> None:
        requests = running.gathered.requests
        if requests or sends(desk.settings):
            remembered.keep(of_turn(store.owner, wanted, position), requests)
        store.save_turn(wanted, question, slim_answer(answer))

    return answers().start(wanted, running, opening, save)


def _new_id(question: str) -> str:
    return hashlib.sha256(f"{time.time_ns()}{question}".encode()).hexdigest()[:12]


def _follow(desk: ReviewDesk, state: Session, running: Running) -> None:
    """Show an answer as it comes; leaving the page does not end it, the stop button does."""
    place, met = Place(state.conversation, running.position), Meeting(lambda: state.runs)
    with st.container(key=f"turn-{place.position}"):
        targets = st.empty()
        st.html(question_html(running.question))
        slot = st.empty()
        try:
            _await_sources(running, slot)
            if (stream := running.stream) is not None:
                state.suggested = stream.result.suggested
                targets.html(targets_html(place.prefix, stream.evidence))
                st.html(answer_panels_html(desk, stream.evidence) + STOPPED)
                _write(running, stream, slot, citation_links(place.prefix, stream.evidence))
        except StopException:
            if not met.is_left():
                running.stop()
            raise
        if running.error:
            answers().forget(state.conversation, running)
            slot.html(f'<p class="note bad" role="alert">{plain(running.error)}</p>')
            st.stop()


def _await_sources(running: Running, slot: DeltaGenerator) -> None:
    told = ""
    while running.stream is None and not running.finished:
        ahead = f"使用的人较多，正在排队，前面还有 {running.before} 项任务…"
        said = ahead if running.before else "正在案例库中查找…"
        if said != told:
            slot.html(f'<p class="finding" role="status">{said}</p>')
            told = said
        stop_point()
        running.wait(REDRAW_SECONDS)


def _write(
    running: Running, stream: AnswerStream, slot: DeltaGenerator, links: Mapping[int, str]
) -> None:
    above = rewritten_html(running.question, stream.rewritten)
    drawn = ""
    while True:
        finished = running.finished
        if running.text != drawn or not drawn:
            drawn = running.text
            slot.html(f'{above}<div class="a live">{answer_html(drawn, links=links)}</div>')
        if finished:
            return
        stop_point()
        running.wait(REDRAW_SECONDS)

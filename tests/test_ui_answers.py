"""Answers in threads of their own: nothing but the stop button ends one early."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

import assistant.ui.state as state
from assistant.errors import TooBusy
from assistant.models import Answer
from assistant.ui.answers import Answers, Running
from tests.fakes_ui import FakeReviewer, FakeStream
from tests.ui_support import fake_desk, open_page, shown
from tests.waiting import LONG_S, wait_for

desk = pytest.fixture(fake_desk)
QUESTION = "固定资产账实不符怎么整改？"


class Held(FakeStream):
    """A stream that waits before its end until it is let go."""

    gate = threading.Event()

    def __iter__(self) -> Iterator[str]:
        for at, piece in enumerate(super().__iter__()):
            yield piece
            if not at:
                self.gate.wait(LONG_S)


@pytest.fixture
def held(desk: FakeReviewer) -> Iterator[Held]:
    stream = Held(QUESTION, desk.search(QUESTION))
    stream.gate = threading.Event()
    yield stream
    stream.gate.set()


def begin(desk: FakeReviewer, stream: Held, conversation: str = "c1") -> Running:
    def save(answer: Answer) -> None:
        desk.store.save_turn(conversation, QUESTION, answer)

    return state.answers().start(conversation, Running(QUESTION, 0), lambda: stream, save)


def test_an_answer_goes_on_when_its_page_is_left_and_is_found_stored(
    desk: FakeReviewer, held: Held
) -> None:
    running = begin(desk, held)
    wait_for(lambda: running.text)
    assert state.answers().of("c1", "") is running
    held.gate.set()
    wait_for(lambda: running.finished)
    (turn,) = desk.store.conversation("c1").turns
    assert turn.answer.text == held.whole()
    assert turn.answer.notice == ""
    wait_for(lambda: state.answers().of("c1", "") is None)


def test_a_page_that_comes_back_shows_the_rest(desk: FakeReviewer, held: Held) -> None:
    running = begin(desk, held)
    wait_for(lambda: running.text)
    threading.Timer(0.3, held.gate.set).start()
    html = shown(open_page(c="c1"))
    assert "立规建制" in html
    assert "没有这个会话" not in html


def test_another_s_answer_is_not_found() -> None:
    table, gate = Answers(), threading.Event()

    def opening() -> FakeStream:
        gate.wait(LONG_S)
        raise TooBusy("人多")

    table.start("c1", Running("问", 0, "甲"), opening, lambda _answer: None)
    assert table.of("c1", "乙") is None
    assert table.of("c1", "甲") is not None
    gate.set()


def test_stopping_keeps_what_came_and_says_so(desk: FakeReviewer, held: Held) -> None:
    running = begin(desk, held)
    wait_for(lambda: running.text)
    stopping = threading.Thread(target=running.stop)
    stopping.start()
    wait_for(lambda: held.stopped)
    held.gate.set()
    stopping.join()
    assert running.finished
    (turn,) = desk.store.conversation("c1").turns
    assert turn.answer.notice.startswith("已停止")
    assert 0 < len(turn.answer.text) < len(held.whole())


def test_who_is_refused_is_told_on_the_page(
    desk: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_args: object, **_named: object) -> FakeStream:
        raise TooBusy("使用人数较多，前面还有 9 项在处理", todo="请稍后重试")

    monkeypatch.setattr(desk, "stream_answer", refused)
    at = open_page()
    at = at.chat_input[0].set_value(QUESTION).run()
    assert "前面还有 9 项在处理" in shown(at)
    assert not desk.store.conversations()

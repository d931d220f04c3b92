"""本次发送: under an answer and a draft stands what left for it, and nothing while offline."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from assistant.models import DraftRecord, UnitProfile
from assistant.outgoing.sent import Sent, SentLog, gathering
from assistant.review import Reviewer
from assistant.ui import state
from assistant.ui.sending import (
    KEPT_CHARS,
    Sendings,
    kept,
    of_draft,
    of_turn,
    sendings,
    sent_text,
)
from tests.fakes_model_server import ModelServer, Reply, Request, says
from tests.fakes_ui import FakeReviewer
from tests.ui_support import fake_desk, open_page, press, shown
from tests.waiting import LONG_S
from tests.world import open_reviewer

desk = pytest.fixture(fake_desk)
QUESTION = "党费收缴不规范怎么整改？"
PROBLEM = "党费收缴不规范，未按规定核定缴费基数。"
DRAFTED = {"cause": "制度执行不严", "goal": "规范收缴", "placeholders": [], "measures": [
    {"step": "纠正处置", "text": "逐笔核算补缴", "deliverable": "清单", "evidence": [1]}
]}  # fmt: skip


def answered(request: Request) -> Reply:
    asked = str(request.body["messages"][-1]["content"])
    return says(json.dumps(DRAFTED) if "起草整改措施" in asked else "逐人核定缴费基数[1]。")


@pytest.fixture
def endpoint() -> Iterator[ModelServer]:
    with ModelServer() as server:
        server.answer = answered
        yield server


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reviewer]:
    made = open_reviewer(tmp_path / "home")
    monkeypatch.setattr(state, "build_reviewer", lambda _settings: made)
    st.cache_resource.clear()
    yield made
    st.cache_resource.clear()
    made.library.close()


def asked(real: Reviewer) -> AppTest:
    at = open_page()
    return at.chat_input(key="question").set_value(QUESTION).run()


def drafted(real: Reviewer) -> AppTest:
    record = real.store.save_draft(DraftRecord("", PROBLEM, "待拟", None, UnitProfile()))
    return press(open_page("draft"), f"write-{record.id}")


def lines(at: AppTest) -> list[str]:
    said = [one.label for one in at.expander if one.label.startswith("本次")]
    return said + [text for text in shown(at).split("<p") if "本次没有向任何服务" in text]


def use(real: Reviewer, endpoint: ModelServer, *, mask: bool) -> None:
    real.save_settings({"base_url": endpoint.url, "model": "served-model", "mask_sent": mask})


@pytest.mark.parametrize("mask", [True, False])
def test_an_answer_says_what_was_sent_where(
    real: Reviewer, endpoint: ModelServer, mask: bool
) -> None:
    use(real, endpoint, mask=mask)
    at = asked(real)
    assert not at.exception
    (request,) = endpoint.requests
    chars = len(request.raw.decode())
    where = f"127.0.0.1:{endpoint.port}（{'已遮蔽' if mask else '未遮蔽'}）"
    assert lines(at) == [f"本次发送 {chars:,} 字到 {where}"]


def test_what_was_sent_opens_to_the_letter(real: Reviewer, endpoint: ModelServer) -> None:
    use(real, endpoint, mask=False)
    at = asked(real)
    assert "请求全文" not in shown(at)
    conversation = real.store.conversations()[0].id
    at = open_page(held={f"sent-open-{conversation}-0": True}, c=conversation)
    assert "请求全文" in shown(at)
    assert QUESTION in shown(at).split("请求全文")[0].rsplit("本次", 1)[-1]


def test_a_draft_says_what_was_sent(real: Reviewer, endpoint: ModelServer) -> None:
    use(real, endpoint, mask=True)
    at = drafted(real)
    assert not at.exception
    assert [line.rsplit("（", 1)[1] for line in lines(at)] == ["已遮蔽）"]


def test_offline_nothing_is_drawn(real: Reviewer) -> None:
    assert lines(asked(real)) == []
    assert lines(drafted(real)) == []


def test_an_answer_that_sent_nothing_says_so_where_a_model_is_set(
    real: Reviewer, endpoint: ModelServer
) -> None:
    use(real, endpoint, mask=False)
    at = open_page().chat_input(key="question").set_value("案例库里有几份通报？").run()
    assert endpoint.requests == []
    assert len(lines(at)) == 1
    assert "本次没有向任何服务发送内容" in lines(at)[0]


# ---------------------------------------------------------------------- whose requests


def request(number: int = 1, body: str = "问") -> Sent:
    return Sent(number, 0.0, "10.0.0.8:8000", "/v1", "问答", body, masked=False)


def test_a_piece_of_work_sees_its_own_requests_only() -> None:
    log = SentLog()
    ready, done = threading.Event(), threading.Event()

    def other() -> None:
        with gathering() as theirs:
            ready.wait(LONG_S)
            log.watch("起草").hooks()["request"][0](httpx2.Request("POST", "http://b/v1"))
            assert [one.host for one in theirs.requests] == ["b"]
        done.set()

    threading.Thread(target=other).start()
    with gathering() as mine:
        ready.set()
        assert done.wait(LONG_S)
        asked_for = httpx2.Request("POST", "http://a/v1", content="问".encode())
        hooks = log.watch("问答").hooks()
        hooks["request"][0](asked_for)
        hooks["response"][0](httpx2.Response(200, request=asked_for))
    assert [(one.host, one.body, one.result) for one in mine.requests] == [("a", "问", "HTTP 200")]
    assert len(log.last()) == 2


def test_a_model_in_a_thread_of_its_own_tells_who_made_the_watch() -> None:
    with gathering() as mine:
        watch = SentLog().watch("问答")
        hook = watch.hooks()["request"][0]
        sending = threading.Thread(target=hook, args=(httpx2.Request("POST", "http://a/v1"),))
        sending.start()
        sending.join()
    assert len(mine.requests) == 1


def test_one_user_s_answer_is_not_found_under_another_s_name(desk: FakeReviewer) -> None:
    sendings().keep(of_turn("zhang", "c1", 0), [request()])
    assert sendings().of(of_turn("zhang", "c1", 0)) is not None
    assert sendings().of(of_turn("li", "c1", 0)) is None


def test_what_is_remembered_is_bounded_and_the_oldest_goes_first() -> None:
    held = Sendings()
    for number in range(5):
        held.keep(of_draft(str(number)), [request(number, "字" * (KEPT_CHARS // 3))])
    assert held.of(of_draft("0")) is None
    assert held.of(of_draft("4")) is not None
    for number in range(1000):
        held.keep(of_draft(f"n{number}"), [])
    assert held.of(of_draft("n0")) is None


def test_an_endpoint_that_fails_has_still_been_sent_to(desk: FakeReviewer) -> None:
    def cut() -> None:
        SentLog().watch("起草").hooks()["request"][0](httpx2.Request("POST", "http://a/v1"))
        raise RuntimeError

    with pytest.raises(RuntimeError), kept(desk, "x"):  # type: ignore[arg-type]
        cut()
    (one,) = sendings().of("x") or ()
    assert one.result == "没有收到答复"


def test_a_hostile_host_is_no_markup() -> None:
    evil = Sent(1, 0.0, "[x](http://evil) :red[a]", "/", "问答", "问", masked=True)
    said = sent_text([evil])
    assert "](" not in said
    assert ":red[" not in said

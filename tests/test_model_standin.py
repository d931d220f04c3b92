"""With a model: ask streams and stops; whatever the server does wrong, an answer still comes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.models import UnitProfile
from assistant.review import Reviewer
from assistant.settings import load_settings
from tests.fakes_model_server import ModelServer, Reply, chunk, error, fails, says
from tests.fakes_retrieval_server import EmbeddingServer
from tests.waiting import LONG_S
from tests.world import open_reviewer

QUESTION = "党费收缴不及时怎么整改？"


@pytest.fixture(scope="module")
def reviewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviewer]:
    opened = open_reviewer(tmp_path_factory.mktemp("home"))
    yield opened
    opened.library.close()


@pytest.fixture
def server(reviewer: Reviewer) -> Iterator[ModelServer]:
    with ModelServer() as running:
        point_at(reviewer, running.port)
        yield running


def point_at(reviewer: Reviewer, port: int) -> None:
    reviewer.save_settings(
        {
            "base_url": f"http://127.0.0.1:{port}/v1",
            "model": "test-model",
            "api_key": "key",
            "retries": 0,
            "total_timeout": 5,
            "idle_timeout": 2,
        }
    )


def test_an_answer_streams_and_its_citations_are_checked(
    reviewer: Reviewer, server: ModelServer
) -> None:
    first = reviewer.search(QUESTION).hits[0].case.measures[0].text.rstrip("。")
    server.script = [says([first[:6], first[6:], "[1]。", "应当给予党内警告处分[9]。"])]
    stream = reviewer.stream_answer(QUESTION)
    assert stream.evidence
    assert len(list(stream)) > 1
    answer = stream.answer
    assert answer.model == "test-model"
    assert answer.citations[0].number == 1
    assert "[9]" not in answer.text
    assert any("党内警告" in sentence for sentence in answer.unsupported)


FAULTS = {
    "401": (error(401, "Incorrect API key"), "密钥"),
    "model": (error(404, "The model `x` does not exist", code="model_not_found"), "模型"),
    "429": (error(429, "Rate limit reached"), "频"),
    "500": (error(500, "internal"), "服务"),
    "broken": (Reply((chunk("整改"),), ending="reset"), "没有正常结束"),
    "empty-choices": (Reply((b'data: {"id":"c","choices":[]}\n\n', b"data: [DONE]\n\n")), ""),
    "login-page": (fails(200, "<html>login</html>"), ""),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_server_error_is_told_in_chinese_and_the_extractive_answer_stands_in(
    reviewer: Reviewer, server: ModelServer, name: str
) -> None:
    reply, words = FAULTS[name]
    server.script = [reply]
    answer = reviewer.ask(QUESTION)
    assert words in answer.notice
    assert "不经模型" in answer.notice
    assert answer.model == ""
    assert answer.citations


def test_a_refused_connection_is_told_and_drafts_still_come(reviewer: Reviewer) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # held, so that nobody else listens there
        point_at(reviewer, closed.getsockname()[1])
        answer = reviewer.ask(QUESTION)
        draft = reviewer.draft("村级党费多年未核定基数", profile=UnitProfile())
    assert "连" in answer.notice
    assert answer.citations
    assert "不经模型" in draft.notice
    assert draft.measures


def test_a_silent_stream_can_be_stopped_at_once(reviewer: Reviewer, server: ModelServer) -> None:
    server.script = [Reply((chunk("一是逐人核定缴费基数"),), ending="hang")]
    stream = reviewer.stream_answer(QUESTION)
    coming = iter(stream)
    pieces = [next(coming)]
    threading.Timer(0.2, stream.stop).start()
    started = time.monotonic()
    pieces.extend(coming)
    assert time.monotonic() - started < LONG_S
    assert "".join(pieces).startswith("一是")
    assert "已停止" in stream.answer.notice
    assert server.gone.wait(LONG_S)


def test_the_key_shows_nowhere_but_in_the_file_of_its_owner(
    reviewer: Reviewer, server: ModelServer
) -> None:
    assert "key" not in repr(reviewer.settings.api_key)
    assert reviewer.settings.file.stat().st_mode & 0o077 == 0


def test_a_rerank_endpoint_is_asked_for_the_first_cases(tmp_path: Path) -> None:
    server = EmbeddingServer()
    try:
        reviewer = open_reviewer(tmp_path)
        reviewer.save_settings({"rerank_base_url": server.url, "rerank_model": "reorder"})
        hits = reviewer.search("党费收缴", limit=3).hits
        assert hits
        assert server.requests == 1
        reviewer.library.close()
    finally:
        server.close()


def test_without_a_setting_no_model_is_called(tmp_path: Path) -> None:
    assert load_settings(home=tmp_path).chat_config() is None

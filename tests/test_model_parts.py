"""The parts under the adapter: thinking, background calls, structured answers, the trial call."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Generator, Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from assistant.background import Stopped, iterate
from assistant.endpoints.address import ModelConfig
from assistant.endpoints.check import check_endpoint
from assistant.endpoints.dialect import Dialect
from assistant.endpoints.structured import find_json, json_schema
from assistant.endpoints.thinking import ThinkFilter
from tests.fakes_model_server import ModelServer, Reply, dialect, error, says, says_whole
from tests.waiting import LONG_S


def filtered(text: str, cuts: list[int], *, starts_inside: bool = False) -> tuple[str, ThinkFilter]:
    thinking = ThinkFilter(starts_inside=starts_inside)
    bounds = [0, *sorted(cuts), len(text)]
    said = "".join(thinking.feed(text[a:b]) for a, b in pairwise(bounds)) + thinking.finish()
    return said, thinking


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<think>想</think>答", "答"),
        ("<THINK>想</Think>答", "答"),
        ("<thinking>想</thinking>答<reasoning>再想</reasoning>完", "答完"),
        ("<think>没想完", ""),
        ("答：a<b，c<tha", "答：a<b，c<tha"),
        ("<think>想<think>还想</think>答", "答"),
        ("《某省<土地管理法>办法》<thi", "《某省<土地管理法>办法》<thi"),
    ],
)
@given(cuts=st.lists(st.integers(0, 30), max_size=6))
def test_thinking_is_kept_out_wherever_it_is_cut(text: str, answer: str, cuts: list[int]) -> None:
    said, thinking = filtered(text, [min(cut, len(text)) for cut in cuts])
    assert said == thinking.answer == answer
    assert not thinking.late


def test_presumed_thinking_without_any_tag_is_the_answer() -> None:
    assert filtered("直接回答", [2], starts_inside=True)[0] == "直接回答"
    assert filtered("想想</think>答", [1, 5], starts_inside=True)[0] == "答"


# ------------------------------------------------------------------------------ background


def test_pieces_come_in_order_and_the_result_last() -> None:
    async def work(emit: Callable[[int], None]) -> str:
        for number in range(5):
            emit(number)
            await asyncio.sleep(0)
        return "done"

    results: list[str] = []

    def collect() -> Generator[int, None, None]:
        results.append((yield from iterate(work)))

    assert list(collect()) == [0, 1, 2, 3, 4]
    assert results == ["done"]


def test_an_error_comes_out_where_it_is_waited_for() -> None:
    async def work(emit: Callable[[int], None]) -> None:
        emit(1)
        raise LookupError("inside")

    calls = iterate(work)
    assert next(calls) == 1
    with pytest.raises(LookupError, match="inside"):
        next(calls)


@pytest.mark.parametrize("delay", [None, 0.0, 0.01, 0.1])
def test_stopping_ends_the_work_whenever_it_comes(delay: float | None) -> None:
    begun: list[float] = []
    ended = threading.Event()

    async def work(emit: Callable[[int], None]) -> None:
        begun.append(time.monotonic())
        try:
            await asyncio.sleep(10 * LONG_S)
        finally:
            ended.set()

    def should_stop() -> bool:
        return delay is None or bool(begun and time.monotonic() - begun[0] >= delay)

    started = time.monotonic()
    with pytest.raises(Stopped):
        list(iterate(work, should_stop=should_stop))
    assert time.monotonic() - started < LONG_S
    # before it had begun it need not begin
    assert delay is None or ended.wait(LONG_S)


# ------------------------------------------------------------------------------ structured


class Inner(BaseModel):
    title: str = ""
    numbers: list[int] = []


class Outer(BaseModel):
    parts: list[Inner]
    note: str = "x"


def test_a_schema_is_one_strict_servers_take() -> None:
    assert json_schema(Outer) == {
        "title": "Outer",
        "type": "object",
        "properties": {
            "parts": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "title": {"type": "string"},
                        "numbers": {"type": "array", "items": {"type": "integer"}},
                    },
                    "required": ["title", "numbers"],
                    "additionalProperties": False,
                },
            },
            "note": {"type": "string"},
        },
        "required": ["parts", "note"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '\n```json\n{"a": 1}\n```\n',
        '好的：\n```\n{"a": 1}\n```\n请查收',
        '结果是{"a": 1}，请查收{。',
        '先看{这里}，再看 {"a": 1} 完',
    ],
)
def test_json_is_found_where_models_put_it(text: str) -> None:
    assert find_json(text) == {"a": 1}


@pytest.mark.parametrize("text", ["", "没有", "[1]", '{"a": 1', "{" * 10_000])
def test_no_json_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="没有完整的 JSON"):
        find_json(text)


@given(st.text(max_size=200))
def test_any_text_gives_an_object_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(find_json(text), dict)


# --------------------------------------------------------------------------------- dialect


def test_a_chain_of_refusals_ends() -> None:
    current: Dialect | None = Dialect.starting("auto")
    steps = 0
    while current is not None:
        current = current.after_refusal(
            400, "max_tokens temperature unsupported", extras=("a", "b"), wants_json=True
        )
        steps += 1
    assert steps < 10


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_other_errors_teach_nothing(status: int) -> None:
    dialect = Dialect.starting("auto")
    assert dialect.after_refusal(status, "max_tokens", extras=(), wants_json=True) is None


# ------------------------------------------------------------------------------ trial call


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


def config_for(server: ModelServer, model: str = "served-model") -> ModelConfig:
    return ModelConfig(server.url, model, connect_s=1, idle_s=1, total_s=5)


@pytest.mark.parametrize(
    ("name", "text", "rung"),
    [
        ("llamacpp", '{"zhenggai_ready": true}', "json_schema"),
        ("deepseek", '{"answer": "可以"}', "json_object"),
        ("litellm", '{"zhenggai_ready": true}', "text"),
        ("transformers", "可以开始工作", "text"),
    ],
)
def test_the_trial_tells_what_the_endpoint_really_honours(
    server: ModelServer, name: str, text: str, rung: str
) -> None:
    server.answer = dialect(name, text)
    report = check_endpoint(config_for(server))
    assert report.ok, report.message
    assert (report.dialect, report.model, report.streaming) == (rung, "served-model", True)
    assert "连接正常" in report.message
    assert server.requests[0].body["max_tokens"] == 1
    assert not any("models" in request.path for request in server.requests)


def test_one_token_of_thinking_or_a_cut_answer_is_a_working_endpoint(server: ModelServer) -> None:
    server.script = [says("可", finish="length")]
    assert check_endpoint(config_for(server)).ok
    server.script = [says("<think>", finish="length")]
    assert check_endpoint(config_for(server)).ok


def test_an_endpoint_that_does_not_stream_is_told(server: ModelServer) -> None:
    server.script = [says_whole("可以")]
    report = check_endpoint(config_for(server))
    assert report.ok
    assert not report.streaming
    assert "整段返回" in report.message


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(401, "no"), "auth"),
        (error(404, "no such model"), "not-found"),
        (error(500, "boom"), "server"),
        (Reply((b"<html>",), content_type="text/html"), "config"),
        (Reply(status=0), "connection"),
    ],
)
def test_what_is_wrong_is_told_not_raised(server: ModelServer, reply: Reply, kind: str) -> None:
    server.script = [reply]
    report = check_endpoint(config_for(server))
    assert (report.ok, report.kind) == (False, kind)
    assert report.message.startswith("模型服务：")
    assert len(server.requests) == 1


def test_a_setting_that_cannot_work_is_told_not_raised() -> None:
    report = check_endpoint(ModelConfig("127.0.0.1:8000", "m"))
    assert (report.ok, report.kind) == (False, "settings")

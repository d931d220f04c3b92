"""The adapter against a real server: every fault becomes one kind, every dialect works."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from assistant import openai_model
from assistant.chat_model import Message
from assistant.endpoints.address import ModelConfig
from assistant.errors import ModelError, SettingsError
from assistant.openai_model import OpenAIChatModel
from tests.fakes_model_server import (
    DIALECTS,
    DONE,
    JSON,
    ModelServer,
    Reply,
    chunk,
    dialect,
    error,
    event,
    fails,
    says,
    says_whole,
)
from tests.waiting import LONG_S

NEVER_S = 10 * LONG_S
"""A limit that is to play no part: what ends sooner was ended by something else."""
ASK = [Message("user", "党费怎么补缴？请用 JSON 回答")]
SCHEMA: dict[str, object] = {
    "title": "Probe",
    "type": "object",
    "properties": {"ready": {"type": "boolean"}},
    "required": ["ready"],
    "additionalProperties": False,
}


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


def config_for(server: ModelServer, **changes: Any) -> ModelConfig:
    quick: dict[str, Any] = {
        "connect_s": 1.0,
        "idle_s": 1.0,
        "total_s": 5.0,
        "retries": 0,
        "backoff_s": 0.01,
        "intranet_only": True,
    }
    return ModelConfig(base_url=server.url, model="served-model", **(quick | changes))


def model_for(server: ModelServer, **changes: Any) -> OpenAIChatModel:
    return OpenAIChatModel(config_for(server, **changes))


def failure_of(server: ModelServer, **changes: Any) -> ModelError:
    with pytest.raises(ModelError) as caught:
        list(model_for(server, **changes).stream(ASK))
    return caught.value


# ---------------------------------------------------------------------------------- faults

FAULTS: dict[str, tuple[Reply, str]] = {
    "wrong key": (error(401, "Incorrect API key provided"), "auth"),
    "no permission": (error(403, "forbidden"), "auth"),
    "wrong key as 400": (error(400, "Invalid API key supplied"), "auth"),
    "no money": (error(402, "Insufficient Balance"), "auth"),
    "no quota as 429": (error(429, "quota", code="insufficient_quota"), "auth"),
    "unknown model": (error(404, "The model does not exist", code="model_not_found"), "not-found"),
    "unknown model as 400": (error(400, "Unknown model: m"), "not-found"),
    "wrong path": (fails(404, {"detail": "Not Found"}), "not-found"),
    "unknown model, bare string": (fails(404, {"error": "model 'x' not found"}), "not-found"),
    "too many requests": (error(429, "slow down"), "rate-limit"),
    "server error": (error(500, "boom"), "server"),
    "server error as a page": (fails(502, "<html><body>Bad Gateway</body></html>"), "server"),
    "overloaded": (fails(529, ""), "server"),
    "gateway timeout": (fails(504, ""), "timeout"),
    "too long": (error(400, "maximum context length is 8192 tokens"), "context"),
    "too long as 500": (error(500, "input (900 tokens) is too large to process"), "context"),
    "too big": (fails(413, "<h1>Payload Too Large</h1>"), "context"),
    "sensitive as 400": (error(400, "data_inspection_failed: inappropriate content"), "filter"),
    "refused field": (error(400, "top_p out of range"), "config"),
    "login page": (Reply((b"<html>login</html>",), content_type="text/html"), "config"),
    "plain text page": (Reply((b"It works!",), content_type="text/plain"), "config"),
    "redirect elsewhere": (
        Reply(status=307, headers={"location": "http://203.0.113.9/v1/chat/completions"}),
        "config",
    ),
    "error in 200": (
        Reply((b'{"error": {"message": "overloaded"}}',), content_type=JSON),
        "server",
    ),
    "empty body": (Reply(content_type=JSON), "config"),
    "broken body": (Reply((b'{"choices": [',), content_type=JSON), "config"),
    "choices missing": (Reply((b'{"id": "1"}',), content_type=JSON), "config"),
    "choices empty": (Reply((b'{"choices": []}',), content_type=JSON), "empty"),
    "stream of nothing": (Reply((DONE,)), "empty"),
    "stream without events": (Reply(), "empty"),
    "empty choices in a stream": (
        Reply((event({"choices": []}), event({"choices": None}), event({"id": "1"}), DONE)),
        "empty",
    ),
    "only blanks": (says("  \n "), "empty"),
    "only thinking": (
        Reply((chunk(None, reasoning_content="想"), chunk(finish="stop"), DONE)),
        "empty",
    ),
    "thinking to the limit": (says("<think>想啊想", finish="length"), "length"),
    "odd events": (
        Reply((event("5"), event("null"), event('"x"'), event("[]"), event("{}"), DONE)),
        "empty",
    ),
    "closed without an answer": (Reply(status=0), "connection"),
    "reset without an answer": (Reply(status=0, ending="reset"), "connection"),
    "garbage for HTTP": (Reply((b"\x00\x01garbage\r\n\r\n",), status=0), "connection"),
    "no answer in time": (Reply(wait=3.0), "timeout"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_before_the_first_word_becomes_one_kind(server: ModelServer, name: str) -> None:
    reply, kind = FAULTS[name]
    server.script = [reply]
    found = failure_of(server)
    assert (found.kind, found.partial) == (kind, "")
    assert str(found).startswith("模型服务：")
    assert found.todo in str(found)
    assert found.todo


BROKEN: dict[str, tuple[Reply, str]] = {
    "ends without a reason": (says(["第一", "句。"], finish=None), "broken"),
    "only the end mark": (Reply((chunk("第一"), chunk("句。"), DONE)), "broken"),
    "reset": (
        Reply((chunk("第一"), chunk("句。")), ending="reset", pause=0.05),
        "broken",
    ),
    "fewer bytes than promised": (
        Reply((chunk("第一"), chunk("句。")), ending="cut"),
        "broken",
    ),
    "broken JSON": (Reply((chunk("第一"), chunk("句。"), event('{"cho'))), "broken"),
    "broken letters": (
        Reply((chunk("第一"), chunk("句。"), b'data: {"choices": "\xff\xfe"}\n\n'), pause=0.02),
        "broken",
    ),
    "silence": (Reply((chunk("第一"), chunk("句。")), ending="hang"), "timeout"),
    "error event": (
        Reply((chunk("第一"), chunk("句。"), event({"error": {"message": "out of memory"}}))),
        "server",
    ),
    "error without the word": (
        Reply((chunk("第一"), chunk("句。"), event({"code": 500, "message": "oom"}))),
        "server",
    ),
    "named error event": (
        Reply((chunk("第一"), chunk("句。"), b'event: error\ndata: {"message": "oom"}\n\n')),
        "server",
    ),
    "cut at the limit": (says(["第一", "句。"], finish="length"), "length"),
    "filtered": (says(["第一", "句。"], finish="content_filter"), "filter"),
    "filtered, Zhipu": (says(["第一", "句。"], finish="sensitive"), "filter"),
    "no resources, DeepSeek": (
        says(["第一", "句。"], finish="insufficient_system_resource"),
        "server",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_fault_after_the_first_word_keeps_what_had_arrived(
    server: ModelServer, name: str
) -> None:
    reply, kind = BROKEN[name]
    server.script = [reply]
    pieces: list[str] = []
    # Retries are allowed here: none may happen once words have been passed on.
    stream = model_for(server, retries=2).stream(ASK)
    with pytest.raises(ModelError) as caught:
        pieces.extend(stream)
    assert "".join(pieces) == "第一句。"
    assert (caught.value.kind, caught.value.partial) == (kind, "第一句。")
    assert len(server.requests) == 1


def test_nobody_listening_is_a_connection_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]  # held, so that nobody else listens there
        model = OpenAIChatModel(
            ModelConfig(f"http://127.0.0.1:{port}/v1", "m", retries=1, backoff_s=0.01)
        )
        with pytest.raises(ModelError, match="连不上模型服务") as caught:
            model.complete(ASK)
    assert caught.value.kind == "connection"


def test_no_secret_reaches_a_message_or_a_repr(server: ModelServer) -> None:
    server.script = [error(401, "Incorrect API key provided: sk-very-secret")]
    config = config_for(server, api_key="sk-very-secret")
    found = failure_of(server, api_key="sk-very-secret")
    assert server.requests[0].headers["authorization"] == "Bearer sk-very-secret"
    assert "very-secret" not in str(found) + repr(found) + repr(config)


# --------------------------------------------------------------------------------- endings


def test_a_dripping_server_is_ended_by_the_total_deadline(server: ModelServer) -> None:
    server.script = [Reply((b": keep-alive\n\n",), forever=True, pause=0.05)]
    started = time.monotonic()
    found = failure_of(server, total_s=0.6)
    assert found.kind == "timeout"
    assert time.monotonic() - started < LONG_S  # it drips for ever


def test_a_model_that_never_stops_is_cut(server: ModelServer) -> None:
    server.script = [Reply((chunk("继续整改，"),), forever=True)]
    found = failure_of(server, max_chars=500)
    assert found.kind == "length"
    assert 500 <= len(found.partial) < 600
    assert server.gone.wait(LONG_S)


def test_thinking_that_never_stops_is_cut_too(server: ModelServer) -> None:
    server.script = [Reply((chunk(None, reasoning_content="再想想，"),), forever=True)]
    assert failure_of(server, max_chars=500).kind == "length"


def test_closing_the_stream_reaches_the_server_at_once(server: ModelServer) -> None:
    server.script = [Reply((chunk("第一句。"),), ending="hang")]
    pieces = model_for(server, idle_s=NEVER_S, total_s=NEVER_S).stream(ASK)
    assert next(pieces) == "第一句。"
    started = time.monotonic()
    pieces.close()  # type: ignore[attr-defined]
    assert server.gone.wait(LONG_S)
    assert time.monotonic() - started < LONG_S


@pytest.mark.parametrize(
    "reply", [Reply(wait=NEVER_S), Reply(ending="hang")], ids=["headers", "body"]
)
def test_stop_works_while_nothing_arrives(server: ModelServer, reply: Reply) -> None:
    server.script = [reply]
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    started = time.monotonic()
    model = model_for(server, idle_s=NEVER_S, total_s=NEVER_S).stopping_when(stop.is_set)
    assert list(model.stream(ASK)) == []
    assert time.monotonic() - started < LONG_S


def test_a_stopped_completion_says_so_and_keeps_its_text(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script = [Reply((chunk("第一句。"),), ending="hang")]
    calls: list[openai_model._Call] = []

    class Seen(openai_model._Call):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            calls.append(self)

    monkeypatch.setattr(openai_model, "_Call", Seen)
    model = model_for(server, idle_s=NEVER_S, total_s=NEVER_S)
    with pytest.raises(ModelError) as caught:
        model.stopping_when(lambda: bool(calls and calls[-1].text)).complete(ASK)
    assert (caught.value.kind, caught.value.partial) == ("stopped", "第一句。")


def test_an_error_of_the_stop_question_is_not_lost_and_ends_the_call(server: ModelServer) -> None:
    server.script = [Reply(ending="hang")]

    def asked() -> bool:
        raise KeyError("page left")

    with pytest.raises(KeyError, match="page left"):
        list(model_for(server).stopping_when(asked).stream(ASK))


# --------------------------------------------------------------------------------- retries


def test_a_passing_fault_is_retried_before_the_first_word(server: ModelServer) -> None:
    server.script = [error(503, "busy"), Reply(status=0), says("好了。")]
    assert model_for(server, retries=2).complete(ASK).text == "好了。"
    assert len(server.requests) == 3


def test_an_empty_answer_is_retried(server: ModelServer) -> None:
    server.script = [says(""), says("好了。")]
    assert "".join(model_for(server, retries=1).stream(ASK)) == "好了。"


@pytest.mark.parametrize("status", [400, 401, 404, 413])
def test_a_lasting_fault_is_not_retried(server: ModelServer, status: int) -> None:
    server.script = [error(status, "no")]
    failure_of(server, retries=2)
    assert len(server.requests) == 1


def test_the_server_is_given_the_time_it_asks_for(server: ModelServer) -> None:
    server.script = [fails(429, {"error": "slow"}, retry_after_ms="300"), says("好了。")]
    started = time.monotonic()
    assert model_for(server, retries=1).complete(ASK).text == "好了。"
    assert time.monotonic() - started >= 0.299  # a loop's clock may round down


def test_a_wait_nobody_would_sit_through_is_an_error_at_once(server: ModelServer) -> None:
    server.script = [fails(429, {"error": "slow"}, retry_after="3600")]
    assert failure_of(server, retries=2).kind == "rate-limit"
    assert len(server.requests) == 1


# -------------------------------------------------------------------------------- dialects


@pytest.mark.parametrize("name", DIALECTS)
def test_text_streams_from_every_dialect(server: ModelServer, name: str) -> None:
    server.answer = dialect(name, "依据[1]先核定基数。")
    text = "".join(model_for(server).stream(ASK))
    assert "依据[1]先核定基数。" in text
    assert "想" not in text
    assert "[9]" not in text


RUNGS = {
    "openai": "json_schema",
    "deepseek": "json_object",
    "qwen": "json_object",
    "zhipu": "json_object",
    "ollama": "json_schema",
    "vllm": "json_schema",
    "llamacpp": "json_schema",
    "litellm": "json_schema",
    "transformers": "json_schema",
    "whole": "json_schema",
}


@pytest.mark.parametrize("name", DIALECTS)
def test_json_comes_from_every_dialect_on_its_best_rung(server: ModelServer, name: str) -> None:
    server.answer = dialect(name, '{"ready": true}')
    model = model_for(server)
    completion = model.complete(ASK, schema=SCHEMA)
    assert '{"ready": true}' in completion.text
    assert server.requests[-1].rung == RUNGS[name]
    asked = len(server.requests)
    model.complete(ASK, schema=SCHEMA)
    assert len(server.requests) == asked + 1, "what was learnt is not asked again"


def test_a_server_without_any_json_mode_is_asked_for_text(server: ModelServer) -> None:
    server.answer = lambda request: (
        says('{"ready": true}') if request.rung == "text" else error(400, "unknown field")
    )
    assert model_for(server).complete(ASK, schema=SCHEMA).text == '{"ready": true}'
    assert [request.rung for request in server.requests] == ["json_schema", "json_object", "text"]


def test_blank_json_steps_down_a_rung(server: ModelServer) -> None:
    server.answer = lambda request: says(
        " \n" if request.rung == "json_object" else '{"ready": true}'
    )
    model = model_for(server, retries=1, json_mode="json_object")
    assert model.complete(ASK, schema=SCHEMA).text == '{"ready": true}'


def test_a_refused_switch_is_left_out_from_then_on(server: ModelServer) -> None:
    server.answer = dialect("transformers", "好。")
    model = model_for(server, extra_body={"chat_template_kwargs": {"enable_thinking": False}})
    assert model.complete(ASK).text == "好。"
    model.complete(ASK)
    sent = ["chat_template_kwargs" in request.body for request in server.requests]
    assert sent == [True, False, False]


def test_what_one_question_learns_the_next_one_knows(server: ModelServer) -> None:
    server.answer = dialect("openai", "好。")
    model = model_for(server)
    assert model.stopping_when(lambda: False).complete(ASK).text == "好。"
    learnt = len(server.requests)
    model.complete(ASK)
    assert len(server.requests) == learnt + 1


def test_thinking_of_which_only_the_end_shows_is_never_taken_for_an_answer(
    server: ModelServer,
) -> None:
    server.script = [says(["先想", "想。</thi", "nk>核定", "基数。"])]
    model = model_for(server)
    with pytest.raises(ModelError) as caught:
        list(model.stream(ASK))
    assert (caught.value.kind, caught.value.partial) == ("broken", "核定基数。")
    assert "".join(model.stream(ASK)) == "核定基数。", "the second time it is held back"


def test_parts_null_and_missing_deltas_are_read(server: ModelServer) -> None:
    parts = [
        {"type": "text", "text": "核定"},
        {"type": "image_url"},
        {"type": "text", "text": "基数"},
    ]
    server.script = [
        Reply(
            (
                event({"choices": [{"delta": None}]}),
                event({"choices": [{"index": 0}]}),
                chunk(parts),
                chunk("。", finish="stop"),
            )
        )
    ]
    assert model_for(server).complete(ASK).text == "核定基数。"


def test_letters_cut_over_packets_and_odd_line_ends_are_read(server: ModelServer) -> None:
    raw = chunk("核定基数。").replace(b"data: ", b"data:").replace(b"\n", b"\r\n")
    pieces = tuple(raw[start : start + 7] for start in range(0, len(raw), 7))
    server.script = [Reply((*pieces, chunk(finish="stop")), pause=0.002)]
    assert "".join(model_for(server).stream(ASK)) == "核定基数。"


def test_a_whole_answer_needs_no_reason_for_its_end(server: ModelServer) -> None:
    server.script = [says_whole("<think>想</think>核定基数。", finish=None)]
    completion = model_for(server).complete(ASK)
    assert (completion.text, completion.finish) == ("核定基数。", "stop")
    assert completion.model == "served-model"


def test_what_is_sent_is_what_all_servers_know(server: ModelServer) -> None:
    model_for(server, extra_body={"enable_thinking": False}).complete(ASK)
    assert server.requests[0].path == "/v1/chat/completions"
    assert server.requests[0].body == {
        "model": "served-model",
        "messages": [{"role": "user", "content": ASK[0].content}],
        "stream": True,
        "max_tokens": 4096,
        "temperature": 0.3,
        "enable_thinking": False,
    }


# --------------------------------------------------------------------------------- network


@pytest.mark.parametrize("scheme", ["http://127.0.0.1:9", "socks5://127.0.0.1:9"])
def test_the_system_proxy_is_never_used_for_this_machine(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, scheme)
    assert model_for(server).complete(ASK).text == "可以"


@pytest.mark.parametrize("intranet_only", [True, False])
def test_material_never_follows_a_redirect(server: ModelServer, intranet_only: bool) -> None:
    with ModelServer() as other:
        target = f"{other.url}/chat/completions"
        server.script = [Reply(status=307, headers={"location": target})]
        assert "没有照办" in str(failure_of(server, intranet_only=intranet_only))
        assert other.requests == []


def test_a_public_address_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(SettingsError, match=r"不允许访问外部地址 api\.example\.com"):
        OpenAIChatModel(ModelConfig("https://api.example.com/v1", "m", intranet_only=True))


def test_many_callers_share_one_model(server: ModelServer) -> None:
    server.answer = lambda request: says(list(request.prompt))
    model = model_for(server)
    answers: dict[int, str] = {}

    def ask(number: int) -> None:
        answers[number] = "".join(model.stream([Message("user", f"问题{number}")]))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: f"问题{number}" for number in range(12)}
    assert not [t for t in threading.enumerate() if t.name == "model-call"]


def test_json_schema_text_is_sent_as_it_is(server: ModelServer) -> None:
    server.script = [says('{"ready": true}')]
    model_for(server).complete(ASK, schema=SCHEMA)
    sent = server.requests[0].body["response_format"]["json_schema"]
    assert sent == {"name": "Probe", "schema": json.loads(json.dumps(SCHEMA)), "strict": True}

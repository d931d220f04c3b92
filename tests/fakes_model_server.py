"""A real HTTP server on loopback that speaks chat completions, faults and dialects on order.

`ModelServer.script` is a list of replies, one a request, the last one repeated; or set `answer`
to a function of the request. Every request is kept in `requests`.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

SSE = "text/event-stream"
JSON = "application/json"


@dataclass(frozen=True)
class Request:
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    raw: bytes = b""

    @property
    def rung(self) -> str:
        return str((self.body.get("response_format") or {}).get("type", "text"))

    @property
    def prompt(self) -> str:
        return "\n".join(str(turn["content"]) for turn in self.body["messages"])


@dataclass(frozen=True)
class Reply:
    """Bytes on the wire: `parts` are sent one by one, `pause` seconds apart."""

    parts: tuple[bytes, ...] = ()
    status: int = 200
    content_type: str = SSE
    headers: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0.0
    wait: float = 0.0
    """Seconds of silence before the headers."""
    ending: str = "close"
    """`close`, `reset` (RST), `hang` (silence until the server stops) or `cut` (too few bytes)."""
    forever: bool = False
    """Repeat the last part until the client goes."""


def event(payload: object) -> bytes:
    text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
    return f"data: {text}\n\n".encode()


def chunk(
    content: object = None,
    *,
    finish: str | None = None,
    model: str = "served-model",
    **delta: object,
) -> bytes:
    said: dict[str, object] = dict(delta)
    if content is not None:
        said["content"] = content
    return event(
        {
            "id": "c1",
            "object": "chat.completion.chunk",
            "model": model,
            "choices": [{"index": 0, "delta": said, "finish_reason": finish}],
        }
    )


DONE = event("[DONE]")


def says(text: str | Sequence[str], *, finish: str | None = "stop", **changes: Any) -> Reply:
    pieces = [text] if isinstance(text, str) else list(text)
    parts = [chunk(role="assistant", content=""), *(chunk(piece) for piece in pieces)]
    if finish:
        parts += [chunk(finish=finish), DONE]
    return Reply(tuple(parts), **changes)


def says_whole(text: object, *, finish: str | None = "stop") -> Reply:
    body = {
        "id": "c1",
        "object": "chat.completion",
        "model": "served-model",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": finish,
            }
        ],
    }
    return Reply((json.dumps(body, ensure_ascii=False).encode(),), content_type=JSON)


def fails(status: int, body: object, **headers: str) -> Reply:
    raw = body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
    kind = "text/html" if isinstance(body, str) and "<" in body else JSON
    return Reply(
        (raw,),
        status=status,
        content_type=kind,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def error(status: int, message: str, **details: object) -> Reply:
    return fails(status, {"error": {"message": message, **details}}, retry_after_ms="10")


class ModelServer:
    """Listens from `__enter__` to `__exit__`."""

    def __init__(self) -> None:
        self.script: list[Reply] = [says("可以")]
        self.answer: Callable[[Request], Reply] | None = None
        self.requests: list[Request] = []
        self.gone = threading.Event()
        """Set when a client left before the answer was complete."""
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def reply_to(self, request: Request) -> Reply:
        with self._lock:
            place = len(self.requests)
            self.requests.append(request)
        if self.answer is not None:
            return self.answer(request)
        return self.script[min(place, len(self.script) - 1)]

    def __enter__(self) -> ModelServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, owner: ModelServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner


class _Handler(BaseHTTPRequestHandler):
    # HTTP/1.0: the end of the connection is the end of the answer, as the faults need it.
    server: _Server

    def do_POST(self) -> None:
        owner = self.server.owner
        length = int(self.headers.get("content-length", 0))
        raw = self.rfile.read(length)
        body = json.loads(raw or b"{}")
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = owner.reply_to(Request(self.path, headers, body, raw))
        owner.closing.wait(reply.wait)
        try:
            self._send(reply)
        except OSError:
            owner.gone.set()

    def _send(self, reply: Reply) -> None:
        if reply.status:
            self._start(reply)
        self._write(reply.parts, reply.pause)
        while reply.forever and not self.server.owner.closing.is_set():
            self._write(reply.parts[-1:], reply.pause)
        if reply.ending == "hang":
            self._hang()
        if reply.ending == "reset":
            # Linger 0 turns the close into a RST.
            option = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)

    def _start(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("content-type", reply.content_type)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.ending == "cut":
            self.send_header("content-length", str(sum(map(len, reply.parts)) + 100))
        self.end_headers()

    def _write(self, parts: Iterable[bytes], pause: float) -> None:
        for part in parts:
            self.wfile.write(part)
            self.wfile.flush()
            if pause:
                self.server.owner.closing.wait(pause)

    def _hang(self) -> None:
        owner = self.server.owner
        self.connection.settimeout(0.02)
        while not owner.closing.is_set():
            try:
                if not self.connection.recv(1):
                    owner.gone.set()
                    return
            except TimeoutError:
                continue

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test output clean."""


# ------------------------------------------------------------------------------- dialects


def dialect(name: str, text: str) -> Callable[[Request], Reply]:
    """Answer as one kind of server would, saying `text` where it takes the request."""
    return _DIALECTS[name](text)


def _openai(text: str) -> Callable[[Request], Reply]:
    """A reasoning model of OpenAI: no `max_tokens`, no temperature."""

    def answer(request: Request) -> Reply:
        if "max_tokens" in request.body:
            return error(
                400,
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead.",
                code="unsupported_parameter",
            )
        if "temperature" in request.body:
            return error(400, "Unsupported value: 'temperature' does not support 0.3.")
        if request.rung == "json_schema":
            wanted = request.body["response_format"]["json_schema"]
            node = wanted["schema"]
            if not wanted["strict"] or set(node["required"]) != set(node["properties"]):
                return error(400, "Invalid schema for response_format")
        return says(text)

    return answer


def _deepseek(text: str) -> Callable[[Request], Reply]:
    """Objects only, the word json demanded, thinking in a field of its own."""

    def answer(request: Request) -> Reply:
        if request.rung == "json_schema":
            return error(400, "This response_format type is unavailable now")
        if request.rung == "json_object" and "json" not in request.prompt.lower():
            return error(400, "Prompt must contain the word 'json' in some form")
        parts = (
            chunk(None, reasoning_content="先想一想"),
            chunk(None, reasoning_content="[9] 不该出现"),
            *(chunk(piece) for piece in text),
            chunk(finish="stop"),
            DONE,
        )
        return Reply((b": keep-alive\n\n", *parts))

    return answer


def _qwen(text: str) -> Callable[[Request], Reply]:
    """JSON without the word JSON is an error; usage in a last event without choices."""

    def answer(request: Request) -> Reply:
        if request.rung != "text" and "json" not in request.prompt.lower():
            return error(400, "'messages' must contain the word 'json' in some form")
        if request.rung == "json_schema":
            return error(
                400, "json_schema is not supported by this model", code="invalid_parameter"
            )
        usage = event({"choices": [], "usage": {"total_tokens": 3}})
        return Reply((chunk(text), chunk("", finish="stop"), usage, DONE))

    return answer


def _zhipu(text: str) -> Callable[[Request], Reply]:
    """Unknown fields refused with its own error codes."""

    def answer(request: Request) -> Reply:
        if {"stream_options", "max_completion_tokens"} & request.body.keys():
            return error(400, "API 调用参数有误，请检查文档。", code="1210")
        if request.rung == "json_schema":
            return error(400, "response_format 参数非法", code="1214")
        return says(text)

    return answer


def _ollama(text: str) -> Callable[[Request], Reply]:
    """Thinking in `reasoning`, errors as bare strings; a schema is enforced."""

    def answer(request: Request) -> Reply:
        if request.body["model"] != "served-model":
            return fails(
                404, {"error": f"model '{request.body['model']}' not found, try pulling it"}
            )
        return Reply((chunk("", reasoning="想想"), chunk(text), chunk("", finish="stop"), DONE))

    return answer


def _vllm(text: str) -> Callable[[Request], Reply]:
    """Thinking tags left in the text, cut anywhere."""

    def answer(request: Request) -> Reply:
        return says(["<thi", "nk>想", "想</th", "ink>\n\n", text])

    return answer


def _llamacpp(text: str) -> Callable[[Request], Reply]:
    """A grammar for schemas; too long a prompt is a 400 of a type of its own."""

    def answer(request: Request) -> Reply:
        if len(request.prompt) > 20_000:
            return error(
                400,
                "request (30000 tokens) exceeds the available context size (8192 tokens)",
                type="exceed_context_size_error",
            )
        return says(list(text))

    return answer


def _litellm(text: str) -> Callable[[Request], Reply]:
    """Every field accepted and ignored; usage in an event with a choice."""

    def answer(request: Request) -> Reply:
        return says(f"好的，结果如下：\n```json\n{text}\n```\n请查收。")

    return answer


def _transformers(text: str) -> Callable[[Request], Reply]:
    """Unknown fields are 422, a few big pieces."""

    def answer(request: Request) -> Reply:
        unknown = request.body.keys() - {
            "model", "messages", "stream", "max_tokens", "temperature", "response_format"
        }  # fmt: skip
        if unknown:
            return fails(422, {"detail": f"Unexpected fields: {sorted(unknown)}"})
        return says(text)

    return answer


def _whole(text: str) -> Callable[[Request], Reply]:
    """A gateway that ignores `stream`."""

    def answer(request: Request) -> Reply:
        return says_whole(text)

    return answer


_DIALECTS: Mapping[str, Callable[[str], Callable[[Request], Reply]]] = {
    "openai": _openai,
    "deepseek": _deepseek,
    "qwen": _qwen,
    "zhipu": _zhipu,
    "ollama": _ollama,
    "vllm": _vllm,
    "llamacpp": _llamacpp,
    "litellm": _litellm,
    "transformers": _transformers,
    "whole": _whole,
}
DIALECTS = tuple(_DIALECTS)

"""Try an endpoint once, for the settings page and `zhenggai doctor`.

Asks what the product itself will ask: a short chat, then JSON. The list of models is not asked
for, because half of the servers do not have one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from pydantic import BaseModel

from assistant.chat_model import Message
from assistant.endpoints.address import JsonMode, ModelConfig
from assistant.endpoints.structured import json_schema
from assistant.errors import ModelError, SettingsError
from assistant.openai_model import OpenAIChatModel
from assistant.outgoing.sent import Watch

_HELLO = Message("user", "请只回复两个字：可以")
_IN_JSON = Message("user", "用一个 JSON 对象说明：现在是否可以开始工作？")
_TOTAL_S = 60.0
_JSON_TOKENS = 1_024
_DIALECT_TEXT = {
    "json_schema": "支持按结构输出",
    "json_object": "支持 JSON 输出",
    "text": "只输出文本，起草时由本工具从文本中取结果",
}


@dataclass(frozen=True, slots=True)
class EndpointReport:
    """What the trial gave."""

    ok: bool
    message: str
    """A Chinese sentence: what works, or what is wrong and what to do."""
    latency_ms: int = 0
    """From the request to the end of a one-token answer."""
    model: str = ""
    """The model that answered, as the server names it."""
    dialect: JsonMode = "text"
    streaming: bool = False
    """Whether the server streams; one that answers whole works too, but cannot show progress."""
    kind: str = ""
    """Kind of the `ModelError`, or `settings`, when it did not work."""


class _Probe(BaseModel):
    """A shape nobody would hit upon by chance."""

    zhenggai_ready: bool


def check_endpoint(config: ModelConfig, *, watch: Watch | None = None) -> EndpointReport:
    """Try the endpoint; every failure is told in the report, none is raised."""
    started = time.monotonic()
    try:
        model = OpenAIChatModel(
            replace(config, max_tokens=1, retries=0, total_s=min(_TOTAL_S, config.total_s)),
            watch=watch,
        )
        answered = _say_one_token(model)
    except SettingsError as error:
        return EndpointReport(ok=False, message=str(error), kind="settings")
    except ModelError as error:
        return EndpointReport(ok=False, message=str(error), kind=error.kind)
    latency = round((time.monotonic() - started) * 1000)
    dialect = _find_dialect(config, watch)
    streaming = model.learnt.streams
    parts = [
        f"连接正常，{latency} 毫秒",
        f"模型 {answered}",
        _DIALECT_TEXT[dialect],
        "逐字输出" if streaming else "不逐字输出，整段返回",
    ]
    return EndpointReport(
        ok=True,
        message="，".join(parts),
        latency_ms=latency,
        model=answered,
        dialect=dialect,
        streaming=streaming,
    )


def _say_one_token(model: OpenAIChatModel) -> str:
    try:
        return model.complete([_HELLO]).model
    except ModelError as error:
        # One token is not meant to be a whole answer, and a thinking model spends it on thinking.
        if error.kind in ("length", "empty"):
            return model.learnt.model or model.name
        raise


def _find_dialect(config: ModelConfig, watch: Watch | None) -> JsonMode:
    """Return the best rung the endpoint really honours: some accept a schema and ignore it.

    The question does not tell the shape, so that only the schema can have brought it about.
    """
    for rung, honoured in _HONOURED.items():
        model = OpenAIChatModel(
            replace(
                config,
                json_mode=rung,
                max_tokens=_JSON_TOKENS,
                retries=0,
                total_s=min(_TOTAL_S, config.total_s),
            ),
            watch=watch,
        )
        try:
            text = model.complete([_IN_JSON], schema=json_schema(_Probe)).text
        except ModelError:
            continue
        if model.learnt.dialect.json_mode == rung and honoured(text):
            return rung
    return "text"


def _is_probe(text: str) -> bool:
    try:
        _Probe.model_validate_json(text)
    except ValueError:
        return False
    return True


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


_HONOURED: dict[JsonMode, Callable[[str], bool]] = {
    "json_schema": _is_probe,
    "json_object": _is_object,
}

"""Turn what an endpoint did wrong into one `ModelError` kind with a Chinese text. Pure.

Servers disagree about status codes (a wrong key is 401, 403 or 400; a text too long is 400, 413,
422 or 500), so the wording of the error body decides where the code does not.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.errors import ModelError

WHERE = "模型服务"

_TODO = {
    "auth": "请在“设置”里核对密钥、账户余额和权限",
    "not-found": "请在“设置”里核对接口地址和模型名称",
    "rate-limit": "请稍等片刻再试",
    "server": "请稍后再试；一直如此请联系模型服务的管理员",
    "connection": "请确认模型服务已启动，并核对接口地址、端口和网络",
    "timeout": "请稍后再试，或在“设置”里放宽时限、换用更快的模型",
    "broken": "请重试一次",
    "empty": "请重试一次；思考型模型请在“设置”的附加参数里关闭思考，或加大输出上限",
    "length": "请在“设置”里加大输出上限，或把问题拆小",
    "filter": "请改换问法，或换用其他模型",
    "context": "请在“设置”里调小上下文长度，或减少选用的依据",
    "bad-json": "请重试一次，或换用能力更强的模型",
    "config": "请在“设置”里核对接口地址、模型名称和附加参数",
    "stopped": "",
}
RETRYABLE = frozenset({"rate-limit", "server", "connection", "broken", "empty"})

_TOO_LONG = re.compile(
    r"context.{0,20}(length|size|window)|maximum.{0,20}(length|token)|too (long|large)"
    r"|exceed.{0,30}(size|length|token|context)|prompt is too|input length"
    r"|上下文|超长|长度.{0,6}(超|限)|token.{0,8}超|超.{0,8}token",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"model.{0,60}(not (found|exist)|does ?n.t exist|unknown|invalid)|no such model"
    r"|(unknown|invalid) model|模型.{0,20}(不存在|未找到|无效)",
    re.IGNORECASE,
)
_BAD_KEY = re.compile(
    r"(invalid|incorrect|wrong|missing|no).{0,12}(api.?key|token|credential)"
    r"|unauthori[sz]ed|authenticat|密钥|令牌.{0,6}(无效|过期)",
    re.IGNORECASE,
)
_NO_MONEY = re.compile(r"insufficient.?(quota|balance)|余额不足|欠费|arrears?age", re.IGNORECASE)
_FILTERED = re.compile(
    r"content.?(filter|policy|moderation)|data_inspection|inappropriate|sensitive|敏感|不安全",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Failure:
    """An HTTP answer that is an error."""

    status: int
    detail: str
    """Readable text of the body, code and type included."""


def model_error(kind: str, what: str, *, partial: str = "", detail: str = "") -> ModelError:
    """Build the error of a kind, with what to do about it."""
    text = f"{what}（服务方的说法：{detail}）" if detail else what
    return ModelError(text, kind=kind, where=WHERE, todo=_TODO[kind], partial=partial)


def status_error(failure: Failure, *, model: str = "", partial: str = "") -> ModelError:
    """Name the kind of an HTTP error."""
    kind, what = _judge(failure.status, failure.detail, model)
    return model_error(kind, what, partial=partial, detail=failure.detail)


def _judge(status: int, detail: str, model: str) -> tuple[str, str]:
    if status == 402 or _NO_MONEY.search(detail):
        return "auth", "账户余额不足，服务方拒绝回答"
    if status in (401, 403, 407):
        return "auth", f"密钥不对或没有权限（{status}）"
    if 300 <= status < 400:
        return "config", f"服务方要把请求转到别的地址（{status}），没有照办"
    if status == 429:
        return "rate-limit", "请求过于频繁，被服务方限流（429）"
    return _judge_wording(status, detail, model)


def _judge_wording(status: int, detail: str, model: str) -> tuple[str, str]:
    if status == 413 or _TOO_LONG.search(detail):
        return "context", f"发去的材料超过了模型能读的长度（{status}）"
    if status in (404, 405, 410) or (status < 500 and _NO_MODEL.search(detail)):
        return "not-found", f"接口地址不对，或没有名为“{model}”的模型（{status}）"
    if status == 504:
        return "timeout", "服务方的网关等不到模型回答（504）"
    if status >= 500 or status in (408, 409, 425):
        return "server", f"服务方出错（{status}）"
    if _BAD_KEY.search(detail):
        return "auth", f"密钥不对或没有权限（{status}）"
    if _FILTERED.search(detail):
        return "filter", f"服务方认为内容敏感，没有回答（{status}）"
    return "config", f"服务方不接受这个请求（{status}）"


def connection_error(cause: BaseException, *, partial: str) -> ModelError:
    """Say that the line broke: before the first word, or after it."""
    detail = f"{type(cause).__name__} {cause}".strip()[:120]
    if partial:
        return model_error("broken", "回答中途断线", partial=partial, detail=detail)
    return model_error("connection", "连不上模型服务，或服务方没有回答就断开", detail=detail)


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """Return how long the server asks to wait; dates are not worth understanding."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) / unit)
        except (KeyError, ValueError):
            continue
    return None


_FINISHES = {
    "length": "length",
    "max_tokens": "length",
    "content_filter": "filter",
    "sensitive": "filter",
    "insufficient_system_resource": "server",
    "network_error": "server",
    "error": "server",
    "abort": "broken",
    "model_context_window_exceeded": "context",
}
_FINISH_TEXT = {
    "length": "回答达到长度上限，被截断",
    "filter": "服务方认为内容敏感，中止了回答",
    "server": "服务方资源不足或出错，回答中断",
    "broken": "服务方中止了回答",
    "context": "回答写满了模型的上下文，被截断",
}


def finish_error(finish: str | None, *, text: str, thinking: int) -> ModelError | None:
    """Say what is wrong with how an answer ended; `None` when it ended well."""
    kind = _FINISHES.get(finish or "")
    if kind == "length" and not text:
        return model_error("length", "模型把输出长度都用在思考上，没有写出回答")
    if kind:
        return model_error(kind, _FINISH_TEXT[kind], partial=text)
    if not text:
        return model_error("empty", "模型只有思考，没有回答" if thinking else "模型返回了空内容")
    if not finish:
        return model_error("broken", "回答没有正常结束，连接提前关闭", partial=text)
    return None


def detail_of(body: object, *, limit: int = 200) -> str:
    """Return the readable part of an error body: JSON of any shape, HTML or text."""
    if isinstance(body, (bytes, bytearray)):
        body = bytes(body).decode("utf-8", "replace")
    if isinstance(body, str):
        with contextlib.suppress(ValueError, RecursionError):
            body = json.loads(body)
    text = _said(body) if isinstance(body, dict) else str(body or "")
    text = re.sub(r"<(style|script)\b.*?</\1>|<[^>]+>", " ", text, flags=re.DOTALL)
    return " ".join(text.split())[:limit]


def _said(body: dict[str, object]) -> str:
    inner = body.get("error")
    if isinstance(inner, dict):
        return _said(inner)
    named = [inner, body.get("message"), body.get("detail"), body.get("code"), body.get("type")]
    texts = [
        json.dumps(part, ensure_ascii=False) if isinstance(part, list) else str(part)
        for part in named
        if part
    ]
    return " ".join(texts) or json.dumps(body, ensure_ascii=False)

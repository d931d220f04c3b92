"""The adapter to any OpenAI-compatible endpoint: the only module that imports `openai`.

Speaks chat completions, always streamed, because that is what all servers of this kind share.
Nothing the library or a server does wrong leaves here as anything but a `ModelError`.
"""

from __future__ import annotations

import asyncio
import copy
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

import httpx2
import openai
from openai import AsyncOpenAI, DefaultAsyncHttpxClient
from openai.types.chat import ChatCompletionMessageParam

from assistant.background import Stopped, iterate
from assistant.chat_model import Completion, Message
from assistant.endpoints.address import NO_KEY, ModelConfig, clean_endpoint, is_intranet
from assistant.endpoints.dialect import Dialect
from assistant.endpoints.failures import (
    RETRYABLE,
    Failure,
    connection_error,
    detail_of,
    model_error,
    seconds_to_wait,
    status_error,
)
from assistant.endpoints.reply import Reply
from assistant.errors import ModelError
from assistant.operation.operations import current_id, endpoint_call
from assistant.outgoing.sent import Watch

_LIBRARY_ERRORS = (
    openai.OpenAIError,
    httpx2.HTTPError,
    httpx2.StreamError,
    httpx2.InvalidURL,
    ValueError,  # broken JSON or UTF-8 in an event comes out raw
    RecursionError,
    ImportError,  # a SOCKS proxy in the environment without its package
)
_LONGEST_WAIT_S = 20.0


@dataclass(slots=True)
class Learnt:
    """What an endpoint was found to take, so that the next call starts there."""

    dialect: Dialect
    thinks_first: bool = False
    """Its answers begin with thinking of which only the closing tag shows."""
    streams: bool = False
    model: str = ""
    """Name under which it last answered."""


class OpenAIChatModel:
    """A `ChatModel` over one endpoint; safe to share between threads."""

    def __init__(
        self,
        config: ModelConfig,
        *,
        should_stop: Callable[[], bool] | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.config = clean_endpoint(config)
        self.learnt = Learnt(Dialect.starting(config.json_mode))
        self.watch = watch
        self._should_stop = should_stop

    @property
    def name(self) -> str:
        """Name of the model as configured."""
        return self.config.model

    def stopping_when(self, should_stop: Callable[[], bool]) -> OpenAIChatModel:
        """Return this model with a question asked about twenty times a second while it works.

        A stopped stream just ends; a stopped `complete` raises `ModelError` of kind `stopped`.
        """
        stoppable = copy.copy(self)
        stoppable._should_stop = should_stop
        return stoppable

    def watched(self, watch: Watch) -> OpenAIChatModel:
        """Return this model with its requests noted."""
        noted = copy.copy(self)
        noted.watch = watch
        return noted

    def complete(
        self, messages: Sequence[Message], *, schema: Mapping[str, object] | None = None
    ) -> Completion:
        """Return the whole answer, as JSON as far as the endpoint can when there is a schema."""
        work = _Call(self, messages, schema)
        calls = iterate(work.run, should_stop=self._should_stop)
        try:
            while True:
                next(calls)
        except StopIteration as end:
            reply: Reply = end.value
        except Stopped as stop:
            raise model_error("stopped", "已停止", partial=work.text) from stop
        finally:
            calls.close()
        return Completion(reply.text, reply.model or self.name, reply.finish or "")

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Yield pieces of the answer; the request starts with the first one asked for."""
        calls = iterate(_Call(self, messages, None).run, should_stop=self._should_stop)
        try:
            yield from calls
        except Stopped:
            return
        finally:
            calls.close()


class _Call:
    """One question to the endpoint, with its retries and its deadline."""

    def __init__(
        self,
        model: OpenAIChatModel,
        messages: Sequence[Message],
        schema: Mapping[str, object] | None,
    ) -> None:
        self._config = model.config
        self._messages = cast(
            "list[ChatCompletionMessageParam]",
            [{"role": turn.role, "content": turn.content} for turn in messages],
        )
        self._schema, self._watch = schema, model.watch
        self._learnt, self._dialect = model.learnt, model.learnt.dialect
        self._reply = Reply(limit=self._config.max_chars)
        self._id = current_id()  # the call runs in a thread of its own, which does not know it

    @property
    def text(self) -> str:
        """What of the answer has arrived."""
        return self._reply.text

    async def run(self, emit: Callable[[str], None]) -> Reply:
        """Ask until there is an answer, a failure that stays, or no time left."""
        with endpoint_call("chat", self._config.base_url, under=self._id) as call:
            call.note(sent_chars=sum(len(str(turn["content"])) for turn in self._messages))
            try:
                return await self._in_time(emit)
            finally:
                call.note(received_chars=len(self.text))

    async def _in_time(self, emit: Callable[[str], None]) -> Reply:
        try:
            async with asyncio.timeout(self._config.total_s), self._client() as client:
                return await self._ask_again(client, emit)
        except TimeoutError as error:
            raise model_error(
                "timeout", f"超过总时限 {self._config.total_s:.0f} 秒仍未答完", partial=self.text
            ) from error
        except ImportError as error:
            raise model_error("config", "系统设置了 SOCKS 代理，当前安装不支持") from error
        except (openai.OpenAIError, httpx2.InvalidURL) as error:
            raise model_error("config", f"无法按这份设置建立连接（{error}）") from error

    async def _ask_again(self, client: AsyncOpenAI, emit: Callable[[str], None]) -> Reply:
        attempt = 0
        while True:
            try:
                return await self._ask_once(client, emit)
            except _Refused as refusal:
                error, wait = refusal.error, refusal.retry_after
                if refusal.dialect is not None:
                    self._dialect = refusal.dialect
                    continue
            except ModelError as failure:
                error, wait = failure, None
            if self.text or error.kind not in RETRYABLE or attempt >= self._config.retries:
                raise error
            if wait is not None and wait > _LONGEST_WAIT_S:
                raise error
            if error.kind == "empty" and self._schema and (lower := self._dialect.lower()):
                self._dialect = lower
            await asyncio.sleep(self._config.backoff_s * 2**attempt if wait is None else wait)
            attempt += 1

    async def _ask_once(self, client: AsyncOpenAI, emit: Callable[[str], None]) -> Reply:
        self._reply = reply = Reply(
            limit=self._config.max_chars, starts_inside=self._learnt.thinks_first, emit=emit
        )
        try:
            await self._receive(client, reply)
        except openai.APIStatusError as error:
            raise self._refused(error) from error
        except _LIBRARY_ERRORS as error:
            raise _library_error(error, reply.text) from error
        finally:
            self._learnt.model = reply.model or self._learnt.model
            self._learnt.thinks_first |= reply.thought_without_opening
        reply.close()
        self._learnt.dialect = self._dialect
        return reply

    async def _receive(self, client: AsyncOpenAI, reply: Reply) -> None:
        stream = await client.chat.completions.create(
            model=self._config.model,
            messages=self._messages,
            stream=True,
            extra_body=self._fields(),
        )
        async with stream:
            kind = stream.response.headers.get("content-type", "").lower()
            self._learnt.streams = "event-stream" in kind
            if "json" in kind or "html" in kind:
                reply.take_whole(await stream.response.aread())
                return
            async for chunk in stream:
                reply.take(chunk)
            reply.ended(streamed="event-stream" in kind)

    def _fields(self) -> dict[str, object]:
        """Return what of the request differs between endpoints."""
        fields: dict[str, object] = {}
        if self._dialect.limit_field:
            fields[self._dialect.limit_field] = self._config.max_tokens
        if self._dialect.temperature:
            fields["temperature"] = self._config.temperature
        if self._schema is not None:
            fields |= self._dialect.response_format(self._schema)
        refused = self._dialect.refused_extras
        chosen = {k: v for k, v in self._config.extra_body.items() if k not in refused}
        return fields | chosen

    def _refused(self, error: openai.APIStatusError) -> _Refused:
        body = error.body if error.body is not None else error.response.text
        # Some services repeat the key they refuse.
        detail = detail_of(body)
        if self._config.api_key != NO_KEY:
            detail = detail.replace(self._config.api_key, "（密钥）")
        failure = Failure(error.status_code, detail)
        dialect = self._dialect.after_refusal(
            failure.status,
            failure.detail,
            extras=self._config.extra_body.keys(),
            wants_json=self._schema is not None,
        )
        return _Refused(
            status_error(failure, model=self._config.model),
            dialect=dialect,
            retry_after=seconds_to_wait(error.response.headers),
        )

    def _client(self) -> AsyncOpenAI:
        config = self._config
        limits = openai.Timeout(config.idle_s, connect=config.connect_s)
        intranet = is_intranet(config.base_url, hosts=config.intranet_hosts)
        return AsyncOpenAI(
            base_url=config.base_url,
            api_key=config.api_key,
            organization="",
            project="",
            timeout=limits,
            max_retries=0,
            http_client=DefaultAsyncHttpxClient(
                timeout=limits,
                verify=_tls(),
                # The system's proxy is honoured even for 127.0.0.1: never send it our requests.
                trust_env=not intranet,
                # A redirect could carry the material to a host nobody chose.
                follow_redirects=False,
                event_hooks=self._watch.async_hooks() if self._watch else None,
            ),
        )


class _Refused(Exception):
    """An HTTP error, with another dialect to try if there is one."""

    def __init__(
        self, error: ModelError, *, dialect: Dialect | None, retry_after: float | None
    ) -> None:
        super().__init__(str(error))
        self.error, self.dialect, self.retry_after = error, dialect, retry_after


@cache
def _tls() -> ssl.SSLContext:
    """Read the trusted certificates once; an authority of the intranet comes by SSL_CERT_FILE."""
    return httpx2.create_ssl_context()


def _library_error(error: Exception, partial: str) -> ModelError:
    """Name the kind of an error that is not an HTTP answer."""
    if isinstance(error, (openai.APITimeoutError, httpx2.TimeoutException)):
        return model_error("timeout", "模型服务长时间没有响应", partial=partial)
    if isinstance(error, (openai.APIConnectionError, httpx2.HTTPError, httpx2.StreamError)):
        return connection_error(error.__cause__ or error, partial=partial)
    if isinstance(error, openai.APIError):
        detail = detail_of(error.body or error.message)
        told = status_error(Failure(200, detail), partial=partial)
        if told.kind in ("context", "filter", "auth"):
            return told
        return model_error("server", "服务方出错，回答中断", partial=partial, detail=detail)
    if isinstance(error, (openai.OpenAIError, ImportError)):
        return model_error("config", f"无法按这份设置建立连接（{error}）", partial=partial)
    return model_error("broken", "服务方返回的内容无法解析", partial=partial)

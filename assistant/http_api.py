"""The product as a small HTTP API with OpenAPI: thin over `review`, same JSON as the CLI."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field, model_validator
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from assistant.access.audit import AuditFilter
from assistant.access.gate import Gate
from assistant.access.http_access import (
    Guard,
    Throttle,
    api_gate,
    caller_of,
    callers_of,
    noting,
)
from assistant.access.refusals import Refusals
from assistant.contract import (
    Json,
    answer_json,
    comparison_json,
    draft_json,
    finding_json,
    notice_head_json,
    record_json,
    search_json,
)
from assistant.errors import (
    AccessRefused,
    AssistantError,
    LibraryBusy,
    NotFound,
    SettingsError,
    TooBusy,
)
from assistant.models import Draft, DraftMeasure, Filters, UnitProfile
from assistant.operation.probes import Probes, RequestIds
from assistant.parsing.export_json import notice_json
from assistant.review import Reviewer

TEXT_AT_MOST, NAME_AT_MOST = 10_000, 500
NAMES_AT_MOST = 50
LIMIT_AT_MOST = 100
AUDIT_AT_MOST = 10_000
RETRY_AFTER_S = 10
_UNSERVED = {
    404: "没有这个接口。请对照 /openapi.json 检查路径",
    405: "这个接口不支持这种请求方法。请对照 /openapi.json",
}

Text = Annotated[str, Field(min_length=1, max_length=TEXT_AT_MOST)]
MayBeEmpty = Annotated[str, Field(max_length=TEXT_AT_MOST)]
Name = Annotated[str, Field(max_length=NAME_AT_MOST)]
Names = Annotated[tuple[Name, ...], Field(max_length=NAMES_AT_MOST)]
Years = Annotated[tuple[Annotated[int, Field(ge=0, le=9999)], ...], Field(max_length=NAMES_AT_MOST)]


class Body(BaseModel):
    """What a call brings: any text in it must be one that can be written down."""

    @model_validator(mode="before")
    @classmethod
    def _is_text(cls, value: object) -> object:
        # half a surrogate pair would fail only where it is stored or sent back
        json.dumps(value, ensure_ascii=False).encode()
        return value


class SearchRequest(Body):
    """What to look for and within what."""

    query: Text
    limit: int = Field(default=10, ge=1, le=LIMIT_AT_MOST)
    unit_types: Names = ()
    inspections: Names = ()
    statuses: Names = ()
    topics: Names = ()
    years: Years = ()

    def filters(self) -> Filters:
        """Give the constraints."""
        return Filters(
            unit_types=self.unit_types,
            inspections=self.inspections,
            statuses=self.statuses,
            topics=self.topics,
            years=self.years,
        )


class AskRequest(Body):
    """A question."""

    question: Text


class ProfileFields(Body):
    """What the caller says of the own unit."""

    unit: Name = ""
    unit_type: Name = ""
    deadline: Name = ""
    feedback_date: Name = ""

    def profile(self) -> UnitProfile:
        """Give it as a profile."""
        return UnitProfile(
            name=self.unit,
            unit_type=self.unit_type,
            deadline=self.deadline,
            feedback_date=self.feedback_date,
        )


class DraftRequest(ProfileFields):
    """A problem to draft for."""

    problem: Text
    cause: MayBeEmpty = ""


class WrittenMeasure(BaseModel):
    """A measure somebody wrote."""

    text: Text
    responsible: MayBeEmpty = ""
    deadline: MayBeEmpty = ""
    deliverable: MayBeEmpty = ""


class CheckRequest(ProfileFields):
    """A written draft to check."""

    problem: Text
    measures: tuple[WrittenMeasure, ...] = Field(min_length=1, max_length=50)


class CompareRequest(Body):
    """A unit of the library and, where wanted, its peers."""

    notice_id: Name
    peer_ids: Names = ()


def build_api(reviewer: Reviewer, *, token: str = "", address: str = "127.0.0.1") -> FastAPI:
    """Describe the API over an open reviewer; where tokens are set every call must bear one.

    Raises `SettingsError` for tokens that cannot be used.
    """
    settings = reviewer.settings
    refusals = Refusals(lambda: reviewer.library, door="接口")

    @asynccontextmanager
    async def lifespan(_api: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(refusals.close)

    api = FastAPI(
        title="整改参谋",
        version=version("zhenggai"),
        docs_url=None,  # the page would fetch its scripts from outside; the schema stays
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=lifespan,
    )
    api.state.reviewer = reviewer
    api.state.callers = callers_of(settings, token=token)
    api.state.refused = refused = noting(refusals, api.state.callers)
    api.add_middleware(
        Throttle,
        at_once=settings.api_at_once,
        per_minute=settings.api_per_minute,
        refused=refused,
        known=lambda scope: caller_of(scope, api.state.callers),
    )
    api.add_middleware(RequestIds)
    api.add_middleware(Probes, opened=lambda: reviewer)
    api.add_middleware(Gate, rules=partial(api_gate, settings, address), refused=refused)
    api.add_exception_handler(AssistantError, _told)
    api.add_exception_handler(RequestValidationError, _unfit)
    api.add_exception_handler(HTTPException, _unserved)
    for router in (_reading(), _writing(), _keeping()):
        api.include_router(router)

    @api.get("/health")
    def health(request: Request) -> Json:
        """Tell that the service answers and, to who bears a token, how much it holds."""
        if caller_of(request.scope, api.state.callers) is None:
            return {"status": "ok"}
        overview = reviewer.overview()
        return {"status": "ok", "notices": overview.notices, "cases": overview.cases}

    return api


def _keeping() -> APIRouter:
    router = APIRouter()

    @router.get("/drafts")
    def drafts(reviewer: Guard, everyone: bool = False) -> list[Json]:  # noqa: FBT001, FBT002
        """List the caller's drafts, or with `everyone` all that a reviewer may open."""
        return [record_json(record) for record in reviewer.store.drafts(everyone=everyone)]

    @router.get("/drafts/{draft_id}")
    def draft(reviewer: Guard, draft_id: str) -> Json:
        """Give one draft."""
        return record_json(reviewer.store.draft_record(draft_id))

    @router.get("/audit")
    def audit(
        reviewer: Guard,
        who: str | None = None,
        action: str = "",
        since: str = "",
        until: str = "",
        limit: Annotated[int, Query(ge=1, le=AUDIT_AT_MOST)] = 500,
    ) -> list[Json]:
        """List entries of the audit, newest first; days are ISO."""
        chosen = AuditFilter(who, action, since, until)
        return [entry._asdict() for entry in reviewer.audit(chosen, limit=limit)]

    return router


def _reading() -> APIRouter:
    router = APIRouter()

    @router.get("/notices")
    def notices(reviewer: Guard) -> list[Json]:
        """List the notices."""
        return [notice_head_json(notice) for notice in reviewer.outlines()]

    @router.get("/notices/{notice_id}")
    def notice(reviewer: Guard, notice_id: str) -> Json:
        """Give one notice with its cases."""
        found = reviewer.notice(notice_id)
        return {**notice_head_json(found), **notice_json(found)}

    @router.post("/search")
    def search(reviewer: Guard, request: SearchRequest) -> Json:
        """Find cases."""
        return search_json(
            reviewer.search(request.query, filters=request.filters(), limit=request.limit)
        )

    @router.post("/compare")
    def compare(reviewer: Guard, request: CompareRequest) -> Json:
        """Count a unit against its peers."""
        return comparison_json(reviewer.compare(request.notice_id, peer_ids=request.peer_ids))

    return router


def _writing() -> APIRouter:
    router = APIRouter()

    @router.post("/ask")
    def ask(reviewer: Guard, request: AskRequest) -> Json:
        """Answer a question."""
        return answer_json(reviewer.ask(request.question))

    @router.post("/ask/stream")
    def ask_stream(reviewer: Guard, request: AskRequest) -> StreamingResponse:
        """Answer as server-sent events: `text` pieces, then the checked `answer` or an `error`."""
        stream = reviewer.stream_answer(request.question)

        def events() -> Iterator[str]:
            try:
                for piece in stream:
                    yield _event("text", {"text": piece})
                yield _event("answer", answer_json(stream.answer))
            except AssistantError as error:  # the status is out already
                yield _event("error", {"error": str(error)})
            finally:
                stream.stop()  # who left wants no more of it

        return StreamingResponse(events(), media_type="text/event-stream")

    @router.post("/draft")
    def draft(reviewer: Guard, request: DraftRequest) -> Json:
        """Draft measures for a problem."""
        return draft_json(
            reviewer.draft(request.problem, profile=request.profile(), cause=request.cause)
        )

    @router.post("/check")
    def check(reviewer: Guard, request: CheckRequest) -> Json:
        """Check a written draft."""
        draft = Draft(
            problem=request.problem,
            topics=(),
            cause="",
            goal="",
            measures=tuple(
                DraftMeasure(m.text, "", "", (), m.responsible, m.deadline, m.deliverable)
                for m in request.measures
            ),
            evidence=(),
        )
        findings = reviewer.check(draft, profile=request.profile())
        return {"findings": [finding_json(finding) for finding in findings]}

    return router


def _event(name: str, value: Json) -> str:
    return f"event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n"


def _unfit(_request: Request, error: Exception) -> JSONResponse:
    """Say what of a request does not fit, without sending back what it was."""
    assert isinstance(error, RequestValidationError)
    found = [{name: one[name] for name in ("type", "loc", "msg")} for one in error.errors()]
    where = "、".join(".".join(str(part) for part in one["loc"][1:]) for one in found)
    told = f"请求内容不合要求：{where or '正文'}。请对照 /openapi.json 修改。"
    return JSONResponse({"error": told, "detail": found}, 422)


def _unserved(_request: Request, error: Exception) -> JSONResponse:
    """Say what is refused before any of ours looks at it: no token, no such path or method."""
    assert isinstance(error, HTTPException)
    told = _UNSERVED.get(error.status_code, error.detail)
    return JSONResponse({"error": told}, error.status_code, headers=error.headers)


def _told(_request: Request, error: Exception) -> JSONResponse:
    """Answer a named error with its Chinese sentence."""
    code = 422
    if isinstance(error, NotFound):
        code = 404
    elif isinstance(error, AccessRefused):
        code = 403
    elif isinstance(error, LibraryBusy | SettingsError | TooBusy):
        code = 503
    wait = {"Retry-After": str(RETRY_AFTER_S)} if isinstance(error, TooBusy) else None
    return JSONResponse({"error": str(error)}, code, headers=wait)

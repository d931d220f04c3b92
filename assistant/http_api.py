"""The product as a small HTTP API with OpenAPI: thin over `review`, same JSON as the CLI."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, status
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field

from assistant.contract import (
    Json,
    answer_json,
    comparison_json,
    draft_json,
    finding_json,
    notice_head_json,
    search_json,
)
from assistant.errors import AssistantError, LibraryBusy, NotFound, SettingsError
from assistant.models import Draft, DraftMeasure, Filters, UnitProfile
from assistant.parsing.export_json import notice_json
from assistant.review import Reviewer

TEXT_AT_MOST = 10_000
LIMIT_AT_MOST = 100

_SCHEME = HTTPBearer(auto_error=False)

Text = Annotated[str, Field(min_length=1, max_length=TEXT_AT_MOST)]


class SearchRequest(BaseModel):
    """What to look for and within what."""

    query: Text
    limit: int = Field(default=10, ge=1, le=LIMIT_AT_MOST)
    unit_types: tuple[str, ...] = ()
    inspections: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    years: tuple[int, ...] = ()

    def filters(self) -> Filters:
        """Give the constraints."""
        return Filters(
            unit_types=self.unit_types,
            inspections=self.inspections,
            statuses=self.statuses,
            topics=self.topics,
            years=self.years,
        )


class AskRequest(BaseModel):
    """A question."""

    question: Text


class ProfileFields(BaseModel):
    """What the caller says of the own unit."""

    unit: str = ""
    unit_type: str = ""
    deadline: str = ""
    feedback_date: str = ""

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
    cause: str = ""


class WrittenMeasure(BaseModel):
    """A measure somebody wrote."""

    text: Text
    responsible: str = ""
    deadline: str = ""
    deliverable: str = ""


class CheckRequest(ProfileFields):
    """A written draft to check."""

    problem: Text
    measures: tuple[WrittenMeasure, ...] = Field(min_length=1, max_length=50)


class CompareRequest(BaseModel):
    """A unit of the library and, where wanted, its peers."""

    notice_id: str
    peer_ids: tuple[str, ...] = ()


def build_api(reviewer: Reviewer, *, token: str = "") -> FastAPI:
    """Describe the API over an open reviewer; with a token every call must bear it."""
    api = FastAPI(
        title="整改参谋",
        version=version("zhenggai"),
        docs_url=None,  # the page would fetch its scripts from outside; the schema stays
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    api.add_exception_handler(AssistantError, _told)
    api.include_router(_reading(reviewer), dependencies=[Depends(_bearer(token))])
    api.include_router(_writing(reviewer), dependencies=[Depends(_bearer(token))])

    @api.get("/health")
    def health() -> Json:
        """Tell that the service answers and how much it holds."""
        overview = reviewer.overview()
        return {"status": "ok", "notices": overview.notices, "cases": overview.cases}

    return api


def _reading(reviewer: Reviewer) -> APIRouter:
    router = APIRouter()

    @router.get("/notices")
    def notices() -> list[Json]:
        """List the notices."""
        return [notice_head_json(notice) for notice in reviewer.notices()]

    @router.get("/notices/{notice_id}")
    def notice(notice_id: str) -> Json:
        """Give one notice with its cases."""
        found = reviewer.notice(notice_id)
        return {**notice_head_json(found), **notice_json(found)}

    @router.post("/search")
    def search(request: SearchRequest) -> Json:
        """Find cases."""
        return search_json(
            reviewer.search(request.query, filters=request.filters(), limit=request.limit)
        )

    @router.post("/compare")
    def compare(request: CompareRequest) -> Json:
        """Count a unit against its peers."""
        return comparison_json(reviewer.compare(request.notice_id, peer_ids=request.peer_ids))

    return router


def _writing(reviewer: Reviewer) -> APIRouter:
    router = APIRouter()

    @router.post("/ask")
    def ask(request: AskRequest) -> Json:
        """Answer a question."""
        return answer_json(reviewer.ask(request.question))

    @router.post("/ask/stream")
    def ask_stream(request: AskRequest) -> StreamingResponse:
        """Answer as server-sent events: `text` pieces, then the checked `answer`."""
        stream = reviewer.stream_answer(request.question)

        def events() -> Iterator[str]:
            for piece in stream:
                yield _event("text", {"text": piece})
            yield _event("answer", answer_json(stream.answer))

        return StreamingResponse(events(), media_type="text/event-stream")

    @router.post("/draft")
    def draft(request: DraftRequest) -> Json:
        """Draft measures for a problem."""
        return draft_json(
            reviewer.draft(request.problem, profile=request.profile(), cause=request.cause)
        )

    @router.post("/check")
    def check(request: CheckRequest) -> Json:
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


def _bearer(token: str) -> Callable[..., None]:
    def require(
        given: Annotated[HTTPAuthorizationCredentials | None, Depends(_SCHEME)],
    ) -> None:
        if token and (
            given is None or not secrets.compare_digest(given.credentials.encode(), token.encode())
        ):
            raise HTTPException(status.HTTP_401_UNAUTHORIZED, "缺少访问令牌或令牌不对")

    return require


def _told(_request: Request, error: Exception) -> JSONResponse:
    """Answer a named error with its Chinese sentence."""
    code = 422
    if isinstance(error, NotFound):
        code = 404
    elif isinstance(error, LibraryBusy | SettingsError):
        code = 503
    return JSONResponse({"error": str(error)}, code)

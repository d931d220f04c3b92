"""Other programs: the HTTP API over a real socket, the MCP server over real pipes."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from mcp import Client, StdioServerParameters

from assistant.http_api import build_api
from assistant.review import Reviewer
from tests.world import open_reviewer

TOKEN = "s3cret"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def reviewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviewer]:
    opened = open_reviewer(tmp_path_factory.mktemp("home"))
    yield opened
    opened.library.close()


@pytest.fixture(scope="module")
def api(reviewer: Reviewer) -> Iterator[httpx.Client]:
    config = uvicorn.Config(
        build_api(reviewer, token=TOKEN), host="127.0.0.1", port=0, log_level="error"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=120) as client:
        yield client
    server.should_exit = True
    thread.join(10)


def test_the_api_wants_its_token(api: httpx.Client) -> None:
    assert api.get("/notices").status_code == 401
    assert api.get("/notices", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert api.get("/health").json() == {"status": "ok"}
    assert api.get("/health", headers=BEARER).json()["notices"] == 2


def test_the_api_searches_asks_drafts_checks_and_compares(
    api: httpx.Client, reviewer: Reviewer
) -> None:
    found = api.post("/search", json={"query": "党费年底一次性补收"}, headers=BEARER).json()
    assert "党费" in found["results"][0]["problem"]
    notice_id = found["results"][0]["notice_id"]
    assert api.get(f"/notices/{notice_id}", headers=BEARER).json()["problems"]
    answer = api.post("/ask", json={"question": "党费收缴不及时怎么改"}, headers=BEARER).json()
    assert answer["citations"]
    draft = api.post("/draft", json={"problem": "村级党费多年未核基数"}, headers=BEARER).json()
    assert draft["measures"]
    measures = [{"text": "加强学习，提高认识。"}]
    findings = api.post(
        "/check", json={"problem": "党费少缴", "measures": measures}, headers=BEARER
    )
    assert {f["rule"] for f in findings.json()["findings"]} >= {"R01", "R02"}
    compared = api.post("/compare", json={"notice_id": notice_id}, headers=BEARER).json()
    assert compared["unit"]["id"] == notice_id


def test_the_api_streams_and_ends_with_the_checked_answer(api: httpx.Client) -> None:
    with api.stream(
        "POST", "/ask/stream", json={"question": "党费收缴不及时怎么改"}, headers=BEARER
    ) as response:
        events = [line for line in response.iter_lines() if line.startswith(("event", "data"))]
    assert events[0] == "event: text"
    assert events[-2] == "event: answer"
    assert json.loads(events[-1].removeprefix("data: "))["citations"]


def test_the_api_names_its_errors(api: httpx.Client) -> None:
    missing = api.get("/notices/none", headers=BEARER)
    assert missing.status_code == 404
    assert "没有这份通报" in missing.json()["error"]
    assert api.post("/search", json={"query": ""}, headers=BEARER).status_code == 422


def test_the_api_describes_itself(api: httpx.Client) -> None:
    assert "/draft" in api.get("/openapi.json").json()["paths"]


def test_mcp_tools_work_over_standard_input_and_output(tmp_path: Path) -> None:
    opened = open_reviewer(tmp_path)
    opened.library.close()

    async def talk() -> None:
        command = StdioServerParameters(
            command=sys.executable, args=["-m", "assistant.cli", "--home", str(tmp_path), "mcp"]
        )
        async with Client(command) as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
            assert tools == {
                "search_cases",
                "get_notice",
                "draft_measures",
                "compare_units",
                "check_draft",
            }
            found = await client.call_tool("search_cases", {"query": "党费年底补收", "limit": 3})
            assert found.structured_content is not None
            first = found.structured_content["results"][0]
            assert "党费" in first["problem"]
            draft = await client.call_tool("draft_measures", {"problem": "村级党费多年未核基数"})
            assert draft.structured_content is not None
            assert draft.structured_content["measures"]
            failed = await client.call_tool("get_notice", {"notice_id": "none"})
            assert failed.is_error

    asyncio.run(talk())

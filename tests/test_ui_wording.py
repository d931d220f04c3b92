"""The page is sent in Chinese: its language and the words of Streamlit's own controls."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import HTMLResponse, JSONResponse
from starlette.testclient import TestClient

from assistant.ui.warming import FOLDER, PARTS, part_files
from assistant.ui.wording import ChineseShell, in_chinese

PAGE = '<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8"></head><body>正文</body></html>'


async def site(scope: Any, receive: Any, send: Any) -> None:
    path = scope["path"]
    if path == "/_stcore/host-config":
        await JSONResponse({"page": PAGE})(scope, receive, send)
        return
    asked = {name.decode() for name, _ in scope["headers"]}
    answer = HTMLResponse(PAGE, headers={"etag": "old", "x-asked": ",".join(sorted(asked))})
    await answer(scope, receive, send)


@pytest.fixture
def client() -> TestClient:
    return TestClient(ChineseShell(site))


def test_every_page_names_its_language_and_loads_the_words_first(client: TestClient) -> None:
    for path in ("/", "/draft", "/library"):
        answer = client.get(path)
        assert '<html lang="zh-CN"><head><script src="/wording.js"></script>' in answer.text
        assert answer.text.endswith("<body>正文</body></html>")
        assert int(answer.headers["content-length"]) == len(answer.content)


def test_a_page_is_never_taken_from_an_older_copy(client: TestClient) -> None:
    answer = client.get("/", headers={"if-none-match": "old", "accept-encoding": "gzip"})
    assert "etag" not in answer.headers
    assert "if-none-match" not in answer.headers["x-asked"]


def test_the_words_come_from_this_server(client: TestClient) -> None:
    answer = client.get("/wording.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "连不上服务" in answer.text


def test_what_is_no_page_is_passed_on_as_it_is(client: TestClient) -> None:
    assert client.get("/_stcore/health").text == PAGE
    assert client.get("/static/x.html").text == PAGE
    assert client.get("/_stcore/host-config").json() == {"page": PAGE}


def test_a_page_without_the_marks_stays_whole() -> None:
    assert in_chinese(b"plain") == b"plain"


def test_other_traffic_is_not_touched() -> None:
    seen = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    asyncio.run(ChineseShell(inner)({"type": "websocket", "path": "/"}, None, None))  # type: ignore[arg-type]
    assert seen == ["websocket"]


# ---------------------------------------------------------------------- what is loaded early


def test_every_part_that_is_loaded_early_is_a_file_of_this_version() -> None:
    files = part_files()
    assert [name.partition(".")[0] for name in files] == list(PARTS)
    assert all((FOLDER / name).is_file() for name in files)


def test_the_script_names_the_files(client: TestClient) -> None:
    script = client.get("/wording.js").text
    assert all(f'"{name}"' in script for name in part_files())


def test_parts_that_a_version_does_not_have_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "Radio.abc123.js").touch()
    assert part_files(tmp_path) == ("Radio.abc123.js",)

"""A supervisor can tell living, ready and busy apart; metrics go to who may see them."""

from __future__ import annotations

import shutil
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from assistant.http_api import build_api
from assistant.operation.health import readiness
from assistant.operation.metrics import Metrics
from assistant.operation.operations import operation
from assistant.operation.probes import Probes, Receive, Scope, Send, may_read_metrics
from assistant.operation.queueing import QueueState
from assistant.review import Reviewer
from tests.world import open_reviewer

LOCAL = ("127.0.0.1", 50000)
OTHER = ("10.0.0.7", 50000)
TOKEN = "tok-for-metrics"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a filled home, to be copied."""
    home = tmp_path_factory.mktemp("filled")
    open_reviewer(home).library.close()
    return home


@pytest.fixture
def reviewer(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reviewer]:
    monkeypatch.setenv("ZHENGGAI_METRICS", "true")
    monkeypatch.setenv("ZHENGGAI_API_TOKEN", TOKEN)
    shutil.copytree(filled, tmp_path / "home")
    opened = open_reviewer(tmp_path / "home", filled=False)
    yield opened
    opened.library.close()


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("page")(scope, receive, send)


def client(reviewer: Reviewer | None, address: tuple[str, int] = LOCAL) -> TestClient:
    app = Probes(page, opened=lambda: reviewer)
    return TestClient(app, base_url="http://127.0.0.1:8501", client=address)


def failing(reviewer: Reviewer) -> list[str]:
    return [f"{check.name}：{check.message}" for check in readiness(reviewer) if not check.ok]


def test_alive_says_nothing_of_the_library_and_other_paths_pass_on() -> None:
    probes = client(None, OTHER)
    assert probes.get("/healthz").json() == {"status": "ok"}
    assert probes.get("/readyz").status_code == 503
    assert probes.get("/healthz/x").text == "page"
    assert probes.get("/").text == "page"
    assert probes.post("/healthz").status_code == 405


def test_ready_tells_each_part_in_chinese_without_paths_or_secrets(reviewer: Reviewer) -> None:
    answer = client(reviewer).get("/readyz")
    assert answer.status_code == 200
    assert {check["name"] for check in answer.json()["checks"]} == {
        "案例库",
        "检索索引",
        "磁盘",
        "排队",
    }
    assert str(reviewer.settings.home) not in answer.text
    assert TOKEN not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_an_empty_library_is_ready(tmp_path: Path) -> None:
    reviewer = open_reviewer(tmp_path, filled=False)
    assert failing(reviewer) == []
    reviewer.library.close()


def test_a_missing_index_is_not_ready_and_a_late_one_is(reviewer: Reviewer) -> None:
    reviewer.library.remove(reviewer.notices()[0].id)
    assert failing(reviewer) == []
    assert "正在更新" in readiness(reviewer)[1].message
    shutil.rmtree(reviewer.settings.home / "index")
    assert failing(reviewer) == ["检索索引：索引缺失，正在重建或需要 zhenggai reindex"]


def test_a_broken_index_is_not_ready(reviewer: Reviewer) -> None:
    (reviewer.settings.home / "index" / "current.json").write_text("{")
    assert "检索索引损坏" in failing(reviewer)[0]


def test_a_library_that_cannot_be_read_is_not_ready(reviewer: Reviewer) -> None:
    reviewer.library.close()
    for file in reviewer.settings.home.glob("library.sqlite*"):
        file.unlink()
    assert failing(reviewer)[0].startswith("案例库：")


def test_a_full_disk_and_a_full_line_are_not_ready(
    reviewer: Reviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10, 9, 5 << 20))
    monkeypatch.setattr(reviewer.line, "state", lambda: QueueState(2, 64, 0, 0, 0.0))
    assert failing(reviewer) == [
        "磁盘：磁盘只剩 5 MB，低于 200 MB，请清理",
        "排队：排队已满（64 项）",
    ]
    assert client(reviewer).get("/readyz").status_code == 503


def test_metrics_count_time_and_gauge(reviewer: Reviewer) -> None:
    reviewer.search("党费收缴不及时")
    reviewer.draft("村级党费多年未核定基数")
    answer = client(reviewer).get("/metrics")
    assert answer.status_code == 200
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert found["zhenggai_operations_total", "ok", "search"] >= 1
    assert found["zhenggai_operation_seconds_count", "draft"] >= 1
    assert found["zhenggai_library_notices",] == 2
    assert found["zhenggai_library_cases",] == reviewer.overview().cases
    assert found["zhenggai_index_lag",] == 0
    assert found["zhenggai_queue_served",] >= 2
    assert found["process_resident_memory_bytes",] > 0
    assert "党费" not in answer.text


def test_metrics_are_off_unless_set(tmp_path: Path) -> None:
    reviewer = open_reviewer(tmp_path, filled=False)
    assert client(reviewer).get("/metrics").status_code == 404
    reviewer.library.close()


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        (LOCAL, {}, 200),
        (("::1", 5), {}, 200),
        (OTHER, {}, 403),
        (OTHER, {"Authorization": "Bearer wrong"}, 403),
        (OTHER, {"Authorization": f"Bearer {TOKEN}"}, 200),
        (LOCAL, {"X-Forwarded-For": "10.0.0.7"}, 403),
        (LOCAL, {"Forwarded": "for=10.0.0.7"}, 403),
        (LOCAL, {"X-Forwarded-For": "10.0.0.7", "Authorization": f"Bearer {TOKEN}"}, 200),
        (("testclient", 1), {}, 403),
        # a page whose name was made to lead here, in a browser of this machine
        (LOCAL, {"Host": "evil.example:8501"}, 403),
        (LOCAL, {"Host": "127.0.0.1.evil.example"}, 403),
        (LOCAL, {"Host": "localhost:8501"}, 200),
        (LOCAL, {"Host": "[::1]:8501"}, 200),
        (LOCAL, {"Origin": "http://localhost:3000"}, 403),
        (LOCAL, {"Referer": "http://127.0.0.1:9/"}, 403),
        (LOCAL, {"Host": "metrics.office.example", "Authorization": f"Bearer {TOKEN}"}, 200),
    ],
)
def test_metrics_go_to_this_machine_or_to_the_token(
    reviewer: Reviewer, address: tuple[str, int], headers: dict[str, str], status: int
) -> None:
    answer = client(reviewer, address).get("/metrics", headers=headers)
    assert answer.status_code == status


def test_without_a_token_an_empty_bearer_is_nobody() -> None:
    scope = {
        "type": "http",
        "client": OTHER,
        "headers": [(b"authorization", b"Bearer ")],
    }
    assert not may_read_metrics(Request(scope), "")


def test_a_token_of_chinese_letters_opens_the_metrics() -> None:
    token = "换成你自己的令牌"
    headers = [(b"authorization", f"Bearer {token}".encode())]
    scope = {"type": "http", "client": OTHER, "headers": headers}
    assert may_read_metrics(Request(scope), token)
    assert not may_read_metrics(Request(scope), token[:-1])


def test_the_http_api_answers_probes_without_a_token_and_names_each_request(
    reviewer: Reviewer,
) -> None:
    api = TestClient(
        build_api(reviewer, token=TOKEN), base_url="http://127.0.0.1:8502", client=LOCAL
    )
    assert api.get("/healthz").status_code == 200
    assert api.get("/readyz").status_code == 200
    assert api.get("/metrics").status_code == 200
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    named = api.get("/notices", headers={**bearer, "X-Request-ID": "from-the-proxy.1"})
    assert named.headers["x-request-id"] == "from-the-proxy.1"
    odd = api.get("/notices", headers={**bearer, "X-Request-ID": "a b\tc"})
    assert odd.headers["x-request-id"] != "a b\tc"


def test_an_operation_is_counted_under_how_it_ended() -> None:
    held = Metrics()
    held.count("search", "ok", 0.02)
    held.count("search", "TooBusy", 0.5)
    held.count_call("chat", "127.0.0.1", "timeout")
    text = held.text().decode()
    assert 'zhenggai_operations_total{operation="search",outcome="TooBusy"} 1.0' in text
    assert 'zhenggai_model_calls_total{host="127.0.0.1",outcome="timeout",service="chat"}' in text
    with operation("x") as done:
        done.outcome = "fallback"

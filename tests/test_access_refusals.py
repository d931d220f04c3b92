"""Refused calls are in the audit: who, what, from where; sparingly, and with no secret in them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from assistant.access import http_access
from assistant.access.refusals import LINES_A_WINDOW, UNKNOWN, Refusals, peer_of
from assistant.errors import LibraryBusy
from assistant.http_api import build_api
from assistant.record.audit import AuditEntry
from assistant.settings import Settings
from tests.fakes_ui import FakeReviewer
from tests.waiting import LONG_S, wait_for

CLERK = "token-of-the-clerk"
WRONG = "guess-0123456789-guess"


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeReviewer]:
    made = FakeReviewer(tmp_path / "home")
    made.settings = Settings(
        home=tmp_path / "home", api_tokens={"甲系统:经办": SecretStr(CLERK)}, api_per_minute=20
    )
    yield made
    made.library.close()


def calls(fake: FakeReviewer, token: str = "", peer: str = "10.1.2.3") -> TestClient:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return TestClient(
        build_api(fake),  # type: ignore[arg-type]
        base_url="http://127.0.0.1",
        headers=headers,
        client=(peer, 50_000),
    )


def refused(fake: FakeReviewer) -> list[AuditEntry]:
    """Give the refusals in the order they were written."""
    return list(reversed(fake.library.audit_entries(action="拒绝")))


# ---------------------------------------------------------------------- at the HTTP API


def test_a_call_without_a_known_token_is_noted_once_and_counted(fake: FakeReviewer) -> None:
    with calls(fake, WRONG) as caller:
        for _ in range(6):
            assert caller.get(f"/notices?token={WRONG}").status_code == 401
    first, rest = refused(fake)
    assert first.who == UNKNOWN
    assert first.detail == "接口 401 GET 来自 10.1.2.3：缺少访问令牌或令牌不对"
    assert rest.detail == "接口 另有 401 5 次，未逐条记录，来自 10.1.2.3 5 次"


def test_no_token_header_or_query_is_in_the_record(fake: FakeReviewer) -> None:
    with calls(fake, WRONG) as caller:
        caller.get(f"/notices/{WRONG}?key={WRONG}", headers={"X-Key": WRONG})
        caller.post("/ask", json={"question": WRONG})
        caller.get("/notices", headers={"Host": f"{WRONG}.example"})
    assert refused(fake)
    assert not [entry for entry in refused(fake) if "guess" in entry.detail + entry.who]


def test_a_foreign_host_with_a_good_token_is_noted_under_its_name(fake: FakeReviewer) -> None:
    with calls(fake, CLERK) as caller:
        assert caller.get("/notices", headers={"Host": "evil.example"}).status_code == 403
    [entry] = refused(fake)
    assert entry.who == "api:甲系统"
    assert entry.detail.startswith("接口 403 GET 来自 10.1.2.3：这个地址不在允许的访问地址之内")


def test_a_role_refused_is_noted_by_name_and_only_once(fake: FakeReviewer) -> None:
    with calls(fake, CLERK) as caller:
        assert caller.get("/audit").status_code == 403
    assert [(entry.who, entry.detail) for entry in refused(fake)] == [("api:甲系统", "查看审计")]


def test_a_flood_is_noted_under_the_name_of_its_token(
    fake: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_access, "WINDOW_SECONDS", 3_600.0)  # however slow the machine
    with calls(fake, CLERK) as caller:
        statuses = [caller.get("/notices").status_code for _ in range(120)]
    assert statuses.count(429) == 100
    first, rest = refused(fake)
    assert (first.who, rest.who) == ("api:甲系统", "api:甲系统")
    assert first.detail == "接口 429 GET 来自 10.1.2.3：请求过于频繁"
    assert "429 99 次" in rest.detail


def test_a_body_over_the_limit_is_noted(fake: FakeReviewer) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * 100_000

    with calls(fake, CLERK) as caller:
        assert caller.post("/ask", content=b"x" * 3_000_000).status_code == 413
        assert caller.post("/ask", content=parts()).status_code == 413
    assert ["413" in entry.detail for entry in refused(fake)] == [True, True]


# ---------------------------------------------------------------------- sparingly


class Kept:
    """Stands for the audit."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str]] = []

    def log(self, action: str, detail: str, who: str = "") -> None:
        assert action == "拒绝"
        self.rows.append((who, detail))


def call(peer: str, **more: Any) -> dict[str, Any]:
    return {"type": "http", "method": "GET", "client": (peer, 1), "headers": [], **more}


def test_however_many_come_from_wherever_a_window_takes_few_lines() -> None:
    kept = Kept()
    held = Refusals(lambda: kept, door="接口")
    for number in range(50_000):
        held.note(call(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"), 401, "令牌不对")
    held.close()
    assert len(kept.rows) == LINES_A_WINDOW + 1
    last = next(detail for _, detail in kept.rows if "另有" in detail)
    assert f"401 {50_000 - LINES_A_WINDOW} 次" in last
    assert len(last) < 300
    assert len(held._left) == 0


def test_the_counts_of_a_window_are_written_at_its_end_by_themselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    windows: list[Callable[[], None]] = []

    class Window(threading.Timer):
        def start(self) -> None:
            windows.append(self.function)

    monkeypatch.setattr(threading, "Timer", Window)
    kept = Kept()
    held = Refusals(lambda: kept, door="网页")
    for _ in range(3):
        held.note(call("10.0.0.9"), 403, "只接受统一入口")
    wait_for(lambda: len(kept.rows) == 1)
    [over] = windows
    over()
    wait_for(lambda: len(kept.rows) == 2)
    assert kept.rows[1][1] == "网页 另有 403 2 次，未逐条记录，来自 10.0.0.9 2 次"
    held.note(call("10.0.0.9"), 403, "只接受统一入口")
    wait_for(lambda: len(kept.rows) == 3)
    held.close()
    assert len(kept.rows) == 3


def test_a_busy_record_holds_nobody_up_and_a_closed_one_is_no_matter(
    caplog: pytest.LogCaptureFixture,
) -> None:
    going = threading.Event()

    class Busy(Kept):
        def log(self, action: str, detail: str, who: str = "") -> None:
            assert going.wait(LONG_S)
            raise LibraryBusy("案例库正忙")

    held = Refusals(Busy, door="接口")
    held.note(call("10.0.0.1"), 401, "令牌不对")
    going.set()
    held.close()
    assert "refusal not noted" in caplog.text
    unopened = Refusals(lambda: None, door="接口")
    unopened.note(call("10.0.0.1"), 401, "令牌不对")
    unopened.close()


@pytest.mark.parametrize("status", [200, 404, 422, 500, 503])
def test_other_answers_are_not_noted(status: int) -> None:
    kept = Kept()
    held = Refusals(lambda: kept, door="接口")
    held.note(call("10.0.0.1"), status, "x")
    held.close()
    assert kept.rows == []


def test_a_slow_record_is_written_in_the_order_things_came_about() -> None:
    first, go_on = threading.Event(), threading.Event()

    class Slow(Kept):
        def log(self, action: str, detail: str, who: str = "") -> None:
            if not first.is_set():
                first.set()
                assert go_on.wait(LONG_S)
            super().log(action, detail, who)

    kept = Slow()
    held = Refusals(lambda: kept, door="网页")
    held.note(call("10.0.0.9"), 403, "甲")
    assert first.wait(LONG_S)
    held.note(call("10.0.0.9"), 403, "乙")
    go_on.set()
    held.close()
    assert [detail[-1] for _, detail in kept.rows] == ["甲", "乙"]


def test_what_is_written_is_one_short_line() -> None:
    kept = Kept()
    held = Refusals(lambda: kept, door="网页")
    held.note(call("=cmd|' /C calc'!A0"), 403, "甲\n2026-01-01 伪造 登录" + "长" * 500)
    held.close()
    [(_, detail)] = kept.rows
    assert "\n" not in detail
    assert len(detail) < 120
    assert "未知地址" in detail


def test_the_peer_is_an_address_or_nothing() -> None:
    assert peer_of(call("::ffff:10.0.0.1")) == "10.0.0.1"
    assert peer_of({"client": None}) == "未知地址"

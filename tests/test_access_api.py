"""The HTTP API: each token has a user and a role; what they may not is refused; floods wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from assistant.access.http_access import Throttle, callers_of, user_of
from assistant.access.policy import LOCAL, Role
from assistant.errors import LibraryError, SettingsError
from assistant.http_api import build_api
from assistant.models import Answer, DraftRecord, Filters, UnitProfile
from assistant.settings import Settings
from tests.fakes_ui import FakeReviewer, FakeStream
from tests.waiting import LONG_S

CLERK, REVIEWER, ADMIN = "token-of-the-clerk", "token-of-the-reviewer", "token-of-the-admin"
TOKENS = {"甲系统:经办": CLERK, "乙系统:审核": REVIEWER, "丙系统:管理员": ADMIN}
PROBLEM = "固定资产账实不符。"


class FailingStream(FakeStream):
    """An answer during which the Library goes away."""

    def __iter__(self) -> Iterator[str]:
        yield "依据"
        raise LibraryError("读取失败", where="案例库")


class FailingReviewer(FakeReviewer):
    """A reviewer whose answers fail on their way."""

    last: FailingStream

    def stream_answer(
        self, question: str, *, filters: Filters = Filters(), history: Sequence[Answer] = ()
    ) -> FailingStream:
        self.last = FailingStream(question, self.search(question))
        return self.last


def settings(home: Path, **changes: object) -> Settings:
    tokens = {entry: SecretStr(token) for entry, token in TOKENS.items()}
    return Settings(**{"home": home, "api_tokens": tokens, **changes})  # type: ignore[arg-type]


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeReviewer]:
    made = FakeReviewer(tmp_path / "home")
    made.settings = settings(tmp_path / "home")
    yield made
    made.library.close()


def client(fake: FakeReviewer, token: str = "") -> TestClient:
    api = build_api(fake)  # type: ignore[arg-type]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return TestClient(api, base_url="http://127.0.0.1", headers=headers)


@pytest.mark.parametrize("token", ["", "wrong", CLERK[:-1], CLERK + "x"])
def test_no_call_without_a_known_token(fake: FakeReviewer, token: str) -> None:
    with client(fake, token) as caller:
        for method, path in (
            ("GET", "/notices"),
            ("GET", "/drafts"),
            ("GET", "/audit"),
            ("POST", "/ask"),
        ):
            answer = caller.request(method, path, json={"question": "x"})
            assert answer.status_code == 401
            assert answer.json() == {"error": "缺少访问令牌或令牌不对"}
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert caller.get("/health").status_code == 200


def test_a_token_of_chinese_letters_is_a_token(tmp_path: Path) -> None:
    token = "换成你自己的够长的令牌一二三四五"
    made = FakeReviewer(tmp_path / "home")
    made.settings = settings(tmp_path / "home", api_tokens={"甲系统:经办": SecretStr(token)})
    with client(made) as caller:
        for given, status in ((token, 200), (token[:-1], 401)):
            headers = {b"Authorization": f"Bearer {given}".encode()}
            assert caller.get("/notices", headers=headers).status_code == status
    made.library.close()


def test_a_path_that_is_none_is_told_like_any_error(fake: FakeReviewer) -> None:
    with client(fake, CLERK) as clerk:
        assert "没有这个接口" in clerk.get("/nowhere").json()["error"]
        assert "不支持这种请求方法" in clerk.put("/search").json()["error"]


def test_each_token_has_its_own_drafts_and_its_own_rights(fake: FakeReviewer) -> None:
    fake.store._library.log("提问", "甲", who="api:甲系统")
    stored = _draft_of(fake, "api:甲系统")
    with client(fake, CLERK) as clerk:
        assert [row["id"] for row in clerk.get("/drafts").json()] == [stored]
        assert clerk.get("/drafts", params={"everyone": True}).status_code == 403
        refused = clerk.get("/audit")
        assert refused.status_code == 403
        assert "需要管理员权限，您的身份是经办" in refused.json()["error"]
    with client(fake, REVIEWER) as reviewer:
        assert reviewer.get("/drafts").json() == []
        rows = reviewer.get("/drafts", params={"everyone": True}).json()
        assert [(row["owner"], row["problem"]) for row in rows] == [("api:甲系统", PROBLEM)]
        assert reviewer.get(f"/drafts/{stored}").json()["state"] == "待拟"
    other = _draft_of(fake, "somebody")
    with client(fake, CLERK) as clerk:
        assert clerk.get(f"/drafts/{other}").status_code == 404
    with client(fake, ADMIN) as admin:
        rows = admin.get("/audit", params={"who": "api:甲系统"}).json()
        assert {row["action"] for row in rows} >= {"提问", "拒绝"}


def _draft_of(fake: FakeReviewer, owner: str) -> str:
    desk = type(fake.store)(fake.library, owner)
    return desk.save_draft(DraftRecord("", PROBLEM, "待拟", None, UnitProfile())).id


def test_what_is_asked_is_noted_with_the_token_name(fake: FakeReviewer) -> None:
    with client(fake, CLERK) as clerk:
        assert clerk.post("/draft", json={"problem": PROBLEM}).status_code == 200
    noted = fake.library.audit_entries()[0]
    assert (noted.who, noted.action) == ("api:甲系统", "起草")


def test_headers_that_claim_a_user_change_nothing(fake: FakeReviewer) -> None:
    with client(fake, CLERK) as clerk:
        spoofed = {"X-Forwarded-User": "boss", "X-Zhenggai-Identity": '["boss","",[]]'}
        assert clerk.get("/audit", headers=spoofed).status_code == 403


def test_a_foreign_host_is_refused(fake: FakeReviewer) -> None:
    with client(fake, CLERK) as clerk:
        answer = clerk.get("/notices", headers={"Host": "evil.example"})
    assert answer.status_code == 403
    assert "不在允许的访问地址之内" in answer.json()["error"]


def test_a_foreign_page_cannot_post(fake: FakeReviewer) -> None:
    with client(fake, CLERK) as clerk:
        answer = clerk.post(
            "/draft", json={"problem": PROBLEM}, headers={"Origin": "http://evil.example"}
        )
    assert answer.status_code == 403


def test_a_body_over_the_limit_is_refused_with_or_without_its_length(fake: FakeReviewer) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * 100_000

    with client(fake, CLERK) as clerk:
        assert clerk.post("/ask", content=b"x" * 3_000_000).status_code == 413
        assert clerk.post("/ask", content=parts()).status_code == 413


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/search", b'{"query":"x","years":[NaN]}'),
        ("/search", b'{"query":"x","years":[Infinity]}'),
        ("/search", rb'{"query":"\ud800 x"}'),
        ("/search", rb'{"query":"x","unit_types":["\udfff"]}'),
        ("/ask", rb'{"question":"\ud800"}'),
        ("/draft", rb'{"problem":"x","unit":"\ud800"}'),
        ("/check", rb'{"problem":"x","measures":[{"text":"\ud800"}]}'),
        ("/ask", b'{"question":' + b'"' + b"x" * 10_001 + b'"}'),
        ("/ask", b"[]"),
    ],
)
def test_a_body_that_does_not_fit_is_told_and_not_sent_back(
    fake: FakeReviewer, path: str, body: bytes
) -> None:
    with client(fake, CLERK) as clerk:
        answer = clerk.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert "请求内容不合要求" in answer.json()["error"]
    assert "xxxx" not in answer.text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/draft", {"problem": PROBLEM, "cause": "字" * 10_001}),
        ("/draft", {"problem": PROBLEM, "unit": "字" * 501}),
        ("/check", {"problem": PROBLEM, "measures": [{"text": "核查", "deadline": "字" * 10_001}]}),
        ("/search", {"query": PROBLEM, "unit_types": ["乡镇"] * 51}),
        ("/search", {"query": PROBLEM, "years": [10**30]}),
        ("/compare", {"notice_id": "a", "peer_ids": ["b"] * 51}),
    ],
)
def test_no_part_of_a_call_is_longer_than_a_text_may_be(
    fake: FakeReviewer, path: str, body: dict[str, object]
) -> None:
    with client(fake, CLERK) as clerk:
        assert clerk.post(path, json=body).status_code == 422


def test_an_answer_that_fails_on_its_way_ends_with_the_sentence(tmp_path: Path) -> None:
    failing = FailingReviewer(tmp_path / "home")
    failing.settings = settings(tmp_path / "home")
    with client(failing, CLERK) as clerk:
        told = clerk.post("/ask/stream", json={"question": PROBLEM}).text
    assert told.startswith("event: text\n")
    assert told.endswith('event: error\ndata: {"error": "案例库：读取失败"}\n\n')
    assert failing.last.stopped
    failing.library.close()


def test_a_flood_of_one_caller_waits_and_others_do_not(fake: FakeReviewer) -> None:
    fake.settings = settings(fake.settings.home, api_per_minute=3)
    with client(fake, CLERK) as clerk:
        statuses = [clerk.get("/notices").status_code for _ in range(5)]
        assert statuses == [200, 200, 200, 429, 429]
        told = clerk.get("/notices")
        assert 1 <= int(told.headers["retry-after"]) <= 61
        assert "请求过于频繁" in told.json()["error"]
        other = clerk.get("/notices", headers={"Authorization": f"Bearer {ADMIN}"})
        assert other.status_code == 200


def test_guessing_other_tokens_gains_no_further_tries(fake: FakeReviewer) -> None:
    fake.settings = settings(fake.settings.home, api_per_minute=5)
    with client(fake) as stranger:
        statuses = [
            stranger.get("/notices", headers={"Authorization": f"Bearer guess-{n}"}).status_code
            for n in range(8)
        ]
    assert statuses == [401] * 5 + [429] * 3
    with client(fake, CLERK) as clerk:
        assert clerk.get("/notices").status_code == 200


def test_how_much_is_held_is_told_to_who_bears_a_token(fake: FakeReviewer) -> None:
    with client(fake) as stranger:
        assert stranger.get("/health").json() == {"status": "ok"}
    with client(fake, CLERK) as clerk:
        assert clerk.get("/health").json()["notices"] > 0


def test_more_at_once_than_set_are_told_to_come_back(fake: FakeReviewer) -> None:
    fake.settings = settings(fake.settings.home, api_at_once=1)
    entered, leave = threading.Event(), threading.Event()
    held = fake.overview

    def slow() -> object:
        entered.set()
        assert leave.wait(LONG_S)
        return held()

    fake.overview = slow  # type: ignore[method-assign, assignment]
    with client(fake, CLERK) as clerk:
        answers: list[Any] = []
        first = threading.Thread(target=lambda: answers.append(clerk.get("/health")))
        first.start()
        assert entered.wait(LONG_S)
        busy = clerk.get("/drafts")
        leave.set()
        first.join()
        assert busy.status_code == 429
        assert busy.headers["retry-after"] == "2"
        assert "已到上限" in busy.json()["error"]
        assert answers[0].status_code == 200
        assert clerk.get("/drafts").status_code == 200


def test_callers_that_come_once_do_not_fill_the_memory() -> None:
    throttle = Throttle(None, at_once=1, per_minute=1)  # type: ignore[arg-type]
    for number in range(5_000):
        throttle._to_wait(str(number))
    assert len(throttle._counts) <= 4_096


# ---------------------------------------------------------------------- tokens


def test_without_tokens_there_is_the_local_user(tmp_path: Path) -> None:
    assert user_of(callers_of(Settings(home=tmp_path)), "") is LOCAL


def test_the_single_token_is_an_admins(tmp_path: Path) -> None:
    callers = callers_of(Settings(home=tmp_path), token="one")
    user = user_of(callers, "one")
    assert user is not None
    assert user.role is Role.ADMIN
    assert user_of(callers, "") is None


@pytest.mark.parametrize(
    "tokens",
    [
        '{"甲系统": "0123456789abcdef"}',
        '{"甲系统:主任": "0123456789abcdef"}',
        '{":经办": "0123456789abcdef"}',
        '{"甲系统:经办": "short"}',
        '{"甲:经办": "0123456789abcdef", "乙:管理员": "0123456789abcdef"}',
    ],
)
def test_tokens_that_cannot_be_used_are_told_without_showing_them(
    tmp_path: Path, tokens: str
) -> None:
    held = Settings(home=tmp_path, api_tokens=tokens)  # type: ignore[arg-type]
    with pytest.raises(SettingsError) as told:
        callers_of(held)
    assert "api_tokens" in str(told.value)
    assert "0123456789abcdef" not in str(told.value)
    assert "0123456789abcdef" not in repr(held)

"""The settings page shows what was sent, inert, and lets masking be switched."""

from __future__ import annotations

import json

import pytest

from assistant.access.guarded import GuardedReviewer
from assistant.access.policy import Role, User
from assistant.errors import AccessRefused
from assistant.outgoing.sent import Sent
from assistant.ui.sent import sent_html
from tests.fakes_ui import FakeReviewer
from tests.ui_support import fake_desk, open_page, shown

desk = pytest.fixture(fake_desk)
HOSTILE = "<img src=x onerror=alert(1)>"
BODY = json.dumps({"model": "m", "messages": [{"role": "user", "content": f"问〔人1〕{HOSTILE}"}]})
ONE = Sent(1, 0.0, "10.0.0.8:8000", "/v1/chat/completions", "问答", BODY, masked=True)


@pytest.mark.parametrize("name", ["mask_sent", "log_sent"])
def test_masking_and_the_log_file_are_off_until_switched_on(desk: FakeReviewer, name: str) -> None:
    assert getattr(desk.settings, name) is False
    at = open_page("settings").toggle(key=f"set-{name}").set_value(True).run()
    assert not at.exception
    assert getattr(desk.settings, name) is True


def test_what_was_sent_is_shown_when_asked_for(desk: FakeReviewer) -> None:
    desk.sent_requests = (ONE,)
    at = open_page("settings")
    assert "10.0.0.8:8000" not in shown(at)
    at = at.toggle(key="show-sent").set_value(True).run()
    assert "发送" in shown(at)
    assert "10.0.0.8:8000/v1/chat/completions" in shown(at)
    assert "问〔人1〕" in shown(at)


def test_what_was_sent_is_shown_inert() -> None:
    hostile = Sent(1, 0.0, HOSTILE, HOSTILE, HOSTILE, HOSTILE, masked=False, result=HOSTILE)
    html = sent_html((ONE, hostile))
    assert "<img" not in html
    assert "&lt;img" in html


@pytest.mark.parametrize("role", [Role.CLERK, Role.REVIEWER])
def test_the_record_is_for_who_may_change_the_settings(desk: FakeReviewer, role: Role) -> None:
    desk.sent_requests = (ONE,)
    with pytest.raises(AccessRefused):
        GuardedReviewer(desk, User("li", "李", role)).sent()  # type: ignore[arg-type]
    admin = GuardedReviewer(desk, User("wang", "王", Role.ADMIN))  # type: ignore[arg-type]
    assert admin.sent() == (ONE,)

"""按要求重写 on the page: the model writes, or like measures are offered and nothing pretended."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from assistant.models import DraftRecord, UnitProfile
from assistant.ui.regenerating import offers
from assistant.ui.slim import slim_draft
from tests.fakes_ui import FakeReviewer
from tests.ui_support import fake_desk, press, shown

desk = pytest.fixture(fake_desk)
PROBLEM = "固定资产账实不符，部分设备购置后未登记入账。"
PLACE = 2


def drafted(desk: FakeReviewer) -> DraftRecord:
    draft = slim_draft(desk.draft(PROBLEM))
    return desk.store.save_draft(DraftRecord("", PROBLEM, "在拟", draft, UnitProfile()))


def page() -> None:
    """Draw the dialog's inside by itself: outside a browser a dialog forgets its state."""
    import streamlit as st  # noqa: PLC0415

    from assistant.ui.instructing import instruct_body  # noqa: PLC0415
    from assistant.ui.state import reviewer  # noqa: PLC0415

    desk = reviewer()
    record = desk.store.drafts()[0]

    def put(draft: object) -> None:
        st.session_state["put"] = draft

    instruct_body(desk, record, 2, put)


def asked(record: DraftRecord, instruction: str) -> AppTest:
    at = AppTest.from_function(page, default_timeout=120).run()
    key = f"{record.id}-{record.version}-{PLACE}"
    at = at.text_area(key=f"instruct-{key}").set_value(instruction).run()
    return press(at, f"instruct-ok-{key}")


def test_without_a_model_measures_that_hold_the_words_are_offered(desk: FakeReviewer) -> None:
    record = drafted(desk)
    assert record.draft is not None
    found = offers(record.draft, "修订资产管理制度")
    assert found
    assert all(word in offer.measure.text for offer in found for word in offer.words)
    at = asked(record, "修订资产管理制度")
    assert "不会照要求另写文字" in shown(at)
    at = press(at, f"offer-{PLACE}-0")
    new = at.session_state["put"].measures[PLACE]
    assert new.text != record.draft.measures[PLACE].text
    assert new.evidence == (found[0].evidence.number,)
    assert new.responsible == record.draft.measures[PLACE].responsible


def test_without_a_model_and_without_a_match_nothing_is_pretended(desk: FakeReviewer) -> None:
    at = asked(drafted(desk), "量子计算")
    assert "没有写到这些内容的措施" in shown(at)


def test_with_a_model_the_instruction_goes_to_it(desk: FakeReviewer) -> None:
    desk.save_settings({"base_url": "http://127.0.0.1:9/v1", "model": "m"})
    at = asked(drafted(desk), "写细到每月一次")
    assert at.session_state["put"].measures[PLACE].text == "将按要求重写：写细到每月一次。"

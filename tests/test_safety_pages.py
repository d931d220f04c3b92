"""Hostile text in every field a page draws: it is shown, and is never markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st

from assistant.models import (
    Answer,
    Answerable,
    Citation,
    DraftRecord,
    Evidence,
    Finding,
    LedgerRow,
    UnitProfile,
)
from assistant.outgoing.sent import Sent
from assistant.ui import state
from tests.fakes_export import make_draft
from tests.fakes_ui import FakeReviewer
from tests.fakes_ui_notices import HOSTILE
from tests.ui_support import open_page, shown

EVIL = f"{HOSTILE}\" onmouseover=alert(1) x='"
PAGES = ("", "library", "draft", "compare", "settings")
_TAG = re.compile(r"<(script|img|iframe|object|embed|svg|base|meta|form)\b", re.IGNORECASE)
_HANDLER = re.compile(r"<[^<>]*\son\w+\s*=", re.IGNORECASE)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeReviewer]:
    fake = FakeReviewer(tmp_path, hostile=True)
    monkeypatch.setattr(state, "build_reviewer", lambda _settings: fake)
    st.cache_resource.clear()
    _fill(fake)
    yield fake
    st.cache_resource.clear()
    fake.library.close()


def _fill(fake: FakeReviewer) -> None:
    notice = next(one for one in fake.notices() if HOSTILE in one.cases[0].problem)
    evidence = Evidence(1, notice.cases[0], replace(notice, source=EVIL, unit=EVIL, title=EVIL))
    citation = Citation(1, notice.cases[0].id, notice.id, EVIL, 1, 1, 0, 2, EVIL)
    answer = Answer(
        question=EVIL,
        text=f"{EVIL}[1]。\n- {EVIL}\n**{EVIL}**\n# {EVIL}",
        citations=(citation,),
        evidence=(evidence,),
        answerable=Answerable.YES,
        unsupported=(f"{EVIL}[1]。",),
        findings=(Finding("unsupported", "warn", EVIL),),
        model=EVIL,
        notice=EVIL,
        rewritten=EVIL,
        followups=(EVIL,),
    )
    fake.store.save_turn(None, EVIL, answer)
    profile = UnitProfile(name=EVIL, leaders=(("责任领导", EVIL),), facts=EVIL, deadline=EVIL)
    fake.store.save_profile(profile)
    draft = make_draft(EVIL)
    measures = tuple(
        replace(one, text=EVIL, deliverable=EVIL, responsible=EVIL, deadline=EVIL)
        for one in draft.measures
    )
    draft = replace(
        draft, cause=EVIL, goal=EVIL, measures=measures, placeholders=(EVIL,), evidence=(evidence,),
        findings=(Finding("R17", "error", EVIL, "measure:0"),),
    )  # fmt: skip
    row = LedgerRow(problem=EVIL)
    fake.store.save_draft(
        DraftRecord("", EVIL, "在拟", draft, profile, number=EVIL, group=EVIL, ledger=row)
    )
    fake.sent_requests = (Sent(1, 0.0, EVIL, EVIL, EVIL, EVIL, masked=True, result=EVIL),)
    fake.settings = fake.settings.model_copy(
        update={"model": EVIL, "base_url": "http://127.0.0.1:9/v1"}
    )


@pytest.mark.parametrize("page", PAGES)
def test_hostile_text_is_inert_on_every_page(desk: FakeReviewer, page: str) -> None:
    held = {"show-sent": True}
    query = {}
    if page == "":
        query["c"] = desk.store.conversations()[0].id
    if page == "library":
        query["n"] = next(n.id for n in desk.notices() if HOSTILE in n.cases[0].problem)
    at = open_page(page, held=held, **query)
    assert not at.exception
    html = shown(at)
    assert "&lt;script&gt;" in html or page == "compare"
    assert not _TAG.search(html), _TAG.search(html)
    assert not _HANDLER.search(html), _HANDLER.search(html)
    assert "evil.example" not in " ".join(re.findall(r"(?:href|src)=\"([^\"]*)\"", html))
    labels = [str(getattr(one, "label", "")) for one in (*at.button, *at.radio, *at.selectbox)]
    assert not [label for label in labels if "](http" in label or ":red[" in label]

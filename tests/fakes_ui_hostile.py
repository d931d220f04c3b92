"""A desk whose settings, profile and record of requests hold markup wherever a text may stand."""

from __future__ import annotations

import json

from assistant.models import UnitProfile
from assistant.outgoing.sent import Sent
from tests.fakes_ui import FakeReviewer
from tests.fakes_ui_notices import HOSTILE

EVIL = f"{HOSTILE}\" onmouseover=document.title='hacked' x='"
WORD = "很长的词" * 200 + "x" * 800
ADDRESS = "http://127.0.0.1:9/v1?q=<img src=x onerror=document.title='hacked'>"


def make_settings_hostile(desk: FakeReviewer) -> None:
    """Fill whatever the settings page shows; endpoints point at a port nobody listens on."""
    desk.settings = desk.settings.model_copy(
        update={
            "base_url": ADDRESS,
            "model": EVIL,
            "embeddings_base_url": ADDRESS,
            "embeddings_model": f"{EVIL}{WORD}",
            "rerank_base_url": ADDRESS,
            "rerank_model": EVIL,
            "admins": (EVIL,),
            "reviewers": (WORD,),
        }
    )
    desk.store.save_profile(
        UnitProfile(
            name=f"{EVIL}{WORD}",
            unit_type="村社区",
            deadline=EVIL,
            feedback_date=WORD,
            leaders=(("责任领导", EVIL), (EVIL, WORD)),
            facts=f"{EVIL}\n{WORD}",
        )
    )
    turns = [{"role": "user", "content": f"{EVIL}{WORD}"}]
    body = json.dumps({"model": EVIL, "messages": turns}, ensure_ascii=False)
    desk.sent_requests = (
        Sent(2, 0.0, EVIL, f"/{WORD}", EVIL, body, masked=True, result=EVIL),
        Sent(1, 0.0, "10.0.0.8:8000", "/v1", "问答", EVIL, masked=False),
    )

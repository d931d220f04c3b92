"""Whose drafts are listed, and which of them this user may change or delete."""

from __future__ import annotations

import streamlit as st

from assistant.access.policy import Act
from assistant.models import DraftRecord
from assistant.ui.desk import ReviewDesk
from assistant.ui.drafting import FINAL
from assistant.ui.safe import label

MINE, ALL = "我的", "全部"
KEY = "whose"


def listed(desk: ReviewDesk) -> tuple[DraftRecord, ...]:
    """Give the drafts to list, as the switch stands."""
    everyone = _may_choose(desk) and st.session_state.get(KEY) == ALL
    return desk.store.drafts(everyone=everyone)


def whose_switch(desk: ReviewDesk) -> None:
    """Draw the switch, where there is something to choose."""
    if _may_choose(desk):
        st.segmented_control(
            "看谁的",
            [MINE, ALL],
            default=MINE,
            key=KEY,
            label_visibility="collapsed",
            persist_state="session",
        )


def owner_of(desk: ReviewDesk, record: DraftRecord) -> str:
    """Name the owner of another's draft; nothing for an own one."""
    return "" if record.owner == desk.user.id else label(record.owner or "本机")


def changeable(desk: ReviewDesk, record: DraftRecord) -> bool:
    """Tell whether this user may change a draft as it stands; what is final only who reviews."""
    return record.state != FINAL or desk.may(Act.RETURN)


def deletable(desk: ReviewDesk, record: DraftRecord) -> bool:
    """Tell whether this user may delete a draft; another's only who may remove."""
    if record.owner != desk.user.id:
        return desk.may(Act.REMOVE)
    return changeable(desk, record)


def _may_choose(desk: ReviewDesk) -> bool:
    # without access control there is only one owner
    return bool(desk.user.id) and desk.may(Act.READ_ALL_DRAFTS)

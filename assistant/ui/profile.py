"""The unit's own facts, filled in once: drafts may use these and no others."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from assistant.access.policy import Act
from assistant.export.masked import texts_of
from assistant.models import UnitProfile
from assistant.ui.desk import ReviewDesk
from assistant.ui.kit import note
from assistant.ui.personal import tell_of_kept_numbers
from assistant.ui.safe import plain

UNIT_TYPES = (
    "村社区",
    "街道",
    "乡镇",
    "开发区",
    "县区党委",
    "党政部门",
    "群团",
    "国资国企",
    "学校医院",
    "其他",
)
ROLES = ("责任领导", "责任部门", "责任人", "监督部门")


@st.dialog("本单位信息", width="medium")
def profile_dialog(desk: ReviewDesk) -> None:
    """Edit the profile."""
    profile_form(desk)


def profile_html(held: UnitProfile) -> str:
    """Draw what is held of the unit."""
    rows = {
        "单位": " · ".join(part for part in (held.name, held.unit_type) if part),
        "反馈日期": held.feedback_date,
        "集中整改期": held.deadline and f"至 {held.deadline}",
        "责任分工": "；".join(f"{role}：{who}" for role, who in held.leaders),
        "可用事实": held.facts,
    }
    body = "".join(
        f"<span>{name}</span><b>{plain(value) if value else '<i>未填，草稿中留空</i>'}</b>"
        for name, value in rows.items()
    )
    return f'<div class="kv boxed">{body}</div>'


def profile_form(desk: ReviewDesk, *, key: str = "profile") -> None:
    """Draw the form."""
    held = desk.store.profile()
    note("只填一次，起草时自动带入；留空的地方在草稿中保留【　】，不会替你编造。")
    with st.form(f"{key}-form", border=False):
        left, right = st.columns(2)
        name = left.text_input("单位名称", held.name, placeholder="例如：青禾镇党委")
        kinds = ["", *UNIT_TYPES]
        kind = right.selectbox(
            "单位类型",
            kinds,
            index=kinds.index(held.unit_type) if held.unit_type in kinds else 0,
            format_func=lambda value: value or "未选择",
        )
        feedback = left.text_input(
            "反馈日期", held.feedback_date, placeholder="例如：2025年3月12日"
        )
        deadline = right.text_input(
            "集中整改期截止", held.deadline, placeholder="例如：2025年9月30日"
        )
        known = dict(held.leaders)
        people = [
            (role, (left, right)[place % 2].text_input(role, known.get(role, "")))
            for place, role in enumerate(ROLES)
        ]
        others = st.text_area(
            "其他分工，一行一个",
            "\n".join(f"{role}：{who}" for role, who in held.leaders if role not in ROLES),
            height=80,
            placeholder="例如：配合部门：财政所",
        )
        facts = st.text_area(
            "可写进草稿的事实",
            held.facts,
            height=110,
            placeholder="本单位已核实的数字、制度名称、机构名称等，一行一条",
        )
        office = _may_set_office(desk) and st.toggle(
            "同时作为全单位的默认信息", key=f"{key}-office"
        )
        if st.form_submit_button("保存", type="primary"):
            leaders = (*_filled(people), *people_of(others))
            profile = UnitProfile(name, kind, deadline, feedback, leaders, facts)
            desk.store.save_profile(profile)
            if office:
                desk.store.save_profile(profile, office=True)
            tell_of_kept_numbers(texts_of(profile))
            st.rerun()


def _may_set_office(desk: ReviewDesk) -> bool:
    return bool(desk.user.id) and desk.may(Act.OFFICE_PROFILE)


def _filled(people: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((role, who.strip()) for role, who in people if who.strip())


def people_of(text: str) -> tuple[tuple[str, str], ...]:
    """Read lines of 角色：姓名或部门; a line without a colon is a role still open and left out."""
    rows = (row.replace(":", "：").partition("：") for row in text.splitlines())
    return tuple(
        (role.strip(), who.strip()) for role, _, who in rows if role.strip() and who.strip()
    )

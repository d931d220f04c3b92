"""The unit's own facts, filled in once: drafts may use these and no others."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from assistant.models import UnitProfile
from assistant.ui.desk import ReviewDesk
from assistant.ui.kit import note

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
        rows = [{"角色": role, "姓名或部门": dict(held.leaders).get(role, "")} for role in ROLES]
        known = set(ROLES)
        rows += [
            {"角色": role, "姓名或部门": who} for role, who in held.leaders if role not in known
        ]
        st.caption("责任分工")
        leaders = st.data_editor(
            rows, key=f"{key}-leaders", hide_index=True, num_rows="dynamic", width="stretch"
        )
        facts = st.text_area(
            "可写进草稿的事实",
            held.facts,
            height=110,
            placeholder="本单位已核实的数字、制度名称、机构名称等，一行一条",
        )
        if st.form_submit_button("保存", type="primary"):
            people = _people(leaders)
            desk.store.save_profile(UnitProfile(name, kind, deadline, feedback, people, facts))
            st.rerun()


def _people(rows: object) -> tuple[tuple[str, str], ...]:
    found = []
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and row.get("角色") and row.get("姓名或部门"):
            found.append((str(row["角色"]).strip(), str(row["姓名或部门"]).strip()))
    return tuple(found)

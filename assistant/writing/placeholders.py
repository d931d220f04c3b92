"""Blanks only the user can fill, and the list of what is still to be filled."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.models import DraftMeasure, UnitProfile
from assistant.writing.deadlines import end_of_period
from assistant.writing.guard import BLANK
from assistant.writing.nature import is_money, is_serious
from assistant.writing.practice import Playbook

ROLES = ("责任领导", "责任单位", "责任人")


def responsible_for(profile: UnitProfile) -> str:
    """The three roles, filled where the user gave a name."""
    names = dict(profile.leaders)
    return "；".join(f"{role}：{names.get(role) or BLANK}" for role in ROLES)


def placeholders_of(
    problem: str, book: Playbook, measures: Sequence[DraftMeasure], profile: UnitProfile
) -> tuple[str, ...]:
    """待补事项, one sentence each."""
    names = dict(profile.leaders)
    found = []
    missing = [role for role in ROLES if not names.get(role)]
    if missing:
        found.append(f"请填写{'、'.join(missing)}（责任单位可考虑{book.office}等部门）。")
    if end_of_period(profile) is None:
        found.append("请填写集中整改期截止日，以便推算各项措施的完成时限。")
    if any(f"{BLANK}元" in measure.text for measure in measures):
        found.append("请填写核查认定的涉及金额和人数，未核清前保留空白。")
    elif is_money(problem):
        found.append("请核对涉及金额和人数，并写明认定和收回所依据的文件。")
    if is_serious(problem):
        found.append("请确认问题线索是否移交纪检监察机关，如移交请写明时间和办理情况。")
    found.append("原因分析为推测，请结合实际核实修改。")
    return tuple(found)

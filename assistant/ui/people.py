"""Who has which role: lists that 管理员 keeps; they hold from everybody's next click."""

from __future__ import annotations

import streamlit as st

from assistant.access.policy import ALLOWED, NO_ROLE, Act, Role
from assistant.settings import environment_fields
from assistant.ui.desk import ReviewDesk
from assistant.ui.kit import note, section
from assistant.ui.safe import plain
from assistant.ui.state import session

FIELDS = {"admins": Role.ADMIN.value, "reviewers": Role.REVIEWER.value}
DEFAULTS = {
    Role.CLERK.value: "经办（登录即可使用）",
    Role.REVIEWER.value: "审核",
    NO_ROLE: "无（未列入名单的不得使用）",
}

_SEEN = "_people_seen"
"""The lists as this visitor's form was last drawn from them."""


def people(desk: ReviewDesk) -> None:
    """Draw the lists and the table of what each role may do."""
    section("人员与角色", "一行一个账号；以 @ 开头的是统一登录中的组")
    fixed = environment_fields()
    with st.form("people", border=True):
        columns = st.columns(2)
        lists = {
            field: column.text_area(
                name,
                "\n".join(getattr(desk.settings, field)),
                key=f"people-{field}",
                height=140,
                disabled=field in fixed,
            )
            for (field, name), column in zip(FIELDS.items(), columns, strict=True)
        }
        options = list(DEFAULTS)
        default = st.selectbox(
            "其他已登录的人",
            options,
            index=options.index(desk.settings.default_role),
            format_func=DEFAULTS.__getitem__,
            key="people-default",
            disabled="default_role" in fixed,
        )
        all_fixed = {*FIELDS, "default_role"} <= fixed
        if all_fixed:
            st.caption("由环境变量设定，这里不能改")
        if st.form_submit_button("保存", type="primary", disabled=all_fixed):
            changes: dict[str, object] = {
                field: tuple(part.strip() for part in text.split("\n") if part.strip())
                for field, text in lists.items()
            }
            changes["default_role"] = default
            _save(desk, {k: v for k, v in changes.items() if k not in fixed})
    st.session_state[_SEEN] = _lists(desk)
    if message := session().notes.pop("people", ""):
        note(message, "ok")
    if message := session().notes.pop("people-stale", ""):
        note(message, "warn")
    st.html(_table())


def _lists(desk: ReviewDesk) -> tuple[object, ...]:
    held = desk.settings
    return held.admins, held.reviewers, held.default_role


def _save(desk: ReviewDesk, changes: dict[str, object]) -> None:
    """Store the lists, unless somebody else did since they were drawn: nothing is overwritten."""
    if st.session_state.get(_SEEN, _lists(desk)) != _lists(desk):
        for field in (*FIELDS, "default"):
            st.session_state.pop(f"people-{field}", None)
        session().notes["people-stale"] = (
            "名单刚刚被别人改过，这次没有保存。下面是现在的名单，请核对后再改。"
        )
    else:
        desk.save_settings(changes)
        session().notes["people"] = "已保存，对方下一次操作起生效。"
    st.rerun()


def _table() -> str:
    """Draw what each role may do."""
    heads = "".join(f"<th>{role.value}</th>" for role in Role)
    rows = "".join(
        f"<tr><th>{plain(act.value)}</th>"
        + "".join(f"<td>{'✓' if act in ALLOWED[role] else ''}</td>" for role in Role)
        + "</tr>"
        for act in Act
    )
    head = f"<thead><tr><th></th>{heads}</tr></thead>"
    return f'<table class="roles">{head}<tbody>{rows}</tbody></table>'

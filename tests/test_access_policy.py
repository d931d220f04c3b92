"""Who may do what: the policy table, identities and the rules that give them roles."""

from __future__ import annotations

import pytest

from assistant.access.policy import (
    LOCAL,
    AccessRules,
    Act,
    Identity,
    Role,
    User,
    acting,
    acting_as,
    may,
    require,
)
from assistant.errors import AccessRefused
from assistant.settings import Settings

CLERK_MAY = {"READ", "ASK", "COMPARE", "DRAFT", "EXPORT", "IMPORT", "PROFILE"}
REVIEWER_MAY = CLERK_MAY | {"READ_ALL_DRAFTS", "FINALISE", "RETURN", "CORRECT"}
TABLE = {
    Role.CLERK: CLERK_MAY,
    Role.REVIEWER: REVIEWER_MAY,
    Role.ADMIN: REVIEWER_MAY | {"REMOVE", "REINDEX", "SETTINGS", "OFFICE_PROFILE", "AUDIT"},
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("act", Act)
def test_each_role_may_do_exactly_what_the_table_says(act: Act, role: Role) -> None:
    user = User("zhang", "张三", role)
    assert may(user, act) is (act.name in TABLE[role])
    if act.name in TABLE[role]:
        require(user, act)
        return
    with pytest.raises(AccessRefused, match=r"需要(审核|管理员)权限，您的身份是"):
        require(user, act)


def test_without_access_control_the_local_user_may_everything() -> None:
    assert all(may(LOCAL, act) for act in Act)
    assert LOCAL.id == ""


def test_a_refusal_names_the_least_role_that_may() -> None:
    with pytest.raises(AccessRefused, match=r"需要审核权限.*请联系本单位审核办理"):
        require(User("a", "甲", Role.CLERK), Act.FINALISE)


def rules(**changes: object) -> AccessRules:
    settings = Settings(access="header", **changes)  # type: ignore[arg-type]
    return settings.access_rules()


def test_roles_come_from_lists_groups_and_the_default() -> None:
    held = rules(admins="Li.Si, @巡察办主任", reviewers=("wang",), default_role="经办")
    assert held.user(Identity("LI.SI")).role is Role.ADMIN
    assert held.user(Identity("zhao", groups=("巡察办主任",))).role is Role.ADMIN
    assert held.user(Identity("wang", "王五")).role is Role.REVIEWER
    assert held.user(Identity("nobody")).role is Role.CLERK


def test_an_unknown_user_is_refused_where_nobody_else_is_let_in() -> None:
    held = rules(admins="li", default_role="无")
    with pytest.raises(AccessRefused, match="尚未获准使用"):
        held.user(Identity("stranger"))
    assert held.user(Identity("li")).role is Role.ADMIN


def test_a_group_cannot_be_claimed_by_a_user_named_like_it() -> None:
    held = rules(admins="@boss", default_role="无")
    with pytest.raises(AccessRefused):
        held.user(Identity("boss"))
    # an account may not begin with the sign of a group
    with pytest.raises(AccessRefused):
        held.user(Identity("@boss"))


def test_the_same_account_in_another_case_is_the_same_owner() -> None:
    assert rules().user(Identity(" ZhangSan ")).id == "zhangsan"


# the last four pose as boss and king
@pytest.mark.parametrize(
    "key",
    [
        *("", "  ", "a" * 129, "a\nb", "a\x00b", "li,si", "@x", "a\u2028b"),
        *("bo\u017fs", "\uff42\uff4f\uff53\uff53", "\u212aing", "bo\u00df"),
    ],
)
def test_strange_ids_are_refused(key: str) -> None:
    with pytest.raises(AccessRefused, match="没有收到有效的用户身份"):
        rules().user(Identity(key))


def test_a_display_name_cannot_break_a_line() -> None:
    assert rules().user(Identity("a", "张\n三\x07")).name == "张三"


def test_who_acts_is_known_inside_and_forgotten_outside() -> None:
    with acting_as(User("zhang", "张三", Role.CLERK)):
        assert acting() == "zhang"
    assert acting() == ""

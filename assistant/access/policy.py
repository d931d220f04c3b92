"""Who may do what: roles, acts and how an identity becomes a user. Pure policy, no I/O.

The pages hide what one may not do; this is where it is decided, and `guarded` asks here on every
call, so that a button shown by mistake opens nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from unicodedata import normalize

from assistant.errors import AccessRefused

AccessMode = Literal["off", "header", "oidc"]
NO_ROLE = "无"
ID_AT_MOST = 128
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Role(StrEnum):
    """What a person is in the office's work; each may do all that the one before it may."""

    CLERK = "经办"
    REVIEWER = "审核"
    ADMIN = "管理员"


class Act(StrEnum):
    """One kind of doing; the value is how the audit log names it."""

    READ = "查阅"
    ASK = "提问"
    COMPARE = "对标"
    DRAFT = "起草"
    EXPORT = "导出"
    IMPORT = "导入"
    PROFILE = "改单位信息"
    READ_ALL_DRAFTS = "查阅他人草稿"
    FINALISE = "定稿"
    RETURN = "退回修改"
    CORRECT = "更正案例"
    REMOVE = "删除通报"
    REINDEX = "重建索引"
    SETTINGS = "修改设置"
    OFFICE_PROFILE = "改全单位默认信息"
    AUDIT = "查看审计"


_CLERK = frozenset({Act.READ, Act.ASK, Act.COMPARE, Act.DRAFT, Act.EXPORT, Act.IMPORT, Act.PROFILE})
_REVIEWER = _CLERK | {Act.READ_ALL_DRAFTS, Act.FINALISE, Act.RETURN, Act.CORRECT}
_ADMIN = _REVIEWER | {Act.REMOVE, Act.REINDEX, Act.SETTINGS, Act.OFFICE_PROFILE, Act.AUDIT}
ALLOWED: dict[Role, frozenset[Act]] = {
    Role.CLERK: _CLERK,
    Role.REVIEWER: _REVIEWER,
    Role.ADMIN: _ADMIN,
}


@dataclass(frozen=True, slots=True)
class User:
    """A person at work; `id` owns conversations and drafts."""

    id: str
    name: str
    role: Role

    @property
    def shown(self) -> str:
        """The name with the id where they differ."""
        return self.name if self.name in ("", self.id) else f"{self.name}（{self.id}）"


LOCAL = User("", "本机", Role.ADMIN)
"""The one user there is while access control is off."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a proxy or an issuer says is there, not yet given a role."""

    id: str
    name: str = ""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessRules:
    """What the settings say of access, ready for use."""

    mode: AccessMode = "off"
    admins: frozenset[str] = frozenset()
    reviewers: frozenset[str] = frozenset()
    default_role: Role | None = Role.CLERK

    def user(self, identity: Identity) -> User:
        """Give the user an identity stands for; raises `AccessRefused`."""
        key = clean_id(identity.id)
        role = self._role(key, identity.groups)
        if role is None:
            raise AccessRefused(
                "您的账号尚未获准使用整改参谋",
                where=key,
                todo="请联系本单位管理员，把账号加入使用名单",
            )
        return User(key, clean_name(identity.name) or key, role)

    def _role(self, key: str, groups: Iterable[str]) -> Role | None:
        # an entry names a person, or a group as @group
        names = {folded(key), *(f"@{folded(group)}" for group in groups)}
        if names & self.admins:
            return Role.ADMIN
        if names & self.reviewers:
            return Role.REVIEWER
        return self.default_role


def folded(name: str) -> str:
    """Give the form in which ids and groups are compared: directories ignore case."""
    return name.strip().casefold()


def clean_id(raw: str) -> str:
    """Give an id fit to own records; raises `AccessRefused` for none or a strange one."""
    key = folded(raw)
    strange = len(key) > ID_AT_MOST or _CONTROL.search(key) or "," in key or _poses(raw)
    # `@` in front means a group in the lists of the settings
    if not key or strange or key.startswith("@"):
        raise AccessRefused(
            "没有收到有效的用户身份",
            todo="请从本单位统一入口重新登录；仍不行请联系管理员检查登录配置",
        )
    return key


def _poses(raw: str) -> bool:
    """Tell letters that only fold into others: `boſs`, full-width and Kelvin signs pose as ASCII.

    Directories that tell such accounts apart from the plain ones must not give their rights.
    """
    return normalize("NFKC", raw) != raw or raw.casefold() != raw.lower()


def clean_name(raw: str) -> str:
    """Give a display name fit to be shown: no control characters, not overlong."""
    return _CONTROL.sub("", raw).strip()[:ID_AT_MOST]


def may(user: User, act: Act) -> bool:
    """Tell whether the user may do it."""
    return act in ALLOWED[user.role]


def require(user: User, act: Act) -> None:
    """Raise `AccessRefused` where the user may not."""
    if not may(user, act):
        least = next(role for role in Role if act in ALLOWED[role])
        raise AccessRefused(
            f"“{act.value}”需要{least.value}权限，您的身份是{user.role.value}",
            todo=f"请联系本单位{least.value}办理",
        )


_acting: ContextVar[str] = ContextVar("acting", default="")


def acting() -> str:
    """Give the id of the user for whom this thread works, for the record's own log."""
    return _acting.get()


@contextmanager
def acting_as(user: User) -> Iterator[None]:
    """Let what is logged inside carry the user's id."""
    token = _acting.set(user.id)
    try:
        yield
    finally:
        _acting.reset(token)

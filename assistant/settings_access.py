"""The settings of who comes in and how much at once; part of `Settings`."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode

from assistant.access.policy import NO_ROLE, AccessMode, AccessRules, Role, folded


def split_list(value: object) -> object:
    """Read a comma-separated text as its parts; anything else is left as it is."""
    if not isinstance(value, str):
        return value
    parts = value.replace("，", ",").replace("\n", ",").split(",")
    return tuple(part.strip() for part in parts if part.strip())


class AccessSettings(BaseSettings):
    """Access control, the gate, the callers of the HTTP API."""

    api_tokens: Annotated[dict[str, SecretStr], NoDecode] = {}
    """JSON object `{"name:role": "token"}`: callers of the HTTP API with their own rights."""
    api_at_once: int = Field(default=32, ge=1, le=1_000)
    """Requests the HTTP API works on at once; more are told to come back."""
    api_per_minute: int = Field(default=600, ge=1, le=100_000)
    """Requests a caller of the HTTP API may make in a minute."""

    access: AccessMode = "off"
    """Who may come in: `off` (one local user), `header` (a proxy names the user) or `oidc`."""
    open_without_login: bool = False
    """Whether the web app may be served beyond this machine with access control off."""
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Host names under which the web app and the API are reached, comma-separated."""
    admins: Annotated[tuple[str, ...], NoDecode] = ()
    """Accounts with the role 管理员, or `@group`, comma-separated."""
    reviewers: Annotated[tuple[str, ...], NoDecode] = ()
    """Accounts with the role 审核, or `@group`, comma-separated."""
    default_role: Literal["经办", "审核", "无"] = "经办"
    """Role of everybody else who is signed in; 无 lets nobody else in."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ("127.0.0.1", "::1")
    """Addresses or networks of the proxies whose headers are believed, comma-separated."""
    header_user: str = "X-Forwarded-User"
    header_name: str = "X-Forwarded-Name"
    """Header with the name to show, UTF-8 or percent-encoded."""
    header_groups: str = "X-Forwarded-Groups"
    header_secret: SecretStr = SecretStr("")
    """What the proxy must send in `X-Zhenggai-Secret`; recommended."""
    oidc_metadata_url: str = ""
    """`https://…/.well-known/openid-configuration` of the office's sign-in service."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_redirect_url: str = ""
    """Where the sign-in service sends users back: `https://…/oauth2callback`."""
    oidc_user_claim: str = "preferred_username"
    """Claim that names the account; `sub` where it is absent."""
    login_hours: int = Field(default=12, ge=1, le=720)
    """After so many hours a user of `oidc` signs in again, one of `header` enters again."""
    idle_minutes: int = Field(default=60, ge=0, le=1_440)
    """A page untouched for so long asks its signed-in user to confirm or sign in; 0 never."""
    max_sessions: int = Field(default=100, ge=1, le=10_000)
    """Pages open at once; the next visitor is told to wait."""
    max_import_files: int = Field(default=200, ge=1, le=10_000)
    """Files a single import through the web page may bring."""

    @field_validator("allowed_hosts", "admins", "reviewers", "trusted_proxies", mode="before")
    @classmethod
    def _lists(cls, value: object) -> object:
        return split_list(value)

    @field_validator("api_tokens", mode="before")
    @classmethod
    def _tokens(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value or "{}")
        except ValueError as error:
            raise ValueError('要写成 JSON 对象，例如 {"OA系统:经办": "令牌"}') from error

    def access_rules(self) -> AccessRules:
        """Return who has which role."""
        return AccessRules(
            mode=self.access,
            admins=frozenset(folded(name) for name in self.admins),
            reviewers=frozenset(folded(name) for name in self.reviewers),
            default_role=None if self.default_role == NO_ROLE else Role(self.default_role),
        )

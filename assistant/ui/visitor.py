"""Who this visitor is.

Identities come from two places only: the header that the gate sealed, or the session that the web
framework signed in. Roles are read from the settings on every run, so that a change holds at the
next click.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
from starlette.requests import cookie_parser
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from assistant.access.identity import IDENTITY_HEADER, unsealed
from assistant.access.policy import LOCAL, Identity, User
from assistant.errors import AccessRefused
from assistant.settings import Settings

_KEPT_GROUPS = ("groups", "roles")


def current_user(settings: Settings) -> User:
    """Give the user of this session; raises `AccessRefused`."""
    if settings.access == "off":
        return LOCAL
    if settings.access == "header":
        return settings.access_rules().user(_from_gate())
    return settings.access_rules().user(_from_claims(claims(), settings.oidc_user_claim))


def _from_gate() -> Identity:
    held = headers().get(IDENTITY_HEADER)
    if not held:
        raise AccessRefused("没有收到用户身份", todo="请从本单位统一入口打开整改参谋")
    return unsealed(held)


def _from_claims(held: Mapping[str, Any], claim: str) -> Identity:
    groups = [group for name in _KEPT_GROUPS for group in _texts(held.get(name))]
    key = held.get(claim) or held.get("sub") or ""
    return Identity(str(key), str(held.get("name") or ""), tuple(groups))


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else []


def headers() -> Mapping[str, str]:
    """Give the headers this session was opened with, as the gate let them through."""
    return st.context.headers


def claims() -> Mapping[str, Any]:
    """Give what the sign-in service said of the user; empty when nobody is signed in."""
    held = st.user.to_dict()
    return held if held.get("is_logged_in") else {}


def signed_in(cookies: str) -> bool:
    """Tell whether a `Cookie` header bears the signed cookie of a user, as the framework reads it.

    The reader is the framework's own and private; a test with a real sign-in notices a change.
    """
    held = cookie_parser(cookies)
    return _get_signed_cookie_with_chunks(held, USER_COOKIE_NAME) is not None

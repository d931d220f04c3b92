"""The door of the web app: signing in, and what stands where a page would for who may not."""

from __future__ import annotations

import time

import streamlit as st

from assistant.access.audit import REFUSED, SIGNED_IN
from assistant.access.front_door import OPEN_WARNING, is_open_to_all
from assistant.access.identity import SEAT_HEADER
from assistant.access.policy import User
from assistant.errors import AccessRefused
from assistant.library import Library
from assistant.settings import Settings
from assistant.ui.kit import head, note
from assistant.ui.presence import Coming, Presence
from assistant.ui.presence_watch import (
    back_at_screen,
    came_by_itself,
    screen_left,
    watch_screen,
)
from assistant.ui.safe import plain
from assistant.ui.visitor import claims, current_user, headers

ENTERED, SINCE = "_entered", "_since"
HOUR, MINUTE = 3600, 60


@st.cache_resource(show_spinner=False)
def presence() -> Presence:
    """Give the shared table of who was last seen when."""
    return Presence()


# ---------------------------------------------------------------------- at the door


def enter(settings: Settings, library: Library) -> bool:
    """Let the visitor in, or draw why not and what to do."""
    if settings.access == "off":
        if is_open_to_all(settings, str(st.get_option("server.address") or "")):
            note(OPEN_WARNING, "bad")
        return _seated(settings)
    if settings.access == "oidc" and not claims():
        _sign_in()
        return False
    try:
        user = current_user(settings)
    except AccessRefused as error:
        _refused(settings, library, error)
        return False
    _fresh_for(user)
    return _seated(settings) and _at_work(settings, library, user)


def _fresh_for(user: User) -> None:
    """Let nothing of a session pass to another user who comes in by the same socket."""
    if st.session_state.get(ENTERED) not in (None, user.id):
        st.session_state.clear()
    st.session_state[ENTERED] = user.id


def _at_work(settings: Settings, library: Library, user: User) -> bool:
    if settings.access == "header" and _open_for_too_long(settings):
        return False
    signed_in = _signed_in_at() if settings.access == "oidc" else 0.0
    too_old = settings.access == "oidc" and time.time() - signed_in > settings.login_hours * HOUR
    idle_s = settings.idle_minutes * MINUTE
    by_itself = came_by_itself()
    left = screen_left(idle_s, by_itself=by_itself)
    coming = Coming.IDLE
    if not too_old:
        # the user may be at work on another page: that says nothing of who stands before this one
        coming = (
            presence().look(user.id, idle_s=idle_s)
            if left or by_itself
            else presence().come(user.id, idle_s=idle_s, signed_in=signed_in)
        )
    if left or coming is Coming.IDLE:
        _idle(user, signs_in=settings.access == "oidc" and coming is Coming.IDLE)
        return False
    if coming is Coming.ENTERS:
        library.log(SIGNED_IN, f"{user.shown} {user.role.value}", who=user.id)
    _who(settings, user)
    with st.sidebar:
        watch_screen(idle_s)
    return True


def _open_for_too_long(settings: Settings) -> bool:
    """Send a page back through the proxy, which alone knows whether its user still may."""
    now = time.time()
    if now - float(st.session_state.setdefault(SINCE, now)) <= settings.login_hours * HOUR:
        return False
    with st.container(key="door"):
        head("整改参谋", "请重新进入")
        note(
            f"这个页面已打开超过 {settings.login_hours} 小时，须经统一入口重新确认身份。"
            "已保存的对话和草稿都在。",
            "warn",
        )
        st.html('<a class="btn" href="/" target="_self">重新进入</a>')
    return True


def _signed_in_at() -> float:
    # not `auth_time`: a sign-in service may answer from a session of its own that began long ago
    held = claims().get("iat") or 0
    return float(held) if isinstance(held, int | float) else 0.0


# ---------------------------------------------------------------------- what is drawn


def _sign_in() -> None:
    with st.container(key="door"):
        head(
            "整改参谋",
            "请先登录",
            "用本单位的统一账号登录后使用。对话只有本人能看到，草稿由本人和审核人员查看。",
        )
        st.button(
            "统一登录", type="primary", icon=":material/login:", key="login", on_click=st.login
        )


def _refused(settings: Settings, library: Library, error: AccessRefused) -> None:
    with st.container(key="door"):
        head("整改参谋", "暂时不能使用")
        note(str(error), "bad")
        if settings.access == "oidc":
            st.button("换一个账号登录", key="logout", on_click=st.logout)
    if "_refused" not in st.session_state:
        st.session_state["_refused"] = True
        library.log(REFUSED, error.what, who=error.where)


def _seated(settings: Settings) -> bool:
    if headers().get(SEAT_HEADER) is None:
        return True
    with st.container(key="door"):
        head("整改参谋", "使用人数已满")
        note(f"同时打开的页面已到上限（{settings.max_sessions} 个），请几分钟后重新进入。", "warn")
        st.html('<a class="btn" href="/" target="_self">重新进入</a>')
    return False


def _idle(user: User, *, signs_in: bool) -> None:
    with st.container(key="door"):
        head("整改参谋", "请重新确认身份")
        note(f"{user.shown} 已较长时间没有操作。已保存的对话和草稿都在。", "warn")
        if signs_in:
            st.button("重新登录", type="primary", key="again", on_click=st.logout)
        else:
            st.button("继续使用", type="primary", key="again", on_click=_again, args=(user,))


def _again(user: User) -> None:
    back_at_screen()
    presence().leave(user.id)


def _who(settings: Settings, user: User) -> None:
    with st.sidebar, st.container(key="who"):
        st.html(
            f'<p class="side-h">当前用户</p><p class="lede small">{plain(user.shown)} · '
            f"{user.role.value}</p>"
        )
        if settings.access == "oidc":
            st.button(
                "退出", key="logout", type="tertiary", icon=":material/logout:", on_click=st.logout
            )

"""What must hold before the web app serves anybody, and what signing in needs to be set up."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from assistant.access.gate import GateRules, gate_rules
from assistant.access.hosts import is_loopback
from assistant.errors import SettingsError
from assistant.settings import Settings

CALLBACK = "/oauth2callback"
COOKIE_FILE = "cookie_secret"
OPEN_WARNING = (
    "本服务未设登录，能连到这台机器的人都可以查看、修改和删除其中的内容。请管理员尽快设置 access。"
)
CLOSED = (
    "没有设置登录，不对本机以外开放。请设置 ZHENGGAI_ACCESS 为 header 或 oidc；"
    "确需不登录开放的，设置 ZHENGGAI_OPEN_WITHOUT_LOGIN=true。"
)


def is_open_to_all(settings: Settings, address: str) -> bool:
    """Tell whether anybody who reaches an address beyond this machine would be let in."""
    return settings.access == "off" and not is_loopback(address)


def require_closed(settings: Settings, address: str) -> None:
    """Raise `SettingsError` where serving would let everybody in, unless that is what is set."""
    if is_open_to_all(settings, address) and not settings.open_without_login:
        raise SettingsError(
            "没有设置登录，不能对本机以外开放",
            where=address,
            todo="请设置 ZHENGGAI_ACCESS 为 header 或 oidc；"
            "确需不登录开放的，设置 ZHENGGAI_OPEN_WITHOUT_LOGIN=true",
        )
    if settings.access == "oidc":
        oidc_secrets(settings, cookie_secret="")


def rules_at(settings: Settings, address: str) -> GateRules:
    """Give the rules of the gate for an address; raises `SettingsError`."""
    shut = is_open_to_all(settings, address) and not settings.open_without_login
    if settings.access == "oidc":
        oidc_secrets(settings, cookie_secret="")
    return gate_rules(settings, address=address, closed=CLOSED if shut else "")


def oidc_secrets(settings: Settings, *, cookie_secret: str) -> dict[str, str]:
    """Give the `[auth]` section that the web framework signs people in by.

    Raises `SettingsError` for what is missing or forbidden.
    """
    needed = {
        "oidc_metadata_url": settings.oidc_metadata_url,
        "oidc_client_id": settings.oidc_client_id,
        "oidc_client_secret": settings.oidc_client_secret.get_secret_value(),
        "oidc_redirect_url": settings.oidc_redirect_url,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise SettingsError(
            f"没有填 {'、'.join(missing)}", where="统一登录设置", todo="请填写后重新启动"
        )
    if not settings.oidc_redirect_url.endswith(CALLBACK):
        raise SettingsError(
            f"oidc_redirect_url 要以 {CALLBACK} 结尾", where="统一登录设置", todo="请改正后重新启动"
        )
    settings.require_allowed(settings.oidc_metadata_url)
    return {
        "redirect_uri": needed["oidc_redirect_url"],
        "cookie_secret": cookie_secret,
        "client_id": needed["oidc_client_id"],
        "client_secret": needed["oidc_client_secret"],
        "server_metadata_url": needed["oidc_metadata_url"],
    }


def cookie_secret(home: Path) -> str:
    """Give the key that signs cookies, made once and readable by its owner only.

    Several processes on one home share it; raises `SettingsError` where it cannot be kept.
    """
    path = home / COOKIE_FILE
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
        found = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            "登录密钥文件读写不了", where=str(path), todo="请检查目录权限"
        ) from error
    if len(found) < 32:
        raise SettingsError("登录密钥文件不完整", where=str(path), todo="请删除该文件后重新启动")
    return found

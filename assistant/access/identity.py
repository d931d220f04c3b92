"""Who a trusted proxy says is there: headers to an `Identity`, believed only from that proxy. Pure.

The gate takes every such header out of a request and, where it believes them, puts one sealed
header in their place; whatever reads identities reads only that one.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import quote, unquote

from assistant.access.policy import Identity, clean_id
from assistant.errors import AccessRefused, SettingsError
from assistant.settings import Settings

Headers = Iterable[tuple[bytes, bytes]]
IDENTITY_HEADER = "x-zhenggai-identity"
SECRET_HEADER = "x-zhenggai-secret"
SEAT_HEADER = "x-zhenggai-seat"
OURS = frozenset({IDENTITY_HEADER, SECRET_HEADER, SEAT_HEADER})
GROUPS_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class ProxyRules:
    """Which headers name a user, and whose."""

    user: str
    name: str
    groups: str
    networks: tuple[IPv4Network | IPv6Network, ...]
    secret: bytes = b""

    @property
    def headers(self) -> frozenset[str]:
        """Names of the headers that only a trusted proxy may set, lower case."""
        return frozenset(name for name in (self.user, self.name, self.groups) if name)

    def trusts(self, peer: str) -> bool:
        """Tell whether the other end of the connection is a trusted proxy."""
        try:
            address = ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self.networks)

    def identity(self, headers: Headers, *, peer: str) -> Identity:
        """Read the user; raises `AccessRefused` for what cannot be believed."""
        if not self.trusts(peer):
            raise AccessRefused("只接受本单位统一入口转来的访问", todo="请从统一入口打开整改参谋")
        held = list(headers)
        if self.secret and not _is(self.secret, _values(held, SECRET_HEADER)):
            raise AccessRefused(
                "统一入口没有出示约定的密钥", todo="请管理员核对代理与 ZHENGGAI_HEADER_SECRET"
            )
        users = _values(held, self.user)
        if len(users) != 1:
            raise AccessRefused(
                "没有收到用户身份" if not users else "收到多个用户身份",
                todo="请从统一入口重新登录；仍不行请管理员检查代理配置",
            )
        groups = [group for value in _values(held, self.groups) for group in value.split(",")]
        names = _values(held, self.name)
        return Identity(
            clean_id(users[0]),
            names[0] if len(names) == 1 else "",
            tuple(group.strip() for group in groups if group.strip())[:GROUPS_AT_MOST],
        )


def proxy_rules(settings: Settings) -> ProxyRules:
    """Read the rules from the settings; raises `SettingsError` for an address that is none."""
    networks = []
    for text in settings.trusted_proxies:
        try:
            networks.append(ip_network(text, strict=False))
        except ValueError as error:
            raise SettingsError(
                f"trusted_proxies 中的“{text}”不是网络地址",
                where="设置",
                todo="请写 IP 或网段，如 10.0.0.5 或 10.0.0.0/24",
            ) from error
    return ProxyRules(
        settings.header_user.lower(),
        settings.header_name.lower(),
        settings.header_groups.lower(),
        tuple(networks),
        settings.header_secret.get_secret_value().encode(),
    )


def sealed(identity: Identity) -> str:
    """Write an identity as one header value."""
    return quote(json.dumps([identity.id, identity.name, identity.groups]))


def unsealed(value: str) -> Identity:
    """Read what `sealed` wrote."""
    key, name, groups = json.loads(unquote(value))
    return Identity(key, name, tuple(groups))


def _values(headers: Sequence[tuple[bytes, bytes]], name: str) -> list[str]:
    wanted = name.encode()
    return [_text(value) for key, value in headers if name and key.lower() == wanted]


def _text(value: bytes) -> str:
    """Read UTF-8, percent-encoded or not; what is neither is read byte for byte."""
    try:
        return unquote(value.decode(), errors="strict")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _is(secret: bytes, given: Sequence[str]) -> bool:
    return len(given) == 1 and secrets.compare_digest(given[0].encode(), secret)

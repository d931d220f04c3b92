"""What is needed to reach one OpenAI-compatible endpoint, cleaned before use. No network.

Knows which hosts count as the intranet: `assistant.settings` refuses all others in 内网 mode,
and the adapter bypasses the system's proxy for them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlsplit

from assistant.errors import SettingsError

JsonMode = Literal["auto", "json_schema", "json_object", "text"]

NO_KEY = "none"
"""Stands for an empty key: servers without keys take any, and the client library demands one."""

_EXAMPLE = "例如 http://127.0.0.1:8000/v1"
_OPERATION = re.compile(r"/(chat/completions|completions|embeddings|models|responses)$")
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_LOCAL_NAMES = ("localhost",)
_INTRANET = tuple(
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1",
        "fc00::/7",
    )
)
"""Named one by one: what a library calls private also holds tunnels and link-local addresses."""
_METADATA = ("fd00:ec2::254",)
"""Where clouds tell their machines' secrets; the IPv4 ones are link-local or shared space."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """One endpoint and how to speak to it; the key never shows in `repr`."""

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    extra_body: Mapping[str, object] = field(default_factory=dict)
    """Sent with every request, e.g. a vendor's switch that turns thinking off."""
    json_mode: JsonMode = "auto"
    """Where the ladder json_schema → json_object → text starts; `auto` tries from the top."""
    max_tokens: int = 4096
    temperature: float = 0.3
    connect_s: float = 5.0
    idle_s: float = 90.0
    """Longest silence between two bytes; a server that drips keep-alives never trips it."""
    total_s: float = 600.0
    """Of one call with all its retries: the only deadline a dripping server cannot stretch."""
    retries: int = 2
    backoff_s: float = 0.5
    max_chars: int = 60_000
    """A model that never stops is cut here, thinking included."""
    intranet_only: bool = False
    intranet_hosts: tuple[str, ...] = ()
    """Names the user vouches for; addresses need no entry."""


def clean_endpoint(config: ModelConfig) -> ModelConfig:
    """Return the configuration as it can be used, or raise `SettingsError` saying what is wrong.

    Blanks and a pasted `/chat/completions` are cut; an empty key becomes `NO_KEY`.
    """
    url = clean_url(config.base_url)
    if not config.model.strip():
        raise SettingsError(
            "没有填模型名称", where="模型设置", todo="请填写服务方给出的模型名，例如 qwen-plus"
        )
    if config.intranet_only:
        require_intranet(url, hosts=config.intranet_hosts)
    return replace(
        config, base_url=url, model=config.model.strip(), api_key=clean_key(config.api_key)
    )


def clean_url(text: str) -> str:
    """Return a base address without blanks, closing slash or operation path."""
    url = _OPERATION.sub("", "".join(text.split()).rstrip("/")).rstrip("/")
    if not url:
        raise SettingsError("没有填接口地址", where="模型设置", todo=f"请填写接口地址，{_EXAMPLE}")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.port != 0
        # What one parser takes for the host another must not: no odd sign may stand in it.
        usable = usable and _HOST.fullmatch(parts.hostname or "") is not None
    except ValueError:
        usable = False
    if not usable or not url.isascii():
        raise SettingsError(
            f"接口地址写法不对（{text.strip()[:80]}）",
            where="模型设置",
            todo=f"地址要以 http:// 或 https:// 开头，不含中文和全角字符，{_EXAMPLE}",
        )
    if parts.username or parts.password:
        raise SettingsError(
            "接口地址里带着用户名或密码", where="模型设置", todo="请把密钥填到“密钥”一栏"
        )
    return url


def clean_key(text: str) -> str:
    """Return a key that can stand in an HTTP header; `NO_KEY` for an empty one."""
    key = text.strip()
    # A blank or a full-width character inside would surface as a connection error far from here.
    if not key.isascii() or not key.isprintable() or any(mark.isspace() for mark in key):
        raise SettingsError(
            "密钥里有空格、换行或全角字符", where="模型设置", todo="请重新复制粘贴密钥"
        )
    return key or NO_KEY


def is_intranet(url: str, *, hosts: tuple[str, ...] = ()) -> bool:
    """Say whether the host is this machine, a private address or a name the user vouches for.

    Names are never looked up: a lookup would already tell the outside what is being asked for.
    """
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if host in _LOCAL_NAMES or host in {name.strip().lower() for name in hosts}:
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if str(address) in _METADATA:
        return False
    return any(address in network for network in _INTRANET if network.version == address.version)


def require_intranet(url: str, *, hosts: tuple[str, ...] = ()) -> None:
    """Raise `SettingsError` when 内网 mode forbids this address."""
    if is_intranet(url, hosts=hosts):
        return
    raise SettingsError(
        f"内网模式已开启，不允许访问外部地址 {urlsplit(url).hostname}",
        where="模型设置",
        todo="请改用本机或内网地址；内网域名可加入“内网主机名”；"
        "确需使用外部服务的，先确认材料不涉密，再关闭内网模式",
    )

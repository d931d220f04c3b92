"""The address of a PostgreSQL server, checked and made fit for use. No network.

Bears a password: what is raised here never repeats any part of the address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, urlsplit

from assistant.errors import SettingsError

DRIVER = "postgresql+psycopg"
DEFAULT_PORT = 5432
EXAMPLE = "postgresql://用户名:密码@主机:5432/库名"

_SCHEMES = ("postgresql", "postgres", DRIVER)
_OPTIONS = frozenset(
    {"host", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "application_name"}
)
"""What may follow `?`; others, such as `hostaddr` or `service`, could lead to another host."""
_HOST = re.compile(r"[A-Za-z0-9._-]*|[0-9A-Fa-f:.]+")
_NAME = re.compile(r"[^\s/=:@?&#]+")


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """A PostgreSQL database, its password never in `repr`."""

    url: str = field(repr=False)
    """As the database library takes it."""
    shown: str
    """Host, port and name of the database, for messages."""
    host: str
    """Empty for a Unix socket of this machine."""

    @property
    def probe(self) -> str:
        """An address of the same host that the rule of 内网 mode can look at."""
        name = f"[{self.host}]" if ":" in self.host else self.host or "127.0.0.1"
        return f"http://{name}"


def clean_database_url(text: str) -> DatabaseAddress:
    """Return the address ready for use; raises `SettingsError`."""
    address = _clean(text)
    if address is None:
        # raised outside the handler: the parser's own text must not follow into a log
        raise SettingsError(
            "数据库地址写法不对",
            where="数据库设置",
            todo=f"请写成 {EXAMPLE}；密码中的 @ : / # % 等符号要写成百分号编码，如 @ 写成 %40",
        )
    return address


def _clean(text: str) -> DatabaseAddress | None:
    try:
        parts = urlsplit(text.strip())
        port = parts.port or DEFAULT_PORT
    except ValueError:
        return None
    database = parts.path.removeprefix("/")
    host = parts.hostname or ""
    usable = (
        parts.scheme in _SCHEMES
        and _NAME.fullmatch(database) is not None
        and _HOST.fullmatch(host) is not None
        and not parts.fragment
        and parts.netloc.count("@") <= 1
        and _options_fit(parts)
    )
    if not usable:
        return None
    url = parts._replace(scheme=DRIVER).geturl()
    if not host:
        # the standard library drops the empty host of a socket's address
        url = f"{DRIVER}://{parts.netloc}/{database}" + (f"?{parts.query}" if parts.query else "")
    shown = f"{host or '本机'}:{port}/{database}"
    return DatabaseAddress(url, f"PostgreSQL {shown}", host)


def _options_fit(parts: SplitResult) -> bool:
    options = parse_qsl(parts.query, keep_blank_values=True)
    return all(
        name in _OPTIONS and (name != "host" or (value.startswith("/") and not parts.hostname))
        for name, value in options
    )

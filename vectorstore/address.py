"""Where the vector database is, read from one URL.

empty                                   embedded, in the folder of each generation
`http(s)://[token@]host[:port][/db]`    a Chroma server
`cloud://[key@]tenant/db`               Chroma Cloud; the key may also come from CHROMA_API_KEY
`cloud://…?host=name:port&ssl=0`        a distributed deployment of one's own
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from vectorstore.errors import StoreUnreachable

CLOUD_HOST = "api.trychroma.com"
CLOUD_ROWS = 300
"""Rows a distributed deployment takes in one write and gives in one answer."""
SCHEMES = ("http", "https", "cloud")


@dataclass(frozen=True, slots=True)
class Address:
    """A server or a distributed deployment."""

    host: str
    port: int
    secure: bool
    token: str = ""
    tenant: str = ""
    """Empty for the server's default."""
    database: str = ""
    distributed: bool = False

    @property
    def shown(self) -> str:
        """The address without its token, to be told and logged."""
        scheme = "https" if self.secure else "http"
        return f"{scheme}://{self.host}:{self.port}"

    @property
    def most_rows(self) -> int | None:
        """Most rows of one write or one answer, where there is such a limit."""
        return CLOUD_ROWS if self.distributed else None


def is_remote(url: str) -> bool:
    """Tell whether the URL names a server or the cloud rather than embedded use."""
    return bool(url.strip())


def read_address(url: str) -> Address:
    """Read a URL; raises `StoreUnreachable` for one that cannot be."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise StoreUnreachable(f"not an address: {error}") from error
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise StoreUnreachable("not an address: http://host:port, https://… or cloud://tenant/db")
    token, database = unquote(parts.username or ""), unquote(parts.path.strip("/"))
    if parts.scheme != "cloud":
        secure = parts.scheme == "https"
        return Address(
            parts.hostname, port or (443 if secure else 8000), secure, token, "", database
        )
    if not database:
        raise StoreUnreachable("not an address: cloud://tenant/database")
    choices = parse_qs(parts.query)
    host, _, given_port = choices.get("host", [CLOUD_HOST])[0].partition(":")
    if given_port and not given_port.isdigit():
        raise StoreUnreachable(f"not a port: {given_port}")
    secure = choices.get("ssl", ["1"])[0] not in ("0", "false")
    # `hostname` is in lower case, a tenant need not be
    tenant = unquote(parts.netloc.rpartition("@")[2])
    return Address(
        host,
        int(given_port or (443 if secure else 8000)),
        secure,
        token,
        tenant,
        database,
        distributed=True,
    )

"""Under which names the service may be called. Pure.

A page of a foreign name that resolves to us (DNS rebinding) carries that name in `Host`: it is
refused. An address written in digits cannot be rebound, so where we serve beyond this machine any
such address is ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Hosts:
    """The names we answer to."""

    def __init__(self, allowed: Iterable[str], address: str) -> None:
        self._set = frozenset(_folded(name) for name in allowed)
        self._names = self._set | set(LOOPBACK) | {_folded(address)}
        self._any_address = not is_loopback(address)

    def allows(self, host: str) -> bool:
        """Tell whether a `Host` header names us."""
        name = _name(f"//{host}")
        return name is not None and (
            name in self._names
            or any(entry.startswith("*.") and name.endswith(entry[1:]) for entry in self._set)
            or (self._any_address and _is_address(name))
        )

    def is_own(self, origin: str, host: str) -> bool:
        """Tell whether an `Origin` is a page of ours: of the same host, or of a name set.

        A proxy may pass on `Host` without the port; for names in the settings ports are free.
        """
        parts = _split(origin)
        if parts is None or parts.scheme not in ("http", "https"):
            return False
        return parts.netloc.lower() == host.lower() or (
            (_name(origin) or "") in self._set and self.allows(host)
        )


def is_loopback(address: str) -> bool:
    """Tell whether an address is reached from this machine only."""
    name = _folded(address)
    return name in LOOPBACK or (_is_address(name) and ip_address(name).is_loopback)


def _folded(name: str) -> str:
    return name.strip().lower().rstrip(".").removeprefix("[").removesuffix("]")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a port that is none
    except ValueError:
        return None
    odd = parts.username is not None or parts.path or parts.query or parts.fragment
    return None if odd or not parts.hostname else parts


def _name(url: str) -> str | None:
    parts = _split(url)
    return _folded(parts.hostname or "") if parts else None


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True

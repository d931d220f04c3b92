"""The audit: who did what and when. Lines are added and read, never changed or removed.

Order is the order of entry, not of the clock, which may have been set back.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from assistant.record.schema import audit


class AuditEntry(NamedTuple):
    """One line of the audit."""

    at: str
    action: str
    detail: str
    who: str


def add_entry(connection: Connection, entry: AuditEntry) -> None:
    """Add a line."""
    connection.execute(insert(audit).values(**entry._asdict()))


def entries(
    connection: Connection, limit: int, *, who: str | None, action: str, since: str, until: str
) -> tuple[AuditEntry, ...]:
    """Give the last lines, newest first; days are ISO, both included."""
    query = select(audit.c.at, audit.c.action, audit.c.detail, audit.c.who)
    if who is not None:
        query = query.where(audit.c.who == who)
    if action:
        query = query.where(audit.c.action == action)
    if since:
        query = query.where(audit.c.at >= since)
    if until:
        query = query.where(audit.c.at < f"{until}U")
    rows = connection.execute(query.order_by(audit.c.id.desc()).limit(limit))
    return tuple(AuditEntry(*row) for row in rows)


def names(connection: Connection) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the users and the actions that occur, each sorted."""
    users = connection.scalars(select(audit.c.who).distinct()).all()
    actions = connection.scalars(select(audit.c.action).distinct()).all()
    return tuple(sorted(users)), tuple(sorted(actions))

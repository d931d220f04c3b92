"""From every earlier form of the record to the present one, in one transaction at opening.

A record whose form is newer than ours is refused before anything in it is touched.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, inspect, select, text, update

from assistant.errors import LibraryError
from assistant.record.rows import figures_of, read_correction, read_notice
from assistant.record.schema import (
    APPEND_ONLY,
    SCHEMA_VERSION,
    corrections,
    meta,
    metadata,
    notices,
)


@dataclass(frozen=True, slots=True)
class Step:
    """What brings a record of the version before to `version`."""

    version: int
    run: Callable[[Connection], None]


def bring_up_to_date(connection: Connection, where: str) -> None:
    """Make an empty database a record, or an older record a present one.

    Raises `LibraryError` for a record of a newer version.
    """
    found = version_of(connection)
    if found == 0:
        metadata.create_all(connection)
        _guard_audit(connection)
        identify(connection)
        connection.execute(insert(meta).values(key="schema", value=str(SCHEMA_VERSION)))
        return
    if found > SCHEMA_VERSION:
        raise LibraryError(
            f"案例库由更新的版本写成（格式 {found}，本程序支持到 {SCHEMA_VERSION}）",
            where=where,
            todo="请升级本程序后再打开",
        )
    for step in STEPS:
        if step.version > found:
            step.run(connection)
            set_meta(connection, "schema", str(step.version))


def is_present(connection: Connection) -> bool:
    """Tell whether nothing needs to be done: most openings need no write lock."""
    return version_of(connection) == SCHEMA_VERSION


def version_of(connection: Connection) -> int:
    """Give the version of the record's form; 0 where there is no record yet."""
    if not inspect(connection).has_table(meta.name):
        return 0
    found = connection.scalar(select(meta.c.value).where(meta.c.key == "schema"))
    return int(found) if found is not None else 0


def set_meta(connection: Connection, key: str, value: str) -> None:
    """Store a value under a key; the caller holds the write lock."""
    changed = connection.execute(update(meta).where(meta.c.key == key).values(value=value))
    if not changed.rowcount:
        connection.execute(insert(meta).values(key=key, value=value))


def identify(connection: Connection) -> None:
    """Give the record a name of its own, by which a search index knows whose it is."""
    set_meta(connection, "identity", secrets.token_hex(8))


def identity_of(connection: Connection) -> str:
    """Give the name of this very record."""
    return connection.scalar(select(meta.c.value).where(meta.c.key == "identity")) or ""


def revision_of(connection: Connection) -> int:
    """Give the number that grows with every change."""
    return int(connection.scalar(select(meta.c.value).where(meta.c.key == "revision")) or 0)


def _owners_and_figures(connection: Connection) -> None:
    """1 → 2: who owns and who did; figures of each notice beside its body; audit for ever."""
    for table, column in (
        ("conversations", "owner VARCHAR NOT NULL DEFAULT ''"),
        ("drafts", "owner VARCHAR NOT NULL DEFAULT ''"),
        ("audit", "who VARCHAR NOT NULL DEFAULT ''"),
        ("notices", "unit VARCHAR NOT NULL DEFAULT ''"),
        ("notices", "cases INTEGER NOT NULL DEFAULT 0"),
        ("notices", "first_year INTEGER"),
        ("notices", "last_year INTEGER"),
        ("notices", "outline TEXT NOT NULL DEFAULT ''"),
        ("notices", "changed INTEGER NOT NULL DEFAULT 0"),
    ):
        connection.execute(text(f"ALTER TABLE {table} ADD COLUMN {column}"))
    for table, column in (("conversations", "owner"), ("drafts", "owner"), ("notices", "changed")):
        connection.execute(text(f"CREATE INDEX ix_{table}_{column} ON {table} ({column})"))
    for notice_id in connection.scalars(select(notices.c.id)).all():
        body = connection.scalar(select(notices.c.body).where(notices.c.id == notice_id))
        made = connection.scalars(
            select(corrections.c.body)
            .where(corrections.c.notice_id == notice_id)
            .order_by(corrections.c.id)
        )
        figures = figures_of(read_notice(body or "", [read_correction(one) for one in made]))
        connection.execute(update(notices).where(notices.c.id == notice_id).values(**figures))
    _guard_audit(connection)
    identify(connection)


def _guard_audit(connection: Connection) -> None:
    for statement in APPEND_ONLY[connection.dialect.name]:
        connection.exec_driver_sql(statement)


STEPS = (Step(2, _owners_and_figures),)

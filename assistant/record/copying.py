"""The whole record from one database into another: backup, restore, and moving between kinds."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, insert, select, text

from assistant.record.migrations import bring_up_to_date, identify, revision_of, set_meta
from assistant.record.schema import meta, metadata

ROWS_AT_ONCE = 200


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy every row of a record into an empty one of the same version."""
    target.execute(delete(meta))
    for table in metadata.sorted_tables:
        rows = source.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table))
        for some in rows.mappings().partitions():
            target.execute(insert(table), [dict(row) for row in some])
    if target.dialect.name == "postgresql":
        _count_on(target)


def is_blank(connection: Connection) -> bool:
    """Tell whether a record holds nothing of anybody."""
    tables = (table for table in metadata.sorted_tables if table is not meta)
    return all(connection.execute(select(table).limit(1)).first() is None for table in tables)


def make_anew(target: Connection, source: Connection, where: str) -> None:
    """Put another record in place of the one held; the caller has kept that one aside.

    The revision goes on growing and the identity is new, so that no cache or index of any program
    takes the one record for the other.
    """
    before = revision_of(target)
    metadata.drop_all(target)
    bring_up_to_date(target, where)
    copy_rows(source, target)
    set_meta(target, "revision", str(max(before, revision_of(target)) + 1))
    identify(target)


def _count_on(target: Connection) -> None:
    """Let PostgreSQL number new rows after those copied."""
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            last = target.scalar(select(func.max(column)))
            if last:
                target.execute(
                    text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"),
                    {"table": table.name, "column": column.name, "last": last},
                )

"""Tables of the record of truth and how its file is opened and brought up to date."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
)
from sqlalchemy.exc import DatabaseError

from assistant.errors import LibraryError

SCHEMA_VERSION = 1
BUSY_TIMEOUT_SECONDS = 30

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)
sources = Table(
    "sources",
    metadata,
    Column("sha256", String, primary_key=True),
    Column("origin", String, nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("format", String, nullable=False),
    Column("document", Text, nullable=False),
    Column("added", String, nullable=False),
)
notices = Table(
    "notices",
    metadata,
    Column("id", String, primary_key=True),
    Column("sha256", ForeignKey("sources.sha256", ondelete="CASCADE"), nullable=False, index=True),
    Column("source", String, nullable=False),
    Column("start_line", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("parsed_by", String, nullable=False),
)
corrections = Table(
    "corrections",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("notice_id", String, nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("made", String, nullable=False),
)
conversations = Table(
    "conversations",
    metadata,
    Column("id", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("updated", String, nullable=False, index=True),
)
turns = Table(
    "turns",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("score", Integer),
    Column("reason", Text, nullable=False, default=""),
)
drafts = Table(
    "drafts",
    metadata,
    Column("id", String, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("updated", String, nullable=False, index=True),
)
draft_versions = Table(
    "draft_versions",
    metadata,
    Column("draft_id", ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("saved", String, nullable=False),
    Column("body", Text, nullable=False),
)
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", String, nullable=False),
    Column("action", String, nullable=False),
    Column("detail", Text, nullable=False),
)


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    """Set what SQLite forgets per connection: WAL, foreign keys, wait for the other writer."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    """Take the write lock at the start where asked, so that two writers queue, never deadlock."""
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def open_engine(path: Path) -> Engine:
    """Open or create the record at `path`.

    Raises `LibraryError` where the folder cannot be written, the file is damaged, or it was
    written by a newer version.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryError(
            f"无法建立案例库目录（{error.strerror}）",
            where=str(path.parent),
            todo="请检查目录权限与磁盘空间，或用 --home 指定其他目录",
        ) from error
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"check_same_thread": False, "isolation_level": None},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin_immediate)
    try:
        _bring_up_to_date(engine, path)
    except DatabaseError as error:
        engine.dispose()
        raise LibraryError(
            f"案例库文件打不开（{error.orig}）",
            where=str(path),
            todo="请检查磁盘空间和权限；文件损坏时请从备份恢复，或移走该文件后重新导入通报",
        ) from error
    return engine


def _bring_up_to_date(engine: Engine, path: Path) -> None:
    with engine.execution_options(immediate=True).begin() as connection:
        metadata.create_all(connection)
        found = connection.scalar(select(meta.c.value).where(meta.c.key == "schema"))
        if found is None:
            connection.execute(insert(meta).values(key="schema", value=str(SCHEMA_VERSION)))
        elif int(found) > SCHEMA_VERSION:
            raise LibraryError(
                f"案例库由更新的版本写成（格式 {found}，本程序支持到 {SCHEMA_VERSION}）",
                where=str(path),
                todo="请升级本程序后再打开",
            )

"""Tables of the record of truth, the same on SQLite and PostgreSQL.

A change here is a new `SCHEMA_VERSION` and a step in `migrations`.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

SCHEMA_VERSION = 2

metadata = MetaData()

# in the order of code points on either database, whatever language the server was set up for
Words = String().with_variant(String(collation="C"), "postgresql")
Body = Text().with_variant(Text(collation="C"), "postgresql")

meta = Table(
    "meta",
    metadata,
    Column("key", Words, primary_key=True),
    Column("value", Body, nullable=False),
)
sources = Table(
    "sources",
    metadata,
    Column("sha256", Words, primary_key=True),
    Column("origin", Words, nullable=False, index=True),
    Column("name", Words, nullable=False),
    Column("format", Words, nullable=False),
    Column("document", Body, nullable=False),
    Column("added", Words, nullable=False),
)
notices = Table(
    "notices",
    metadata,
    Column("id", Words, primary_key=True),
    Column("sha256", ForeignKey("sources.sha256", ondelete="CASCADE"), nullable=False, index=True),
    Column("source", Words, nullable=False),
    Column("start_line", Integer, nullable=False),
    Column("body", Body, nullable=False),
    Column("parsed_by", Words, nullable=False),
    # what a library of a hundred thousand cases is counted and listed by without reading them
    Column("unit", Words, nullable=False, server_default=""),
    Column("cases", Integer, nullable=False, server_default="0"),
    Column("first_year", Integer),
    Column("last_year", Integer),
    Column("outline", Body, nullable=False, server_default=""),
    Column("changed", Integer, nullable=False, server_default="0", index=True),
)
corrections = Table(
    "corrections",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("notice_id", Words, nullable=False, index=True),
    Column("body", Body, nullable=False),
    Column("made", Words, nullable=False),
)
conversations = Table(
    "conversations",
    metadata,
    Column("id", Words, primary_key=True),
    Column("title", Words, nullable=False),
    Column("updated", Words, nullable=False, index=True),
    Column("owner", Words, nullable=False, default="", server_default="", index=True),
)
turns = Table(
    "turns",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("question", Body, nullable=False),
    Column("answer", Body, nullable=False),
    Column("score", Integer),
    Column("reason", Body, nullable=False, default=""),
)
drafts = Table(
    "drafts",
    metadata,
    Column("id", Words, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("updated", Words, nullable=False, index=True),
    Column("owner", Words, nullable=False, default="", server_default="", index=True),
)
draft_versions = Table(
    "draft_versions",
    metadata,
    Column("draft_id", ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("saved", Words, nullable=False),
    Column("body", Body, nullable=False),
)
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Words, nullable=False),
    Column("action", Words, nullable=False),
    Column("detail", Body, nullable=False),
    Column("who", Words, nullable=False, default="", server_default=""),
)

APPEND_ONLY = {
    "sqlite": tuple(
        f"CREATE TRIGGER audit_no_{act} BEFORE {act.upper()} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
        for act in ("update", "delete")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$",
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()",
    ),
}
"""Statements by dialect that let nobody change what the audit says."""

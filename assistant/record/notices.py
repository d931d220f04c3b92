"""Notices and their corrections within one transaction of the record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection, delete, func, insert, select, update

from assistant.corrections import Correction
from assistant.errors import NotFound
from assistant.models import Document, Notice
from assistant.record.migrations import identity_of, revision_of, set_meta
from assistant.record.rows import (
    CaseText,
    figures_of,
    read_correction,
    read_notice,
    read_outline,
    read_texts,
    write_correction,
    write_document,
    write_notice,
)
from assistant.record.schema import corrections, notices, sources

ROWS_AT_ONCE = 100
OTHER_FILE = "#"
"""Between the name of an upload and what tells it from another file of that name."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What became different after a revision, seen at one moment."""

    identity: str
    revision: int
    ids: tuple[str, ...]
    """Of all notices held now, in the order of `Library.notices`."""
    notices: tuple[Notice, ...]
    """Those that are new or were changed."""


@dataclass(frozen=True)
class Reading:
    """All notices as of one moment, read one after the other while its transaction is open."""

    identity: str
    revision: int
    notices: Iterator[Notice]


def advance(connection: Connection) -> int:
    """Raise the revision: something that is searched or counted is about to change."""
    revision = revision_of(connection) + 1
    set_meta(connection, "revision", str(revision))
    return revision


def insert_source(connection: Connection, document: Document, origin: str, added: str) -> None:
    """Store a file as it was read."""
    connection.execute(
        insert(sources).values(
            sha256=document.sha256,
            origin=origin,
            name=document.source,
            format=document.format,
            document=write_document(document),
            added=added,
        )
    )


def upload_origin(connection: Connection, document: Document, parsed: Sequence[Notice]) -> str:
    """Give the origin under which an upload is stored: that of the version it is newer than.

    Many units call their file 整改通报.docx, and uploads come without a folder: a file of the same
    name is another version only where it holds a notice of the same unit and title.
    """
    bare = f"upload:{document.source}"
    rows = connection.execute(
        select(sources.c.origin, notices.c.outline)
        .outerjoin(notices, notices.c.sha256 == sources.c.sha256)
        .where(
            (sources.c.origin == bare)
            | sources.c.origin.startswith(f"{bare}{OTHER_FILE}", autoescape=True)
        )
        .order_by(sources.c.origin)
    ).all()
    ours = {(notice.unit, notice.title) for notice in parsed}
    for row in rows:
        held = read_outline(row.outline) if row.outline else None
        if held is None or (held.unit, held.title) in ours:
            return str(row.origin)
    return f"{bare}{OTHER_FILE}{document.sha256[:8]}" if rows else bare


def insert_notice(connection: Connection, notice: Notice, parser: str, revision: int) -> None:
    """Store a notice as it was read."""
    connection.execute(
        insert(notices).values(
            id=notice.id,
            sha256=notice.sha256,
            source=notice.source,
            start_line=notice.start_line,
            body=write_notice(notice),
            parsed_by=parser,
            changed=revision,
            **figures_of(notice),
        )
    )


def same_reading(connection: Connection, sha256: str, parser: str) -> bool:
    """Tell whether a content was read by these rules, and only by these."""
    readings = set(
        connection.scalars(select(notices.c.parsed_by).where(notices.c.sha256 == sha256).distinct())
    )
    return readings == {parser}


def corrections_by_notice(
    connection: Connection, notice_id: str = ""
) -> dict[str, tuple[Correction, ...]]:
    """Give the corrections of one notice, or of all, oldest first."""
    query = select(corrections.c.notice_id, corrections.c.body).order_by(corrections.c.id)
    if notice_id:
        query = query.where(corrections.c.notice_id == notice_id)
    found: dict[str, list[Correction]] = {}
    for row in connection.execute(query):
        found.setdefault(row.notice_id, []).append(read_correction(row.body))
    return {key: tuple(made) for key, made in found.items()}


def read_all(connection: Connection, *, since: int = -1) -> Iterator[Notice]:
    """Read notices by source and place, corrections applied; `since` leaves out older ones."""
    overlays = corrections_by_notice(connection)
    rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(
        select(notices.c.id, notices.c.body)
        .where(notices.c.changed > since)
        .order_by(notices.c.source, notices.c.start_line, notices.c.id)
    )
    for row in rows:
        yield read_notice(row.body, overlays.get(row.id, ()))


def read_changes(connection: Connection, since: int) -> Changes:
    """Read what became different after a revision, and the ids of all that is held."""
    changed = tuple(read_all(connection, since=since))
    return Changes(identity_of(connection), revision_of(connection), _ids(connection), changed)


def stream_all(connection: Connection) -> Reading:
    """Read all notices as they are asked for."""
    return Reading(identity_of(connection), revision_of(connection), read_all(connection))


def read_outlines(connection: Connection, since: int) -> Changes:
    """Read as `read_changes` does, but outlines only."""
    bodies = connection.scalars(select(notices.c.outline).where(notices.c.changed > since))
    changed = tuple(map(read_outline, bodies))
    return Changes(identity_of(connection), revision_of(connection), _ids(connection), changed)


def _ids(connection: Connection) -> tuple[str, ...]:
    """Give the ids of all notices, by source and place."""
    return tuple(
        connection.scalars(
            select(notices.c.id).order_by(notices.c.source, notices.c.start_line, notices.c.id)
        )
    )


def texts_of(
    connection: Connection, ids: Iterable[str]
) -> Iterator[tuple[str, tuple[CaseText, ...]]]:
    """Read (id, what its cases say) of some notices, in any order, corrections applied."""
    overlays = corrections_by_notice(connection)
    left = iter(ids)
    while some := tuple(islice(left, ROWS_AT_ONCE)):
        query = select(notices.c.id, notices.c.body).where(notices.c.id.in_(some))
        for row in connection.execute(query):
            yield row.id, read_texts(row.body, overlays.get(row.id, ()))


def read_one(connection: Connection, notice_id: str) -> Notice:
    """Read one notice, corrections applied; raises `NotFound`."""
    body = connection.scalar(select(notices.c.body).where(notices.c.id == notice_id))
    if body is None:
        raise no_notice(notice_id)
    return read_notice(body, corrections_by_notice(connection, notice_id).get(notice_id, ()))


def add_correction(
    connection: Connection, notice_id: str, correction: Correction, made: str, revision: int
) -> None:
    """Store a correction and count the notice anew."""
    connection.execute(
        insert(corrections).values(
            notice_id=notice_id, body=write_correction(correction), made=made
        )
    )
    count_anew(connection, (notice_id,), revision)


def drop_last_correction(connection: Connection, notice_id: str, revision: int) -> None:
    """Take the last correction of a notice away and count the notice anew."""
    last = select(func.max(corrections.c.id)).where(corrections.c.notice_id == notice_id)
    connection.execute(delete(corrections).where(corrections.c.id == connection.scalar(last)))
    count_anew(connection, (notice_id,), revision)


def count_anew(connection: Connection, ids: Iterable[str], revision: int) -> None:
    """Bring the figures beside notices up to what they are with their corrections."""
    for notice_id in ids:
        figures = figures_of(read_one(connection, notice_id))
        connection.execute(
            update(notices).where(notices.c.id == notice_id).values(changed=revision, **figures)
        )


def corrected_titles(connection: Connection, held: Sequence[str]) -> dict[str, str]:
    """Give id → title of the notices about to be replaced that carry corrections."""
    rows = connection.execute(
        select(notices.c.id, notices.c.body)
        .where(notices.c.sha256.in_(held))
        .where(notices.c.id.in_(select(corrections.c.notice_id)))
    ).all()
    return {row.id: read_notice(row.body).title for row in rows}


def rehang_corrections(
    connection: Connection, orphans: dict[str, str], parsed: Sequence[Notice], revision: int
) -> None:
    """Hand the corrections of replaced notices to the new readings of the same title."""
    kept = {notice.id for notice in parsed}
    corrected = []
    for old, title in orphans.items():
        heir = old if old in kept else next((n.id for n in parsed if n.title == title), None)
        if heir is None:
            continue
        if heir != old:
            connection.execute(
                update(corrections).where(corrections.c.notice_id == old).values(notice_id=heir)
            )
        corrected.append(heir)
    count_anew(connection, corrected, revision)


def remove_notice(connection: Connection, notice_id: str) -> None:
    """Remove a notice, and its source once no notice of it is left; raises `NotFound`."""
    sha256 = connection.scalar(select(notices.c.sha256).where(notices.c.id == notice_id))
    if sha256 is None:
        raise no_notice(notice_id)
    connection.execute(delete(corrections).where(corrections.c.notice_id == notice_id))
    connection.execute(delete(notices).where(notices.c.id == notice_id))
    left = connection.scalar(
        select(func.count()).select_from(notices).where(notices.c.sha256 == sha256)
    )
    if not left:
        connection.execute(delete(sources).where(sources.c.sha256 == sha256))


def no_notice(notice_id: str) -> NotFound:
    """Tell that there is no such notice."""
    return NotFound("没有这份通报", where=notice_id, todo="请用 zhenggai list 查看编号")

"""The record of truth: sources, notices, cases and people's corrections, in one database.

Everything else (index, pages, exports) is derived from here. Each public method is one
transaction; a file's notices appear or change together or not at all. The database is a SQLite
file of the home, or PostgreSQL by its address.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, func, select

from assistant.access.policy import acting
from assistant.corrections import Correction
from assistant.errors import NotFound
from assistant.models import Case, Document, IngestResult, IngestState, Notice, Overview
from assistant.record import audit as library_audit
from assistant.record import notices as library_notices
from assistant.record.audit import AuditEntry
from assistant.record.copying import is_blank, make_anew
from assistant.record.engine import Database
from assistant.record.kept import Kept
from assistant.record.migrations import identity_of, revision_of, set_meta
from assistant.record.notices import Changes, Reading
from assistant.record.postgres import open_postgres
from assistant.record.rows import CaseText, count_cases, read_document, read_notice
from assistant.record.schema import corrections, meta, notices, sources
from assistant.record.sqlite import open_sqlite

__all__ = [
    "LIBRARY_FILE",
    "AuditEntry",
    "CaseText",
    "Changes",
    "Library",
    "Reading",
    "now",
    "open_library",
]

NOTICES_KEPT = 512
CASES_KEPT = 20_000
"""A larger library is not kept in memory as a whole; a case takes about three kilobytes."""
LIBRARY_FILE = "library.sqlite"


def now() -> str:
    """Local time as ISO to the second, the form of every time stored."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def open_library(home: Path, url: str = "") -> Library:
    """Open the record: of a home folder, or in the PostgreSQL database at `url`.

    Raises `LibraryError`, or `SettingsError` for a wrong address.
    """
    return Library(open_postgres(url) if url else open_sqlite(home / LIBRARY_FILE))


class Library:
    """The open record. Safe to share between threads; several processes may open one database."""

    def __init__(self, place: Path | Database) -> None:
        self.database = open_sqlite(place) if isinstance(place, Path) else place
        self._kept: OrderedDict[str, Notice] = OrderedDict()
        self._kept_revision = -1
        self._overview: Overview | None = None
        self._lock = threading.Lock()
        self._all = Kept(self.mark, self.changes, most=CASES_KEPT)
        self._outlines = Kept(self.mark, self._changed_outlines)
        self._asked, self._asked_at, self._writes = -1, float("-inf"), 0

    @property
    def where(self) -> str:
        """Say where the record is, for messages: a path, or host and name of a database."""
        return self.database.where

    def close(self) -> None:
        """Release the database."""
        self.database.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Run one write transaction; a full disk or a foreign lock becomes a named error."""
        try:
            with self.database.writing() as connection:
                yield connection
        finally:
            with self._lock:
                self._writes += 1
                self._asked_at = float("-inf")

    def reading(self) -> AbstractContextManager[Connection]:
        """Run one read transaction: what is seen is one moment of the record."""
        return self.database.reading()

    # ------------------------------------------------------------------ notices

    def put(
        self, document: Document, parsed: Sequence[Notice], *, origin: str = "", parser: str = ""
    ) -> IngestResult:
        """Store a file's notices; the same content again changes nothing.

        `origin` tells two files of one name apart (a path, or empty for the bare name): a file
        whose content changed replaces what the same origin held. `parser` names the version of
        the reading rules; the same file read by newer rules is stored anew. Corrections stay.
        """
        origin = origin or document.source
        with self.writing() as connection:
            held = connection.scalars(
                select(sources.c.sha256).where(
                    (sources.c.sha256 == document.sha256) | (sources.c.origin == origin)
                )
            ).all()
            if document.sha256 in held and library_notices.same_reading(
                connection, document.sha256, parser
            ):
                return IngestResult(
                    document.source, IngestState.UNCHANGED, len(parsed), count_cases(parsed)
                )
            orphans = library_notices.corrected_titles(connection, held)
            for sha256 in held:
                connection.execute(delete(sources).where(sources.c.sha256 == sha256))
            revision = library_notices.advance(connection)
            library_notices.insert_source(connection, document, origin, now())
            for notice in parsed:
                library_notices.insert_notice(connection, notice, parser, revision)
            library_notices.rehang_corrections(connection, orphans, parsed, revision)
            self._log(connection, "导入", f"{document.source}（{document.sha256[:8]}）")
        state = IngestState.UPDATED if held else IngestState.ADDED
        return IngestResult(document.source, state, len(parsed), count_cases(parsed))

    def upload_origin(self, document: Document, parsed: Sequence[Notice]) -> str:
        """Give the origin of an upload: that of the version it replaces, else one of its own."""
        with self.reading() as connection:
            return library_notices.upload_origin(connection, document, parsed)

    def holds(self, sha256: str, *, parser: str = "") -> bool:
        """Tell whether this very content was already read by these rules."""
        with self.reading() as connection:
            held = connection.scalar(select(sources.c.sha256).where(sources.c.sha256 == sha256))
            return held is not None and library_notices.same_reading(connection, sha256, parser)

    def size(self, sha256: str) -> tuple[int, int]:
        """Count the notices and cases read from one content, corrections applied."""
        with self.reading() as connection:
            row = connection.execute(
                select(func.count(), func.coalesce(func.sum(notices.c.cases), 0)).where(
                    notices.c.sha256 == sha256
                )
            ).one()
        return int(row[0]), int(row[1])

    def notices(self) -> tuple[Notice, ...]:
        """Give all notices with their cases, by source and place, corrections applied.

        Kept in memory up to `CASES_KEPT`: after a change only what changed is read anew.
        """
        return self._all.now()

    def outlines(self) -> tuple[Notice, ...]:
        """Give all notices with cases that have id, topics and status but no text.

        Enough for lists, filters and counts, at a thirtieth of the cost of `notices()`. Kept in
        memory: after a change only what changed is read anew.
        """
        return self._outlines.now()

    def _changed_outlines(self, since: int) -> Changes:
        with self.reading() as connection:
            return library_notices.read_outlines(connection, since)

    def texts(self, ids: Iterable[str]) -> Iterator[tuple[str, tuple[CaseText, ...]]]:
        """Give (id, what its cases say) of some notices, in any order, one after the other.

        For looking through many: nothing is kept, and where in the source it stands is left out.
        """
        with self.reading() as connection:
            yield from library_notices.texts_of(connection, ids)

    def changes(self, since: int) -> Changes:
        """Give what became different after revision `since`, without reading the rest."""
        with self.reading() as connection:
            return library_notices.read_changes(connection, since)

    @contextmanager
    def streaming(self) -> Iterator[Reading]:
        """Give all notices as of one moment, none of them held: for what goes through all once."""
        with self.reading() as connection:
            yield library_notices.stream_all(connection)

    def notice(self, notice_id: str) -> Notice:
        """Give one notice; raises `NotFound`."""
        revision = self._recent_revision()
        with self._lock:
            if self._kept_revision != revision:
                self._kept.clear()
                self._kept_revision = revision
            if notice_id in self._kept:
                self._kept.move_to_end(notice_id)
                return self._kept[notice_id]
        with self.reading() as connection:
            notice = library_notices.read_one(connection, notice_id)
            read_at = revision_of(connection)
        with self._lock:
            # what was read after another change must not be kept as of before it
            if read_at == self._kept_revision:
                self._kept[notice_id] = notice
                while len(self._kept) > NOTICES_KEPT:
                    self._kept.popitem(last=False)
        return notice

    def _recent_revision(self) -> int:
        """Give the revision; on a server not asked anew for every case of a page."""
        with self._lock:
            if time.monotonic() - self._asked_at < self.database.fresh_s:
                return self._asked
            writes = self._writes
        revision = self.revision()
        with self._lock:
            if writes == self._writes:  # else what was read may be of before our own change
                self._asked, self._asked_at = revision, time.monotonic()
        return revision

    def cases(self) -> tuple[Case, ...]:
        """Give all cases in the order of `notices()`."""
        return tuple(case for notice in self.notices() for case in notice.cases)

    def case(self, case_id: str) -> Case:
        """Give one case; raises `NotFound`."""
        with suppress(NotFound):
            for case in self.notice(case_id.rpartition("-")[0]).cases:
                if case.id == case_id:
                    return case
        raise NotFound("没有这条案例", where=case_id, todo="请先用 zhenggai search 查找编号")

    def document(self, notice_id: str) -> Document:
        """Give the source a notice was read from, untouched."""
        with self.reading() as connection:
            body = connection.scalar(
                select(sources.c.document)
                .join(notices, notices.c.sha256 == sources.c.sha256)
                .where(notices.c.id == notice_id)
            )
        if body is None:
            raise library_notices.no_notice(notice_id)
        return read_document(body)

    def lines(self, notice_id: str) -> tuple[str, ...]:
        """Give the raw lines of the whole source file of a notice."""
        return self.document(notice_id).lines

    def remove(self, notice_id: str) -> None:
        """Remove a notice for good, and its source once no notice of it is left."""
        with self.writing() as connection:
            library_notices.remove_notice(connection, notice_id)
            library_notices.advance(connection)
            self._log(connection, "删除", notice_id)

    def sources(self) -> tuple[tuple[str, str], ...]:
        """Give (origin, sha256) of every source held."""
        with self.reading() as connection:
            rows = connection.execute(select(sources.c.origin, sources.c.sha256)).all()
        return tuple((row.origin, row.sha256) for row in rows)

    def rewrite(self, change: Callable[[Notice], Notice], *, ids: Iterable[str]) -> None:
        """Store changed readings of notices (such as new topics), corrections untouched."""
        with self.writing() as connection:
            revision = library_notices.advance(connection)
            for notice_id in ids:
                row = connection.execute(
                    select(notices.c.body, notices.c.parsed_by).where(notices.c.id == notice_id)
                ).one_or_none()
                if row is not None:
                    changed = change(read_notice(row.body))
                    connection.execute(delete(notices).where(notices.c.id == notice_id))
                    library_notices.insert_notice(connection, changed, row.parsed_by, revision)
                    library_notices.count_anew(connection, (changed.id,), revision)

    # ------------------------------------------------------------------ corrections

    def correct(self, notice_id: str, correction: Correction) -> None:
        """Add a person's correction; it lies over the parsed case and survives re-reading."""
        with self.writing() as connection:
            library_notices.read_one(connection, notice_id)
            revision = library_notices.advance(connection)
            library_notices.add_correction(connection, notice_id, correction, now(), revision)
            self._log(connection, "更正", f"{correction.case_id} {correction.action}")

    def undo_correction(self, notice_id: str) -> bool:
        """Take back the last correction of a notice; `False` where there is none."""
        with self.writing() as connection:
            made = select(corrections.c.id).where(corrections.c.notice_id == notice_id)
            if connection.scalar(made.limit(1)) is None:
                return False
            revision = library_notices.advance(connection)
            library_notices.drop_last_correction(connection, notice_id, revision)
            self._log(connection, "撤销更正", notice_id)
        return True

    def corrections(self, notice_id: str) -> tuple[Correction, ...]:
        """Give the corrections of a notice, oldest first."""
        with self.reading() as connection:
            held = library_notices.corrections_by_notice(connection, notice_id)
        return held.get(notice_id, ())

    # ------------------------------------------------------------------ state

    def revision(self) -> int:
        """Give a number that grows with every change of notices, cases or corrections."""
        with self.reading() as connection:
            return revision_of(connection)

    def identity(self) -> str:
        """Give the name of this very record: another database, or a restored one, has another."""
        with self.reading() as connection:
            return identity_of(connection)

    def mark(self) -> tuple[str, int]:
        """Give identity and revision, seen at one moment."""
        with self.reading() as connection:
            return identity_of(connection), revision_of(connection)

    def copy_to(self, target: Path) -> None:
        """Copy the whole record at one moment into a new file, while others read and write."""
        self.database.copy_to(target)

    def replace_with(self, other: Library, *, told: str) -> None:
        """Put another record in place of this one, in one transaction; `told` says which."""
        with other.reading() as given, self.writing() as connection:
            make_anew(connection, given, self.where)
            self._log(connection, "恢复", told)

    def is_blank(self) -> bool:
        """Tell whether nobody has stored anything yet."""
        with self.reading() as connection:
            return is_blank(connection)

    def check(self) -> None:
        """Look through the whole record; raises `LibraryError` where it is damaged."""
        self.database.check()

    def overview(self) -> Overview:
        """Count the library; counted once for each revision."""
        with self.reading() as connection:
            revision = revision_of(connection)
            if self._overview is not None and self._overview.revision == revision:
                return self._overview
            row = connection.execute(
                select(
                    func.count(),
                    func.coalesce(func.sum(notices.c.cases), 0),
                    func.count(notices.c.unit.distinct()),
                    func.min(notices.c.first_year),
                    func.max(notices.c.last_year),
                ).select_from(notices)
            ).one()
        self._overview = Overview(int(row[0]), int(row[1]), int(row[2]), row[3], row[4], revision)
        return self._overview

    def value(self, key: str) -> str | None:
        """Read a small stored value, such as the unit profile."""
        with self.reading() as connection:
            return connection.scalar(select(meta.c.value).where(meta.c.key == f"value:{key}"))

    def set_value(self, key: str, value: str) -> None:
        """Store a small value."""
        with self.writing() as connection:
            set_meta(connection, f"value:{key}", value)

    # ------------------------------------------------------------------ audit

    def log(self, action: str, detail: str, who: str = "") -> None:
        """Add a line to the audit, which nobody can change or take back."""
        with self.writing() as connection:
            self._log(connection, action, detail, who)

    def audit_entries(
        self,
        limit: int = 200,
        *,
        who: str | None = None,
        action: str = "",
        since: str = "",
        until: str = "",
    ) -> tuple[AuditEntry, ...]:
        """Give the last entries of the audit, newest first; days are ISO, both included."""
        with self.reading() as connection:
            return library_audit.entries(
                connection, limit, who=who, action=action, since=since, until=until
            )

    def audit_names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Give the users and the actions that the audit knows, each sorted."""
        with self.reading() as connection:
            return library_audit.names(connection)

    @staticmethod
    def _log(connection: Connection, action: str, detail: str, who: str = "") -> None:
        library_audit.add_entry(connection, AuditEntry(now(), action, detail, who or acting()))

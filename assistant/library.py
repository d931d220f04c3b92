"""The record of truth: sources, notices, cases and people's corrections, in one SQLite file.

Everything else (index, pages, exports) is derived from here. Each public method is one
transaction; a file's notices appear or change together or not at all.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import DatabaseError, OperationalError

from assistant.corrections import Correction, apply_corrections
from assistant.errors import LibraryBusy, LibraryError, NotFound
from assistant.library_schema import (
    audit,
    corrections,
    meta,
    notices,
    open_engine,
    sources,
)
from assistant.models import (
    Case,
    Document,
    IngestResult,
    IngestState,
    Notice,
    Overview,
)

_document = TypeAdapter(Document)
_notice = TypeAdapter(Notice)
_correction = TypeAdapter(Correction)

NOTICES_KEPT = 512
LIBRARY_FILE = "library.sqlite"


def now() -> str:
    """Local time as ISO to the second, the form of every time stored."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def open_library(home: Path) -> Library:
    """Open the record of a home folder; raises `LibraryError`."""
    return Library(home / LIBRARY_FILE)


class Library:
    """The open record. Safe to share between threads; several processes may open one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = open_engine(path)
        self._writer = self.engine.execution_options(immediate=True)
        self._kept: OrderedDict[str, Notice] = OrderedDict()
        self._kept_revision = -1
        self._overview: Overview | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Release the file."""
        self.engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Run one write transaction; a full disk or a foreign lock becomes a named error."""
        try:
            with self._writer.begin() as connection:
                yield connection
        except OperationalError as error:
            if "locked" in str(error.orig):
                raise LibraryBusy(
                    "另一个程序正在写入案例库，等待超时",
                    where=str(self.path),
                    todo="请稍后再试；若长期如此，请检查是否有卡住的导入任务",
                ) from error
            raise _unwritable(self.path, error) from error
        except DatabaseError as error:
            raise _unwritable(self.path, error) from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Run one read transaction: what is seen is one moment of the record."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except DatabaseError as error:
            raise LibraryError(
                f"案例库读取失败（{error.orig}）",
                where=str(self.path),
                todo="请运行 zhenggai doctor 检查；文件损坏时请从备份恢复",
            ) from error

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
            held = connection.execute(
                select(sources.c.sha256, sources.c.origin).where(
                    (sources.c.sha256 == document.sha256) | (sources.c.origin == origin)
                )
            ).all()
            if document.sha256 in {row.sha256 for row in held} and self._same_reading(
                connection, document.sha256, parser
            ):
                return IngestResult(
                    document.source, IngestState.UNCHANGED, len(parsed), _count(parsed)
                )
            orphans = self._corrected_titles(connection, [row.sha256 for row in held])
            for row in held:
                connection.execute(delete(sources).where(sources.c.sha256 == row.sha256))
            connection.execute(
                insert(sources).values(
                    sha256=document.sha256,
                    origin=origin,
                    name=document.source,
                    format=document.format,
                    document=_document.dump_json(document).decode(),
                    added=now(),
                )
            )
            for notice in parsed:
                self._insert_notice(connection, notice, parser)
            self._rehang_corrections(connection, orphans, parsed)
            self._advance(connection)
            self._log(connection, "导入", f"{document.source}（{document.sha256[:8]}）")
        state = IngestState.UPDATED if held else IngestState.ADDED
        return IngestResult(document.source, state, len(parsed), _count(parsed))

    def holds(self, sha256: str, *, parser: str = "") -> bool:
        """Tell whether this very content was already read by these rules."""
        with self.reading() as connection:
            held = connection.scalar(select(sources.c.sha256).where(sources.c.sha256 == sha256))
            return held is not None and self._same_reading(connection, sha256, parser)

    def size(self, sha256: str) -> tuple[int, int]:
        """Count the notices and cases read from one content."""
        with self.reading() as connection:
            bodies = connection.scalars(
                select(notices.c.body).where(notices.c.sha256 == sha256)
            ).all()
        held = [_notice.validate_json(body) for body in bodies]
        return len(held), _count(held)

    def notices(self) -> tuple[Notice, ...]:
        """Give all notices with their cases, by source and place, corrections applied."""
        with self.reading() as connection:
            rows = connection.execute(
                select(notices.c.id, notices.c.body).order_by(
                    notices.c.source, notices.c.start_line, notices.c.id
                )
            ).all()
            overlays = self._corrections(connection)
        return tuple(
            apply_corrections(_notice.validate_json(row.body), overlays.get(row.id, ()))
            for row in rows
        )

    def notice(self, notice_id: str) -> Notice:
        """Give one notice; raises `NotFound`."""
        revision = self.revision()
        with self._lock:
            if self._kept_revision != revision:
                self._kept.clear()
                self._kept_revision = revision
            if notice_id in self._kept:
                self._kept.move_to_end(notice_id)
                return self._kept[notice_id]
        with self.reading() as connection:
            body = connection.scalar(select(notices.c.body).where(notices.c.id == notice_id))
            overlays = self._corrections(connection, notice_id)
        if body is None:
            raise NotFound("没有这份通报", where=notice_id, todo="请用 zhenggai list 查看编号")
        notice = apply_corrections(_notice.validate_json(body), overlays.get(notice_id, ()))
        with self._lock:
            self._kept[notice_id] = notice
            while len(self._kept) > NOTICES_KEPT:
                self._kept.popitem(last=False)
        return notice

    def cases(self) -> tuple[Case, ...]:
        """Give all cases in the order of `notices()`."""
        return tuple(case for notice in self.notices() for case in notice.cases)

    def case(self, case_id: str) -> Case:
        """Give one case; raises `NotFound`."""
        return next(
            (c for c in self.notice(case_id.rpartition("-")[0]).cases if c.id == case_id),
            None,
        ) or _no_case(case_id)

    def document(self, notice_id: str) -> Document:
        """Give the source a notice was read from, untouched."""
        with self.reading() as connection:
            body = connection.scalar(
                select(sources.c.document)
                .join(notices, notices.c.sha256 == sources.c.sha256)
                .where(notices.c.id == notice_id)
            )
        if body is None:
            raise NotFound("没有这份通报", where=notice_id, todo="请用 zhenggai list 查看编号")
        return _document.validate_json(body)

    def lines(self, notice_id: str) -> tuple[str, ...]:
        """Give the raw lines of the whole source file of a notice."""
        return self.document(notice_id).lines

    def remove(self, notice_id: str) -> None:
        """Remove a notice for good, and its source once no notice of it is left."""
        with self.writing() as connection:
            sha256 = connection.scalar(select(notices.c.sha256).where(notices.c.id == notice_id))
            if sha256 is None:
                raise NotFound("没有这份通报", where=notice_id, todo="请用 zhenggai list 查看编号")
            connection.execute(delete(corrections).where(corrections.c.notice_id == notice_id))
            connection.execute(delete(notices).where(notices.c.id == notice_id))
            left = connection.scalar(
                select(func.count()).select_from(notices).where(notices.c.sha256 == sha256)
            )
            if not left:
                connection.execute(delete(sources).where(sources.c.sha256 == sha256))
            self._advance(connection)
            self._log(connection, "删除", notice_id)

    def sources(self) -> tuple[tuple[str, str], ...]:
        """Give (origin, sha256) of every source held."""
        with self.reading() as connection:
            rows = connection.execute(select(sources.c.origin, sources.c.sha256)).all()
        return tuple((row.origin, row.sha256) for row in rows)

    # ------------------------------------------------------------------ corrections

    def correct(self, notice_id: str, correction: Correction) -> None:
        """Add a person's correction; it lies over the parsed case and survives re-reading."""
        self.notice(notice_id)
        with self.writing() as connection:
            connection.execute(
                insert(corrections).values(
                    notice_id=notice_id,
                    body=_correction.dump_json(correction).decode(),
                    made=now(),
                )
            )
            self._advance(connection)
            self._log(connection, "更正", f"{correction.case_id} {correction.action}")

    def undo_correction(self, notice_id: str) -> bool:
        """Take back the last correction of a notice; `False` where there is none."""
        with self.writing() as connection:
            last = connection.scalar(
                select(func.max(corrections.c.id)).where(corrections.c.notice_id == notice_id)
            )
            if last is None:
                return False
            connection.execute(delete(corrections).where(corrections.c.id == last))
            self._advance(connection)
            self._log(connection, "撤销更正", notice_id)
        return True

    def corrections(self, notice_id: str) -> tuple[Correction, ...]:
        """Give the corrections of a notice, oldest first."""
        with self.reading() as connection:
            return self._corrections(connection, notice_id).get(notice_id, ())

    # ------------------------------------------------------------------ state

    def revision(self) -> int:
        """Give a number that grows with every change of notices, cases or corrections."""
        with self.reading() as connection:
            return _revision(connection)

    def copy_to(self, target: Path) -> None:
        """Copy the whole record at one moment into a new file, while others read and write."""
        raw = self.engine.raw_connection()
        try:
            source = raw.driver_connection
            assert isinstance(source, sqlite3.Connection)
            with closing(sqlite3.connect(target)) as copy:
                source.backup(copy)
        except sqlite3.Error as error:
            raise LibraryError(
                f"案例库复制失败（{error}）", where=str(target), todo="请检查磁盘空间后重试"
            ) from error
        finally:
            raw.close()

    def check(self) -> None:
        """Look through the whole file; raises `LibraryError` where it is damaged."""
        with self.reading() as connection:
            verdict = connection.exec_driver_sql("PRAGMA quick_check").scalar()
        if verdict != "ok":
            raise LibraryError(
                f"案例库文件已损坏（{verdict}）",
                where=str(self.path),
                todo="请从备份恢复，或移走该文件后重新导入通报",
            )

    def overview(self) -> Overview:
        """Count the library; counted once for each revision."""
        revision = self.revision()
        if self._overview is not None and self._overview.revision == revision:
            return self._overview
        held = self.notices()
        dates = [field.iso for n in held for field in (n.feedback_date, n.published_date) if field]
        years = sorted({int(iso[:4]) for iso in dates if iso})
        self._overview = Overview(
            notices=len(held),
            cases=_count(held),
            units=len({n.unit if n.unit and "X" not in n.unit else n.id for n in held}),
            first_year=years[0] if years else None,
            last_year=years[-1] if years else None,
            revision=revision,
        )
        return self._overview

    def value(self, key: str) -> str | None:
        """Read a small stored value, such as the unit profile."""
        with self.reading() as connection:
            return connection.scalar(select(meta.c.value).where(meta.c.key == f"value:{key}"))

    def set_value(self, key: str, value: str) -> None:
        """Store a small value."""
        with self.writing() as connection:
            connection.execute(
                upsert(meta)
                .values(key=f"value:{key}", value=value)
                .on_conflict_do_update(index_elements=["key"], set_={"value": value})
            )

    def audit_entries(self, limit: int = 200) -> tuple[tuple[str, str, str], ...]:
        """Give (time, action, detail) of the last changes, newest first."""
        with self.reading() as connection:
            rows = connection.execute(
                select(audit.c.at, audit.c.action, audit.c.detail)
                .order_by(audit.c.id.desc())
                .limit(limit)
            ).all()
        return tuple((row.at, row.action, row.detail) for row in rows)

    def rewrite(self, change: Callable[[Notice], Notice], *, ids: Iterable[str]) -> None:
        """Store changed readings of notices (such as new topics), corrections untouched."""
        with self.writing() as connection:
            for notice_id in ids:
                row = connection.execute(
                    select(notices.c.body, notices.c.parsed_by).where(notices.c.id == notice_id)
                ).one_or_none()
                if row is not None:
                    changed = change(_notice.validate_json(row.body))
                    connection.execute(delete(notices).where(notices.c.id == notice_id))
                    self._insert_notice(connection, changed, row.parsed_by)
            self._advance(connection)

    # ------------------------------------------------------------------ inside

    def _insert_notice(self, connection: Connection, notice: Notice, parser: str) -> None:
        connection.execute(
            insert(notices).values(
                id=notice.id,
                sha256=notice.sha256,
                source=notice.source,
                start_line=notice.start_line,
                body=_notice.dump_json(notice).decode(),
                parsed_by=parser,
            )
        )

    @staticmethod
    def _same_reading(connection: Connection, sha256: str, parser: str) -> bool:
        readings = set(
            connection.scalars(
                select(notices.c.parsed_by).where(notices.c.sha256 == sha256).distinct()
            )
        )
        return readings == {parser}

    @staticmethod
    def _corrected_titles(connection: Connection, held: Sequence[str]) -> dict[str, str]:
        """Give id → title of the notices about to be replaced that carry corrections."""
        rows = connection.execute(
            select(notices.c.id, notices.c.body)
            .where(notices.c.sha256.in_(held))
            .where(notices.c.id.in_(select(corrections.c.notice_id)))
        ).all()
        return {row.id: _notice.validate_json(row.body).title for row in rows}

    @staticmethod
    def _rehang_corrections(
        connection: Connection, orphans: dict[str, str], parsed: Sequence[Notice]
    ) -> None:
        """Hand the corrections of replaced notices to the new readings of the same title."""
        kept = {notice.id for notice in parsed}
        for old, title in orphans.items():
            heir = next((n.id for n in parsed if n.title == title), None)
            if old not in kept and heir is not None:
                connection.execute(
                    update(corrections).where(corrections.c.notice_id == old).values(notice_id=heir)
                )

    @staticmethod
    def _corrections(
        connection: Connection, notice_id: str = ""
    ) -> dict[str, tuple[Correction, ...]]:
        query = select(corrections.c.notice_id, corrections.c.body).order_by(corrections.c.id)
        if notice_id:
            query = query.where(corrections.c.notice_id == notice_id)
        found: dict[str, tuple[Correction, ...]] = {}
        for row in connection.execute(query):
            made = _correction.validate_json(row.body)
            found[row.notice_id] = (*found.get(row.notice_id, ()), made)
        return found

    @staticmethod
    def _advance(connection: Connection) -> None:
        changed = connection.execute(
            update(meta)
            .where(meta.c.key == "revision")
            .values(value=str(_revision(connection) + 1))
        )
        if not changed.rowcount:
            connection.execute(insert(meta).values(key="revision", value="1"))

    @staticmethod
    def _log(connection: Connection, action: str, detail: str) -> None:
        connection.execute(insert(audit).values(at=now(), action=action, detail=detail))


def _revision(connection: Connection) -> int:
    return int(connection.scalar(select(meta.c.value).where(meta.c.key == "revision")) or 0)


def _count(parsed: Iterable[Notice]) -> int:
    return sum(len(notice.cases) for notice in parsed)


def _no_case(case_id: str) -> Case:
    raise NotFound("没有这条案例", where=case_id, todo="请先用 zhenggai search 查找编号")


def _unwritable(path: Path, error: DatabaseError) -> LibraryError:
    return LibraryError(
        f"案例库写入失败（{error.orig}），本次改动未保存，原有数据不受影响",
        where=str(path),
        todo="请检查磁盘空间和目录权限后重试",
    )

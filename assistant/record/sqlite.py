"""The record as one SQLite file, with a write-ahead log beside it while it is open."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from assistant.errors import LibraryBusy, LibraryError, reason_of
from assistant.record.engine import BUSY_TIMEOUT_SECONDS, Database

SIDE_FILES = ("-wal", "-shm")


class SqliteFile(Database):
    """The record in a file."""

    def __init__(self, engine: Engine, path: Path) -> None:
        super().__init__(engine, str(path))

    def explained(self, error: DBAPIError, *, writing: bool) -> LibraryError:
        """Say in users' words what the database's error means."""
        if "locked" in str(error.orig):
            return self.busy()
        if writing:
            return LibraryError(
                f"案例库写入失败（{error.orig}），本次改动未保存，原有数据不受影响",
                where=self.where,
                todo="请检查磁盘空间和目录权限后重试",
            )
        return LibraryError(
            f"案例库读取失败（{error.orig}）",
            where=self.where,
            todo="请运行 zhenggai doctor 检查；文件损坏时请从备份恢复",
        )

    def check(self) -> None:
        """Look through the whole file; raises `LibraryError` where it is damaged."""
        with self.reading() as connection:
            verdict = connection.exec_driver_sql("PRAGMA quick_check").scalar()
        if verdict != "ok":
            raise LibraryError(
                f"案例库文件已损坏（{verdict}）",
                where=self.where,
                todo="请从备份恢复，或移走该文件后重新导入通报",
            )

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


def open_sqlite(path: Path) -> SqliteFile:
    """Open or create the record at `path`.

    Raises `LibraryError` where the folder cannot be written, the file is damaged or empty, or it
    was written by a newer version.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
        elif not path.stat().st_size:
            raise LibraryError(
                "案例库文件是空的（0 字节），内容已经丢失，没有当作新库打开",
                where=str(path),
                todo="请从备份恢复（zhenggai restore）；确认无需保留的，移走该文件后重新导入通报",
            )
    except OSError as error:
        raise LibraryError(
            f"无法建立案例库（{reason_of(error)}）",
            where=str(path.parent),
            todo="请检查目录权限与磁盘空间，或用 --home 指定其他目录",
        ) from error
    return _opened(path)


def _create(path: Path) -> None:
    """Make the record aside and give it its name when it is whole: an empty file is never ours."""
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    for ending in SIDE_FILES:
        side = path.with_name(path.name + ending)
        if side.exists():  # of a record that was moved away; it would be read into the new one
            os.replace(side, side.with_name(f"{side.name}.{stamp}.old"))
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".new-") as folder:
        made = Path(folder) / path.name
        _opened(made).close()
        try:
            os.link(made, path)  # fails where another process was first, and that is as well
        except FileExistsError:
            return
        except OSError:  # a file system without hard links
            if not path.exists():
                os.rename(made, path)


def _opened(path: Path) -> SqliteFile:
    engine = create_engine(
        # not as one text: `?`, `#` and `%` in the name of a folder are letters like others
        URL.create("sqlite", database=str(path)),
        connect_args={"check_same_thread": False, "isolation_level": None},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    file = SqliteFile(engine, path)
    try:
        file.bring_up_to_date()
    except LibraryBusy:
        engine.dispose()
        raise
    except LibraryError as error:
        engine.dispose()
        if isinstance(error.__cause__, DBAPIError):
            raise LibraryError(
                f"案例库文件打不开（{error.__cause__.orig}）",
                where=str(path),
                todo="请检查磁盘空间和权限；文件损坏时请从备份恢复，或移走该文件后重新导入通报",
            ) from error
        raise
    return file


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    """Set what SQLite forgets per connection: WAL, foreign keys, wait for the other writer."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

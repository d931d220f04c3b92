"""What every database that may hold the record does alike: one writer, many readers.

A write transaction takes the one write lock first, so that two writers queue and never deadlock;
a read transaction sees one moment of the record.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from assistant.errors import LibraryBusy, LibraryError
from assistant.record.migrations import bring_up_to_date, is_present

BUSY_TIMEOUT_SECONDS = 30
"""How long a writer waits for another before it gives up."""


class Database(ABC):
    """An open database. Safe to share between threads."""

    fresh_s = 0.0
    """How long a revision read counts as new: on a server each question is a round trip."""

    def __init__(self, engine: Engine, where: str) -> None:
        self.engine, self.where = engine, where
        self._writer = engine.execution_options(immediate=True)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Run one write transaction; what goes wrong in the database becomes a named error."""
        try:
            with self._writer.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise self.explained(error, writing=True) from error
        except PoolTimeout as error:
            raise self.crowded() from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Run one read transaction: what is seen is one moment of the record."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise self.explained(error, writing=False) from error
        except PoolTimeout as error:
            raise self.crowded() from error

    def bring_up_to_date(self) -> None:
        """Create the record or bring it to the present form; a present one is only looked at."""
        with self.reading() as connection:
            present = is_present(connection)
        if not present:
            with self.writing() as connection:
                bring_up_to_date(connection, self.where)

    def close(self) -> None:
        """Release files and connections."""
        self.engine.dispose()

    def busy(self) -> LibraryBusy:
        """Tell that another program holds the write lock."""
        return LibraryBusy(
            "另一个程序正在写入案例库，等待超时",
            where=self.where,
            todo="请稍后再试；若长期如此，请检查是否有卡住的导入任务",
        )

    def crowded(self) -> LibraryBusy:
        """Tell that all connections are in use."""
        return LibraryBusy("同时使用案例库的人太多，等待超时", where=self.where, todo="请稍后再试")

    @abstractmethod
    def explained(self, error: DBAPIError, *, writing: bool) -> LibraryError:
        """Say in users' words what the database's error means."""

    @abstractmethod
    def check(self) -> None:
        """Look through everything; raises `LibraryError` where it is damaged."""

    @abstractmethod
    def copy_to(self, target: Path) -> None:
        """Copy the whole record at one moment into a new SQLite file, while others work."""

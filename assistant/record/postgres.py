"""The record in a PostgreSQL database, which several programs on several machines may share.

Each program keeps its own search index in its home; the record and all that people made are here.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, String, create_engine, event, func, select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from assistant.database_url import clean_database_url
from assistant.errors import LibraryError
from assistant.record.copying import copy_rows
from assistant.record.engine import BUSY_TIMEOUT_SECONDS, Database
from assistant.record.schema import metadata
from assistant.record.sqlite import open_sqlite

WRITE_LOCK = 7_491_620_358
"""Number of the advisory lock a writer takes; one for all writers of a database."""
STATEMENT_SECONDS = 120
IDLE_SECONDS = 300
"""A program that hangs inside a transaction is thrown out, and its lock freed."""
CONNECT_SECONDS = 5
CONNECTIONS = 5
CONNECTIONS_AT_PEAK = 15

_SERVER_OPTIONS = {
    "lock_timeout": BUSY_TIMEOUT_SECONDS * 1000,
    "statement_timeout": STATEMENT_SECONDS * 1000,
    "idle_in_transaction_session_timeout": IDLE_SECONDS * 1000,
    # a machine that vanished is noticed in about a minute, not after two hours
    "tcp_keepalives_idle": 30,
    "tcp_keepalives_interval": 10,
    "tcp_keepalives_count": 3,
    "synchronous_commit": "on",
}
_TOO_LATE = ("55P03", "57014", "40001", "40P01", "53300")
"""SQLSTATEs of waiting in vain: lock, statement time, serialisation, deadlock, connections."""
_GONE = ("08", "57P")
_WORDS = {
    "53100": ("数据库服务器磁盘已满", "请清理数据库服务器的磁盘后重试"),
    "42501": ("数据库用户没有所需的权限", "请让管理员授予该用户在本库建表和读写的权限"),
    "25006": ("数据库是只读的", "请检查地址是否指向备用服务器"),
    "0A000": ("数据库是只读的", "请检查地址是否指向备用服务器"),
    "3D000": ("没有这个数据库", "请先在服务器上建好数据库，或检查地址中的库名"),
    "28P01": ("数据库拒绝了用户名或密码", "请检查数据库地址中的用户名和密码"),
    "28000": ("数据库不允许这个用户登录", "请检查用户名和服务器的 pg_hba.conf"),
}
_REFUSALS = {"password authentication failed": "28P01", "does not exist": "3D000"}
"""What a refused connection says instead of a SQLSTATE."""


class PostgresServer(Database):
    """The record on a server."""

    fresh_s = 0.2

    def __init__(self, engine: Engine, where: str) -> None:
        super().__init__(engine, where)
        # a writer must see what the one before it wrote, so its snapshot is taken after the lock
        self._writer = engine.execution_options(immediate=True, isolation_level="READ COMMITTED")
        self.engine = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    def explained(self, error: DBAPIError, *, writing: bool) -> LibraryError:
        """Say in users' words what the database's error means; never repeats data or secrets."""
        state = str(getattr(error.orig, "sqlstate", None) or "")
        if state in _TOO_LATE:
            return self.busy()
        lost = "，本次改动未保存，原有数据不受影响" if writing else ""
        if not state:
            said = str(error.orig)
            state = next((code for words, code in _REFUSALS.items() if words in said), "")
        if state in _WORDS:
            what, todo = _WORDS[state]
            return LibraryError(what + lost, where=self.where, todo=todo)
        if error.connection_invalidated or state.startswith(_GONE) or _is_silent(error, state):
            return LibraryError(
                f"连不上案例库所在的数据库{lost}",
                where=self.where,
                todo="请检查数据库服务是否在运行、网络和地址是否正确；恢复后无需重启本程序",
            )
        verb = "写入" if writing else "读取"
        return LibraryError(
            f"案例库{verb}失败（{state or type(error.orig).__name__}）{lost}",
            where=self.where,
            todo="请运行 zhenggai doctor 检查；数据库损坏时请从备份恢复",
        )

    def check(self) -> None:
        """Read every value of every table; raises `LibraryError` where one cannot be read."""
        with self.reading() as connection:
            for table in metadata.sorted_tables:
                texts = [column for column in table.c if isinstance(column.type, String)]
                lengths = [func.sum(func.length(column)) for column in texts]
                connection.execute(select(func.count(), *lengths).select_from(table)).one()

    def copy_to(self, target: Path) -> None:
        """Copy the whole record at one moment into a new SQLite file, while others work."""
        copy = open_sqlite(target)
        try:
            with self.reading() as source, copy.writing() as made:
                copy_rows(source, made)
        finally:
            copy.close()


def _is_silent(error: DBAPIError, state: str) -> bool:
    """Tell whether no server said anything: there was no connection to speak over."""
    return not state and isinstance(error, OperationalError | InterfaceError)


def open_postgres(url: str) -> PostgresServer:
    """Open the record in the database at `url`, created where there is none.

    Raises `LibraryError` where the server cannot be used and `SettingsError` for a wrong address.
    """
    address = clean_database_url(url)
    options = " ".join(f"-c {name}={value}" for name, value in _SERVER_OPTIONS.items())
    engine = create_engine(
        address.url,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "options": options,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": 60_000,
            "client_encoding": "utf8",
        },
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=CONNECTIONS,
        max_overflow=CONNECTIONS_AT_PEAK - CONNECTIONS,
        pool_timeout=BUSY_TIMEOUT_SECONDS,
    )
    event.listen(engine, "begin", _begin)
    server = PostgresServer(engine, address.shown)
    try:
        server.bring_up_to_date()
    except LibraryError:
        engine.dispose()
        raise
    return server


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("immediate", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")

"""A private PostgreSQL server for tests: started on a free loopback port, removed afterwards."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tests.ports import free_port

PROGRAMS = Path("/usr/lib/postgresql")
READY_SECONDS = 120.0
PR_SET_PDEATHSIG = 1


def program_folder() -> Path | None:
    """Give the newest installed server's folder of programs; nothing where none is installed."""
    found = [path.parent for path in PROGRAMS.glob("*/bin/initdb")]
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


class PostgresCluster:
    """One server of our own. PostgreSQL refuses to run as root: then it runs as `postgres`."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="zhenggai-pg-"))
        self.port = free_port()
        self.user = "postgres" if os.geteuid() == 0 else None
        self._databases = 0
        self._server: subprocess.Popen[bytes] | None = None
        if self.user:
            shutil.chown(self.folder, self.user, self.user)
        self._call("initdb", "-D", str(self.data), "-U", "office", "-A", "trust", "-E", "UTF8",
                   "--locale=C.UTF-8", "--no-sync")  # fmt: skip

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self._server is None or self._server.poll() is not None:
                self._launch()  # again where one that was killed still held its memory
            try:
                psycopg.connect(self.address("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("the PostgreSQL server did not start")

    def _launch(self) -> None:
        self._server = subprocess.Popen(
            [self.programs / "postgres", "-D", self.data, "-p", str(self.port),
             "-k", self.folder, "-h", "127.0.0.1", "-c", "fsync=off"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=self.user,
            preexec_fn=_end_with_parent,
        )  # fmt: skip

    def stop(self) -> None:
        """End the server in order."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End the server as a power cut would."""
        if self._server is not None:
            pid = self._server.pid
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            self._end(signal.SIGKILL)
            for child in children:
                with suppress(ProcessLookupError):
                    os.kill(int(child), signal.SIGKILL)

    def remove(self) -> None:
        """End the server and remove what it stored."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self) -> str:
        """Create an empty database; gives its address."""
        self._databases += 1
        name = f"office{self._databases}"
        self.run(f"CREATE DATABASE {name}")
        return self.address(name)

    def address(self, name: str) -> str:
        return f"postgresql://office:geheim%40wort@127.0.0.1:{self.port}/{name}"

    def run(self, statement: str, *, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement outside any transaction."""
        with psycopg.connect(self.address(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _end(self, number: signal.Signals) -> None:
        if self._server is not None:
            self._server.send_signal(number)
            self._server.wait(timeout=60)
            self._server = None

    def _call(self, name: str, *arguments: str) -> None:
        subprocess.run(
            [self.programs / name, *arguments], check=True, capture_output=True, user=self.user
        )


@contextmanager
def running_cluster(programs: Path) -> Iterator[PostgresCluster]:
    """Run a server for as long as the block lasts."""
    cluster = PostgresCluster(programs)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.remove()


def _end_with_parent() -> None:
    """Have the system end the server when the tests are killed: nothing is left running."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)

"""The parent's side of the reading processes: start, reuse, time out, replace.

A reading process serves one file at a time and is kept for the next one; a process that failed,
hung or grew is thrown away. Each of our own processes (a pool's workers, a forked server) has its
own set. Safe to call from threads.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import struct
import subprocess
import sys
import threading
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

from assistant import errors
from assistant.errors import LoadError, LoadTimeout, TooLarge
from assistant.loading.content import Content
from assistant.loading.limits import Limits
from assistant.models import Table

GRACE_SECONDS = 3
"""Wall time beyond the processor limit before the process is killed."""
JOBS_PER_PROCESS = 200
IDLE_PROCESSES = 2
HEADER: Final = struct.Struct(">II")
_ROOT = str(Path(__file__).resolve().parents[2])
_SERVE = (
    f"import sys; sys.path.insert(0, {_ROOT!r}); from assistant.loading.child import serve; serve()"
)


class _Process:
    """One reading process and its two pipes."""

    def __init__(self) -> None:
        self.jobs = 0
        self.popen = subprocess.Popen(
            [sys.executable, "-P", "-c", _SERVE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def ask(self, kind: str, content: bytes, limits: Limits) -> dict[str, Any] | None:
        """Send a file, wait for the reply; `None` when the process died."""
        stdin, stdout = self.popen.stdin, self.popen.stdout
        if stdin is None or stdout is None:
            return None
        head = json.dumps({"kind": kind, "limits": asdict(limits)}).encode()
        self.jobs += 1
        try:
            stdin.write(HEADER.pack(len(head), len(content)) + head)
            stdin.write(content)
            stdin.flush()
            size = read_exactly(stdout, HEADER.size)
            reply = read_exactly(stdout, HEADER.unpack(size)[0]) if size else b""
        except (BrokenPipeError, OSError, ValueError):
            return None
        return json.loads(reply) if reply else None

    def kill(self) -> None:
        """End the process and whatever it started."""
        try:
            if hasattr(os, "killpg"):
                os.killpg(self.popen.pid, signal.SIGKILL)
            else:
                self.popen.kill()
        except (ProcessLookupError, PermissionError):
            pass

    def close(self) -> None:
        """End the process and free its pipes."""
        self.kill()
        self.popen.wait()
        for pipe in (self.popen.stdin, self.popen.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue


class _Pool:
    """Idle reading processes of one of our processes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Process] = []

    def take(self) -> _Process:
        """An idle process that still lives, or a new one."""
        while True:
            with self._lock:
                process = self._idle.pop() if self._idle else None
            if process is None:
                return _Process()
            if process.popen.poll() is None:
                return process
            process.close()

    def give_back(self, process: _Process) -> None:
        """Keep a healthy process for the next file."""
        with self._lock:
            if len(self._idle) < IDLE_PROCESSES and process.jobs < JOBS_PER_PROCESS:
                self._idle.append(process)
                return
        process.close()

    def close(self) -> None:
        """End all idle processes."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.close()


_pools: dict[int, _Pool] = {}


def run(kind: str, content: bytes, limits: Limits) -> Content:
    """Read a file's bytes in a reading process."""
    pool = _own_pool()
    process = pool.take()
    healthy = False
    late = threading.Event()
    seconds = limits.seconds + GRACE_SECONDS
    timer = threading.Timer(seconds, partial(_stop, process, late))
    timer.daemon = True
    timer.start()
    try:
        reply = process.ask(kind, content, limits)
        healthy = reply is not None and not reply.get("restart")
    finally:
        timer.cancel()
        if healthy and not late.is_set():
            pool.give_back(process)
        else:
            process.close()
    if reply is None:
        raise _death(late.is_set(), process.popen.returncode, limits)
    return _content(reply)


def close_workers() -> None:
    """End the idle reading processes of this process."""
    pool = _pools.pop(os.getpid(), None)
    if pool is not None:
        pool.close()


def read_exactly(stream: IO[bytes], size: int) -> bytes:
    """Read `size` bytes, or nothing when the other side is gone."""
    data = stream.read(size)
    return data if len(data) == size else b""


def _own_pool() -> _Pool:
    # 以进程号为键：fork 出的进程不能与父进程共用管道
    pid = os.getpid()
    if pid not in _pools:
        pool = _pools.setdefault(pid, _Pool())
        atexit.unregister(close_workers)
        atexit.register(close_workers)
        return pool
    return _pools[pid]


def _stop(process: _Process, late: threading.Event) -> None:
    late.set()
    process.kill()


def _death(late: bool, code: int | None, limits: Limits) -> LoadError:  # noqa: FBT001
    out_of_time = -getattr(signal, "SIGXCPU", 0)
    if late or (code is not None and code < 0 and code == out_of_time):
        return LoadTimeout(
            f"读取超过 {limits.seconds} 秒，已停止", todo="请拆成几个文件，或另存为 docx 再导入"
        )
    return LoadError("读取时出错，文件可能已损坏或不合规范", todo="请用原软件打开后另存一份再导入")


def _content(reply: dict[str, Any]) -> Content:
    if "error" in reply:
        kind = getattr(errors, reply["error"], LoadError)
        raise kind(reply["what"], todo=reply["todo"])
    if reply.get("memory"):
        raise TooLarge("内容过大，超出读取内存上限", todo="请拆成几个文件再导入")
    return Content(
        lines=tuple(reply["lines"]),
        tables=tuple(
            Table(first, tuple(tuple(row) for row in rows), name)
            for first, rows, name in reply["tables"]
        ),
        warnings=tuple(reply["warnings"]),
        front=tuple(reply["front"]),
    )

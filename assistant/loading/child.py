"""The reading process's side: serve one file after the other under processor and memory limits.

Deliberately catches nothing but what it can name: any other failure ends the process, and the
parent reports a damaged file and starts a new one.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from typing import IO, Any

from assistant.errors import LoadError, LoadTimeout
from assistant.loading.content import Content, Reader
from assistant.loading.limits import MEGABYTE, Limits
from assistant.loading.worker import HEADER, read_exactly

try:
    import resource
except ImportError:  # Windows: the parent's wall clock still holds
    resource = None  # type: ignore[assignment]

READERS = {
    "docx": "assistant.loading.docx",
    "pdf": "assistant.loading.pdf",
    "scan": "assistant.loading.ocr",
    "html": "assistant.loading.html",
    "mht": "assistant.loading.html",
    "xlsx": "assistant.loading.sheet",
    "xls": "assistant.loading.sheet",
    "ods": "assistant.loading.sheet",
    "csv": "assistant.loading.sheet",
    "ofd": "assistant.loading.ofd",
    "doc": "assistant.loading.office",
    "rtf": "assistant.loading.office",
    "odt": "assistant.loading.office",
    "fodt": "assistant.loading.office",
    "wordxml": "assistant.loading.office",
}
"""Modules by name: each file needs one of them, and importing all takes a second."""
GROWN = 700 * MEGABYTE


def serve() -> None:
    """Answer requests on standard input until it closes."""
    requests = sys.stdin.buffer
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # libraries may print
    while head := read_exactly(requests, HEADER.size):
        sizes = HEADER.unpack(head)
        request = json.loads(read_exactly(requests, sizes[0]))
        content = read_exactly(requests, sizes[1])
        if len(content) == sizes[1]:
            _send(replies, _answer(request["kind"], content, Limits(**request["limits"])))


def _answer(kind: str, content: bytes, limits: Limits) -> dict[str, Any]:
    _restrict(limits)
    try:
        return _packed(read_content(kind, content, limits))
    except LoadError as error:
        # after a timeout a converter may still run: the parent ends the whole process group
        late = isinstance(error, LoadTimeout)
        reply = {"error": type(error).__name__, "what": error.what, "todo": error.todo}
        return {**reply, "restart": late}
    except (MemoryError, RecursionError):
        return {"memory": True, "restart": True}


def read_content(kind: str, content: bytes, limits: Limits) -> Content:
    """Read a file's bytes in this process, without a guard."""
    reader: Reader = importlib.import_module(READERS[kind]).read
    return reader(content, kind, limits)


def _restrict(limits: Limits) -> None:
    if resource is None:
        return
    used = time.process_time()
    _set_soft(resource.RLIMIT_CPU, int(used) + limits.seconds + 1)
    _set_soft(resource.RLIMIT_AS, limits.memory)
    _set_soft(resource.RLIMIT_CORE, 0)


def _set_soft(which: int, value: int) -> None:
    hard = resource.getrlimit(which)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(which, (value, hard))


def _packed(content: Content) -> dict[str, Any]:
    return {
        "lines": content.lines,
        "tables": [[t.first_line, t.rows, t.name] for t in content.tables],
        "warnings": content.warnings,
        "front": content.front,
        "restart": resource is not None
        and resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 > GROWN,
    }


def _send(replies: IO[bytes], reply: dict[str, Any]) -> None:
    data = json.dumps(reply).encode()
    replies.write(HEADER.pack(len(data), 0) + data)
    replies.flush()

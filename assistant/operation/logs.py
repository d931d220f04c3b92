"""Logs: set up once at the edge, human lines or JSON on stderr, a rotating file where asked.

What is logged is what was done, how long it took and how it ended; never what was asked, read or
written. The mask over every finished line is the last line of defence, not the first.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import re
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Literal

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from assistant.errors import SettingsError, reason_of

LogFormat = Literal["text", "json"]
LogLevel = Literal["", "DEBUG", "INFO", "WARNING", "ERROR"]

OURS = ("assistant", "vectorstore")
QUIET = (
    *("streamlit", "chromadb", "httpx", "httpx2", "httpcore", "openai", "urllib3", "asyncio"),
    *("uvicorn", "uvicorn.access", "uvicorn.error", "watchdog", "pdfminer", "PIL", "multipart"),
    *("mcp", "opentelemetry", "authlib", "sqlalchemy"),
)
FILE_BYTES = 10 << 20
FILES_KEPT = 5
LEAST_SECRET = 6
"""Shorter values are no secrets worth the name, and masking them would garble every line."""
MASK = "（已隐去）"

_PATTERNS = (
    # user and password in an address; the key after an Authorization scheme
    (re.compile(r"(?<=://)[^/\s@:]*(?::[^/\s@]*)?@"), f"{MASK}@"),
    (re.compile(r"\b(Bearer|Basic|Token)\s+[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {MASK}"),
    # the value of a field whose name says that it is secret, as text, JSON, repr or query
    (
        re.compile(
            r"((?:api[_-]?key|token|passwd|password|secret|authorization|cookie|密钥|口令|密码)"
            r"[\"']?\s*[=:：]\s*[\"']?)(?!（已隐去）|Bearer|Basic|Token)[^\s\"',;&}]{4,}",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"\b(?:sk|pk|ck|ghp|xoxb)[-_][\w-]{8,}"), MASK),
    # a resident's identity number, a mobile number
    (re.compile(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])"), MASK),
    (re.compile(r"(?<![\d.A-Za-z])1[3-9]\d{9}(?![\dA-Za-z])"), MASK),
)
_RESERVED = frozenset({*RESERVED_ATTRS, "message", "asctime", "taskName", "color_message"})
_BREAKS = {ord("\n"): "⏎", ord("\r"): "⏎", ord("\x1b"): "␛", ord("\0"): "␀"}


@dataclass(frozen=True, slots=True)
class LogPlan:
    """How this process is to log."""

    form: LogFormat = "text"
    level: LogLevel = "INFO"
    folder: Path | None = None
    role: str = "command"
    """Names the file, so that the web app and a command never rotate each other's."""
    secrets: Collection[str] = ()
    """Values that must not appear in any line, whatever they look like."""


def configure(plan: LogPlan) -> None:
    """Set up all logging of this process; again replaces what was set up before.

    Raises `SettingsError` where the folder cannot be written.
    """
    handlers: list[logging.Handler] = [_Stderr()]
    if plan.folder is not None:
        handlers.append(_file_handler(plan.folder, plan.role))
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if getattr(handler, "ours", False)]:
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        handler.setFormatter(_formatter(plan))
        handler.ours = True  # type: ignore[attr-defined]
        root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(plan.level or "INFO")
    for name in QUIET:
        _quiet(logging.getLogger(name))
    # a warning of the interpreter is no JSON; among human lines it is fine as it is
    logging.captureWarnings(capture=plan.form == "json")


class _Stderr(logging.Handler):
    """Writes to what is standard error at that moment: it may be redirected after set-up."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            # nobody reads standard error any more; a log line is no reason to fail
            return


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """A rotating file that only its owner may read, also after it was rotated."""

    def _open(self) -> TextIOWrapper:
        os.close(os.open(self.baseFilename, os.O_CREAT | os.O_APPEND, 0o600))
        os.chmod(self.baseFilename, 0o600)
        return super()._open()


def masked(line: str, secrets: Collection[str] = ()) -> str:
    """Return a line without keys, tokens, passwords, identity and mobile numbers."""
    for secret in secrets:
        if len(secret) >= LEAST_SECRET:
            line = line.replace(secret, MASK)
    for pattern, instead in _PATTERNS:
        line = pattern.sub(instead, line)
    return line


def log_file(folder: Path, role: str) -> Path:
    """Name the file a process of this role logs to."""
    return folder / f"zhenggai-{role}.log"


def _quiet(logger: logging.Logger) -> None:
    """Let only warnings through, and through us: some libraries bring handlers of their own."""
    logger.setLevel(logging.WARNING)
    logger.handlers.clear()
    logger.propagate = True


def _file_handler(folder: Path, role: str) -> logging.Handler:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _PrivateFile(
            log_file(folder, role), maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8"
        )
    except OSError as error:
        raise SettingsError(
            f"日志目录不可写（{reason_of(error)}）",
            where=str(folder),
            todo="请检查权限，或修改 ZHENGGAI_LOG_FOLDER",
        ) from error


def _formatter(plan: LogPlan) -> logging.Formatter:
    secrets = tuple(plan.secrets)
    return _JsonLines(secrets) if plan.form == "json" else _HumanLines(secrets)


def _fields(record: logging.LogRecord) -> Iterator[tuple[str, object]]:
    """Give what the caller added to a record."""
    for name, value in vars(record).items():
        if name not in _RESERVED and not name.startswith("_"):
            yield name, value


class _HumanLines(logging.Formatter):
    """`2026-03-02 09:15:01 INFO indexing: published cases=36 ms=812`."""

    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).strftime("%Y-%m-%d %H:%M:%S")
        said = record.getMessage().translate(_BREAKS)
        added = "".join(f" {name}={value}" for name, value in _fields(record)).translate(_BREAKS)
        name = record.name.removeprefix("assistant.")
        line = f"{at} {record.levelname} {name}: {said}{added}"
        if record.exc_info:
            line = f"{line}\n{self.formatException(record.exc_info)}"
        return masked(line, self._secrets)


class _JsonLines(JsonFormatter):
    """One JSON object a line: at, level, logger, message, and what the caller added."""

    def __init__(self, secrets: Collection[str]) -> None:
        super().__init__(json_ensure_ascii=False)
        self._secrets = secrets

    def add_fields(
        self,
        log_data: dict[str, object],
        record: logging.LogRecord,
        message_dict: dict[str, object],
    ) -> None:
        at = datetime.fromtimestamp(record.created).astimezone()
        log_data["at"] = at.isoformat(timespec="milliseconds")
        log_data["level"], log_data["logger"] = record.levelname, record.name
        super().add_fields(log_data, record, message_dict)
        log_data.pop("color_message", None)
        # masked value by value: a mask over the whole line could break its JSON
        for name, value in log_data.items():
            if isinstance(value, str):
                log_data[name] = masked(value, self._secrets)

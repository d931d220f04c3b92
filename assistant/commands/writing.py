"""Writes a file whole or not at all: who dies while writing leaves the old one as it was."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from assistant.errors import LoadError, reason_of


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step; raises `LoadError` where it cannot be written."""
    try:
        place = path.resolve()
        if place.exists() and not place.is_file():  # a device or pipe takes what comes
            place.write_bytes(content)
            return
        # not of the name itself: one that just fits would no longer
        aside = place.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            with aside.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, place)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise LoadError(
            f"写不了文件（{reason_of(error)}）", where=str(path), todo="请检查目录和权限"
        ) from error

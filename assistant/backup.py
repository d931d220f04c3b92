"""One file that holds the record: made while the product runs, put back by one command.

The index is not in it: it is derived from the record and built anew after a restore. Settings are
not in it either: they hold keys.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from assistant.errors import LibraryError
from assistant.library import LIBRARY_FILE, Library, open_library
from assistant.models import Overview

SIDE_FILES = ("-wal", "-shm")


def back_up(library: Library, target: Path) -> Overview:
    """Copy the record as it is at one moment into `target`, and tell what it holds.

    Raises `LibraryError` where the target exists or cannot be written; a half copy never bears
    the name of the target.
    """
    if target.exists():
        raise LibraryError(
            "备份文件已存在", where=str(target), todo="请换一个文件名，或先移走旧备份"
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
            copy = Path(folder) / LIBRARY_FILE
            library.copy_to(copy)
            held = _examined(copy)
            os.replace(copy, target)
    except OSError as error:
        raise LibraryError(
            f"备份写不了（{error.strerror}）", where=str(target), todo="请检查目录权限和磁盘空间"
        ) from error
    return held


def restore(source: Path, home: Path) -> tuple[Overview, Path | None]:
    """Put a backup in place of the record of `home`; gives what it holds and where the old one is.

    The backup is looked through first; the old record is moved aside, never deleted. No other
    program may have the home open meanwhile. Raises `LibraryError`.
    """
    if not source.is_file():
        raise LibraryError("找不到备份文件", where=str(source), todo="请检查路径")
    home.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=home, prefix=".restore-") as folder:
            copy = Path(folder) / LIBRARY_FILE
            shutil.copyfile(source, copy)
            held = _examined(copy)
            aside = _move_aside(home)
            os.replace(copy, home / LIBRARY_FILE)
    except OSError as error:
        raise LibraryError(
            f"恢复没有完成（{error.strerror}）",
            where=str(home),
            todo="请检查目录权限和磁盘空间后重试",
        ) from error
    return held, aside


def _examined(copy: Path) -> Overview:
    """Open a copy, look through all of it and count it."""
    library = Library(copy)
    try:
        library.check()
        held = library.overview()
    finally:
        library.close()
    for ending in SIDE_FILES:
        copy.with_name(copy.name + ending).unlink(missing_ok=True)
    return held


def _move_aside(home: Path) -> Path | None:
    current = home / LIBRARY_FILE
    if not current.exists():
        return None
    # fold the write-ahead log into the file, so that one file is the whole old record
    with suppress(LibraryError):  # a damaged record is moved aside as it is
        open_library(home).close()
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    aside = home / f"{LIBRARY_FILE}.{stamp}.old"
    os.replace(current, aside)
    for ending in SIDE_FILES:
        side = current.with_name(current.name + ending)
        if side.exists():
            os.replace(side, aside.with_name(aside.name + ending))
    return aside

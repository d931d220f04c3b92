"""One file that holds the record: made while the product runs, put back by one command.

The file is a SQLite record whatever database it was made from, and goes into either kind: so a
library moves from a file into PostgreSQL and back. The index is not in it: it is derived from the
record and built anew after a restore. Settings are not in it either: they hold keys.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from assistant.errors import LibraryBusy, LibraryError, reason_of
from assistant.library import LIBRARY_FILE, Library, open_library
from assistant.models import Overview
from assistant.record.sqlite import SIDE_FILES


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
            with _examined(copy, of=target) as examined:
                held = examined.overview()
            for ending in SIDE_FILES:
                copy.with_name(copy.name + ending).unlink(missing_ok=True)
            _settle(copy)
            os.replace(copy, target)
    except OSError as error:
        raise LibraryError(
            f"备份写不了（{reason_of(error)}）", where=str(target), todo="请检查目录权限和磁盘空间"
        ) from error
    return held


def restore(source: Path, home: Path, url: str = "") -> tuple[Overview, Path | None]:
    """Put a backup in place of the record of `home`, or of the database at `url`.

    Gives what it holds and where the old record is. The backup is looked through first; the old
    record is copied aside into the home, never lost. What is put in appears at one moment, also to
    programs that have the record open. Raises `LibraryError`.
    """
    if not source.is_file():
        raise LibraryError("找不到备份文件", where=str(source), todo="请检查路径")
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home, prefix=".restore-") as folder:
            copy = Path(folder) / LIBRARY_FILE
            shutil.copyfile(source, copy)
            with _examined(copy, of=source) as given:
                library, aside = _opened(home, url)
                try:
                    if aside is None and not library.is_blank():
                        aside = _aside(home)
                        library.copy_to(aside)
                    library.replace_with(given, told=source.name)
                    held = library.overview()
                finally:
                    library.close()
    except OSError as error:
        raise LibraryError(
            f"恢复没有完成（{reason_of(error)}）",
            where=str(home),
            todo="请检查目录权限和磁盘空间后重试",
        ) from error
    return held, aside


@contextmanager
def _examined(copy: Path, *, of: Path) -> Iterator[Library]:
    """Open a copy of the file `of`, brought to the present form, and look through all of it."""
    with ExitStack() as stack:
        try:
            library = Library(copy)
            stack.callback(library.close)
            library.check()
        except LibraryBusy:
            raise
        except LibraryError as error:
            raise LibraryError(
                f"不能用作备份（{error.what}）",
                where=str(of),
                todo="请换用由 zhenggai backup 做出的文件；由更新的版本做出的，请先升级本程序",
            ) from error
        yield library


def _opened(home: Path, url: str) -> tuple[Library, Path | None]:
    """Open what is to be replaced; a file that cannot be opened is moved aside as it is."""
    try:
        return open_library(home, url), None
    except LibraryBusy:
        raise
    except LibraryError:
        current = home / LIBRARY_FILE
        if url or not current.is_file():
            raise
    aside = _aside(home)
    os.replace(current, aside)
    for ending in SIDE_FILES:
        side = current.with_name(current.name + ending)
        if side.exists():
            os.replace(side, aside.with_name(aside.name + ending))
    return open_library(home), aside


def _aside(home: Path) -> Path:
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S-%f")
    return home / f"{LIBRARY_FILE}.{stamp}.old"


def _settle(path: Path) -> None:
    """Have the disk hold the whole file before it gets its name."""
    with path.open("rb") as file:
        os.fsync(file.fileno())

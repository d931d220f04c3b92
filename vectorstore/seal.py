"""The seal of an embedded collection: its files as they were published, compared before use.

Chroma crashes the process that opens a torn folder, so nothing is opened that is not as sealed.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from vectorstore.errors import BrokenIndex
from vectorstore.read_only import read_only

SEAL = "seal.json"
CHECKED_AT_ONCE = 64_000_000
"""Bytes of index files up to which a check is a matter of milliseconds."""


def write_seal(folder: Path) -> None:
    """Record the files of a finished collection."""
    (folder / SEAL).write_text(json.dumps(_state(folder)), encoding="utf-8")


def check_seal(folder: Path) -> None:
    """Compare an embedded collection with its seal; raises `BrokenIndex`."""
    sealed = _checked_sizes(folder)
    if sealed != _state(folder):
        raise _broken(folder)


def glance(folder: Path) -> None:
    """Compare what can be compared at once: of a large collection only what files there are.

    Raises `BrokenIndex`. Whoever opens the collection checks the rest.
    """
    sealed = _checked_sizes(folder)
    if sum(sealed["sizes"].values()) <= CHECKED_AT_ONCE and sealed != _state(folder):
        raise _broken(folder)


def _checked_sizes(folder: Path) -> dict[str, Any]:
    try:
        sealed: dict[str, Any] = json.loads((folder / SEAL).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenIndex(f"{folder}: no seal") from error
    # Sizes first: an interrupted write can leave a sparse file of terabytes, not to be read.
    if sealed["sizes"] != _sizes(folder) or not (folder / "chroma.sqlite3").exists():
        raise _broken(folder)
    return sealed


def _broken(folder: Path) -> BrokenIndex:
    return BrokenIndex(f"{folder}: index files changed since they were published")


def _index_files(folder: Path) -> list[Path]:
    """Return the finished index files; a collection of one row has none worth the name."""
    finished = [path.parent for path in folder.glob("*/index_metadata.pickle")]
    return sorted(path for home in finished for path in home.iterdir() if path.is_file())


def _sizes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_size for path in _index_files(folder)}


def _state(folder: Path) -> dict[str, object]:
    """Describe the index files byte for byte, and the SQLite file by what it holds.

    Chroma touches the SQLite file whenever it opens it, so only its soundness and row count
    can be compared; the index files of a finished collection stay as they are.
    """
    digests = {}
    for path in _index_files(folder):
        with path.open("rb") as file:
            digests[str(path.relative_to(folder))] = hashlib.file_digest(file, "sha1").hexdigest()
    return {
        "sizes": _sizes(folder),
        "digests": digests,
        "sqlite": _sqlite_state(folder / "chroma.sqlite3"),
    }


def _sqlite_state(path: Path) -> list[object]:
    if not path.exists():
        raise BrokenIndex(f"{path} is missing")
    try:
        with closing(sqlite3.connect(read_only(path), uri=True)) as connection:
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            rows = connection.execute("SELECT count(*) FROM embeddings").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BrokenIndex(f"{path}: {error}") from error
    return [verdict, rows]

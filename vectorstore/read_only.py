"""The address under which SQLite opens a file only to read it."""

from __future__ import annotations

from pathlib import Path


def read_only(path: Path) -> str:
    """Give the `file:` address of a database, for `sqlite3.connect(…, uri=True)`.

    `?`, `#` and `%` in the names of folders are escaped: they would be read as parts of it.
    """
    return f"{path.absolute().as_uri()}?mode=ro"

"""Full text beside the vectors: BM25 over segmented words, in SQLite's own index.

Keeps the texts too, so that what was found can be compared and explained.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vectorstore.entries import Rows
from vectorstore.errors import BrokenIndex
from vectorstore.grams import fold
from vectorstore.later import Later
from vectorstore.read_only import read_only

if TYPE_CHECKING:
    import rjieba
else:  # reads its dictionary when it is loaded, and most queries name nothing literally
    rjieba = Later("rjieba")

COMMON_SHARE = 0.02
"""Words in more than this share of a large collection are left out of a query: they cost
time in proportion to the rows they hit and move no score that matters."""
LARGE = 5000
MOST_WORDS = 8

_WORD = re.compile(r"\w")
_MAY_NAME = re.compile(r"[《0-9a-z]|\d")
"""Without one of these nothing in a text is meant literally."""
_TITLE = re.compile(r"《([^《》]{2,60})》")
_LITERAL = re.compile(r"(?!(?:19|20)\d\d$)(?:\d{3,}|\d+\.\d+)|(?!x+$)[a-z][a-z0-9.\-]+")
"""Three digits or a point, but no year; Latin letters, but no mask of X."""


def words(text: str) -> list[str]:
    """Segment into words, punctuation dropped; a figure is the same with and without its %."""
    return [word.strip("%") for word in rjieba.cut(fold(text)) if _WORD.search(word)]


def exact_words(text: str) -> list[str]:
    """Return what a query can only mean literally: figures, codes and words in title marks.

    For everything else BM25 measurably worsens the order, see docs/RETRIEVAL.md.
    """
    if not _MAY_NAME.search(fold(text)):
        return []
    titles = [word for title in _TITLE.findall(text) for word in words(title) if len(word) > 1]
    literal = [word for word in words(text) if _LITERAL.fullmatch(word)]
    return list(dict.fromkeys([*titles, *literal]))


def build(path: Path, texts: Sequence[str]) -> None:
    """Write the index of all texts; a text is known by its number."""
    with closing(sqlite3.connect(path)) as connection, connection:
        # unicode61 must not split what the segmenter joined, such as 1.5 or T-01.
        connection.execute(
            "CREATE VIRTUAL TABLE entries USING fts5(words, content='', "
            "tokenize=\"unicode61 remove_diacritics 0 tokenchars '.-_'\")"
        )
        connection.executemany(
            "INSERT INTO entries(rowid, words) VALUES (?, ?)",
            ((number, " ".join(words(text))) for number, text in enumerate(texts)),
        )
        connection.execute("INSERT INTO entries(entries) VALUES ('optimize')")
        connection.execute("CREATE TABLE texts(row INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        connection.executemany("INSERT INTO texts VALUES (?, ?)", enumerate(texts))
        # The vocabulary counts a word's rows anew at each look-up; the counts are kept instead.
        connection.execute("CREATE VIRTUAL TABLE vocabulary USING fts5vocab(entries, 'row')")
        connection.execute("CREATE TABLE counts(word TEXT PRIMARY KEY, rows INTEGER) WITHOUT ROWID")
        connection.execute("INSERT INTO counts SELECT term, doc FROM vocabulary")
        connection.execute("CREATE TABLE size(rows INTEGER)")
        connection.execute("INSERT INTO size VALUES (?)", (len(texts),))


class FullText:
    """An open index, read only. Safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(read_only(path), uri=True, check_same_thread=False)
            self._rows = int(self._connection.execute("SELECT rows FROM size").fetchone()[0])
        except (sqlite3.DatabaseError, TypeError) as error:
            raise BrokenIndex(f"{path}: {error}") from error

    def query(self, wanted: Sequence[str], count: int) -> tuple[Rows, NDArray[np.float32]]:
        """Return the `count` best rows for any of the words, and their BM25 scores."""
        try:
            with self._lock:
                wanted = self._worth_asking(set(wanted))
                if not wanted:
                    return np.zeros(0, np.int64), np.zeros(0, np.float32)
                found = self._connection.execute(
                    "SELECT rowid, -bm25(entries) FROM entries WHERE entries MATCH ? "
                    "ORDER BY rank LIMIT ?",
                    (" OR ".join(_quoted(word) for word in wanted), count),
                ).fetchall()
        except sqlite3.DatabaseError as error:
            raise BrokenIndex(str(error)) from error
        rows = np.array([row for row, _ in found], dtype=np.int64)
        return rows, np.array([score for _, score in found], dtype=np.float32)

    def texts(self, rows: Rows) -> list[str]:
        """Return the indexed texts of some rows."""
        try:
            with self._lock:
                return [
                    str(
                        self._connection.execute(
                            "SELECT text FROM texts WHERE row = ?", (int(row),)
                        ).fetchone()[0]
                    )
                    for row in rows
                ]
        except (sqlite3.DatabaseError, TypeError) as error:
            raise BrokenIndex(str(error)) from error

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._connection.close()

    def _worth_asking(self, asked: set[str]) -> list[str]:
        """Return the words that occur, rarest first, without the common ones."""
        held = [
            (rows, word)
            for word in asked
            for rows in self._connection.execute(
                "SELECT rows FROM counts WHERE word = ?", (word,)
            ).fetchone()
            or ()
        ]
        held.sort()
        limit = COMMON_SHARE * self._rows if self._rows > LARGE else self._rows
        kept = [word for rows, word in held if rows <= limit] or [w for _, w in held[:1]]
        return kept[:MOST_WORDS] if self._rows > LARGE else kept


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'

"""Library → vectorstore: keeps the search index what the Library says, and says so in Chinese."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from assistant.errors import IndexUnavailable
from assistant.models import Case, Notice
from assistant.passages import passages_of, year_of
from assistant.taxonomy.thesaurus import find_concepts, load_thesaurus, thesaurus_version
from vectorstore.entries import Concepts, Entry, Progress
from vectorstore.errors import BrokenIndex, EmbeddingFailed, IndexBusy, StoreUnreachable
from vectorstore.generation import Generation
from vectorstore.query_encoder import TextEncoder
from vectorstore.store import Store, silent

PASSAGES_VERSION = "1"
"""Raise it when passages, encoder or labels change, so that older indexes are rebuilt."""


class LibraryReader(Protocol):
    """What the index needs of the Library."""

    def revision(self) -> int:
        """Grow with every change."""

    def notices(self) -> tuple[Notice, ...]:
        """Give all notices with their cases."""

    def notice(self, notice_id: str) -> Notice:
        """Give one notice."""


class CaseIndex:
    """The search index of one home folder. Safe to share between threads.

    `url` is empty for the embedded vector database, else a server or cloud URL; `remote` is an
    embeddings endpoint used beside the offline encoder.
    """

    def __init__(
        self,
        home: Path,
        library: LibraryReader,
        *,
        url: str = "",
        remote: TextEncoder | None = None,
    ) -> None:
        self._library, self._remote = library, remote
        self._store = Store(home / "index", concepts=domain_concepts(), url=url, remote=remote)
        self._refitting = threading.Lock()

    def current(self) -> Generation | None:
        """Give what is published; `None` while there is nothing to search.

        A broken or missing index is rebuilt first.
        """
        with _told():
            try:
                return self._store.current()
            except BrokenIndex:
                self._rebuild(silent)
                return self._store.current()

    def reconcile(self, on_progress: Progress | None = None, *, refit: Refit | None = None) -> None:
        """Make the index stand for the Library as it is now.

        Cheap when nothing changed. Small libraries are fitted anew; in large ones new and changed
        cases are folded in at once, and `refit` (a function that runs another in the background)
        is handed the full build. Searching goes on in the old state until the new one is whole.
        """
        progress = on_progress or silent
        with _told():
            stamp = self._stamp()
            try:
                if self._store.stamp() == stamp and self._store.current() is not None:
                    return
                if self._is_current_but_for_revision(stamp) and self._fold_in(progress):
                    if refit is not None and self._store.stamp().get("folded"):
                        refit(self.rebuild)
                    return
            except BrokenIndex:
                pass
            self._rebuild(progress)

    def rebuild(self, on_progress: Progress | None = None) -> None:
        """Build from scratch, whatever is published; does nothing when already being built."""
        if not self._refitting.acquire(blocking=False):
            return
        try:
            with _told():
                self._rebuild(on_progress or silent)
        finally:
            self._refitting.release()

    def state(self) -> Mapping[str, str]:
        """Give the recorded versions of the published index, for the settings page and doctor."""
        with _told():
            return self._store.stamp()

    # ------------------------------------------------------------------ inside

    def _stamp(self) -> dict[str, str]:
        return {
            "revision": str(self._library.revision()),
            "passages": PASSAGES_VERSION,
            "thesaurus": thesaurus_version(),
            "remote": self._remote.name if self._remote else "",
        }

    def _is_current_but_for_revision(self, stamp: Mapping[str, str]) -> bool:
        held = self._store.stamp()
        return bool(held) and all(held.get(k) == v for k, v in stamp.items() if k != "revision")

    def _fold_in(self, progress: Progress) -> bool:
        """Bring a current index up to the Library without a new fit where that is enough."""
        stamp = self._stamp()
        entries = entries_of(self._library.notices())
        digests = digests_of(entries)
        if digests == self._store.digests() and self._store.current() is not None:
            self._store.restamp({**self._store.stamp(), **stamp})
            return True
        return bool(entries) and self._store.fold_in(
            entries, digests, stamp={**stamp, "folded": "1"}, progress=progress
        )

    def _rebuild(self, progress: Progress) -> None:
        stamp = self._stamp()
        entries = entries_of(self._library.notices())
        if not entries:
            self._store.clear()
            return
        self._store.publish(entries, digests_of(entries), stamp=stamp, progress=progress)
        progress("索引已更新", 1.0)


def domain_concepts() -> Concepts:
    """Give the thesaurus as the vector store takes it: plain lists and a finder."""
    return Concepts(find_concepts, tuple(group.terms for group in load_thesaurus()))


Refit = Callable[[Callable[[], None]], None]


def entries_of(notices: Iterable[Notice]) -> list[Entry]:
    """Give what is indexed of each case."""
    return [_entry(case, notice) for notice in notices for case in notice.cases]


def digests_of(entries: Sequence[Entry]) -> dict[str, str]:
    """Give a hash of each entry by id: equal hash, equal index rows."""
    return {
        entry.id: hashlib.blake2b(
            repr((entry.text, entry.parts, sorted(entry.labels.items()))).encode(), digest_size=12
        ).hexdigest()
        for entry in entries
    }


def _entry(case: Case, notice: Notice) -> Entry:
    whole, *parts = passages_of(case, notice)
    return Entry(case.id, whole.text, tuple(part.text for part in parts), _labels(case, notice))


def _labels(case: Case, notice: Notice) -> dict[str, tuple[str, ...]]:
    year = year_of(notice)
    labels = {
        "unit_types": (notice.unit_type,),
        "inspections": (notice.inspection or "",),
        "statuses": (case.status_class or "",),
        "topics": case.topics,
        "notice_ids": (notice.id,),
        "levels": (notice.unit_level,),
        "years": (str(year or ""),),
    }
    kept = {key: tuple(v for v in values if v) for key, values in labels.items()}
    return {key: values for key, values in kept.items() if values}


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the store raises into what users may read."""
    try:
        yield
    except IndexBusy as error:
        raise IndexUnavailable(
            "另一个程序正在更新检索索引，等待超时",
            where=str(error),
            todo="请稍后再试；若长期如此，请检查是否有卡住的导入任务",
        ) from error
    except StoreUnreachable as error:
        raise IndexUnavailable(
            f"连不上向量数据库服务（{error}）",
            todo="请检查向量库地址与服务状态，或在设置中改回本机向量库",
        ) from error
    except EmbeddingFailed as error:
        raise IndexUnavailable(
            f"向量接口调用失败（{error}）",
            todo="已完成的部分会保留，恢复后运行 zhenggai reindex 继续；也可在设置中停用向量接口",
        ) from error
    except BrokenIndex as error:
        raise IndexUnavailable(
            "检索索引损坏且未能自动重建",
            where=str(error),
            todo="请运行 zhenggai reindex；若仍失败，请检查磁盘空间和目录权限",
        ) from error
    except (OSError, sqlite3.Error) as error:
        raise IndexUnavailable(
            f"检索索引读写失败（{error}）", todo="请检查磁盘空间和目录权限后运行 zhenggai reindex"
        ) from error

"""Library → vectorstore: keeps the search index what the Library says, and says so in Chinese."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from assistant.errors import IndexUnavailable, reason_of
from assistant.library import Changes, Reading
from assistant.models import Case, Notice
from assistant.passages import passages_of, year_of
from assistant.taxonomy.thesaurus import (
    GENERAL,
    find_concepts,
    load_thesaurus,
    thesaurus_version,
)
from vectorstore.entries import Concepts, Entry, Found, Progress
from vectorstore.errors import BrokenIndex, EmbeddingFailed, IndexBusy, StoreUnreachable
from vectorstore.generation import Generation
from vectorstore.query_encoder import TextEncoder
from vectorstore.spool import Spool
from vectorstore.store import Base, Needed, Store, Update, always, silent

PASSAGES_VERSION = "2"
"""Raise it when passages, encoder or labels change, so that older indexes are rebuilt."""
GENERAL_SHARE = 0.6
"""What actors and manners (T00 of the thesaurus) count for beside the matters."""
REFIT_FROM = 0.02
"""Share of cases outside the fit from which a new fit is worth minutes of a large library."""


class LibraryReader(Protocol):
    """What the index needs of the Library."""

    def revision(self) -> int:
        """Grow with every change."""

    def identity(self) -> str:
        """Name this very record: another one, or a restored one, has another name."""

    def changes(self, since: int) -> Changes:
        """Give what became different after a revision, without reading the rest."""

    def streaming(self) -> AbstractContextManager[Reading]:
        """Give all notices one after the other."""

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

    def open_vectors(self) -> None:
        """Open the vector database now rather than beside the first searches.

        A broken index is rebuilt first.
        """
        with _told():
            try:
                generation = self.current()
                if generation is not None:
                    generation.open_vectors()
            except BrokenIndex:
                self._rebuild(silent)

    def searched(self, search: Callable[[Generation], Found]) -> Found | None:
        """Search what is published; `None` while there is nothing to search.

        Raises `IndexUnavailable` where the vector database does not answer. One that answers but
        has lost what was published (a server's disk was emptied) is filled anew first.
        """
        with _told():
            try:
                generation = self.current()
                return search(generation) if generation is not None else None
            except BrokenIndex:
                self._rebuild(silent)
                generation = self._store.current()
                return search(generation) if generation is not None else None

    def reconcile(self, on_progress: Progress | None = None, *, refit: Refit | None = None) -> None:
        """Make the index stand for the Library as it is now.

        Cheap when nothing changed. Small libraries are fitted anew; in large ones new and changed
        cases are folded in at once; once they are many, `refit` (a function that runs another in
        the background) is handed the full build. Searching and folding in go on meanwhile.
        """
        progress = on_progress or silent
        with _told():
            try:
                if self._is_brought_up(self._stamp(), progress, refit):
                    return
            except BrokenIndex:
                pass
            self._rebuild(progress, needed=self._is_behind)

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
            "library": self._library.identity(),
            "passages": PASSAGES_VERSION,
            "thesaurus": thesaurus_version(),
            "remote": self._remote.name if self._remote else "",
        }

    def _held(self) -> dict[str, str]:
        """Give the stamp of what is published, fitted or folded in alike."""
        return {key: value for key, value in self._store.stamp().items() if key != "folded"}

    def _is_brought_up(
        self, stamp: Mapping[str, str], progress: Progress, refit: Refit | None
    ) -> bool:
        """Bring what is published up to the Library without a new fit, where that is enough."""
        held = self._held()
        if held == stamp and self._store.current() is not None:
            return True
        if {**held, "revision": stamp["revision"]} != stamp:
            return False
        update = self._update(self._store.base())
        if update is None:
            return False
        if not self._is_shown(update) and not self._store.fold_in(update, progress=progress):
            return False
        if refit is not None and float(update.stamp["folded"]) >= REFIT_FROM:
            refit(self.rebuild)
        return True

    def _update(self, base: Base) -> Update | None:
        """Give the Library as it is now, reading only what changed since a fit of the same one."""
        stamp = self._stamp()
        changes = self._library.changes(int(base.stamp["revision"]))
        if changes.identity != base.stamp["library"]:
            return None
        kept = set(changes.ids) - {notice.id for notice in changes.notices}
        entries = entries_of(changes.notices)
        digests = {key: digest for key, digest in base.digests.items() if _owner(key) in kept}
        digests |= digests_of(entries)
        differing = {key for key, _ in digests.items() ^ base.digests.items()}
        share = len(differing) / max(1, len(base.digests))
        stamp |= {"revision": str(changes.revision), "folded": f"{share:.4f}"}
        return Update(entries, digests, stamp)

    def _late(self, base: Base) -> Update | None:
        """Give what changed while a fit was made."""
        if str(self._library.revision()) == base.stamp["revision"]:
            return None
        update = self._update(base)
        return update if update and update.digests != base.digests else None

    def _is_shown(self, update: Update) -> bool:
        """Tell whether what is published says the same, and record that it stands for this too."""
        if update.digests != self._store.digests() or self._store.current() is None:
            return False
        self._store.restamp(update.stamp)
        return True

    def _is_behind(self) -> bool:
        """Tell whether nobody else brought the index up to the Library meanwhile."""
        try:
            return self._held() != self._stamp() or self._store.current() is None
        except BrokenIndex:
            return True

    def _rebuild(self, progress: Progress, *, needed: Needed = always) -> None:
        with Spool(self._store.folder) as entries:
            base = self._spooled(entries)
            if not entries:
                self._store.clear()
                return
            self._store.publish(
                entries,
                base.digests,
                stamp=base.stamp,
                progress=progress,
                late=lambda: self._late(base),
                needed=needed,
            )
        progress("索引已更新", 1.0)

    def _spooled(self, entries: Spool) -> Base:
        """Put the entries of all notices into the spool; give their digests and their moment."""
        stamp = self._stamp()
        digests: dict[str, str] = {}
        with self._library.streaming() as reading:
            stamp |= {"revision": str(reading.revision), "library": reading.identity}
            for notice in reading.notices:
                some = entries_of([notice])
                digests |= digests_of(some)
                for entry in some:
                    entries.append(entry)
        return Base(stamp, digests)


def _owner(entry_id: str) -> str:
    """Give the notice a case belongs to."""
    return entry_id.rpartition("-")[0]


def domain_concepts() -> Concepts:
    """Give the thesaurus as the vector store takes it: plain lists and a finder."""
    groups = load_thesaurus()
    # who acts and in what manner is common to all matters: 村干部 must not outweigh 不会记账
    less = {group.id: GENERAL_SHARE for group in groups if group.topic == GENERAL}
    return Concepts(find_concepts, tuple(group.terms for group in groups), less)


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
        why = reason_of(error) if isinstance(error, OSError) else str(error)
        raise IndexUnavailable(
            f"检索索引读写失败（{why}）",
            where=str(getattr(error, "filename", None) or ""),
            todo="请检查磁盘空间和目录权限后运行 zhenggai reindex",
        ) from error

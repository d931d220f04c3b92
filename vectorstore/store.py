"""The index on disk: generations built aside, published by one pointer file, swept when unused.

Layout: `current.json` names a generation; `<generation>/manifest.json` names its encoder and
segments, the first of which may belong to an older generation. A generation never changes.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from vectorstore.address import is_remote
from vectorstore.encoders import LsaEncoder
from vectorstore.entries import Concepts, Entry, Progress
from vectorstore.errors import BrokenIndex, StoreUnreachable
from vectorstore.generation import Generation
from vectorstore.late_vectors import dense
from vectorstore.locks import FolderUse, building
from vectorstore.manifest import Manifest, owners, read_manifest, write_atomically
from vectorstore.query_encoder import QueryEncoder, TextEncoder
from vectorstore.segment import Segment, index_segment, write_segment
from vectorstore.spool import Texts
from vectorstore.threads import one_thread_each

FOLD_ENTRIES_FROM = 5000
"""From this size on new entries are folded in; smaller collections are fitted anew."""
FOLD_SHARE_UP_TO = 0.2
"""More new, changed or removed entries than this share ask for a new fit."""


FITTING = "fit.lock"
"""Held by who fits anew: that takes minutes, while which others may publish what they fold in."""


@dataclass(frozen=True)
class Base:
    """The fit under a published generation: its stamp, and the digest of every entry in it."""

    stamp: Mapping[str, str]
    digests: Mapping[str, str]


@dataclass(frozen=True)
class Update:
    """A newer state of the collection."""

    entries: Sequence[Entry]
    """At least those that differ from the base."""
    digests: Mapping[str, str]
    """Of every entry of the newer state."""
    stamp: Mapping[str, str]


Late = Callable[[], Update | None]
Needed = Callable[[], bool]


def silent(_what: str, _share: float) -> None:
    """Tell nobody about progress."""


def nothing_late() -> None:
    """Tell of no change while a fit was made."""


def always() -> bool:
    """Fit whatever was published while waiting for the right to."""
    return True


class Store:
    """The index in one folder. Safe to share between threads and processes."""

    def __init__(
        self,
        folder: Path,
        *,
        concepts: Concepts,
        url: str = "",
        remote: TextEncoder | None = None,
    ) -> None:
        one_thread_each()
        self.folder, self._concepts, self._url, self._remote = folder, concepts, url, remote
        self._lock = threading.Lock()
        self._open: Generation | None = None

    # ------------------------------------------------------------------ reading

    def current(self) -> Generation | None:
        """Return the published generation, reopened when another one was published.

        Raises `BrokenIndex` when it is not as published.
        """
        name = self._pointer()
        with self._lock:
            if self._open is None or self._open.name != name:
                self._open = self._opened(name) if name else None
            return self._open

    def stamp(self) -> Mapping[str, str]:
        """Return the stamp of the published generation without opening it; empty if none."""
        name = self._pointer()
        return read_manifest(self.folder / name).stamp if name else {}

    def digests(self) -> Mapping[str, str]:
        """Return the digest of every published entry by id; empty if none."""
        name = self._pointer()
        return self._digests(name) if name else {}

    def _digests(self, name: str) -> Mapping[str, str]:
        try:
            held = json.loads((self.folder / name / "digests.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BrokenIndex(f"{name}: digests") from error
        return {str(key): str(value) for key, value in held.items()}

    def _pointer(self) -> str:
        try:
            return str(json.loads((self.folder / "current.json").read_text())["generation"])
        except FileNotFoundError:
            return ""
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BrokenIndex("current.json") from error

    def _opened(self, name: str) -> Generation:
        manifest = read_manifest(self.folder / name)
        use = FolderUse([self.folder / owner for owner in owners(manifest)])
        try:
            lsa = LsaEncoder.load(self.folder / manifest.encoder, self._concepts.find)
        except (OSError, ValueError, KeyError) as error:
            use.release()
            raise BrokenIndex(f"{name}: encoder") from error
        removed = frozenset(manifest.removed)
        segments = [
            Segment(self.folder / place, url=self._url, removed=frozenset() if number else removed)
            for number, place in enumerate(manifest.segments)
        ]
        encoder = QueryEncoder(lsa, self._remote, manifest.remote_dimension)
        generation = Generation(name, encoder, segments, stamp=manifest.stamp)
        # Searches may still run in it when the next one is opened: released with the last user.
        weakref.finalize(generation, _release, [s.close for s in segments], use)
        return generation

    # ------------------------------------------------------------------ writing

    def publish(
        self,
        entries: Sequence[Entry],
        digests: Mapping[str, str],
        *,
        stamp: Mapping[str, str],
        progress: Progress = silent,
        late: Late = nothing_late,
        needed: Needed = always,
    ) -> None:
        """Fit on all entries, write a new generation and make it current.

        One fits at a time, and who waited for that asks `needed` whether it was done meanwhile.
        Others may fold in meanwhile: `late` is asked, when all is written, what changed since
        `stamp`, and that is folded into the new fit before it is shown to anybody.
        """
        with building(self.folder, FITTING):
            if needed():
                self._publish(entries, digests, stamp, progress, late)

    def _publish(
        self,
        entries: Sequence[Entry],
        digests: Mapping[str, str],
        stamp: Mapping[str, str],
        progress: Progress,
        late: Late,
    ) -> None:
        with self._new_home() as home:
            progress("分析用词", 0.0)
            lsa = LsaEncoder.fit(Texts(entries), self._concepts)
            lsa.save(home / "encoder")
            encoder = QueryEncoder(lsa, self._remote, 0)
            write_segment(home / "base", entries, encoder, progress=progress)
            name, columns = home.name, encoder.remote_dimension
            del lsa, encoder  # a tenth of a gigabyte that the vector database may have
            index_segment(home / "base", url=self._url, progress=progress)
            manifest = Manifest(name, dict(stamp), f"{name}/encoder", [f"{name}/base"], [], columns)
            with building(self.folder):
                write_atomically(home / "digests.json", dict(digests))
                write_atomically(home / "manifest.json", asdict(manifest))
                update = late()
                if not (update and self._folded_in(manifest, update, progress)):
                    self._make_current(manifest, digests)

    def base(self) -> Base:
        """Return what the published generation was fitted on; empty if none."""
        name = self._pointer()
        if not name:
            return Base({}, {})
        fitted = read_manifest(self.folder / name).segments[0].split("/")[0]
        return Base(read_manifest(self.folder / fitted).stamp, self._digests(fitted))

    def fold_in(self, update: Update, *, progress: Progress = silent) -> bool:
        """Add what differs from the first segment without a new fit.

        `False` when a new fit is needed instead: too small, too different, other encoder.
        """
        with building(self.folder):
            name = self._pointer()
            return bool(name) and self._folded_in(
                read_manifest(self.folder / name), update, progress
            )

    def _folded_in(self, old: Manifest, update: Update, progress: Progress) -> bool:
        """Write the update as a second segment beside the first of `old`; the lock is held."""
        fitted = old.segments[0].split("/")[0]
        held = self._digests(fitted)
        same = {key for key, digest in held.items() if update.digests.get(key) == digest}
        new = [entry for entry in update.entries if entry.id not in same]
        removed = sorted(held.keys() - same)
        if not _worth_folding(len(held), len(new) + len(removed)):
            return False
        with self._new_home(keep=[fitted]) as home:
            segments, encoder_place = [old.segments[0]], f"{fitted}/encoder"
            if new:
                lsa = LsaEncoder.load(self.folder / encoder_place, self._concepts.find)
                lsa = lsa.extended([entry.text for entry in new])
                lsa.save(home / "encoder")
                encoder = QueryEncoder(lsa, self._remote, old.remote_dimension)
                write_segment(home / "added", new, encoder, progress=progress)
                index_segment(home / "added", url=self._url, progress=progress)
                segments.append(f"{home.name}/added")
                encoder_place = f"{home.name}/encoder"
            manifest = Manifest(
                home.name, dict(update.stamp), encoder_place, segments, removed,
                old.remote_dimension,
            )  # fmt: skip
            self._make_current(manifest, update.digests)
        return True

    def restamp(self, stamp: Mapping[str, str]) -> None:
        """Record that the published generation also stands for this state."""
        with building(self.folder):
            manifest = read_manifest(self.folder / self._pointer())
            changed = Manifest(**{**asdict(manifest), "stamp": dict(stamp)})
            write_atomically(self.folder / manifest.name / "manifest.json", asdict(changed))

    def clear(self) -> None:
        """Forget the published generation: nothing is left to search."""
        with building(self.folder):
            (self.folder / "current.json").unlink(missing_ok=True)
            self._sweep(keep=())

    def _make_current(self, manifest: Manifest, digests: Mapping[str, str]) -> None:
        home = self.folder / manifest.name
        write_atomically(home / "digests.json", dict(digests))
        write_atomically(home / "manifest.json", asdict(manifest))
        opened = self._opened(manifest.name)  # what cannot be opened is never published
        opened.open_vectors()
        write_atomically(self.folder / "current.json", {"generation": manifest.name})
        with self._lock:
            self._open = opened
        self._sweep(keep=owners(manifest))

    @contextmanager
    def _new_home(self, *, keep: Sequence[str] = ()) -> Iterator[Path]:
        """Make the folder of a new generation; in use, hence not swept, while it is written."""
        with building(self.folder) if not keep else nullcontext():
            self._sweep(keep=[*keep, *self._owners_of_current()])
            home = self.folder / f"cases-{time.time_ns()}"
            home.mkdir(parents=True)
            use = FolderUse([home])
        try:
            yield home
        finally:
            use.release()

    def _owners_of_current(self) -> Sequence[str]:
        try:
            pointer = self._pointer()
            return owners(read_manifest(self.folder / pointer)) if pointer else ()
        except BrokenIndex:
            return ()

    def _sweep(self, keep: Sequence[str]) -> None:
        """Remove generations that nobody reads and nothing refers to."""
        for folder in self.folder.glob("cases-*"):
            if folder.name in keep or not FolderUse.is_free(folder):
                continue
            if is_remote(self._url):
                try:
                    dense.drop(self._url, folder.name)
                except StoreUnreachable:
                    continue  # the folder stays as the note that a collection is still to go
            shutil.rmtree(folder, ignore_errors=True)


def _worth_folding(held: int, changed: int) -> bool:
    return held >= FOLD_ENTRIES_FROM and changed <= FOLD_SHARE_UP_TO * held


def _release(closers: Sequence[Callable[[], None]], use: FolderUse) -> None:
    for close in closers:
        with suppress(OSError):
            close()
    use.release()

"""The index on disk: generations built aside, published by one pointer file, swept when unused.

Layout: `current.json` names a generation; `<generation>/manifest.json` names its encoder and
segments, the first of which may belong to an older generation. A generation never changes.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from vectorstore import dense
from vectorstore.encoders import LsaEncoder
from vectorstore.entries import Concepts, Entry, Progress
from vectorstore.errors import BrokenIndex
from vectorstore.generation import Generation
from vectorstore.locks import FolderUse, building
from vectorstore.query_encoder import QueryEncoder, TextEncoder
from vectorstore.segment import Segment, write_segment
from vectorstore.threads import one_thread_each

FORMAT = "1"
FOLD_ENTRIES_FROM = 5000
"""From this size on new entries are folded in; smaller collections are fitted anew."""
FOLD_SHARE_UP_TO = 0.2
"""More new, changed or removed entries than this share ask for a new fit."""


@dataclass(frozen=True)
class Manifest:
    """What a generation consists of; folders are relative to the store."""

    name: str
    stamp: dict[str, str]
    encoder: str
    segments: list[str]
    removed: list[str]
    """Ids of the first segment that are gone or were written anew in the second."""
    remote_dimension: int = 0
    format: str = FORMAT


def silent(_what: str, _share: float) -> None:
    """Tell nobody about progress."""


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
        return _read_manifest(self.folder / name).stamp if name else {}

    def digests(self) -> Mapping[str, str]:
        """Return the digest of every published entry by id; empty if none."""
        name = self._pointer()
        if not name:
            return {}
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
        manifest = _read_manifest(self.folder / name)
        use = FolderUse([self.folder / owner for owner in _owners(manifest)])
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
    ) -> None:
        """Fit on all entries, write a new generation and make it current."""
        with building(self.folder):
            name = self._new_name()
            home = self.folder / name
            progress("分析用词", 0.0)
            lsa = LsaEncoder.fit([entry.text for entry in entries], self._concepts)
            lsa.save(home / "encoder")
            encoder = QueryEncoder(lsa, self._remote, 0)
            write_segment(home / "base", entries, encoder, url=self._url, progress=progress)
            manifest = Manifest(
                name,
                dict(stamp),
                f"{name}/encoder",
                [f"{name}/base"],
                [],
                encoder.remote_dimension,
            )
            self._make_current(manifest, digests)

    def fold_in(
        self,
        entries: Sequence[Entry],
        digests: Mapping[str, str],
        *,
        stamp: Mapping[str, str],
        progress: Progress = silent,
    ) -> bool:
        """Add what differs from the first segment without a new fit.

        `False` when a new fit is needed instead: too small, too different, other encoder.
        """
        with building(self.folder):
            pointer = self._pointer()
            if not pointer:
                return False
            old = _read_manifest(self.folder / pointer)
            base = self.folder / old.segments[0]
            held = json.loads((base.parent / "digests.json").read_text(encoding="utf-8"))
            base_ids = set(json.loads((base / "ids.json").read_text(encoding="utf-8")))
            same = {key for key in base_ids if held.get(key) == digests.get(key)}
            new = [entry for entry in entries if entry.id not in same]
            removed = sorted(base_ids - same)
            if not _worth_folding(len(base_ids), len(new) + len(removed)):
                return False
            name = self._new_name()
            home = self.folder / name
            home.mkdir(parents=True)
            segments, encoder_place = [old.segments[0]], f"{base.parent.name}/encoder"
            if new:
                fitted = LsaEncoder.load(self.folder / encoder_place, self._concepts.find)
                lsa = fitted.extended([entry.text for entry in new])
                lsa.save(home / "encoder")
                encoder = QueryEncoder(lsa, self._remote, old.remote_dimension)
                write_segment(home / "added", new, encoder, url=self._url, progress=progress)
                segments.append(f"{name}/added")
                encoder_place = f"{name}/encoder"
            manifest = Manifest(
                name, dict(stamp), encoder_place, segments, removed, old.remote_dimension
            )
            self._make_current(manifest, digests)
            return True

    def restamp(self, stamp: Mapping[str, str]) -> None:
        """Record that the published generation also stands for this state."""
        with building(self.folder):
            manifest = _read_manifest(self.folder / self._pointer())
            changed = Manifest(**{**asdict(manifest), "stamp": dict(stamp)})
            _write_atomically(self.folder / manifest.name / "manifest.json", asdict(changed))

    def clear(self) -> None:
        """Forget the published generation: nothing is left to search."""
        with building(self.folder):
            (self.folder / "current.json").unlink(missing_ok=True)
            self._sweep(keep=())

    def _make_current(self, manifest: Manifest, digests: Mapping[str, str]) -> None:
        home = self.folder / manifest.name
        _write_atomically(home / "digests.json", dict(digests))
        _write_atomically(home / "manifest.json", asdict(manifest))
        self._opened(manifest.name)  # what cannot be opened is never published
        _write_atomically(self.folder / "current.json", {"generation": manifest.name})
        self._sweep(keep=_owners(manifest))

    def _new_name(self) -> str:
        self._sweep(keep=self._owners_of_current())
        return f"cases-{time.time_ns()}"

    def _owners_of_current(self) -> Sequence[str]:
        try:
            pointer = self._pointer()
            return _owners(_read_manifest(self.folder / pointer)) if pointer else ()
        except BrokenIndex:
            return ()

    def _sweep(self, keep: Sequence[str]) -> None:
        """Remove generations that nobody reads and nothing refers to."""
        gone = []
        for folder in self.folder.glob("cases-*"):
            if folder.name not in keep and FolderUse.is_free(folder):
                shutil.rmtree(folder, ignore_errors=True)
                gone.append(folder.name)
        if gone and dense.is_remote(self._url):
            dense.drop(self._url, gone)


def _worth_folding(held: int, changed: int) -> bool:
    return held >= FOLD_ENTRIES_FROM and changed <= FOLD_SHARE_UP_TO * held


def _owners(manifest: Manifest) -> Sequence[str]:
    """Return the generation folders a generation needs."""
    places = [manifest.encoder, *manifest.segments]
    return sorted({manifest.name, *(place.split("/")[0] for place in places)})


def _read_manifest(folder: Path) -> Manifest:
    try:
        manifest = Manifest(**json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise BrokenIndex(f"{folder}: manifest") from error
    if manifest.format != FORMAT:
        raise BrokenIndex(f"{folder}: format {manifest.format}")
    return manifest


def _write_atomically(path: Path, value: object) -> None:
    aside = path.with_suffix(".new")
    with aside.open("w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)


def _release(closers: Sequence[Callable[[], None]], use: FolderUse) -> None:
    for close in closers:
        with suppress(OSError):
            close()
    use.release()

"""Locks between processes: one builder at a time, and folders in use are not removed."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from vectorstore.errors import BrokenIndex, IndexBusy

WAIT_SECONDS = 600.0
POLL_SECONDS = 0.1


@contextmanager
def building(
    folder: Path, lock: str = "build.lock", *, wait: float = WAIT_SECONDS
) -> Iterator[None]:
    """Hold the right to build; waits for another builder, then raises `IndexBusy`.

    The system drops the lock with the process, however it ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + wait
        while not _locked(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise IndexBusy(str(folder))
            time.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


class FolderUse:
    """Shared locks on folders that are being read."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._descriptors: list[int] = []
        for folder in folders:
            try:
                descriptor = os.open(folder / "use.lock", os.O_RDWR | os.O_CREAT, 0o644)
            except OSError as error:
                self.release()
                raise BrokenIndex(f"{folder}: {error}") from error
            self._descriptors.append(descriptor)
            _locked(descriptor, fcntl.LOCK_SH)

    def release(self) -> None:
        """Give the folders free."""
        while self._descriptors:
            os.close(self._descriptors.pop())

    @staticmethod
    def is_free(folder: Path) -> bool:
        """Tell whether nobody reads the folder."""
        try:
            descriptor = os.open(folder / "use.lock", os.O_RDWR)
        except OSError:
            return True
        try:
            return _locked(descriptor, fcntl.LOCK_EX)
        finally:
            os.close(descriptor)


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

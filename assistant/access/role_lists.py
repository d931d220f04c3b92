"""The lists of who has which role, as the settings file says now, in every process of a home.

Another process may have stored new lists since this one read its settings. Only the lists are
taken over: everything else waits for a restart, because more than a lookup hangs on it.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from assistant.errors import SettingsError
from assistant.settings import Settings, load_settings

FIELDS = ("admins", "reviewers", "default_role")
Stamp = tuple[int, int, int]
_log = logging.getLogger(__name__)


class RoleLists:
    """Lays the lists of the file over settings read earlier."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stamp: Stamp | None = None
        self._read_of: Settings | None = None
        self._laid: Settings | None = None

    def over(self, settings: Settings) -> Settings:
        """Give the settings with the lists of now: the same object while the file is the same."""
        stamp = _stamp(settings.file)
        with self._lock:
            if self._laid is None or self._read_of is not settings:
                # a file changed since these settings were read shows by its text, not its time
                self._laid = _with_lists(settings) if stamp else settings
            elif stamp != self._stamp:
                self._laid = _with_lists(self._laid)
            self._read_of, self._stamp = settings, stamp
            return self._laid


def _stamp(file: Path) -> Stamp | None:
    """Tell one state of the file from another; stored settings are always a new file."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _with_lists(held: Settings) -> Settings:
    try:
        now = load_settings(held.home)
    except SettingsError as error:
        # half edited by hand: what held goes on holding
        _log.warning("role lists not read anew: %s", error.what)
        return held
    return held.model_copy(update={name: getattr(now, name) for name in FIELDS})

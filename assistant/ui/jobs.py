"""Imports that outlive a click or a reload: one worker thread, a table the page polls.

Knows nothing of Streamlit; a job is a plain record that its thread fills.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.errors import AssistantError
from assistant.models import IngestResult
from assistant.ui.desk import ReviewDesk


@dataclass
class Job:
    """One import: what is asked, how far it is, how it ended."""

    total: int
    results: list[IngestResult] = field(default_factory=list)
    finished: bool = False
    error: str = ""
    _stop: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """Ask the import to end after the file at hand."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Whether someone asked it to stop."""
        return self._stop.is_set()


class Jobs:
    """The last import of this process; only one runs at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._job: Job | None = None

    @property
    def current(self) -> Job | None:
        """The running or last import."""
        return self._job

    def dismiss(self) -> None:
        """Forget a finished import."""
        with self._lock:
            if self._job is not None and self._job.finished:
                self._job = None

    def start(self, desk: ReviewDesk, files: Sequence[tuple[str, bytes]]) -> Job | None:
        """Start an import; `None` when another one is running."""
        with self._lock:
            if self._job is not None and not self._job.finished:
                return None
            self._job = job = Job(total=len(files))
        threading.Thread(target=_run, args=(job, desk, tuple(files)), daemon=True).start()
        return job


def _run(job: Job, desk: ReviewDesk, files: tuple[tuple[str, bytes], ...]) -> None:
    def progress(_done: int, _total: int, result: IngestResult) -> None:
        job.results.append(result)

    try:
        results = desk.ingest(files, on_progress=progress, should_stop=lambda: job.stopping)
        job.results[:] = results
    except AssistantError as error:
        job.error = str(error)
    finally:
        if not job.error and len(job.results) < job.total and not job.stopping:
            job.error = "导入意外中断。已入库的文件不受影响，请重新导入其余文件"
        job.finished = True

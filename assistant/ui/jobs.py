"""Work that outlives a click, a page switch and a reload: a table of jobs and a bounded pool.

Knows nothing of Streamlit; a job is a plain record that its thread fills and pages read.
"""

from __future__ import annotations

import contextvars
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from assistant.errors import AssistantError
from assistant.models import IngestResult
from assistant.ui.desk import ReviewDesk

WORKERS = 2
"""Jobs at work at a time in this process; the others wait in order."""
CUT_SHORT = "任务意外中断。已完成的不受影响，请重新开始其余部分"


class Kind(StrEnum):
    """What a job does; the value is how users are told."""

    IMPORT = "导入"
    DRAFTS = "批量起草"


@dataclass
class Job:
    """What is asked, how far it is, how it ended."""

    kind: Kind
    total: int
    owner: str = ""
    """Whose job it is; imports are everybody's, as the library is."""
    done: int = 0
    doing: str = ""
    results: list[IngestResult] = field(default_factory=list)
    begun: bool = False
    finished: bool = False
    error: str = ""
    _stop: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """Ask it to end after the piece at hand."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Whether someone asked it to stop."""
        return self._stop.is_set()

    def concerns(self, owner: str) -> bool:
        """Whether a visitor may see it."""
        return self.kind is Kind.IMPORT or self.owner == owner


Work = Callable[[Job], None]


class Jobs:
    """The jobs of this process: those at work, those waiting, and the last ended of each kind."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._lock = threading.Lock()
        self._workers, self._threads = workers, 0
        self._jobs: list[Job] = []
        self._queue: deque[tuple[Job, Work, contextvars.Context]] = deque()

    def of(self, kind: Kind, owner: str = "") -> Job | None:
        """Give the running, waiting or last job of a kind that concerns a visitor."""
        with self._lock:
            return self._of(kind, owner)

    def visible(self, owner: str) -> list[Job]:
        """Give all jobs that concern a visitor, oldest first."""
        with self._lock:
            return [job for job in self._jobs if job.concerns(owner)]

    def ahead(self, job: Job) -> int:
        """Count the jobs that are to end before this one begins."""
        with self._lock:
            waiting = [queued for queued, _, _ in self._queue]
            if not any(queued is job for queued in waiting):
                return 0
            before = next(at for at, queued in enumerate(waiting) if queued is job)
            return before + sum(one.begun and not one.finished for one in self._jobs)

    def dismiss(self, job: Job) -> None:
        """Forget a job that has ended."""
        with self._lock:
            self._jobs = [one for one in self._jobs if one is not job or not one.finished]

    def start(self, job: Job, work: Work) -> Job | None:
        """Put a job in line; `None` while one of its kind and owner has not ended."""
        with self._lock:
            held = self._of(job.kind, job.owner)
            if held is not None and not held.finished:
                return None
            self._jobs = [one for one in self._jobs if one is not held] + [job]
            # who is at work is known by the context of the visitor's thread
            self._queue.append((job, work, contextvars.copy_context()))
            if self._threads < self._workers:
                self._threads += 1
                threading.Thread(target=self._serve, name="job", daemon=True).start()
        return job

    def _of(self, kind: Kind, owner: str) -> Job | None:
        found = (one for one in reversed(self._jobs) if one.kind is kind and one.concerns(owner))
        return next(found, None)

    def _serve(self) -> None:
        while True:
            with self._lock:
                if not self._queue:
                    self._threads -= 1
                    return
                job, work, context = self._queue.popleft()
                job.begun = True
            context.run(_run, job, work)


def _run(job: Job, work: Work) -> None:
    whole = False
    try:
        if not job.stopping:
            work(job)
        whole = True
    except AssistantError as error:
        job.error = str(error)
    finally:
        if not whole and not job.error:
            job.error = CUT_SHORT
        job.doing = ""
        job.finished = True


def import_job(
    desk: ReviewDesk, files: Sequence[tuple[str, bytes]], *, owner: str = ""
) -> tuple[Job, Work]:
    """Make the job that reads files into the library."""

    def work(job: Job) -> None:
        def progress(done: int, _total: int, result: IngestResult) -> None:
            job.results.append(result)
            job.done, job.doing = done, result.source

        held = tuple(files)
        job.results[:] = desk.ingest(held, on_progress=progress, should_stop=lambda: job.stopping)
        job.done = len(job.results)

    return Job(Kind.IMPORT, len(files), owner), work

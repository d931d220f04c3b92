"""What the load test keeps: times and failures, memory and processor of the servers, its clock."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np

from benchmarks.load_page import BROKEN_OFF, FRAGMENT, WHOLE
from benchmarks.load_visitor import PageFailed, VisitorLost

PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")
GRACE_S = 300.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Record:
    """What happened: seconds by operation, failures by what they said."""

    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: Counter[str] = field(default_factory=Counter)
    """What the pages, the API or the servers did wrong."""
    lost: Counter[str] = field(default_factory=Counter)
    """Where a visitor did not find its way: a fault of this program, or a page without a word."""
    runs: Counter[str] = field(default_factory=Counter)
    """Runs of the script the visitors saw, by kind."""

    async def timed(self, name: str, work: Awaitable[object]) -> None:
        """Await work and keep how long it took, or how it failed."""
        started = time.perf_counter()
        try:
            await work
        except (PageFailed, httpx.HTTPError, OSError, TimeoutError) as error:
            self.failures[f"{name}: {type(error).__name__} {str(error)[:160]}"] += 1
            raise
        except VisitorLost as error:
            self.lost[f"{name}: {str(error)[:240]}"] += 1
            raise
        self.taken[name].append(time.perf_counter() - started)

    def done(self, kind: str) -> int:
        """Count the operations of a kind: `page`, `api`."""
        return sum(len(taken) for name, taken in self.taken.items() if name.startswith(kind))


@dataclass
class Process:
    """A server watched from outside: memory and processor of it and its children."""

    name: str
    process: subprocess.Popen[bytes]
    memory: list[tuple[float, float]] = field(default_factory=list)

    def sample(self, at: float) -> None:
        """Read the memory held now, in megabytes."""
        pages = 0
        for pid in self._family():
            try:
                pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            except (OSError, IndexError):
                continue
        self.memory.append((at, pages * PAGE_SIZE / 1e6))

    def series(self) -> list[float]:
        """Give the memory held at every tenth of the time, the last sample included."""
        end = self.memory[-1][0]
        tenths = [end * tenth / 10 for tenth in range(1, 11)]
        return [min((abs(when - at), held) for when, held in self.memory)[1] for at in tenths]

    def processor(self) -> float:
        """Give the seconds of processor used so far, ended children included."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(ticks) for ticks in fields[11:15]) / TICKS

    def _family(self) -> list[int]:
        found = [self.process.pid]
        for task in Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            found += [int(pid) for pid in task.read_text().split()]
        return found


def memory_table(servers: list[Process]) -> str:
    """Give the memory of the servers over the time as Markdown."""
    heads = " | ".join(f"{tenth}0 %" for tenth in range(1, 11))
    lines = [f"| MB after | {heads} | most |", f"|---|{'---|' * 11}"]
    for server in servers:
        held = " | ".join(f"{megabytes:.0f}" for megabytes in server.series())
        most = max(megabytes for _, megabytes in server.memory)
        lines.append(f"| {server.name} | {held} | {most:.0f} |")
    return "\n".join(lines)


def cost(record: Record, *, web: float, api: float, own: float) -> str:
    """Say what an operation and a run of the script cost the processor."""
    pages, calls, runs = record.done("page"), record.done("api"), record.runs
    every = runs[WHOLE] + runs[FRAGMENT]
    lines = [
        f"- web app: {web:.1f} s of processor for {pages} page operations, "
        f"{web / max(1, pages):.3f} s each, in {every} runs of the script, "
        f"{web / max(1, every):.3f} s each ({runs[FRAGMENT]} of them {FRAGMENT}, "
        f"{runs[BROKEN_OFF]} {BROKEN_OFF})"
    ]
    if calls:
        lines.append(
            f"- HTTP API: {api:.1f} s of processor for {calls} calls, {api / calls:.3f} s each"
        )
    lines.append(f"- this program, which plays the visitors: {own:.1f} s of processor")
    return "\n".join(lines)


@dataclass
class Plan:
    """How long, how fast."""

    seconds: float
    think: float
    ramp: float
    sessions: int = 0
    whole_rounds: int = 0
    """Rounds every session does, even where a slow machine needs longer than the time for it."""
    rounds: Counter[int] = field(default_factory=Counter)
    started: float = field(default_factory=time.monotonic)

    def spent(self) -> float:
        """Give the seconds since the start."""
        return time.monotonic() - self.started

    def left(self) -> float:
        """Give the seconds until the end."""
        return self.seconds - self.spent()

    def over(self, session: int | None = None) -> bool:
        """Tell whether the time is over, for one session or for all that runs beside them."""
        waited_for = range(self.sessions) if session is None else (session,)
        done = all(self.rounds[number] >= self.whole_rounds for number in waited_for)
        # a round that always fails must not hold the end up for ever
        return self.left() <= (0 if done else -GRACE_S)

    def pause(self, chance: random.Random) -> float:
        """Give a time to think, never beyond the end."""
        return max(0.0, min(chance.uniform(0.5, 1.5) * self.think, self.left()))


def table(record: Record) -> str:
    """Give the times by operation as Markdown."""
    lines = ["| operation | count | p50 s | p95 s | most s |", "|---|---|---|---|---|"]
    for name, taken in sorted(record.taken.items()):
        p50, p95 = np.quantile(taken, [0.5, 0.95])
        lines.append(f"| {name} | {len(taken)} | {p50:.2f} | {p95:.2f} | {max(taken):.2f} |")
    return "\n".join(lines)

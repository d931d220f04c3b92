"""Many users of one small machine at once: errors, times, memory, while an import runs beside.

    python -m benchmarks.load [--sessions 50] [--clients 20] [--minutes 10] [--think 8]

Starts the web app and the HTTP API as two processes on one home. Sessions speak Streamlit's
protocol, each as a user of its own behind the trusted header, and loop: ask, open a citation, add
a problem, draft, compare, with time to think between. Clients loop: search, ask, draft. An import
of changed notices runs as a third process. Prints Markdown; exit status 1 when anything failed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from assistant.review import build_reviewer
from assistant.settings import load_settings
from benchmarks.load_parts import Plan, Process, Record, table
from benchmarks.load_visitor import PageFailed, Visitor
from tests.browser_support import free_port, serve
from tests.world import NOTICES

REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLES = REPOSITORY / "samples"
TOKEN = "load-test-token"
ENVIRONMENT = {
    "ZHENGGAI_ACCESS": "header",
    "ZHENGGAI_API_TOKEN": TOKEN,
    "ZHENGGAI_API_PER_MINUTE": "100000",
    "ZHENGGAI_METRICS": "true",
    "ZHENGGAI_MAX_SESSIONS": "1000",
    "ZHENGGAI_LOG_LEVEL": "WARNING",
}
QUESTIONS = (
    "固定资产账实不符怎么整改？",
    "党费收缴不及时的，别的单位都怎么整改的？",
    "哪些单位查出过公务接待方面的问题？",
    "专项资金滞留怎么整改？",
    "会议记录不规范，建了哪些制度？",
    "信访积案化解不力怎么办？",
)
PROBLEMS = (
    "固定资产账实不符，部分设备购置后未登记入账",
    "村级党费年底一次性补收，基数多年未核",
    "公务接待无公函报销",
    "工程变更未履行集体决策程序",
)
SAMPLE_EVERY_S = 2.0
INGEST_EVERY_S = 15.0


# ---------------------------------------------------------------------- who does what


async def session(number: int, address: str, record: Record, plan: Plan) -> None:
    """One user of the pages, until the time is over."""
    chance = random.Random(number)
    user = User(number, f"user{number}", address, record, plan, chance)
    await asyncio.sleep(chance.uniform(0, plan.ramp))
    while not plan.over(number):
        try:
            async with Visitor(address, user.name) as page:
                await record.timed("page: first", page.open())
                while not plan.over(number):
                    await user.one_round(page)
                    plan.rounds[number] += 1
        except (PageFailed, OSError, TimeoutError):
            await asyncio.sleep(1)  # counted; a user would load the page again


@dataclass
class User:
    """What one user of the pages does in a round."""

    number: int
    name: str
    address: str
    record: Record
    plan: Plan
    chance: random.Random

    async def one_round(self, page: Visitor) -> None:
        """Ask, open a citation, draft, compare, with time to think between."""
        await self._then("page: ask", lambda: page.ask(self.chance.choice(QUESTIONS)))
        if self.plan.over(self.number):
            return
        query = page.citation()

        async def open_source() -> None:
            # a citation opens in a new tab, which is a session of its own
            async with Visitor(self.address, self.name) as tab:
                await tab.open("library", query)

        problem = f"{self.chance.choice(PROBLEMS)}（{self.chance.randrange(10_000)}）"
        await self._then("page: open citation", open_source)
        await self._then("page: switch to draft", lambda: page.open("draft"))
        await self._then("page: add problem", lambda: page.add_problem(problem))
        await self._then("page: draft", page.draft)
        await self._then("page: compare", lambda: page.open("compare"))
        await self._then("page: switch to ask", lambda: page.open("ask"))

    async def _then(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        await asyncio.sleep(self.plan.pause(self.chance))
        if not self.plan.over(self.number):
            await self.record.timed(name, work())


async def client(number: int, address: str, record: Record, plan: Plan) -> None:
    """One program at the HTTP API, until the time is over."""
    chance = random.Random(1000 + number)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    calls: tuple[tuple[str, str, Callable[[], dict[str, object]]], ...] = (
        ("api: search", "/search", lambda: {"query": chance.choice(QUESTIONS)}),
        ("api: ask", "/ask", lambda: {"question": chance.choice(QUESTIONS)}),
        ("api: draft", "/draft", lambda: {"problem": chance.choice(PROBLEMS)}),
    )
    await asyncio.sleep(chance.uniform(0, plan.ramp))
    async with httpx.AsyncClient(
        base_url=address, headers=headers, timeout=180, trust_env=False
    ) as http:

        async def call(path: str, body: dict[str, object]) -> None:
            answer = await http.post(path, json=body)
            if answer.status_code != 200:
                raise PageFailed(f"{answer.status_code} {answer.text[:120]}")

        while not plan.over():
            for name, path, body in calls:
                try:
                    await record.timed(name, call(path, body()))
                except (PageFailed, httpx.HTTPError):
                    await asyncio.sleep(1)
                await asyncio.sleep(plan.pause(chance))
                if plan.over():
                    return


async def importing(home: Path, folder: Path, record: Record, plan: Plan) -> None:
    """Import changed notices beside, as a process of its own."""
    text = NOTICES[0].read_text(encoding="utf-8")
    number = 0
    while not plan.over():
        number += 1
        (folder / f"notice{number}.txt").write_text(
            re.sub(r"\n", f"\n第{number}号\n", text, count=1), encoding="utf-8"
        )

        async def one() -> None:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "assistant.cli", "--home", str(home), "ingest"),
                str(folder),
                cwd=REPOSITORY,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
            _, said = await process.communicate()
            if process.returncode:
                raise PageFailed(said.decode()[-160:])

        with suppress(PageFailed):
            await record.timed("import of a file", one())
        await asyncio.sleep(min(INGEST_EVERY_S, max(0.0, plan.left())))


async def watching(servers: list[Process], plan: Plan) -> None:
    """Sample the memory of the servers."""
    while not plan.over():
        for server in servers:
            server.sample(plan.spent())
        await asyncio.sleep(SAMPLE_EVERY_S)


# ---------------------------------------------------------------------- the whole


def start_api(home: Path, log: Path) -> tuple[str, subprocess.Popen[bytes]]:
    """Start the HTTP API and wait until it is ready."""
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "assistant.cli", "--home", home, "api", "--port", str(port)],
            cwd=REPOSITORY,
            env={**os.environ, **ENVIRONMENT},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    await_ready(address)
    return address, process


def await_ready(address: str) -> None:
    """Wait until a server says that it is ready."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{address}/readyz", trust_env=False, timeout=5).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"{address} is not ready")


def queue_of(address: str) -> dict[str, float]:
    """Read what a server says of its line and sessions."""
    text = httpx.get(f"{address}/metrics", trust_env=False, timeout=30).text
    return {
        name: float(value)
        for name, value in re.findall(r"(?m)^zhenggai_(queue_\w+|sessions|index_lag) (\S+)$", text)
    }


async def drive(options: argparse.Namespace, home: Path, folder: Path) -> tuple[Record, str]:
    """Run everything; give the record and the words about the servers."""
    web, web_process = serve(
        REPOSITORY / "app.py", folder / "web.log", ZHENGGAI_HOME=str(home), **ENVIRONMENT
    )
    await_ready(web)
    api, api_process = start_api(home, folder / "api.log")
    servers = [Process("web app", web_process), Process("HTTP API", api_process)]
    record = Record()
    seconds = options.minutes * 60
    plan = Plan(
        seconds,
        options.think,
        ramp=min(20.0, seconds / 6),
        sessions=options.sessions,
        whole_rounds=options.whole_rounds,
    )
    inbox = folder / "inbox"
    inbox.mkdir()
    used = [server.processor() for server in servers]
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(watching(servers, plan))
            group.create_task(importing(home, inbox, record, plan))
            for number in range(options.sessions):
                group.create_task(session(number, web, record, plan))
            for number in range(options.clients):
                group.create_task(client(number, api, record, plan))
        wall = plan.spent()
        lines = [
            "| process | MB at start | MB at half | MB at end | most | CPU s | cores "
            "| let through | waited s each | refused |",
            "|---|---|---|---|---|---|---|---|---|---|",
        ]
        for server, before, address in zip(servers, used, (web, api), strict=True):
            held = [megabytes for _, megabytes in server.memory]
            spent, queue = server.processor() - before, queue_of(address)
            served = queue.get("queue_served", 0)
            each = queue.get("queue_waited_seconds", 0) / max(1, served)
            lines.append(
                f"| {server.name} | {held[min(3, len(held) - 1)]:.0f} | {held[len(held) // 2]:.0f} "
                f"| {held[-1]:.0f} | {max(held):.0f} | {spent:.0f} | {spent / wall:.2f} "
                f"| {served:.0f} | {each:.3f} | {queue.get('queue_refused', 0):.0f} |"
            )
        return record, "\n".join(lines)
    finally:
        for server in servers:
            server.process.terminate()
            server.process.wait(30)
        for name in ("web.log", "api.log"):
            said = (folder / name).read_text(errors="replace")
            troubles = [line for line in said.splitlines() if " ERROR " in line]
            record.failures.update(f"{name}: {line[:160]}" for line in troubles)


def main() -> int:
    """Prepare a home, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--think", type=float, default=8.0, help="mean seconds between steps")
    parser.add_argument("--whole-rounds", type=int, default=0, help="each session does at least")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        home = folder / "home"
        reviewer = build_reviewer(load_settings(home))
        reviewer.ingest([path for path in sorted(SAMPLES.iterdir()) if path.suffix != ".md"])
        cases = reviewer.overview().cases
        reviewer.library.close()
        record, servers = asyncio.run(drive(options, home, folder))
    done = sum(len(taken) for taken in record.taken.values())
    print(
        f"{options.sessions} sessions, {options.clients} API clients, {options.minutes:g} minutes, "
        f"{options.think:g} s to think, {cases} cases at the start, {os.cpu_count()} cores: "
        f"{done} operations, {record.failures.total()} failed\n\n{table(record)}\n\n{servers}"
    )
    for failure, count in record.failures.most_common(20):
        print(f"- {count} × {failure}")
    return 1 if record.failures else 0


if __name__ == "__main__":
    sys.exit(main())

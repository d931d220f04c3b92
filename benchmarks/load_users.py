"""Who does what in the load test: users of the pages, programs at the API, an import beside."""

from __future__ import annotations

import asyncio
import random
import re
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.load_parts import Plan, Record
from benchmarks.load_visitor import PageFailed, Visitor, VisitorLost
from tests.browser_support import REPOSITORY
from tests.world import NOTICES

TOKEN = "load-test-token"
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
INGEST_EVERY_S = 15.0


async def session(number: int, address: str, record: Record, plan: Plan) -> None:
    """One user of the pages, until the time is over."""
    chance = random.Random(number)
    user = User(number, f"user{number}", address, record, plan, chance)
    await asyncio.sleep(chance.uniform(0, plan.ramp))
    while not plan.over(number):
        try:
            async with Visitor(address, user.name, record.runs) as page:
                await record.timed("page: first", page.open())
                while not plan.over(number):
                    await user.one_round(page)
                    plan.rounds[number] += 1
        except (PageFailed, VisitorLost, OSError, TimeoutError):
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
            async with Visitor(self.address, self.name, self.record.runs) as tab:
                await tab.open("library", query)

        problem = f"{self.chance.choice(PROBLEMS)}（{self.chance.randrange(10_000)}）"
        if query:
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


def write_notice(folder: Path, number: int, *, changing: bool) -> Path:
    """Write a notice unlike those before it: over the last one, or beside it."""
    folder.mkdir(exist_ok=True)
    file = folder / ("notice.txt" if changing else f"notice{number}.txt")
    text = NOTICES[0].read_text(encoding="utf-8")
    file.write_text(re.sub(r"\n", f"\n第{number}号\n", text, count=1), encoding="utf-8")
    return file


async def importing(
    home: Path, folder: Path, record: Record, plan: Plan, *, changing: bool
) -> None:
    """Import a notice beside, as a process of its own: one that changes, or one more each time.

    A file that changed replaces what was read from the same file, so the library keeps its size.
    """
    number = 0
    while not plan.over():
        number += 1
        write_notice(folder, number, changing=changing)

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

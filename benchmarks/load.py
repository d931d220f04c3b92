"""Many users of one small machine at once: errors, times, memory, while an import runs beside.

    python -m benchmarks.load [--sessions 50] [--clients 20] [--minutes 10] [--think 8]
        [--no-changing]

Starts the web app and the HTTP API as two processes on one home. Sessions speak Streamlit's
protocol, each as a user of its own behind the trusted header, and loop: ask, open a citation, add
a problem, draft, compare, with time to think between. Clients loop: search, ask, draft. An import
of one notice that changes again and again runs as a third process (with `--no-changing` a new
notice each time, so that the library grows). Prints Markdown: times, memory at every tenth of the
time, processor a page operation and a run of the script; what the pages or the API did wrong apart
from where a visitor lost its way. Exit status 1 when there was either.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from assistant.review import build_reviewer
from assistant.settings import load_settings
from benchmarks.load_parts import Plan, Process, Record, cost, memory_table, table
from benchmarks.load_users import TOKEN, client, importing, session, write_notice
from tests.browser_support import REPOSITORY, serve
from tests.ports import free_port

SAMPLES = REPOSITORY / "samples"
ENVIRONMENT = {
    "ZHENGGAI_ACCESS": "header",
    "ZHENGGAI_API_TOKEN": TOKEN,
    "ZHENGGAI_API_PER_MINUTE": "100000",
    "ZHENGGAI_METRICS": "true",
    "ZHENGGAI_MAX_SESSIONS": "1000",
    "ZHENGGAI_LOG_LEVEL": "WARNING",
}
INBOX = "inbox"
SAMPLE_EVERY_S = 2.0
START_S = 180


async def watching(servers: list[Process], plan: Plan) -> None:
    """Sample the memory of the servers."""
    while not plan.over():
        for server in servers:
            server.sample(plan.spent())
        await asyncio.sleep(SAMPLE_EVERY_S)


def start_api(home: Path, log: Path) -> tuple[str, subprocess.Popen[bytes]]:
    """Start the HTTP API."""
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "assistant.cli", "--home", home, "api", "--port", str(port)],
            cwd=REPOSITORY,
            env={**os.environ, **ENVIRONMENT},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return f"http://127.0.0.1:{port}", process


def await_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server says that it is ready."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{address}/readyz", trust_env=False, timeout=5).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    said = log.read_text(errors="replace")[-2000:]
    raise RuntimeError(f"{address} is not ready (ended: {process.poll()}): {said}")


def queue_of(address: str) -> dict[str, float]:
    """Read what a server says of its line and sessions."""
    text = httpx.get(f"{address}/metrics", trust_env=False, timeout=30).text
    return {
        name: float(value)
        for name, value in re.findall(r"(?m)^zhenggai_(queue_\w+|sessions|index_lag) (\S+)$", text)
    }


async def drive(options: argparse.Namespace, home: Path, folder: Path) -> tuple[Record, str]:
    """Run everything; give the record and the words about the servers."""
    web_log, api_log = folder / "web.log", folder / "api.log"
    web, web_process = serve(REPOSITORY / "app.py", web_log, ZHENGGAI_HOME=str(home), **ENVIRONMENT)
    servers = [Process("web app", web_process)]
    record = Record()
    try:
        api, api_process = start_api(home, api_log)
        servers.append(Process("HTTP API", api_process))
        await_ready(web, web_process, web_log)
        await_ready(api, api_process, api_log)
        return record, await measured(options, home, folder / INBOX, record, servers, (web, api))
    finally:
        for server in servers:
            server.process.terminate()
        for server in servers:
            try:
                server.process.wait(30)
            except subprocess.TimeoutExpired:
                server.process.kill()
        for log in (web_log, api_log):
            said = log.read_text(errors="replace") if log.exists() else ""
            troubles = [line for line in said.splitlines() if " ERROR " in line]
            record.failures.update(f"{log.name}: {line[:160]}" for line in troubles)


async def measured(
    options: argparse.Namespace,
    home: Path,
    inbox: Path,
    record: Record,
    servers: list[Process],
    addresses: tuple[str, str],
) -> str:
    """Let everybody work at once; give the words about the servers."""
    pids = (f"{server.name}: process {server.process.pid}" for server in servers)
    print("; ".join(pids), file=sys.stderr)
    web, api = addresses
    seconds = options.minutes * 60
    plan = Plan(
        seconds,
        options.think,
        ramp=min(20.0, seconds / 6),
        sessions=options.sessions,
        whole_rounds=options.whole_rounds,
    )
    used, own = [server.processor() for server in servers], time.process_time()
    async with asyncio.TaskGroup() as group:
        group.create_task(watching(servers, plan))
        group.create_task(importing(home, inbox, record, plan, changing=options.changing))
        for number in range(options.sessions):
            group.create_task(session(number, web, record, plan))
        for number in range(options.clients):
            group.create_task(client(number, api, record, plan))
    wall, own = plan.spent(), time.process_time() - own
    spent = [server.processor() - before for server, before in zip(servers, used, strict=True)]
    lines = [
        "| process | CPU s | cores | let through | waited s each | refused |",
        "|---|---|---|---|---|---|",
    ]
    for server, took, address in zip(servers, spent, addresses, strict=True):
        queue = queue_of(address)
        served = queue.get("queue_served", 0)
        each = queue.get("queue_waited_seconds", 0) / max(1, served)
        lines.append(
            f"| {server.name} | {took:.0f} | {took / wall:.2f} "
            f"| {served:.0f} | {each:.3f} | {queue.get('queue_refused', 0):.0f} |"
        )
    costs = cost(record, web=spent[0], api=spent[1], own=own)
    return "\n".join([*lines, "", memory_table(servers), "", costs])


def cases_of(home: Path) -> int:
    """Count the cases a home holds."""
    reviewer = build_reviewer(load_settings(home))
    cases = reviewer.overview().cases
    reviewer.library.close()
    return cases


def main() -> int:
    """Prepare a home, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--think", type=float, default=8.0, help="mean seconds between steps")
    parser.add_argument("--whole-rounds", type=int, default=0, help="each session does at least")
    parser.add_argument(
        "--changing",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="import one notice that changes, so that the library keeps its size",
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        home = folder / "home"
        reviewer = build_reviewer(load_settings(home))
        files = [path for path in sorted(SAMPLES.iterdir()) if path.suffix != ".md"]
        files.append(write_notice(folder / INBOX, 0, changing=options.changing))
        reviewer.ingest(files)
        reviewer.library.close()
        before = cases_of(home)
        record, servers = asyncio.run(drive(options, home, folder))
        after = cases_of(home)
    done = sum(len(taken) for taken in record.taken.values())
    print(
        f"{options.sessions} sessions, {options.clients} API clients, {options.minutes:g} minutes, "
        f"{options.think:g} s to think, {before} cases at the start and {after} at the end, "
        f"{os.cpu_count()} cores: {done} operations, {record.failures.total()} failed, "
        f"a visitor lost its way {record.lost.total()} times\n\n{table(record)}\n\n{servers}"
    )
    for failure, count in record.failures.most_common(20):
        print(f"- failed {count} × {failure}")
    for lost, count in record.lost.most_common(20):
        print(f"- lost {count} × {lost}")
    return 1 if record.failures or record.lost else 0


if __name__ == "__main__":
    sys.exit(main())

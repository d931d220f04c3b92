"""Ports for the servers of tests, and the end of the servers."""

from __future__ import annotations

import itertools
import random
import socket
import subprocess
from collections.abc import Iterator

LOWEST, HIGHEST = 20_000, 32_000
"""Below the range the system takes the ports of outgoing connections from: what was found free
stays free until the server that is to have it has started."""
END_SECONDS = 60


def _walk() -> Iterator[int]:
    # each process from a place of its own, and never the same port twice in a row of thousands
    start = random.SystemRandom().randrange(LOWEST, HIGHEST)
    return itertools.cycle(itertools.chain(range(start, HIGHEST), range(LOWEST, start)))


_ports = _walk()


def free_port() -> int:
    """Give a port of this machine that nothing listens at."""
    for port in itertools.islice(_ports, HIGHEST - LOWEST):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise RuntimeError(f"no free port between {LOWEST} and {HIGHEST}")


def end_server(process: subprocess.Popen[bytes]) -> None:
    """End a server in order; kill one that does not end, so that nothing is left behind."""
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

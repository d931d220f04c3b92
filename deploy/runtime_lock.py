"""Print the part of the lock that running needs: no test, lint or benchmark tools.

    python deploy/runtime_lock.py requirements.lock pyproject.toml
    python deploy/runtime_lock.py requirements.lock --only setuptools

Reads the `# via` notes of the lock, so it needs nothing but Python: the image and the offline
bundle are built from the same versions and hashes as the tests ran with.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def _folded(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def blocks(lock: str) -> Iterator[tuple[str, str]]:
    """Give (name, text) of every requirement of a lock."""
    name, lines = "", list[str]()
    for line in lock.splitlines():
        if line and not line[0].isspace() and not line.startswith("#"):
            if name:
                yield name, "\n".join(lines)
            found = _NAME.match(line)
            assert found, line
            name, lines = _folded(found[0]), []
        if name:
            lines.append(line)
    if name:
        yield name, "\n".join(lines)


def wanted_by(block: str) -> set[str]:
    """Give the names that a requirement is there for."""
    notes = [line.split("#", 1)[1] for line in block.splitlines() if line.lstrip().startswith("#")]
    words = " ".join(notes).replace("via", " ", 1).split()
    return {_folded(word) for word in words if _NAME.fullmatch(word)}


def runtime(lock: str, project: str) -> str:
    """Give the requirements reachable from the dependencies that are not optional."""
    # a universal lock may name several versions of one package, each for some Pythons
    held: dict[str, str] = {}
    for name, block in blocks(lock):
        held[name] = f"{held[name]}\n{block}" if name in held else block
    declared = tomllib.loads(project)["project"]["dependencies"]
    todo = []
    for requirement in declared:
        found = _NAME.match(requirement)
        assert found, requirement
        todo.append(_folded(found[0]))
    needs: dict[str, set[str]] = {name: set() for name in held}
    for name, block in held.items():
        for owner in wanted_by(block):
            needs.setdefault(owner, set()).add(name)
    kept: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in held:
            raise SystemExit(f"{name} is not in the lock: renew it")
        if name not in kept:
            kept.add(name)
            todo.extend(needs[name])
    return "".join(f"{held[name]}\n" for name in sorted(kept))


def main() -> None:
    """Print the runtime lock, or the one requirement asked for."""
    lock = Path(sys.argv[1]).read_text(encoding="utf-8")
    if sys.argv[2] == "--only":
        sys.stdout.write(f"{dict(blocks(lock))[_folded(sys.argv[3])]}\n")
    else:
        sys.stdout.write(runtime(lock, Path(sys.argv[2]).read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()

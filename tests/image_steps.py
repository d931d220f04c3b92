"""Does what a Dockerfile says without Docker: each stage is a folder entered by chroot.

Files come from the repository as the build context has them (`.dockerignore` included), `RUN`
lines run as they stand. The system below is this machine's, bound in; an own virtual environment
stands for the image's Python. Needs user namespaces, no rights.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SYSTEM = ("usr", "bin", "sbin", "lib", "lib64", "dev", "proc", "sys")
BASE = "/base"
"""Where the virtual environment that stands for the image's Python is."""

ENTER = r"""
set -eu
root=$1; shift
for part in "${BOUND[@]}"; do
  [ -e "$part" ] || continue
  if [ -L "$part" ]; then ln -sfn "$(readlink "$part")" "$root$part"; continue; fi
  if [ -d "$part" ]; then mkdir -p "$root$part"; mount --rbind "$part" "$root$part"; fi
done
if [ -n "$LOOPBACK" ]; then "$ROOT_PYTHON" -c '
import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14s", b"lo", 1 | 64, b""))'; fi
if [ -n "$READ_ONLY" ]; then
  mount --rbind "$root" "$root"
  for part in tmp data; do mount --bind "$root/$part" "$root/$part"; done
  mount -o remount,bind,ro "$root"
fi
exec chroot "$root" "$@"
"""


def can_enter() -> bool:
    """Tell whether this machine lets us bind and enter folders."""
    probe = ["unshare", "-rm", "sh", "-c", "mount --bind /usr /usr && chroot / true"]
    return bool(shutil.which("unshare")) and not subprocess.run(probe, check=False).returncode


@dataclass
class Stage:
    """One stage: its folder, and what the instructions so far have set."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    shell: list[str] = field(default_factory=lambda: ["/bin/sh", "-c"])
    user: str = ""
    health: list[str] = field(default_factory=list)
    entry: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    def start(
        self, *command: str, shut: bool = False, variables: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Run a command inside; `shut` takes the network away and makes the root read-only."""
        script = f"BOUND=({' '.join(map(str, _bound()))})\n{ENTER}"
        flag = "1" if shut else ""
        within = ["/usr/bin/env", "-C", self.folder, *command]
        return subprocess.Popen(
            [
                *("unshare", "-rmn" if shut else "-rm", "bash", "-c", script),
                *("enter", str(self.root), *within),
            ],
            env={
                **self._environment(),
                **(variables or {}),
                "LOOPBACK": flag,
                "READ_ONLY": flag,
                "ROOT_PYTHON": sys.executable,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command: str) -> str:
        """Run a command inside to its end; fails with what it said."""
        process = self.start(*command)
        said, _ = process.communicate()
        assert process.returncode == 0, f"{command[-1]}\n{said[-4000:]}"
        return said

    def _environment(self) -> dict[str, str]:
        pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        path = f"{BASE}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        # compiling takes as long as installing, and there is nothing to see in it
        pip["PIP_NO_COMPILE"] = "1"
        held = {"PATH": path, "HOME": "/root", "LC_ALL": "C.UTF-8", **pip}
        for name, value in self.environment.items():
            held[name] = re.sub(r"\$\{?PATH\}?", held["PATH"], value)
        return held


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Give (name, rest) of every instruction, lines joined, comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name.upper(), rest.strip()


def build(dockerfile: Path, context: Path, work: Path) -> Stage:
    """Do all instructions; gives the last stage. Fails as `docker build` would."""
    stages: dict[str, Stage] = {}
    stage = Stage(work)
    for name, rest in instructions(dockerfile.read_text(encoding="utf-8")):
        if name == "FROM":
            _, _, alias = rest.partition(" AS ")
            stage = _begin(work / f"stage{len(stages)}")
            stages[alias or "last"] = stage
        elif name == "COPY":
            _copy(rest, stage, stages, context)
        elif name == "RUN":
            stage.run(*stage.shell, rest)
        else:
            _set(stage, name, rest)
    return stage


def _begin(root: Path) -> Stage:
    for part in ("tmp", "root", "opt", "data"):
        (root / part).mkdir(parents=True)
    (root / "etc").mkdir()
    for part in ("passwd", "group", "login.defs", "ssl", "resolv.conf", "hosts", "ld.so.cache"):
        held = Path("/etc") / part
        if held.is_dir():
            shutil.copytree(held, root / "etc" / part, symlinks=True, ignore=_private)
        elif held.exists():
            shutil.copy(held, root / "etc" / part)
    # ownership is not ours to give away without rights: what asks for it is done without it
    shim = root / "shim"
    shim.mkdir()
    (shim / "install").write_text(
        "#!/bin/bash\nkept=()\nwhile [ $# -gt 0 ]; do case $1 in -o|-g) shift 2;; "
        '*) kept+=("$1"); shift;; esac; done\nexec /usr/bin/install "${kept[@]}"\n'
    )
    (shim / "install").chmod(0o755)
    stage = Stage(root)
    stage.run(f"{sys.base_prefix}/bin/python3", "-m", "venv", BASE)
    stage.environment["PATH"] = f"/shim:{BASE}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    return stage


def _private(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "private"]


def _set(stage: Stage, name: str, rest: str) -> None:
    if name == "ENV":
        for key, value in re.findall(r"(\w+)=(\S+)", rest):
            held = stage.environment.get("PATH", "")
            stage.environment[key] = re.sub(r"\$\{?PATH\}?", held, value)
    elif name == "WORKDIR":
        stage.folder = rest
        (stage.root / rest.strip("/")).mkdir(parents=True, exist_ok=True)
    elif name == "SHELL":
        stage.shell = json.loads(rest)
    elif name == "USER":
        stage.user = rest
    elif name == "HEALTHCHECK":
        stage.health = json.loads(rest[rest.index("[") :])
    elif name == "ENTRYPOINT":
        stage.entry = json.loads(rest)
    elif name == "CMD":
        stage.command = json.loads(rest)


def _copy(rest: str, stage: Stage, stages: Mapping[str, Stage], context: Path) -> None:
    words = rest.split()
    origin = context
    if words[0].startswith("--from="):
        origin = stages[words.pop(0).removeprefix("--from=")].root
    *sources, target = words
    place = stage.root / target.lstrip("/") if target[0] == "/" else _inside(stage, target)
    for source in sources:
        held = origin / source.lstrip("/")
        if origin is context and _ignored(context, source):
            raise AssertionError(f"COPY {source}: not in the build context")
        if held.is_dir():
            left = _left_out(context) if origin is context else None
            shutil.copytree(held, place, symlinks=True, dirs_exist_ok=True, ignore=left)
        else:
            many = len(sources) > 1 or target.endswith("/") or place.is_dir()
            shutil.copy(held, place / held.name if many else place)


def _inside(stage: Stage, target: str) -> Path:
    return stage.root / stage.folder.lstrip("/") / target


def _ignored(context: Path, name: str) -> bool:
    """Tell what `.dockerignore` says of a path: the last line that fits decides."""
    out = False
    for line in (context / ".dockerignore").read_text(encoding="utf-8").split():
        pattern = line.removeprefix("!").removeprefix("**/")
        deep = line.startswith("**/")
        parts = name.split("/")
        fits = any(fnmatch.fnmatch(part, pattern) for part in parts) if deep else False
        heads = ("/".join(parts[: n + 1]) for n in range(len(parts)))
        if fits or any(fnmatch.fnmatch(head, pattern) for head in heads):
            out = not line.startswith("!")
    return out


def _left_out(context: Path) -> Callable[[str, list[str]], list[str]]:
    def ignore(folder: str, names: list[str]) -> list[str]:
        where = Path(folder).relative_to(context).as_posix()
        return [name for name in names if _ignored(context, f"{where}/{name}")]

    return ignore


def _bound() -> list[Path]:
    found = [Path("/") / part for part in SYSTEM]
    found.append(Path(sys.base_prefix))
    found += [part for part in sorted(Path("/opt").glob("*")) if part.name != "zhenggai"]
    config = Path.home() / ".config" / "pip"
    return [*found, config]

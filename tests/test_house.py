"""The house tests itself: settings named in the README, one version, no foreign hosts."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path

from assistant.cli import ROOMS, build_parser
from assistant.settings import PREFIX, Settings

REPOSITORY = Path(__file__).resolve().parent.parent
LINES_AT_MOST = 600
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_named_in_the_readme() -> None:
    missing = [name for name in Settings.model_fields if f"{PREFIX}{name.upper()}" not in README]
    assert missing == []


def test_every_setting_the_readme_names_exists() -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(rf"{PREFIX}[A-Z_]+", README)) <= known


def test_every_command_has_its_room_and_the_readme_names_it() -> None:
    verbs = {verb for room in ROOMS.values() for verb in room}
    choices = next(action.choices for action in build_parser()._actions if action.dest == "command")
    assert verbs == set(choices or ())
    chinese = (REPOSITORY / "README.zh-CN.md").read_text(encoding="utf-8")
    for verb in verbs - {"parse", "serve", "demo", "show", "remove", "reindex", "list"}:
        assert f"`{verb}`" in README or f"zhenggai {verb}" in README, verb
        assert f"{verb}" in chinese, verb


def test_links_between_documents_lead_somewhere() -> None:
    for page in (*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} → {target}"


def test_one_version() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == version("zhenggai")


def test_the_lock_names_versions_and_hashes_and_no_host() -> None:
    lock = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    assert "--hash=sha256:" in lock
    assert "://" not in lock


def test_every_file_beside_the_code_is_installed_with_it() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["tool"]["setuptools"]["package-data"]
    for package in ("assistant", "prompts", "vectorstore"):
        root = REPOSITORY / package
        installed = {path for pattern in wanted.get(package, ()) for path in root.glob(pattern)}
        files = {path for path in root.rglob("*") if path.is_file() and path.suffix != ".py"}
        left_out = {path for path in files - installed if "__pycache__" not in path.parts}
        assert left_out == set()


def test_no_python_file_has_grown_into_two() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.split()
    long = {
        name: len((REPOSITORY / name).read_text(encoding="utf-8").splitlines()) for name in listed
    }
    del long["assistant/models.py"]  # the vocabulary, meant to be read in one place
    assert {name: lines for name, lines in long.items() if lines > LINES_AT_MOST} == {}

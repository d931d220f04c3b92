"""Fixtures every room shares."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.browser_support import chromium_browser
from tests.postgres_server import PostgresCluster, program_folder, running_cluster

REPOSITORY = Path(__file__).resolve().parent.parent
OF_TESTS = "ZHENGGAI_GOLDEN"
"""The one variable of ours that speaks to the tests and not to the product."""

# The suite tries the same examples each time, on a slow machine as on a fast one: a failure is of
# the change that was made. `--hypothesis-profile=explore` looks for new ones, as `make fuzz` does.
settings.register_profile(
    "suite",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_configure() -> None:
    """Keep out of the tests how the machine they run on is set up."""
    for name in tuple(os.environ):
        if name.startswith("ZHENGGAI_") and name != OF_TESTS:
            del os.environ[name]
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = "127.0.0.1,localhost,::1"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of reference data beside the repository; skip where it is absent."""
    folder = REPOSITORY.parent / "shared"
    if not (folder / "corpus").is_dir():
        pytest.skip(f"reference data not found at {folder}")
    return folder


@pytest.fixture(autouse=True)
def main_module_stays() -> Iterator[None]:
    """Put back what a page test leaves as `__main__`: new processes would run it again."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give an empty home for a Library and its index."""
    return tmp_path / "home"


# one a module, closed before the next: while a synchronous Playwright is open, its event loop runs
# in this thread and neither a second one nor `asyncio.run` would start
chromium = pytest.fixture(scope="module")(chromium_browser)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """Give a PostgreSQL server of our own; skip where none is installed."""
    programs = program_folder()
    if programs is None:
        pytest.skip("no PostgreSQL server under /usr/lib/postgresql (apt-get install postgresql)")
    with running_cluster(programs) as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give where the Library is kept: empty for a file, else a new PostgreSQL database."""
    if request.param == "sqlite":
        return ""
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    return cluster.new_database()

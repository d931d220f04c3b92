"""Fixtures every room shares."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser_support import chromium_browser

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of reference data beside the repository; skip where it is absent."""
    folder = REPOSITORY.parent / "shared"
    if not (folder / "corpus").is_dir():
        pytest.skip(f"reference data not found at {folder}")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give an empty home for a Library and its index."""
    return tmp_path / "home"


# one a module, closed before the next: while a synchronous Playwright is open, its event loop runs
# in this thread and neither a second one nor `asyncio.run` would start
chromium = pytest.fixture(scope="module")(chromium_browser)

"""Several users and programs at once, on the real servers: nothing fails, and it is measured."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path

import pytest

from assistant.review import build_reviewer
from assistant.settings import load_settings
from benchmarks.growth import COLUMNS, measured
from benchmarks.load import SAMPLES, drive
from benchmarks.load_parts import table

PAGES = ("first", "ask", "open citation", "add problem", "draft", "compare")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_five_sessions_three_programs_and_an_import_work_side_by_side(tmp_path: Path) -> None:
    home = tmp_path / "home"
    reviewer = build_reviewer(load_settings(home))
    reviewer.ingest([path for path in sorted(SAMPLES.iterdir()) if path.suffix != ".md"])
    before = reviewer.overview().notices
    options = Namespace(
        sessions=5, clients=3, minutes=20 / 60, think=0.3, whole_rounds=2, changing=True
    )
    record, servers = asyncio.run(drive(options, home, tmp_path))
    assert dict(record.failures) == {}
    assert dict(record.lost) == {}
    counts = {name: len(taken) for name, taken in record.taken.items()}
    for name in PAGES:
        assert counts.get(f"page: {name}"), (name, table(record))
    assert all(counts[f"api: {name}"] for name in ("search", "ask", "draft"))
    assert "| web app |" in servers
    # problems after the first are typed in a dialog, whose runs are those of a fragment
    assert counts["page: add problem"] > options.sessions
    assert record.runs["of a fragment"] > 0
    # what was imported beside is in the library all of them share, and changed in its place
    assert counts["import of a file"]
    assert reviewer.overview().notices == before + 1
    reviewer.library.close()


@pytest.mark.slow
@pytest.mark.reference
@pytest.mark.usefixtures("shared")
def test_growth_is_measured_through_every_step(tmp_path: Path) -> None:
    figures = measured(120, tmp_path, {})
    assert set(COLUMNS) <= set(figures)
    assert figures["cases"] == 120
    assert 0 < figures["search p50 ms"] <= figures["search p95 ms"]

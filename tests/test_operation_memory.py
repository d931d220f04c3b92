"""The memory of a server: heaps shared, old objects left alone, freed memory given back."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.operation.memory import Tidiness, few_heaps, held_mb
from tests.waiting import wait_for

REPOSITORY = Path(__file__).resolve().parent.parent


class Ring:
    """An object in a cycle with itself: only the collector frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def tidiness() -> Iterator[Tidiness]:
    made = Tidiness()
    yield made
    made.stop()
    gc.unfreeze()


def test_what_is_held_after_opening_is_out_of_the_collectors_way(tidiness: Tidiness) -> None:
    tidiness.settle()
    assert gc.get_freeze_count() > 1000
    assert len(gc.get_objects()) < gc.get_freeze_count() / 10


def test_cycles_made_since_are_collected(tidiness: Tidiness) -> None:
    tidiness.settle()
    gone = weakref.ref(Ring())
    tidiness.tidy()
    assert gone() is None


def test_cycles_that_were_settled_are_collected_with_the_next_settling(tidiness: Tidiness) -> None:
    ring = Ring()
    gone = weakref.ref(ring)
    tidiness.settle()
    del ring
    gc.collect()
    assert gone() is not None
    tidiness.settle()
    assert gone() is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
def test_growth_makes_it_settle_anew(tidiness: Tidiness) -> None:
    ring = Ring()
    gone = weakref.ref(ring)
    tidiness.settle()
    del ring
    held = b"x" * int(held_mb() * 300_000)
    tidiness.tidy()
    assert gone() is None
    assert held


def test_it_tidies_beside_the_work_until_stopped(tidiness: Tidiness) -> None:
    tidiness.start(every_s=0.01)
    gone = weakref.ref(Ring())
    wait_for(lambda: gone() is None)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc is Linux's")
def test_heaps_can_be_shared_and_memory_read() -> None:
    assert few_heaps()
    assert held_mb() > 10


def test_the_web_server_does_not_collect_after_each_run() -> None:
    configured = (REPOSITORY / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert "postScriptGC = false" in configured

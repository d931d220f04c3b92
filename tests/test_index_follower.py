"""What one program imports, another that shares the Library finds without being told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant import index_follower
from assistant.models import Filters
from assistant.review import Reviewer, build_reviewer
from assistant.settings import load_settings
from tests.postgres_server import PostgresCluster
from tests.waiting import LONG_S, wait_for
from tests.world import NOTICES

Opening = Callable[[str], Reviewer]


@pytest.fixture
def opened(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opening]:
    """Give a way to open the product on one Library, each time as another program would.

    On a server every program has a home of its own; a file is shared with its home.
    """
    monkeypatch.setenv("ZHENGGAI_DATABASE_URL", database_url)
    with ExitStack() as stack:

        def opening(name: str) -> Reviewer:
            home = tmp_path / (name if database_url else "home")
            reviewer = build_reviewer(load_settings(home=home))
            stack.callback(reviewer.library.close)
            stack.callback(reviewer.follower.settle)
            return reviewer

        yield opening


class NotedWaits(threading.Event):
    """Remembers how long it was to be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        return super().wait(timeout)


def sources_found(reviewer: Reviewer, query: str) -> set[str]:
    return {hit.notice.source for hit in reviewer.search(query, limit=10).hits}


def test_the_next_search_finds_what_another_program_imported(opened: Opening) -> None:
    here, there = opened("here"), opened("there")
    assert here.search("党费收缴不及时").hits == ()
    there.ingest([NOTICES[0]])
    # nothing was there to search: an answer of 没有 would be wrong
    assert sources_found(here, "党费收缴不及时") == {NOTICES[0].name}
    there.ingest([NOTICES[1]])
    (other,) = (notice for notice in here.notices() if notice.source == NOTICES[1].name)
    wait_for(lambda: NOTICES[1].name in sources_found(here, other.cases[0].problem))


def test_a_search_gives_the_same_wherever_the_library_is_kept(
    tmp_path: Path, postgres: PostgresCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries = ("党费收缴不及时怎么整改", "公车私用", "3次 12万元", "《财务管理办法》")
    found: dict[str, list[object]] = {}
    for place, url in (("file", ""), ("server", postgres.new_database())):
        monkeypatch.setenv("ZHENGGAI_DATABASE_URL", url)
        reviewer = build_reviewer(load_settings(home=tmp_path / place))
        reviewer.ingest(list(NOTICES))
        found[place] = [
            [(hit.case, hit.score, hit.reasons) for hit in reviewer.search(query).hits]
            for query in queries
        ]
        reviewer.library.close()
    assert found["file"] == found["server"]
    assert all(found["file"])


def test_what_another_program_removed_is_not_shown(opened: Opening) -> None:
    here, there = opened("here"), opened("there")
    here.ingest(list(NOTICES))
    (gone,) = (notice for notice in here.notices() if notice.source == NOTICES[0].name)
    there.remove(gone.id)
    hits = here.search(gone.cases[0].problem, limit=10).hits
    assert NOTICES[0].name not in {hit.notice.source for hit in hits}


def test_what_another_program_corrected_is_shown_as_corrected(opened: Opening) -> None:
    here, there = opened("here"), opened("there")
    here.ingest([NOTICES[0]])
    (notice,) = here.notices()
    changed = replace(notice, unit="改名街道")
    there.library.rewrite(lambda _notice: changed, ids=[notice.id])
    (hit, *_) = here.search(
        notice.cases[0].problem, filters=Filters(notice_ids=(notice.id,)), limit=1
    ).hits
    assert hit.notice.unit == "改名街道"


def test_an_index_of_another_record_with_the_same_revision_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: PostgresCluster
) -> None:
    """The home's index was built from a file; then the home is pointed at a server."""
    monkeypatch.setattr(index_follower, "PATIENCE_S", LONG_S)
    home = tmp_path / "home"
    first = build_reviewer(load_settings(home=home))
    first.ingest([NOTICES[0]])
    first.library.close()
    monkeypatch.setenv("ZHENGGAI_DATABASE_URL", postgres.new_database())
    other = build_reviewer(load_settings(home=tmp_path / "other"))
    other.ingest([NOTICES[1]])
    assert other.library.revision() == 1
    moved = build_reviewer(load_settings(home=home))
    assert sources_found(moved, "党费收缴不及时") == {NOTICES[1].name}
    for reviewer in (other, moved):
        reviewer.follower.settle()
        reviewer.library.close()


def test_while_this_program_imports_its_searches_leave_the_index_alone(
    opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = opened("here")
    here.ingest([NOTICES[0]])
    calls: list[str] = []
    reconcile = here.index.reconcile

    def counted(**options: Any) -> None:
        calls.append("")
        reconcile(**options)

    monkeypatch.setattr(here.index, "reconcile", counted)
    with here.follower.at_rest():
        here.library.rewrite(lambda notice: notice, ids=[])
        here.search("党费")
        assert not calls
    here.search("党费")
    wait_for(lambda: calls)


def test_an_update_that_takes_longer_than_anybody_waits_is_not_waited_for_again(
    opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = opened("here")
    here.ingest([NOTICES[0]])
    updated = NotedWaits()
    updated.set()
    goes_on = threading.Event()
    reconcile = here.index.reconcile

    def slow(**options: Any) -> None:
        goes_on.wait(LONG_S)
        reconcile(**options)

    monkeypatch.setattr(here.follower, "_updated", updated)
    monkeypatch.setattr(here.index, "reconcile", slow)
    monkeypatch.setattr(index_follower, "REST", 0.0)
    monkeypatch.setattr(index_follower, "PATIENCE_S", 0.1)
    for _ in range(2):
        here.library.rewrite(lambda notice: notice, ids=[])
        here.search("党费")
        goes_on.set()
        here.follower.settle()
        goes_on.clear()
    assert [waited for waited in updated.waits if waited is not None] == [0.1, 0.0]

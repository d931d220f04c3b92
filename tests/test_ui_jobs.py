"""Work beside the page: bounded, in order, stopped, told, kept as it comes."""

from __future__ import annotations

import threading

import pytest

from assistant.errors import LoadError
from assistant.models import DraftRecord, UnitProfile
from assistant.ui.batch_drafting import drafts_job
from assistant.ui.jobs import CUT_SHORT, Job, Jobs, Kind, Work, import_job
from assistant.ui.state import reviewer
from tests.fakes_ui import FakeReviewer
from tests.ui_support import fake_desk, jobs_end, open_page, press, shown
from tests.waiting import LONG_S, wait_for

desk = pytest.fixture(fake_desk)
PROBLEMS = ("固定资产账实不符。", "公务接待补单。", "党费收缴不规范。")


def waiting(desk: FakeReviewer) -> list[DraftRecord]:
    for problem in PROBLEMS:
        desk.store.save_draft(DraftRecord("", problem, "待拟", None, UnitProfile()))
    return list(desk.store.drafts())


def idle(_job: Job) -> None:
    """Do nothing."""


def held_by(gate: threading.Event) -> Work:
    """Give work that lasts until a gate opens."""

    def work(_job: Job) -> None:
        gate.wait(LONG_S)

    return work


def test_jobs_beyond_the_pool_wait_in_order_and_are_told_their_place() -> None:
    table, gate = Jobs(workers=1), threading.Event()
    first = table.start(Job(Kind.DRAFTS, 1, "甲"), held_by(gate))
    second = table.start(Job(Kind.DRAFTS, 1, "乙"), idle)
    third = table.start(Job(Kind.IMPORT, 1), idle)
    assert first is not None
    assert second is not None
    assert third is not None
    wait_for(lambda: first.begun)
    assert (table.ahead(first), table.ahead(second), table.ahead(third)) == (0, 1, 2)
    gate.set()
    wait_for(lambda: third.finished)
    assert second.finished
    assert table.ahead(third) == 0


def test_one_job_of_a_kind_and_owner_runs_at_a_time() -> None:
    table, gate = Jobs(), threading.Event()
    table.start(Job(Kind.IMPORT, 1), held_by(gate))
    assert table.start(Job(Kind.IMPORT, 1), idle) is None
    gate.set()


def test_drafting_is_seen_by_its_owner_only_and_imports_by_all() -> None:
    table = Jobs()
    table.start(Job(Kind.DRAFTS, 1, "甲"), idle)
    table.start(Job(Kind.IMPORT, 1, "甲"), idle)
    assert [job.kind for job in table.visible("乙")] == [Kind.IMPORT]
    assert table.of(Kind.DRAFTS, "乙") is None


def test_a_job_that_fails_says_why_and_one_that_breaks_says_that_it_broke(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reported = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda _args: reported.set())

    def fail(_job: Job) -> None:
        raise LoadError("读不出来")

    def breaks(_job: Job) -> None:
        raise RuntimeError("a bug")

    table = Jobs()
    failed = table.start(Job(Kind.IMPORT, 1), fail)
    broken = table.start(Job(Kind.DRAFTS, 1), breaks)
    assert failed is not None
    assert broken is not None
    wait_for(lambda: failed.finished and broken.finished)
    assert failed.error == "读不出来"
    assert broken.error == CUT_SHORT
    assert reported.wait(LONG_S)
    # the worker that met the bug is gone, the table is not
    again = table.start(Job(Kind.IMPORT, 1), idle)
    assert again is not None
    wait_for(lambda: again.finished)


def test_drafts_are_stored_as_they_come_and_the_rest_waits_after_a_stop(
    desk: FakeReviewer,
) -> None:
    records = waiting(desk)
    job, work = drafts_job(reviewer(), records)
    whole = desk.draft

    def stop_after(problem: str, **named: object) -> object:
        job.stop()
        return whole(problem, **named)  # type: ignore[arg-type]

    desk.draft = stop_after  # type: ignore[method-assign,assignment]
    work(job)
    assert [record.draft is not None for record in desk.store.drafts()] == [True, False, False]
    assert [record.state for record in desk.store.drafts()] == ["在拟", "待拟", "待拟"]


def test_what_a_person_drafted_or_deleted_meanwhile_is_left_alone(desk: FakeReviewer) -> None:
    first, second, third = waiting(desk)
    job, work = drafts_job(reviewer(), [first, second, third])
    desk.store.delete_draft(first.id)
    mine = desk.draft("我自己写的")
    desk.store.save_draft(DraftRecord(second.id, second.problem, "在拟", mine, UnitProfile()))
    work(job)
    left = {record.id: record for record in desk.store.drafts()}
    assert first.id not in left
    assert left[second.id].draft == mine
    assert left[third.id].draft is not None


def test_batch_drafting_goes_on_while_the_visitor_is_elsewhere(desk: FakeReviewer) -> None:
    gate, whole = threading.Event(), desk.draft

    def slow(problem: str, **named: object) -> object:
        gate.wait(LONG_S)
        return whole(problem, **named)  # type: ignore[arg-type]

    waiting(desk)
    desk.draft = slow  # type: ignore[method-assign,assignment]
    press(open_page("draft"), "batch")
    # another window, as after a reload: the job is found and told
    assert "批量起草" in shown(open_page("settings"))
    assert "可离开本页" in shown(open_page("draft"))
    gate.set()
    jobs_end()
    assert all(record.draft for record in desk.store.drafts())
    at = open_page("settings")
    assert "批量起草结束" in shown(at)
    assert "已完成 3 项" in shown(at)
    assert "批量起草结束" not in shown(press(at, "dismiss-DRAFTS"))


def test_an_import_reports_each_file(desk: FakeReviewer) -> None:
    job, work = import_job(reviewer(), [("甲.txt", b"x"), ("空.txt", b" ")])
    work(job)
    assert job.done == 2
    assert [result.source for result in job.results] == ["甲.txt", "空.txt"]

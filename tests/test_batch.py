"""A whole feedback document is drafted in order, in parallel, and goes on where it stopped."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.batch import BatchResult, Journal, draft_all, report_of
from assistant.cli import main
from assistant.errors import ModelError
from assistant.loading.load import load_file
from assistant.models import Draft, FeedbackItem
from assistant.parsing.feedback import find_problems
from tests.fakes_export import make_draft
from tests.waiting import LONG_S
from tests.world import DATA, NOTICES

FORTY = DATA / "feedback_forty.txt"


def make_items(count: int) -> list[FeedbackItem]:
    return [FeedbackItem(f"{n}.", f"第{n}项工作不实", n, ("一、某方面",)) for n in range(count)]


def run(
    items: Sequence[FeedbackItem], write: Callable[[str], Draft] = make_draft, **options: object
) -> BatchResult:
    return draft_all(items, write, **options)  # type: ignore[arg-type]


def test_drafts_come_in_the_order_of_the_document_whatever_ends_first() -> None:
    def slow_at_first(problem: str) -> Draft:
        time.sleep(0.05 if "第0项" in problem else 0)
        return make_draft(problem)

    items = make_items(6)
    result = run(items, slow_at_first)
    assert [draft.problem for draft in result.drafts] == [item.text for item in items]
    assert result.drafts[0].category == ("一、某方面",)
    assert result.complete


def test_no_more_than_the_allowed_number_run_at_a_time() -> None:
    running, most, lock = 0, 0, threading.Lock()
    together = threading.Barrier(3)

    def counted(problem: str) -> Draft:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(LONG_S)  # nobody goes on before as many are at work as may be
        with lock:
            running -= 1
        return make_draft(problem)

    run(make_items(12), counted, workers=3)
    assert most == 3


def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "进度.jsonl", "same")
    items, written, done = make_items(8), list[str](), 0

    def write(problem: str) -> Draft:
        written.append(problem)
        return make_draft(problem)

    def progress(count: int, _total: int, _item: FeedbackItem) -> None:
        nonlocal done
        done = count

    first = run(
        items,
        write,
        journal=journal,
        workers=1,
        on_progress=progress,
        should_stop=lambda: done >= 3,
    )
    assert first.stopped
    assert len(first.drafts) == 3
    second = run(items, write, journal=journal)
    assert (second.resumed, second.complete) == (3, True)
    assert sorted(written) == sorted(item.text for item in items)
    assert not journal.path.exists()


def test_a_torn_line_and_another_purpose_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "进度.jsonl"
    journal = Journal(path, "now")
    journal.add("key", make_draft())
    with path.open("ab") as file:
        file.write('{"purpose": "x", "key": "半'.encode()[:-1])
    odd = replace(make_draft(), cause="换行\u2028之外")
    journal.add("other", odd)
    assert set(journal.read()) == {"key", "other"}
    assert journal.read()["other"] == odd
    assert journal.read()["key"] == make_draft()
    assert Journal(path, "another profile").read() == {}


def test_one_failure_does_not_end_the_run_and_is_tried_again(tmp_path: Path) -> None:
    broken = True

    def write(problem: str) -> Draft:
        if broken and "第1项" in problem:
            raise ModelError("模型服务超时", kind="timeout")
        return make_draft(problem)

    journal = Journal(tmp_path / "进度.jsonl", "same")
    first = run(make_items(3), write, journal=journal)
    assert [bool(item.error) for item in first.items] == [False, True, False]
    assert any("第2个问题未能起草：模型服务超时" in line for line in report_of(first))
    broken = False
    assert run(make_items(3), write, journal=journal).complete


def test_the_same_wording_twice_is_drafted_twice(tmp_path: Path) -> None:
    item = make_items(1)[0]
    result = run([item, item], journal=Journal(tmp_path / "j.jsonl", ""))
    assert len(result.drafts) == 2


def test_the_report_names_what_needs_a_person() -> None:
    lines = report_of(run(make_items(4)))
    assert lines[0] == "共4个问题，已起草4个"
    assert any(line.startswith("第1至4个问题有须改的核查意见") for line in lines)
    assert any("完全相同" in line for line in lines)


def test_the_forty_problems_of_a_nested_feedback_document_are_found_in_order() -> None:
    items = find_problems(load_file(FORTY))
    assert len(items) == 40
    numbered = [
        line for line in FORTY.read_text(encoding="utf-8").splitlines() if line[:1].isdigit()
    ]
    for item, line in zip(items, numbered[:40], strict=True):
        assert line.split(".", 1)[1].rstrip("。").startswith(item.text[:20])


def test_the_command_writes_plan_and_report_and_keeps_its_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ["--home", str(tmp_path / "home")]
    feedback = tmp_path / "反馈意见.txt"
    feedback.write_text(
        "关于巡察清溪镇的反馈意见\n一、财务方面\n1.报销审核不严，附件不全。\n"
        "2.固定资产账实不符，未入账。\n3.公务接待无公函。\n",
        encoding="utf-8",
    )
    assert main([*home, "ingest", *map(str, NOTICES)]) == 0
    capsys.readouterr()
    out = tmp_path / "送审包.zip"
    command = ["draft", "--batch", str(feedback), "--out", str(out), "--format", "json"]
    assert main([*home, *command]) == 0
    printed = capsys.readouterr()
    assert len(json.loads(printed.out)) == 3
    assert "共3个问题，已起草3个" in printed.err
    assert out.read_bytes()[:2] == b"PK"
    assert list(tmp_path.glob("*.jsonl")) == []


@pytest.mark.slow
def test_forty_problems_are_drafted_within_twenty_seconds_of_processor_time(
    tmp_path: Path,
) -> None:
    home = ["--home", str(tmp_path / "home")]
    run_cli = [sys.executable, "-m", "assistant.cli", *home]
    subprocess.run([*run_cli, "ingest", *map(str, NOTICES)], check=True, capture_output=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [*run_cli, "draft", "--batch", str(FORTY), "--out", str(tmp_path / "方案.docx")],
        check=True,
        capture_output=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # of the processor, not of the clock: a machine may have other work to do
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert 0 < spent < 20

"""Invented notices in the layouts of the genre: every field, problem and measure as expected."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.models import Document, Notice
from assistant.parsing.parse import parse_document

FOLDER = Path(__file__).parent / "data" / "notices"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def _read(name: str) -> tuple[dict[str, Any], tuple[Notice, ...]]:
    expected = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    text: str = expected["text"]
    digest = hashlib.sha256(text.encode()).hexdigest()
    document = Document(f"{name}.txt", digest, "txt", tuple(text.split("\n")))
    return expected, parse_document(document)


@pytest.mark.parametrize("name", NAMES)
def test_the_cases_of_an_invented_notice_are_read_as_a_clerk_reads_them(name: str) -> None:
    expected, notices = _read(name)
    assert len(notices) == expected.get("notices", 1)
    found = [
        {
            "problem": case.problem,
            "measures": [measure.text for measure in case.measures],
            "status_class": case.status_class.value if case.status_class else None,
            "category": list(case.category),
        }
        for notice in notices
        for case in notice.cases
    ]
    wanted = [{key: entry[key] for key in found[0]} for entry in expected["expect"]]
    assert found == wanted


@pytest.mark.parametrize("name", NAMES)
def test_stated_problems_are_told_from_headings_of_action(name: str) -> None:
    expected, notices = _read(name)
    found = [case.kind.value for notice in notices for case in notice.cases]
    wanted = [entry.get("kind") for entry in expected["expect"]]
    assert [kind for kind, known in zip(found, wanted, strict=True) if known] == [
        known for known in wanted if known
    ]


@pytest.mark.parametrize("name", NAMES)
def test_totals_an_invented_notice_states_are_read(name: str) -> None:
    expected, notices = _read(name)
    if "counts" in expected:
        found = {count.name: [count.stated, count.counted] for count in notices[0].counts}
        assert found == expected["counts"]


@pytest.mark.parametrize("name", NAMES)
def test_the_header_of_an_invented_notice_is_read(name: str) -> None:
    expected, notices = _read(name)
    for field, wanted in expected.get("fields", {}).items():
        found = getattr(notices[0], field)
        assert (found.raw if hasattr(found, "raw") else found) == wanted, field


@pytest.mark.parametrize("name", NAMES)
def test_every_line_of_an_invented_notice_has_a_role_and_every_text_its_place(name: str) -> None:
    expected, notices = _read(name)
    lines = expected["text"].split("\n")
    roles = {line for notice in notices for line, _ in notice.report.roles}
    assert roles == {number for number, line in enumerate(lines, 1) if line.strip()}
    for notice in notices:
        for case in notice.cases:
            span = case.problem_span
            if span.line == span.end_line:
                assert lines[span.line - 1][span.start : span.end] == case.problem
            for measure in case.measures:
                place = measure.span
                if place.line == place.end_line:
                    raw = lines[place.line - 1][place.start : place.end]
                    assert raw == measure.text


def test_topics_are_told_from_deficiencies() -> None:
    _, notices = _read("topics_unnumbered")
    assert {case.kind.value for case in notices[0].cases} == {"topic"}


def test_impossible_dates_are_doubted_and_years_inherited() -> None:
    _, notices = _read("three_same_titles")
    assert any("前后颠倒" in doubt.message for doubt in notices[1].report.doubts)
    _, notices = _read("aim_in_one_paragraph")
    assert notices[0].feedback_date is not None
    assert notices[0].feedback_date.iso == "2024-01-09"


def test_stated_totals_stand_beside_what_was_counted() -> None:
    _, notices = _read("result_lines")
    counts = {count.name: (count.stated, count.counted) for count in notices[0].counts}
    assert counts == {"问题数": (5, 5), "措施数": (21, 8), "完成数": (3, 3), "推进数": (2, 2)}


def test_ids_come_from_content_and_place() -> None:
    _, first = _read("three_same_titles")
    _, again = _read("three_same_titles")
    assert first == again
    ids = [case.id for notice in first for case in notice.cases]
    assert len(set(ids)) == len(ids)
    assert ids[0].endswith("-01")

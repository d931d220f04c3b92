"""The demo's notices read as they were written."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from assistant.loading.load import SUPPORTED_SUFFIXES
from assistant.models import Notice, ProblemKind, StatusClass
from assistant.reading import Reading, read_file
from benchmarks import example_drafts

REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLES = REPOSITORY / "samples"
SOURCES = REPOSITORY / "benchmarks" / "sample_sources"

TOWN = "清溪镇党委整改通报.docx"
STREET = "云桥街道党工委整改通报.txt"
ZONE = "澄湾经开区党工委整改通报.html"
OTHER_ZONE = "云麓高新区党工委整改通报.docx"
COUNTY = "平沅县委巡视整改通报.pdf"
BUREAU = "澄湾县住建局党组整改通报.txt"
COMPANY = "栖川城投集团党委整改通报.pdf"
COMMUNITY = "桂花苑社区党委整改通报.docx"
COMPILATION = "巡察整改通报选编四篇.txt"

WRITTEN = {
    TOWN: [("乡镇", "巡察", 20)],
    STREET: [("街道", "巡察", 18)],
    ZONE: [("开发区", "巡察", 23)],
    OTHER_ZONE: [("开发区", "巡察", 20)],
    COUNTY: [("县区党委", "巡视", 24)],
    BUREAU: [("党政部门", "巡察", 16)],
    COMPANY: [("国资国企", "巡察", 17)],
    COMMUNITY: [("村社区", "巡察", 14)],
    COMPILATION: [
        ("街道", "巡察", 15),
        ("乡镇", "巡察", 16),
        ("村社区", "巡察", 9),
        ("群团", "巡察", 9),
    ],
}
VERBATIM = 25
"""Runs this long that stand in the reference corpus count as copied."""


@cache
def reading(name: str) -> Reading:
    return read_file(SAMPLES / name)


def notice(name: str) -> Notice:
    (only,) = reading(name).notices
    return only


def test_the_folder_holds_nothing_else_that_would_be_read() -> None:
    files = {path.name for path in SAMPLES.iterdir() if path.suffix in SUPPORTED_SUFFIXES}
    assert files == set(WRITTEN)


def test_there_are_twelve_notices_in_every_format_promised() -> None:
    assert sum(len(reading(name).notices) for name in WRITTEN) == 12
    formats = Counter(reading(name).document.format for name in WRITTEN)
    assert formats == {"txt": 3, "docx": 3, "pdf": 2, "html": 1}


@pytest.mark.parametrize("name", WRITTEN)
def test_each_file_gives_the_units_and_problems_that_were_written(name: str) -> None:
    read = [(one.unit_type, one.inspection, len(one.cases)) for one in reading(name).notices]
    assert read == WRITTEN[name]


@pytest.mark.parametrize("name", WRITTEN)
def test_every_problem_has_text_measures_and_a_topic(name: str) -> None:
    for one in reading(name).notices:
        for case in one.cases:
            assert case.problem, case.line
            assert len(case.measures) >= 2, case.problem
            assert case.topics, case.problem


@pytest.mark.parametrize("name", [n for n in WRITTEN if n != COMPILATION])
def test_a_sample_reads_back_paragraph_for_paragraph_as_its_source(name: str) -> None:
    source = (SOURCES / name).with_suffix(".txt").read_text(encoding="utf-8")
    written = [line.strip() for line in source.splitlines() if line.strip()]
    read = [line.strip() for line in reading(name).document.lines if line.strip()]
    assert read == written


def test_peers_exist_for_the_types_the_demo_compares() -> None:
    types = Counter(unit for units in WRITTEN.values() for unit, _, _ in units)
    assert {unit for unit, count in types.items() if count >= 2} == {
        "街道",
        "乡镇",
        "村社区",
        "开发区",
    }


def test_the_two_zones_share_topics_and_each_has_its_own() -> None:
    zone, other = (
        {topic for case in notice(name).cases for topic in case.topics}
        for name in (ZONE, OTHER_ZONE)
    )
    assert len(zone & other) >= 5
    assert zone - other
    assert other - zone


def test_the_samples_cover_the_topics_broadly() -> None:
    topics = {
        topic
        for name in WRITTEN
        for one in reading(name).notices
        for case in one.cases
        for topic in case.topics
    }
    assert len(topics) >= 38


def test_the_lump_sum_of_party_dues_is_there_to_be_found() -> None:
    (case,) = [case for case in notice(TOWN).cases if "党费年底一次性" in case.problem]
    assert case.topics[0] == "T19"
    assert any("2.86万元" in measure.text for measure in case.measures)


def test_one_notice_states_a_total_it_does_not_list() -> None:
    stated = {(count.name, count.stated, count.counted) for count in notice(ZONE).counts}
    assert ("问题数", 24, 23) in stated


def test_finished_and_ongoing_parts_give_the_status() -> None:
    statuses = Counter(case.status_class for case in notice(COUNTY).cases)
    assert statuses == {StatusClass.DONE: 18, StatusClass.ONGOING: 6}


def test_status_lines_of_items_give_the_status() -> None:
    statuses = Counter(case.status_class for case in notice(BUREAU).cases)
    assert statuses == {StatusClass.DONE: 12, StatusClass.MOSTLY: 2, StatusClass.ONGOING: 2}


def test_headings_of_the_company_name_the_action() -> None:
    kinds = Counter(case.kind for case in notice(COMPANY).cases)
    assert kinds[ProblemKind.TOPIC] > kinds[ProblemKind.STATED]


def test_two_notices_of_the_compilation_are_masked_and_two_unsigned() -> None:
    street, township, village, union = reading(COMPILATION).notices
    for one, masked in ((street, True), (township, False), (village, True), (union, False)):
        assert (one.title.count("D") > 0) is masked
    assert [one.published_date is None for one in (street, township, village, union)] == [
        False,
        True,
        True,
        False,
    ]
    assert village.feedback_date is not None
    assert village.feedback_date.iso == ""


def test_the_web_page_keeps_its_furniture_to_itself() -> None:
    text = "\n".join(reading(ZONE).document.lines)
    raw = (SAMPLES / ZONE).read_text(encoding="utf-8")
    for furniture in ("分享到", "办事服务", "热点推荐", "网站标识码"):
        assert furniture in raw
        assert furniture not in text


def test_one_text_is_gb18030_and_the_others_are_utf8() -> None:
    with pytest.raises(UnicodeDecodeError):
        (SAMPLES / STREET).read_bytes().decode("utf-8")
    assert "巡察" in (SAMPLES / STREET).read_bytes().decode("gb18030")
    for name in (BUREAU, COMPILATION):
        assert "巡察" in (SAMPLES / name).read_bytes().decode("utf-8")


@pytest.mark.reference
def test_no_sample_repeats_the_reference_corpus(shared: Path) -> None:
    known: set[str] = set()
    for path in (shared / "corpus").glob("*.txt"):
        text = bare(path.read_text(encoding="utf-8"))
        known.update(text[at : at + VERBATIM] for at in range(len(text) - VERBATIM + 1))
    for name in WRITTEN:
        text = bare("\n".join(reading(name).document.lines))
        runs = {text[at : at + VERBATIM] for at in range(len(text) - VERBATIM + 1)}
        assert not runs & known, name


def bare(text: str) -> str:
    return re.sub(r"[^\w]+", "", text)


@pytest.mark.slow
def test_the_drafts_in_the_documentation_are_those_that_come_out() -> None:
    written = (REPOSITORY / "docs" / "DRAFTS.md").read_text(encoding="utf-8")
    assert example_drafts.page() == written.rstrip("\n")

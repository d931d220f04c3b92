"""What holds for any text at all: no line lost, same reading twice, hostile text in time."""

from __future__ import annotations

import hashlib
import random
import time
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.cleaning import clean_lines
from assistant.errors import ParseError
from assistant.models import Document, Notice
from assistant.parsing.feedback import find_problems
from assistant.parsing.parse import parse_document
from assistant.parsing.sentences import split_sentences

HEAD = [
    "青禾县水务局党组关于巡察整改情况的通报",
    "根据县委部署，县委第一巡察组于2023年1月9日至3月1日进行了巡察，4月3日反馈意见。"
    "现将整改情况通报如下。",
]
SAMPLES = [
    *("", "一、整改工作组织情况", "二、问题整改情况", "（一）党的建设方面", "整改措施："),
    *("1.关于党费收缴不及时的问题", "关于账目不清的问题。一是补账。二是培训。", "目录"),
    *("整改情况：已完成整改。", "一是召开会议。", "（1）修订制度，", "整改结果：基本完成。"),
    *("台账缺失，管理混乱。", "2024年5月6日", "青禾县水务局党组", "会员群：1", *HEAD),
    *("5继续抓好整改", "①补齐凭证。②追回资金。", "三、下一步打算"),
]
ALPHABET = "一二、（）1.关于问题的整改情况：。，不到位已完成是D“”\u200f\ud800 \t"
LINES = st.lists(
    st.one_of(st.sampled_from(SAMPLES), st.text(alphabet=ALPHABET, max_size=60)), max_size=40
)


def _document(lines: list[str]) -> Document:
    digest = hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()
    return Document("任意.txt", digest, "txt", tuple(lines))


def _parsed(lines: list[str]) -> tuple[Notice, ...]:
    try:
        return parse_document(_document(lines))
    except ParseError:
        return ()


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(LINES)
def test_every_line_with_text_has_exactly_one_role(lines: list[str]) -> None:
    notices = _parsed(HEAD + lines)
    roles = [line for notice in notices for line, _ in notice.report.roles]
    wanted = [line.number for line in clean_lines(HEAD + lines) if line.raw.strip()]
    assert sorted(roles) == wanted


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(LINES)
def test_reading_twice_gives_the_same_cases_and_ids(lines: list[str]) -> None:
    assert _parsed(HEAD + lines) == _parsed(HEAD + lines)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(LINES)
def test_spans_lie_inside_their_lines_and_cases_do_not_overlap(lines: list[str]) -> None:
    source = HEAD + lines
    for notice in _parsed(source):
        last = (0, 0)
        for case in notice.cases:
            spans = [case.problem_span, *case.body, *(measure.span for measure in case.measures)]
            for span in spans:
                assert 1 <= span.line <= span.end_line <= len(source)
                assert 0 <= span.start <= len(source[span.line - 1])
                assert 0 <= span.end <= len(source[span.end_line - 1])
            place = (case.problem_span.line, case.problem_span.start)
            assert place >= last
            last = place


@settings(deadline=None)
@given(LINES)
def test_problems_of_any_feedback_text_are_found_without_error(lines: list[str]) -> None:
    with suppress(ParseError):
        find_problems(_document(lines))


@given(st.text(alphabet="甲乙。！“”（）《》，", max_size=80))
def test_sentences_follow_one_another_without_a_gap(text: str) -> None:
    bounds = list(split_sentences(text))
    assert "".join(text[a:b] for a, b in bounds) == text.rstrip() or not text.strip() or bounds
    assert all(first[1] == second[0] for first, second in pairwise(bounds))


LABELS = ["一、", "（一）", "1.", "（1）", "①", "一是", "第一，", "1）", "1.1 "]
ITEM = "1.关于党建不力的问题。"
HOSTILE = {
    "one line of 200 kB": ["整改" * 100_000],
    "a run without end": [ITEM + "一是加强。二是提高。" * 8_000],
    "forms without end": ["关于" * 100_000],
    "packed problems": ["关于党的问题。" * 8_000],
    "open quotes": ["“" * 100_000, "（" * 100_000, "《" * 100_000],
    "masks": ["D工" * 60_000, "D" * 100_000],
    "spaced digits": ["1 " * 100_000, "1月" * 60_000 + "反馈"],
    "teams": ["巡察组" * 50_000],
    "thousands of labels": [random.Random(i).choice(LABELS) + "党建不力" for i in range(4_000)],
    "thousands of measures": [ITEM] + ["一是加强学习。"] * 4_000,
    "thousands of leads": ["一、整改情况"] + ["党建不力", "整改情况：已改。"] * 2_000,
    "broken lines": ["1.关于党建不力的问题，"] * 4_000,
    "status words": [ITEM + "已均" * 19 + "x。"] * 300,
    "titles": HEAD * 1_000,
    "lone surrogates and marks": ["1.关于\ud800党\udfff建不力的问题。已\u202e改\u200f。"] * 50,
    "tabs": ["\t" * 100_000, "a\tb" * 10_000],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_ends_in_time_without_error(name: str) -> None:
    lines = HEAD + HOSTILE[name]
    started = time.thread_time()
    parse_document(_document(lines))
    assert time.thread_time() - started < 10

"""Whatever a text says: cases whose places are exact, or a named refusal; never a hang."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assistant.cleaning import normalise
from assistant.display import display_text
from assistant.errors import AssistantError
from assistant.facts import find_facts
from assistant.ledger_reading import read_ledger
from assistant.loading.load import load_bytes
from assistant.models import Document, Notice, Span
from assistant.parsing.feedback import find_problems
from assistant.parsing.parse import parse_document

pytestmark = pytest.mark.slow

EXAMPLES = 300
LONGEST_S = 3.0
PIECES = st.sampled_from(
    [
        "整改",
        "关于",
        "的问题",
        "问题",
        "措施",
        "整改情况：",
        "一、",
        "二、",
        "（一）",
        "（二）",
        "(1)",
        "1.",
        "1．",
        "①",
        "一是",
        "二是",
        "三是",
        "已完成",
        "长期坚持",
        "未完成",
        "责任领导：",
        "完成时限：",
        "2031年",
        "5月",
        "12日",
        "3260元",
        "百分之八十",
        "共反馈",
        "个问题",
        "已整改",
        "联系电话：",
        "0800-1234567",
        "青禾镇党委",
        "县委第三巡察组",
        "通报",
        "公告",
        "反馈意见",
        "整改台账",
        "巡察",
        "序号",
        "反馈问题",
        "状态",
        "\t",
        "\n",
        "\n\n",
        "　",
        "  ",
        "\u00a0",
        "\u200b",
        "，",
        "。",
        "；",
        "：",
        "“",
        "”",
        "《",
        "》",
        "（",
        "）",
        "、",
        "……",
        "—",
        "·",
        "##paidbegin##",
        "##paidend##",
        "D委",
        "D员",
        "XX",
        "某某",
        "*",
        "A",
        "9",
        "０",
        "Ⅰ",
        "㈠",
        "⑴",
        "□",
        "𠮷",
        "ﬁ",
        "\u0301",
        "\ufeff",
        "\r",
        "目录",
        "附件",
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=80).map("".join)
QUICK = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.split("\n") if line.strip()) or ("整改",)


def _exact(span: Span, lines: tuple[str, ...]) -> bool:
    return (
        1 <= span.line <= span.end_line <= len(lines)
        and 0 <= span.start <= len(lines[span.line - 1])
        and 0 <= span.end <= len(lines[span.end_line - 1])
    )


def _stands(text: str, span: Span, lines: tuple[str, ...]) -> bool:
    """Whether the text is what stands there; over several lines only its ends are compared."""
    if span.line == span.end_line:
        return lines[span.line - 1][span.start : span.end] == text
    first, last = lines[span.line - 1][span.start :], lines[span.end_line - 1][: span.end]
    return text.startswith(first) and text.endswith(last)


def _check(notice: Notice, lines: tuple[str, ...]) -> None:
    for case in notice.cases:
        assert 1 <= case.line <= case.end_line <= len(lines)
        assert _exact(case.problem_span, lines), case
        assert _stands(case.problem, case.problem_span, lines), case
        for measure in case.measures:
            assert _exact(measure.span, lines), measure
            assert _stands(measure.text, measure.span, lines), measure
        for span in case.body:
            assert _exact(span, lines), span


@QUICK
@given(TEXTS)
def test_parsing_any_text_gives_exact_places_or_a_named_refusal(text: str) -> None:
    lines = _lines(text)
    start = time.thread_time()
    try:
        notices = parse_document(Document("a.txt", "0" * 64, "txt", lines, (), ()))
    except AssistantError:
        notices = ()
    for notice in notices:
        _check(notice, lines)
    assert time.thread_time() - start < LONGEST_S


@QUICK
@given(TEXTS)
def test_reading_problems_from_any_text_gives_items_on_its_lines(text: str) -> None:
    lines = _lines(text)
    try:
        items = find_problems(Document("a.txt", "0" * 64, "txt", lines, (), ()))
    except AssistantError:
        items = ()
    for item in items:
        assert 1 <= item.line <= len(lines)
        assert item.text.strip()


@settings(QUICK, max_examples=EXAMPLES // 3)  # each is read twice in another process
@given(st.lists(st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=9), max_size=12))
def test_any_table_reads_as_a_ledger_or_is_refused(rows: list[list[str]]) -> None:
    head = "序号,反馈问题,整改措施,责任领导,完成时限,整改状态"
    content = "\n".join([head, *(",".join(row) for row in rows)]).encode("utf-8", "replace")
    try:
        found = read_ledger("台账.csv", content)
        notices = parse_document(load_bytes("台账.csv", content))
    except AssistantError:
        return
    assert all(row.problem for row in found)
    assert all(notice.id for notice in notices)


@QUICK
@given(TEXTS)
@example("2023年\n5月")
def test_facts_and_masks_of_any_text_stand_where_they_say(text: str) -> None:
    for fact in find_facts(text):
        assert text[fact.start : fact.end] == fact.text
    norm = normalise(text)
    for start, end in ((0, len(norm.text)), (len(norm.text) // 2, len(norm.text))):
        low, high = norm.raw_span(start, end)
        assert 0 <= low <= high <= len(text)
    display_text(text)

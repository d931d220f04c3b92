"""The paper view: a notice as it stands in its source, cases marked, outline beside it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant.models import Case, Notice
from assistant.ui.kit import CORRECTED, date_of, note, section, status_html, topics_html, unit_of
from assistant.ui.safe import marked, plain, shorten

LINES_SHOWN = 3000
HEADING_ROLES = frozenset({"标题行"})
QUIET_ROLES = frozenset({"噪声"})
DOUBTFUL = 0.6


def paper(
    notice: Notice, source: Sequence[str], *, line: int = 0, words: Sequence[str] = ()
) -> None:
    """Draw the text of a notice, one paragraph a source line."""
    last = min(notice.end_line, len(source))
    first = notice.start_line
    if last - first >= LINES_SHOWN:
        first = max(first, min(line or first, last) - LINES_SHOWN // 2)
        last = min(last, first + LINES_SHOWN)
        note(f"全文很长，只显示第 {first}–{last} 行。", "warn")
    roles = dict(notice.report.roles)
    starts = {case.line: case for case in notice.cases}
    inside = {at: case for case in notice.cases for at in range(case.line, case.end_line + 1)}
    target = inside.get(line)
    rows: list[str] = []
    for at in range(first, last + 1):
        # the sheet indents by itself: blanks the source begins with would indent twice
        text = source[at - 1].strip()
        if not text:
            continue
        css = _css(at, roles.get(at, ""), inside)
        if at in starts:
            css += " start"
        if at == line or (target is not None and target.line <= at <= target.end_line):
            css += " target" if at == line else " near"
        body = marked(text, _hits(words, text))
        if at in starts and starts[at].corrected:
            body += CORRECTED
        rows.append(f'<p id="L{at}" class="{css}"><span class="no">{at}</span>{body}</p>')
    jump = f'<a class="jump" href="#L{line}">跳到第 {line} 行 ↓</a>' if line > first + 6 else ""
    title = "" if "标题" in roles.values() else f"<h2>{plain(notice.title)}</h2>"
    st.html(
        f'{jump}<article class="doc" tabindex="0" aria-label="通报全文" lang="zh-CN">'
        f"{title}{''.join(rows)}</article>"
    )


def _css(at: int, role: str, inside: dict[int, Case]) -> str:
    if role == "标题":
        return "title"
    if role in HEADING_ROLES:
        return "h"
    if role in QUIET_ROLES:
        return "noise"
    if at not in inside:
        return "out"
    return "in" if inside[at].confidence >= DOUBTFUL else "in doubt"


def _hits(words: Sequence[str], text: str) -> list[tuple[int, int]]:
    found = ((text.find(word), len(word)) for word in words)
    return [(at, at + length) for at, length in found if at >= 0]


def outline(notice: Notice) -> None:
    """Draw the headings and cases as links into the paper."""
    rows: list[str] = []
    before: tuple[str, ...] = ()
    for case in notice.cases:
        for depth, heading in enumerate(case.category):
            if before[: depth + 1] != case.category[: depth + 1]:
                rows.append(f'<p class="g g{min(depth, 2)}">{plain(shorten(heading, 26))}</p>')
        before = case.category
        number = f"{plain(case.number)} " if case.number else ""
        rows.append(
            f'<a href="#L{case.line}" title="{plain(shorten(case.problem, 120))}">'
            f"{number}{plain(shorten(case.problem, 22))}{CORRECTED if case.corrected else ''}</a>"
        )
    st.html(f'<nav class="outline" aria-label="目录">{"".join(rows)}</nav>')


def facts(notice: Notice) -> None:
    """Draw what is known of a notice."""
    measures = sum(len(case.measures) for case in notice.cases)
    done = sum(
        case.status_class is not None and case.status_class.value == "完成" for case in notice.cases
    )
    unsaid = sum(case.status_class is None for case in notice.cases)
    rows = {
        "单位": unit_of(notice),
        "类型": " · ".join(part for part in (notice.unit_type, notice.unit_level) if part),
        "巡察/巡视": " · ".join(part for part in (notice.inspection, notice.team) if part),
        "巡察时间": notice.period or "",
        "反馈": notice.feedback_date.raw if notice.feedback_date else "",
        "公布": notice.published_date.raw if notice.published_date else date_of(notice),
        "案例": f"{len(notice.cases)} 个，措施 {measures} 条",
        "进展": f"写明完成 {done}，未写明 {unsaid}",
        "文件": f"{notice.source} 第 {notice.start_line}–{notice.end_line} 行",
    }
    body = "".join(
        f"<span>{name}</span><b>{plain(value) if value else '<i>未写明</i>'}</b>"
        for name, value in rows.items()
    )
    st.html(f'<div class="kv">{body}</div>')


def report(notice: Notice) -> None:
    """Draw how sure the reading is, and what a person should look at."""
    found = notice.report
    section("解析报告", f"把握 {found.confidence:.0%}")
    weak = [case for case in notice.cases if case.confidence < DOUBTFUL]
    rows: list[str] = []
    for count in notice.counts:
        if count.counted is not None:
            same = count.counted == count.stated
            says = f"原文称{count.name} {count.stated}，按条目实数 {count.counted}"
            rows.append(_report_row("ok" if same else "warn", says, count.line))
    rows += [_report_row("warn", doubt.message, doubt.line) for doubt in found.doubts[:20]]
    rows += [
        _report_row("warn", f"这一条把握不大：{shorten(case.problem, 24)}", case.line)
        for case in weak[:20]
    ]
    if found.unassigned:
        links = "、".join(f'<a href="#L{at}">{at}</a>' for at in found.unassigned[:24])
        more = f" 等 {len(found.unassigned)} 行" if len(found.unassigned) > 24 else ""
        rows.append(f'<li class="warn"><span>未归入案例的行：{links}{more}</span></li>')
    if not rows:
        rows.append('<li class="ok"><span>各行均已归位，没有疑点</span></li>')
    st.html(f'<ul class="check">{"".join(rows)}</ul>')


def _report_row(tone: str, text: str, line: int) -> str:
    return (
        f'<li class="{tone}"><span>{plain(text)} '
        f'<a class="open" href="#L{line}">第 {line} 行</a></span></li>'
    )


def case_row_html(
    case: Case, notice: Notice, *, words: Sequence[str], reasons: Sequence[str]
) -> str:
    """Draw a case found by search."""
    why = f"<small>命中：{plain('、'.join(reasons[:6]))}</small>" if reasons else ""
    spans = []
    for word in words:
        at = case.problem.find(word)
        if len(word) > 1 and at >= 0:
            spans.append((at, at + len(word)))
    return (
        f'<article class="found"><p class="what">{marked(case.problem, spans)}</p>'
        f'<p class="loc"><b>{plain(unit_of(notice))}</b>{plain(notice.unit_type)} · '
        f"{plain(date_of(notice))} "
        f"· 第 {case.line} 行 {status_html(case)}{topics_html(case.topics[:2])}{why}</p></article>"
    )

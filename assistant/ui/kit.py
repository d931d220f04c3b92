"""Small pieces that every page is made of: heads, notes, empty states, dates, coverage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

import streamlit as st

from assistant.display import display_text
from assistant.errors import AssistantError
from assistant.models import Answerable, Case, Evidence, Filters, Notice, Overview, StatusClass
from assistant.operation.queueing import telling
from assistant.ui.safe import plain, shorten
from assistant.ui.state import topic_name

MASKED_UNIT = "某单位"
_MASKED_DAY = re.compile(r"[X×Ⅹ]+\s*[年月日]", re.IGNORECASE)
_YEAR = re.compile(r"\s*((?:19|20)\d\d)年")

BANDS = {
    Answerable.YES: ("ok", "有依据"),
    Answerable.WEAK: ("warn", "相近但不充分"),
    Answerable.NO: ("bad", "库中没有相近案例"),
}
CORRECTED = '<span class="tag ok" title="经人工更正，重新读取后仍保留">已更正</span>'
STATUS_TONE = {
    StatusClass.DONE: "ok",
    StatusClass.MOSTLY: "ok",
    StatusClass.STAGED: "warn",
    StatusClass.ONGOING: "warn",
    StatusClass.OPEN: "bad",
}


def head(eyebrow: str, title: str, lede: str = "") -> None:
    """Draw the head of a page."""
    below = f'<p class="lede">{plain(lede)}</p>' if lede else ""
    st.html(
        f'<header class="page-head"><p class="eyebrow">{plain(eyebrow)}</p>'
        f"<h1>{plain(title)}</h1>{below}</header>"
    )


@contextmanager
def head_with_tools(eyebrow: str, title: str, lede: str = "") -> Iterator[None]:
    """Draw the head of a page with buttons at its right, drawn in the `with` body."""
    with st.container(key="head-row"):
        left, right = st.columns([0.6, 0.4], vertical_alignment="bottom")
        with left:
            head(eyebrow, title, lede)
        with (
            right,
            st.container(
                horizontal=True,
                horizontal_alignment="right",
                vertical_alignment="center",
                key="head-tools",
            ),
        ):
            yield


def section(title: str, note: str = "") -> None:
    """Draw the title of a part of a page."""
    st.html(section_html(title, note))


def section_html(title: str, note: str = "") -> str:
    """Write the title of a part, to stand in one block with what is below it."""
    beside = f"<small>{plain(note)}</small>" if note else ""
    return f'<h2 class="sec">{plain(title)}{beside}</h2>'


def note(text: str, tone: str = "info") -> None:
    """Draw a message: `info`, `ok`, `warn` or `bad`."""
    st.html(note_html(text, tone))


def note_html(text: str, tone: str = "info") -> str:
    """Write a message, to stand in one block with what is below it."""
    role = "alert" if tone == "bad" else "status"
    return f'<p class="note {tone}" role="{role}">{plain(text)}</p>'


def block(*parts: str) -> str:
    """Put parts of a page into one block, spaced as if each were a block of its own."""
    return f'<div class="block">{"".join(part for part in parts if part)}</div>'


def empty(title: str, text: str) -> None:
    """Draw what stands where there is nothing yet, with what to do."""
    st.html(f'<div class="empty"><p class="t">{plain(title)}</p><p>{plain(text)}</p></div>')


@contextmanager
def shown_errors() -> Iterator[None]:
    """Show a named error as its Chinese sentence in place of the part that failed."""
    try:
        yield
    except AssistantError as error:
        note(str(error), "bad")


@contextmanager
def working(text: str) -> Iterator[None]:
    """Say what is being done, and how many tasks come first while it waits its turn."""
    slot = st.empty()

    def told(before: int) -> None:
        slot.html(
            f'<p class="finding" role="status">使用的人较多，前面还有 {before} 项任务，请稍候…</p>'
        )

    with st.spinner(text), telling(told):
        yield
    slot.empty()


def unit_of(notice: Notice) -> str:
    """Name a notice's unit for display."""
    return shown_text(notice.unit or shorten(notice.title, 24)) or MASKED_UNIT


@lru_cache(maxsize=4096)
def shown_text(text: str) -> str:
    """Give text of a source as it may stand in our own words: masks undone where that is sure."""
    return display_text(text)


def date_of(notice: Notice) -> str:
    """Give the date of a notice as year-month, or as written."""
    for field in (notice.published_date, notice.feedback_date):
        if field is not None and field.iso:
            return field.iso[:7]
    for field in (notice.published_date, notice.feedback_date):
        if field is not None:
            year = _YEAR.match(field.raw)
            return f"{year[1]} 年" if year else "" if _MASKED_DAY.search(field.raw) else field.raw
    return ""


def year_of(notice: Notice) -> int | None:
    """Give the year of a notice, where it is dated."""
    date = date_of(notice)[:4]
    return int(date) if date.isdigit() and len(date) == 4 else None


def years(first: int | None, last: int | None) -> str:
    """Write a range of years."""
    if first is None or last is None:
        return ""
    return f"{first} 年" if first == last else f"{first}–{last} 年"


def coverage(overview: Overview) -> str:
    """Write what the library holds, in one line."""
    parts = [f"{overview.notices} 份通报", f"{overview.cases} 个案例", f"{overview.units} 家单位"]
    span = years(overview.first_year, overview.last_year)
    return " · ".join([*parts, span] if span else parts)


def evidence_coverage(evidence: Sequence[Evidence], cited: Iterable[int]) -> str:
    """Write on how many cases and units an answer rests."""
    wanted = set(cited)
    used = [item for item in evidence if item.number in wanted]
    if not used:
        return ""
    units = {item.notice.unit or item.notice.id for item in used}
    dated = sorted(year for item in used if (year := year_of(item.notice)))
    parts = [f"案例 {len(used)}", f"单位 {len(units)}"]
    if dated:
        parts.append(years(dated[0], dated[-1]))
    return "依据：" + " · ".join(parts)


def where_of(case: Case, notice: Notice) -> str:
    """Say where a case stands, down to the line."""
    path = " › ".join(shorten(heading, 18) for heading in case.category)
    return " · ".join(part for part in (date_of(notice), path, lines_of(case)) if part)


def lines_of(case: Case) -> str:
    """Write the lines of a case."""
    if case.line == case.end_line:
        return f"第 {case.line} 行"
    return f"第 {case.line}–{case.end_line} 行"


def status_html(case: Case) -> str:
    """Draw how far a case has come; silence of the source and a person's correction are said."""
    corrected = CORRECTED if case.corrected else ""
    if case.status_class is None:
        return f'<span class="tag quiet">通报未说明进展</span>{corrected}'
    tone = STATUS_TONE[case.status_class]
    return f'<span class="tag {tone}">{plain(case.status_class.value)}</span>{corrected}'


def topics_html(topics: Sequence[str]) -> str:
    """Draw topics as tags."""
    return "".join(f'<span class="tag">{plain(topic_name(topic))}</span>' for topic in topics)


FILTER_NAMES = {
    "unit_types": "单位类型",
    "inspections": "巡察/巡视",
    "statuses": "完成状态",
    "topics": "主题",
    "levels": "层级",
    "years": "年份",
}


def filter_chips(filters: Filters) -> dict[tuple[str, str], str]:
    """Give (field, value) → label of every constraint."""
    chips = {}
    for name in FILTER_NAMES:
        for value in getattr(filters, name):
            text = topic_name(value) if name == "topics" else str(value)
            chips[(name, str(value))] = f"{text} 年" if name == "years" else text
    return chips


def filters_of(chips: Iterable[tuple[str, str]]) -> Filters:
    """Give the filters that chips stand for."""
    chosen: dict[str, list[str]] = {name: [] for name in FILTER_NAMES}
    for name, value in chips:
        if value not in chosen[name]:
            chosen[name].append(value)
    return Filters(
        unit_types=tuple(chosen["unit_types"]),
        inspections=tuple(chosen["inspections"]),
        statuses=tuple(chosen["statuses"]),
        topics=tuple(chosen["topics"]),
        levels=tuple(chosen["levels"]),
        years=tuple(int(year) for year in chosen["years"]),
    )

"""Lines on pages to paragraphs: page furniture removed, columns ordered, broken lines joined.

The rules are about how official Chinese documents are set (first-line indent, lines filled to
the margin, punctuation that may not start a line), not about any one document.
"""

from __future__ import annotations

import itertools
import re
import statistics
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from assistant.loading.geometry import Line, tidy
from assistant.loading.page_layout import (
    Column,
    Page,
    Ruled,
    column_of,
    columns_of,
    strip_furniture,
)

_LABEL = re.compile(
    r"第[一二三四五六七八九十百]+[章节条]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)]"
    r"|\d{1,3}[.．、](?!\d)|[（(]\d{1,3}[）)]|[①-⑳]"
)
FEW_LINES = 4
"""Fewer lines than these do not show how wide a page is set."""
_SENTENCE_END = re.compile(r"[。；：！？]$")
_DATE_LINE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")


@cache
def _leads() -> re.Pattern[str]:
    path = Path(__file__).with_name("page_rules.yaml")
    return re.compile(
        f"(?:{yaml.load(path.read_text(encoding='utf-8'), yaml.CSafeLoader)['leads']})[:：]"
    )


def paragraphs_of(pages: list[Page]) -> list[str | Ruled]:
    """Paragraphs of a document in reading order, tables in their places."""
    strip_furniture(pages)
    joiner = _Joiner(leads=None if _is_indented(pages) else _leads(), edge=_edge(pages))
    for page in pages:
        joiner.add_page(page)
    return joiner.items


# ------------------------------------------------------------------ joining


@dataclass(slots=True)
class _Last:
    """The line before, with its column."""

    line: Line
    column: Column


@dataclass(frozen=True, slots=True)
class _Setting:
    """How a page is set."""

    em: float
    pitch: float
    """Distance of baselines."""


class _Joiner:
    """Joins broken lines over columns and pages."""

    def __init__(self, *, leads: re.Pattern[str] | None, edge: float = 0.0) -> None:
        self.items: list[str | Ruled] = []
        self._leads = leads
        self._edge = edge
        self._last: _Last | None = None

    def add_page(self, page: Page) -> None:
        """Add a page's lines and tables in reading order."""
        waiting = sorted(page.tables, key=lambda t: -t.y1)
        if page.lines:
            em = statistics.median(line.size for line in page.lines) or 12.0
            columns = columns_of(page.lines, em)
            lines = page.lines
            if len(lines) < FEW_LINES and len(columns) == 1:
                # 一页只有一两行时，行长看不出版心宽
                columns[0].x1 = max(columns[0].x1, min(self._edge, page.width))
            if len(columns) > 1:
                lines = sorted(lines, key=lambda li: (column_of(li, columns), -li.y1))
            pitch = _pitch(lines, em)
            for line in lines:
                while waiting and waiting[0].y1 > line.middle:
                    self._add_table(waiting.pop(0))
                self._add_line(line, columns[column_of(line, columns)], em, pitch)
        for table in waiting:
            self._add_table(table)

    def _add_line(self, line: Line, column: Column, em: float, pitch: float) -> None:
        text = tidy(line.text)
        if not text:
            return
        before = self.items[-1] if self.items else None
        if self._last is None or not isinstance(before, str):
            self.items.append(text)
        elif self._goes_on(text, before, self._last, _Last(line, column), _Setting(em, pitch)):
            self.items[-1] = _glue(before, text)
        else:
            self.items.append(text)
        self._last = _Last(line, column)

    def _goes_on(self, text: str, before: str, last: _Last, now: _Last, setting: _Setting) -> bool:
        if _is_tail_of_title(text, last, now, setting.em):
            return True
        if self._leads is not None and _opens_flush(text, before, self._leads):
            return False
        return not _starts(text, before, last, now, setting)

    def _add_table(self, table: Ruled) -> None:
        before = self.items[-1] if self.items else None
        if isinstance(before, Ruled) and len(before.rows[0]) == len(table.rows[0]):
            self.items[-1] = _continued(before, table)
        else:
            self.items.append(table)
        self._last = None


def _edge(pages: list[Page]) -> float:
    """Right edge of the text: by pages that hold enough of it, else by the tables."""
    told = [line.x1 for page in pages if len(page.lines) >= FEW_LINES for line in page.lines]
    return max(told or [table.x1 for page in pages for table in page.tables], default=0.0)


def _pitch(lines: list[Line], em: float) -> float:
    gaps = [a.y0 - b.y0 for a, b in itertools.pairwise(lines)]
    usual = [gap for gap in gaps if 0 < gap < 4 * em]
    return statistics.median(usual) if usual else 1.5 * em


def _starts(text: str, before: str, last: _Last, now: _Last, setting: _Setting) -> bool:
    """Whether a line opens a new paragraph rather than going on with the one before."""
    em, left = setting.em, now.column.x0
    ended = bool(_SENTENCE_END.search(before))
    if now.line.x0 - left > 0.8 * em or not _is_full(last, em, ended=ended):
        return True
    together = last.line.page == now.line.page and last.column is now.column
    apart = last.line.y0 - now.line.y0 > 1.45 * setting.pitch
    if together and (apart or last.line.x0 - left > 8 * em or _is_title(last, em)):
        return True
    resized = abs(now.line.size - last.line.size) > 0.25 * em
    return resized or bool(_DATE_LINE.fullmatch(text))


def _opens_flush(text: str, before: str, leads: re.Pattern[str]) -> bool:
    """Whether a line opens a paragraph by its words, where no indent tells."""
    if leads.match(text):
        return True
    return bool(_LABEL.match(text)) and bool(_SENTENCE_END.search(before))


def _is_full(last: _Last, em: float, *, ended: bool) -> bool:
    # 避头尾：标点不能放行首，一行可能提前一到三个字换行
    short = last.column.x1 - last.line.x1
    return short < 1.6 * em or (short < 3.6 * em and not ended)


def _is_tail_of_title(text: str, last: _Last, now: _Last, em: float) -> bool:
    # 居中标题排满一行后余下的字落到下一行，仍是同一个标题
    width = last.line.x1 - last.line.x0
    room = last.column.x1 - last.column.x0 - width
    size = last.line.size
    if not (
        last.line.page == now.line.page
        and last.column is now.column
        and _is_centred(last, em)
        and _is_centred(now, em)
        and abs(now.line.size - size) <= 0.25 * em
    ):
        return False
    return (size > 1.15 * em and room < 1.6 * size) or (len(text) <= 2 and room < width / 3)


def _is_title(last: _Last, em: float) -> bool:
    # 两侧都空出两个半字以上的居中行自成一段
    return _is_centred(last, em) and last.line.x0 - last.column.x0 > 2.5 * em


def _is_centred(placed: _Last, em: float) -> bool:
    left = placed.line.x0 - placed.column.x0
    right = placed.column.x1 - placed.line.x1
    return abs(left - right) < em


def _is_indented(pages: list[Page]) -> bool:
    """Whether paragraphs open with a first-line indent."""
    indented = total = 0
    for page in pages:
        left = min((line.x0 for line in page.lines), default=0.0)
        right = max((line.x1 for line in page.lines), default=0.0)
        for line in page.lines:
            indent, size = line.x0 - left, line.size
            centred = abs(indent - (right - line.x1)) < size
            total += 1
            indented += 1.2 * size < indent < 3.5 * size and not centred
    return indented > 0.08 * total


def _glue(left: str, right: str) -> str:
    words = re.search(r"[0-9A-Za-z]$", left) and re.match(r"[0-9A-Za-z]", right)
    if words and not re.search(r"\d$", left) and not re.match(r"\d", right):
        return f"{left} {right}"
    return left + right


# ------------------------------------------------------------------ tables over page breaks


def _continued(before: Ruled, after: Ruled) -> Ruled:
    """Join a table that goes on after a page break: repeated heads dropped, a cut row mended."""
    rows, more = list(before.rows), list(after.rows)
    while more and more[0] in rows[:2]:
        more.pop(0)
    filled = sum(bool(cell) for cell in more[0]) if more else 0
    if more and filled <= len(more[0]) // 2:
        rows[-1] = tuple(a + b for a, b in zip(rows[-1], more.pop(0), strict=True))
    for row in more:
        if any(row):
            rows.append(_filled_from(rows[-1], row))
    return Ruled(before.x0, before.x1, before.y0, before.y1, tuple(rows))


def _filled_from(above: tuple[str, ...], row: tuple[str, ...]) -> tuple[str, ...]:
    # 跨页的合并单元格只在第一页印字：左侧空着的列沿用上一行
    cells = list(row)
    for column, cell in enumerate(cells):
        if cell:
            break
        cells[column] = above[column]
    return tuple(cells)

"""Automatic numbering of Word: which label stands before a paragraph.

The label is nowhere in the text: it follows from the paragraph's or its style's list, the list's
levels, overrides and restarts, and the paragraphs before. Notices number problems this way, and a
number lost is a problem lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from assistant.loading.docx_xml import W, child, child_value, integer
from assistant.loading.numerals import render_number

Element = Any


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    format: str
    text: str
    restart: int | None
    """1-based level whose new item restarts this one; 0 never; `None` any higher one."""
    style: str
    legal: bool


@dataclass(frozen=True, slots=True)
class _List:
    """A w:num: the abstract list it uses and what it overrides."""

    abstract: str
    starts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, _Level] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Reference:
    """A w:numPr: list and level, either possibly left to the style."""

    level: int | None
    list_id: str | None


class Numbering:
    """Labels of a document's paragraphs, asked for in reading order."""

    def __init__(self, numbering: Element | None, styles: Element | None) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._links: dict[str, str] = {}
        self._lists: dict[str, _List] = {}
        self._styles: dict[str, tuple[str, _Reference | None]] = {}
        self._counters: dict[str, dict[int, int]] = {}
        self._started: set[tuple[str, int]] = set()
        if styles is not None:
            self._read_styles(styles)
        if numbering is not None:
            self._read_lists(numbering)

    def label(self, paragraph: Element) -> str:
        """The label Word would print before this paragraph; counts it."""
        list_id, level, direct = self._reference(paragraph)
        used = self._lists.get(list_id or "")
        if used is None or list_id is None:
            return ""
        abstract = self._resolve(used.abstract)
        levels = {**self._levels.get(abstract, {}), **used.levels}
        if not direct:
            level = self._level_of_style(paragraph, levels, level)
        if level not in levels:
            return ""
        counters = self._count(abstract, list_id, level, levels, used)
        return _render(level, levels, counters)

    # ------------------------------------------------------------ reading the definitions

    def _read_styles(self, styles: Element) -> None:
        for style in styles.findall(f"{W}style"):
            properties = child(style, "pPr")
            reference = _reference_of(child(properties, "numPr"))
            self._styles[style.get(f"{W}styleId", "")] = (child_value(style, "basedOn"), reference)

    def _read_lists(self, numbering: Element) -> None:
        for abstract in numbering.findall(f"{W}abstractNum"):
            name = abstract.get(f"{W}abstractNumId", "")
            self._levels[name] = {
                integer(level.get(f"{W}ilvl"), 0): _level_of(level)
                for level in abstract.findall(f"{W}lvl")
            }
            if link := child_value(abstract, "numStyleLink"):
                self._links[name] = link
        for used in numbering.findall(f"{W}num"):
            starts: dict[int, int] = {}
            levels: dict[int, _Level] = {}
            for override in used.findall(f"{W}lvlOverride"):
                level = integer(override.get(f"{W}ilvl"), 0)
                own = child(override, "lvl")
                if own is not None:
                    levels[level] = _level_of(own)
                if start := child_value(override, "startOverride"):
                    starts[level] = integer(start, 1)
            name = used.get(f"{W}numId", "")
            self._lists[name] = _List(child_value(used, "abstractNumId"), starts, levels)

    # ------------------------------------------------------------ which list and level

    def _reference(self, paragraph: Element) -> tuple[str | None, int, bool]:
        properties = child(paragraph, "pPr")
        own = _reference_of(child(properties, "numPr")) or _Reference(None, None)
        style = self._style_reference(child_value(properties, "pStyle"))
        list_id = own.list_id if own.list_id is not None else style.list_id
        level = own.level if own.level is not None else style.level
        return list_id, level or 0, own.level is not None

    def _style_reference(self, style: str) -> _Reference:
        level: int | None = None
        list_id: str | None = None
        seen: set[str] = set()
        while style in self._styles and style not in seen:
            seen.add(style)
            style, reference = self._styles[style]
            if reference is not None:
                level = reference.level if level is None else level
                list_id = reference.list_id if list_id is None else list_id
        return _Reference(level, list_id)

    def _resolve(self, abstract: str) -> str:
        # 列表样式：定义在样式所指的列表里
        if not self._levels.get(abstract) and abstract in self._links:
            target = self._lists.get(self._style_reference(self._links[abstract]).list_id or "")
            return target.abstract if target is not None else abstract
        return abstract

    def _level_of_style(self, paragraph: Element, levels: dict[int, _Level], default: int) -> int:
        style = child_value(child(paragraph, "pPr"), "pStyle")
        tied = [number for number, level in levels.items() if style and level.style == style]
        return tied[0] if tied else default

    # ------------------------------------------------------------ counting

    def _count(
        self, abstract: str, list_id: str, level: int, levels: dict[int, _Level], used: _List
    ) -> dict[int, int]:
        counters = self._counters.setdefault(abstract, {})
        if (list_id, level) not in self._started:
            self._started.add((list_id, level))
            if level in used.starts:  # the first use of an overriding list restarts it
                counters[level] = used.starts[level] - 1
        counters[level] = counters.get(level, levels[level].start - 1) + 1
        for deeper in [number for number in counters if number > level]:
            restart = levels[deeper].restart if deeper in levels else None
            if restart != 0 and (restart is None or level < restart):
                del counters[deeper]
        for higher in range(level):
            if higher in levels:
                counters.setdefault(higher, levels[higher].start)
        return counters


def _level_of(element: Element) -> _Level:
    def value(name: str, default: str = "") -> str:
        found = next(element.iter(f"{W}{name}"), None)
        return found.get(f"{W}val", default) if found is not None else default

    restart = value("lvlRestart")
    return _Level(
        start=integer(value("start", "1"), 1),
        format=value("numFmt", "decimal"),
        text=value("lvlText"),
        restart=integer(restart, 0) if restart else None,
        style=value("pStyle"),
        legal=child(element, "isLgl") is not None,
    )


def _reference_of(element: Element | None) -> _Reference | None:
    if element is None:
        return None
    level, list_id = child_value(element, "ilvl"), child_value(element, "numId")
    return _Reference(integer(level, 0) if level else None, list_id or None)


def _render(level: int, levels: dict[int, _Level], counters: dict[int, int]) -> str:
    own = levels[level]
    if own.format == "bullet":
        return ""

    def number(match: re.Match[str]) -> str:
        part = int(match.group(1)) - 1
        if part not in levels:
            return ""
        name = "decimal" if own.legal else levels[part].format
        return render_number(counters.get(part, levels[part].start), name)

    return re.sub(r"%([1-9])", number, own.text)

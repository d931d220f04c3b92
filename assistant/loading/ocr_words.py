"""What Tesseract says of a page (its TSV) to lines of text: places, noise, punctuation."""

from __future__ import annotations

import difflib
import itertools
import re
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from assistant.loading.geometry import CJK, LEAST_ROWS, Glyph, Line, lines_of, tidy
from assistant.loading.page_layout import EDGE, REPEATED, Page

LEAST_SURE = 50
"""A line at the edge none of whose words is surer than this is a smudge."""
LEAST_ALIKE = 0.7
"""Running heads are read a little differently on every page."""
LEAST_PITCH = 6
"""Characters from which the width of a line tells its font size."""
_WORD_LEVEL = "5"
_WIDE = str.maketrans(",;:?!()", "，；：？！（）")
_NARROW_MARK = re.compile(f"(?<=[{CJK}]) ?[,;:?!)]|[,;:?!(] ?(?=[{CJK}])")
_BRACKETS = re.compile(r"\(([^()（）]{0,60})\)|\(([^()（）]{0,60})）|（([^()（）]{0,60})\)")
_FULL_STOP = re.compile(r"(?<=[\u4e00-\u9fff”）])[.oO](?=[\u4e00-\u9fff]|$)")
_OPEN_QUOTE = re.compile(r'[“”"]([^“”"]{1,60})[“”"]')
_NOT_HAN = re.compile(r"[^\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class _Word:
    """A recognised word: its line on the page, and its box in dots from the upper left."""

    line: tuple[str, str, str]
    left: int
    top: int
    width: int
    height: int
    sure: float
    text: str


def page_of(tsv: str, number: int, size: tuple[float, float], *, points: float) -> Page:
    """Lines of a page of `size` points; a dot of the picture is `points` wide."""
    width, height = size
    by_line: dict[tuple[str, str, str], list[_Word]] = defaultdict(list)
    for word in _words(tsv):
        by_line[word.line].append(word)
    rows = [
        words for words in by_line.values() if not _is_smudge(words, height / max(points, 0.01))
    ]
    pitches = [pitch for words in rows if (pitch := _pitch(words))]
    usual = statistics.median(pitches) if pitches else 12 / points
    bridged = _bridged(rows, 1.5 * usual)
    glyphs = chain.from_iterable(_glyphs(words, usual, height, points) for words in bridged)
    lines: list[Line] = lines_of(glyphs, number)
    return Page(lines, width, height)


def strip_noise(pages: Sequence[Page]) -> None:
    """Remove running heads, which a scan never repeats to the letter."""
    if len(pages) < 3:
        return
    edges = [
        (index, line)
        for index, page in enumerate(pages)
        for line in page.lines
        if not EDGE * page.height <= line.middle <= (1 - EDGE) * page.height
    ]
    for index, page in enumerate(pages):
        own = [line for at, line in edges if at == index]
        others = [(at, line) for at, line in edges if at != index]
        gone = [
            line
            for line in own
            if len({at for at, other in others if _alike(line, other)}) + 1
            >= max(3.0, REPEATED * len(pages))
        ]
        page.lines = [line for line in page.lines if not any(line is head for head in gone)]


def punctuated(text: str) -> str:
    """Chinese marks where Tesseract read their narrow twins."""
    text = _BRACKETS.sub(
        lambda found: f"（{''.join(part or '' for part in found.groups())}）", text
    )
    text = _NARROW_MARK.sub(lambda found: found.group().strip().translate(_WIDE), tidy(text))
    text = _OPEN_QUOTE.sub(r"“\1”", text)
    return tidy(_FULL_STOP.sub("。", text))


def _alike(line: Line, other: Line) -> bool:
    if abs(line.middle - other.middle) > 2 * line.size:
        return False
    one, two = _NOT_HAN.sub("", line.text), _NOT_HAN.sub("", other.text)
    if len(one) < 3 or len(two) < 3:
        return False
    return difflib.SequenceMatcher(None, one, two, autojunk=False).ratio() >= LEAST_ALIKE


def _words(tsv: str) -> list[_Word]:
    found: list[_Word] = []
    for row in tsv.splitlines():
        cells = row.split("\t")
        if len(cells) != 12 or cells[0] != _WORD_LEVEL or not cells[11].strip():
            continue
        try:
            left, top, width, height = map(int, cells[6:10])
            sure = float(cells[10])
        except ValueError:
            continue
        line = (cells[2], cells[3], cells[4])
        found.append(_Word(line, left, top, width, height, sure, cells[11].strip()))
    return found


def _is_smudge(words: Sequence[_Word], page_height: float) -> bool:
    middle = statistics.median(word.top + word.height / 2 for word in words)
    inside = EDGE * page_height <= middle <= (1 - EDGE) * page_height
    return not inside and max(word.sure for word in words) < LEAST_SURE


def _pitch(words: Sequence[_Word]) -> float:
    """Width of a Chinese character in a line; 0 where the line is too short to tell."""
    wide = sum(0.5 if char.isascii() else 1.0 for word in words for char in word.text)
    if wide < LEAST_PITCH:
        return 0.0
    left = min(word.left for word in words)
    return (max(word.left + word.width for word in words) - left) / wide


def _bridged(rows: Sequence[Sequence[_Word]], wide: float) -> list[list[_Word]]:
    """Close holes inside lines: boxes of words are rough, and only a gutter repeats downwards."""
    holes = [
        (a.left + a.width, b.left)
        for words in rows
        for a, b in itertools.pairwise(words)
        if b.left - a.left - a.width > wide
    ]
    found: list[list[_Word]] = []
    for words in rows:
        line = list(words)
        for index, (a, b) in enumerate(itertools.pairwise(words)):
            middle = (a.left + a.width + b.left) / 2
            if sum(left < middle < right for left, right in holes) in range(1, LEAST_ROWS):
                line[index] = replace(a, width=b.left - a.left)
        found.append(line)
    return found


def _glyphs(words: Sequence[_Word], usual: float, page: float, points: float) -> list[Glyph]:
    """Words of a line on one baseline, all equally tall: ink tells little of the font size."""
    size = _pitch(words) or usual
    if not 1.2 * usual < size < 3 * usual:
        size = usual
    middle = statistics.median(word.top + word.height / 2 for word in words)
    low, high = page - (middle + size / 2) * points, page - (middle - size / 2) * points
    return [
        Glyph(word.left * points, (word.left + word.width) * points, low, high, word.text)
        for word in words
    ]

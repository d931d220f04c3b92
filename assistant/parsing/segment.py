"""One file → the notices in it, each as its title and the tokens that follow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.parsing.cues import Cues, load_cues
from assistant.parsing.tokens import Token

TITLE_LIMIT = 80
LOOK_AHEAD = 5
TITLE_LINES = 4


@dataclass(frozen=True, slots=True)
class Segment:
    """Tokens of one notice: `title` first (may be empty), then the rest."""

    title: tuple[Token, ...]
    tokens: tuple[Token, ...]

    @property
    def first_line(self) -> int:
        """Line its title, or else its text, begins at."""
        return (self.title or self.tokens)[0].line


def _plain(token: Token) -> bool:
    text = token.text
    return (
        token.label is None
        and len(text) <= TITLE_LIMIT
        and "\t" not in text
        and not any(char in text for char in "。；！？")
        and not text.endswith(("：", "，", "、"))
        and not text.startswith(("附件：", "附："))
    )


def _is_title(text: str, cues: Cues) -> bool:
    header = cues.header
    return bool(
        len(text) <= TITLE_LIMIT
        and header["title"].search(text)
        and header["title_subject"].search(text)
        and not header["date_line"].match(text)
    )


def _joined_title(tokens: Sequence[Token], index: int, floor: int, cues: Cues) -> int | None:
    """Index where a title ending at `index` begins, or `None` when there is no title there."""
    if not _plain(tokens[index]):
        return None
    text = tokens[index].text
    begin = index
    while (
        begin - 1 >= floor
        and index - begin + 1 < TITLE_LINES
        and _begins_title(tokens, begin, cues)
        and len(tokens[begin - 1].text + text) <= TITLE_LIMIT
    ):
        begin -= 1
        text = tokens[begin].text + text
    return begin if _is_title(text, cues) else None


def _begins_title(tokens: Sequence[Token], begin: int, cues: Cues) -> bool:
    """Whether the line before belongs to the title that goes on at `begin`."""
    before, here = tokens[begin - 1], tokens[begin].text
    header = cues.header
    if not _plain(before) or header["date_line"].match(before.text):
        return False
    if _is_title(before.text, cues) or header["closing_line"].search(before.text):
        return False
    text = before.text
    if text.endswith(("关于", "的", "落实", "对", "和", "及")) or here.startswith(
        ("的", "情况", "整改", "通报", "进展", "落实情况", "完成情况", "工作情况")
    ):
        return True
    if re.search(r"关于|^落实", text) and not header["title"].search(text):
        return True
    unit_above = bool(header["unit_tail"].search(text)) or text.startswith(("中共", "中国共产党"))
    if not unit_above or not here.startswith(("关于", "落实", "巡")):
        return False
    signed_before = begin >= 2 and not header["date_line"].match(tokens[begin - 2].text)
    gap_above = before.line - tokens[begin - 2].flow.last_line if begin >= 2 else 99
    gap_below = tokens[begin].line - before.flow.last_line
    return not signed_before or gap_above > gap_below


def _has_intro(tokens: Sequence[Token], index: int, cues: Cues) -> bool:
    intro = cues.header["intro"]
    return any(
        token.label is None and len(token.text) >= 25 and intro.search(token.text[:600])
        for token in tokens[index + 1 : index + 1 + LOOK_AHEAD]
    )


def _starts(tokens: Sequence[Token], cues: Cues) -> list[tuple[int, int]]:
    """(first, last) token index of each title."""
    found: list[tuple[int, int]] = []
    floor = 0
    for index, token in enumerate(tokens):
        if index < floor or not cues.header["title"].search(token.text[-30:]):
            continue
        begin = _joined_title(tokens, index, floor, cues)
        if begin is None or not _has_intro(tokens, index, cues):
            continue
        strong = cues.header["title_strong"].search(token.text)
        if found and not strong and not _apart(tokens, begin, cues):
            continue
        found.append((begin, index))
        floor = index + 1
    return found


def _apart(tokens: Sequence[Token], begin: int, cues: Cues) -> bool:
    before = tokens[begin - 1]
    gap = tokens[begin].line - before.flow.last_line
    return gap >= 3 or bool(cues.header["date_line"].match(before.text))


def split_notices(tokens: Sequence[Token]) -> tuple[Segment, ...]:
    """Notices in the order they stand; text before the first title is left out."""
    if not tokens:
        return ()
    cues = load_cues()
    starts = _starts(tokens, cues)
    if not starts:
        return (_untitled(tokens, cues),)
    ends = [begin for begin, _ in starts[1:]] + [len(tokens)]
    return tuple(
        Segment(tuple(tokens[begin : last + 1]), tuple(tokens[last + 1 : end]))
        for (begin, last), end in zip(starts, ends, strict=True)
    )


def _untitled(tokens: Sequence[Token], cues: Cues) -> Segment:
    for index, token in enumerate(tokens[:8]):
        if not _plain(token) or cues.header["date_line"].match(token.text):
            break
        if _is_title(token.text, cues):
            begin = _joined_title(tokens, index, 0, cues)
            first = index if begin is None else begin
            return Segment(tuple(tokens[first : index + 1]), tuple(tokens[index + 1 :]))
    return Segment((), tuple(tokens))

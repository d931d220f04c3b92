"""Refuse files whose first page carries a 密级 mark. Knows no format."""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.errors import Classified
from assistant.loading.content import Content

FIRST_PAGE_LINES = 40
FIRST_PAGE_CHARACTERS = 1_200

_TERM = r"(?:[0-9０-９一二三四五六七八九十]+(?:年|个?月|天)|长期|永久|启用前)"
_MARK = re.compile(
    rf"(?:份?号?[:：]?[0-9０-９]{{0,8}})(?:密级[:：]?)?(?:绝密|机密|秘密)(?:级)?"
    rf"[★☆✩✭*＊▲]?(?:保密期限[:：]?)?{_TERM}?(?:特急|加急|特提|平急|急件)?"
)
_STARRED = re.compile(r"(?:绝密|机密|秘密)(?:级)?[★☆✩✭]")
_PROSE = re.compile(r"[。，；“”‘’《》]")


def check_secrecy(content: Content) -> None:
    """Raise `Classified` when a line of the first page is a 密级 mark.

    A sentence that talks about secrets is no mark: a mark stands alone on its line or in its
    table cell, or carries the star.
    """
    for line in (*content.front, *_first_page(content.lines)):
        if _is_marked(line):
            raise Classified(
                "首页标有国家秘密标志，已拒绝导入，未保存任何内容",
                todo="请勿在本工具中处理涉密文件；如属误标，请核实后去掉密级标志再导入",
            )


def check_text(text: str) -> None:
    """Raise `Classified` when a line of typed or pasted text is a 密级 mark."""
    if any(map(_is_marked, text.splitlines())):
        raise Classified(
            "文字中有国家秘密标志，未处理，也未保存",
            todo="请勿在本工具中处理涉密内容；如属误标，请核实后去掉密级标志再提交",
        )


def _is_marked(line: str) -> bool:
    return any(_is_mark("".join(cell.split())) for cell in line.split("\t"))


def _is_mark(text: str) -> bool:
    if _MARK.fullmatch(text):
        return True
    return len(text) <= 40 and bool(_STARRED.search(text)) and not _PROSE.search(text)


def _first_page(lines: Iterable[str]) -> list[str]:
    page: list[str] = []
    characters = 0
    for line in lines:
        if not line.strip():
            continue
        page.append(line)
        characters += len(line)
        if len(page) >= FIRST_PAGE_LINES or characters >= FIRST_PAGE_CHARACTERS:
            break
    return page

"""Web pages: the article without what the site puts around it.

The article is the known content container of the common site builders, else the densest block of
text outside links. Hidden text is dropped; data tables are kept as tables.
"""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from selectolax.lexbor import LexborHTMLParser

from assistant.errors import EmptyFile, TooLarge
from assistant.loading.content import BLANKS, Content, LineBuilder
from assistant.loading.html_tables import TableCells, is_data_table
from assistant.loading.limits import Limits
from assistant.loading.text import BOMS

Node = Any

MINIMUM = 80
"""Characters a known container must hold to be believed."""
SHARE = 0.8
MOST_DEPTH = 5_000
"""Deeper nesting takes quadratic time."""
_NESTING = re.compile(
    r"<(/?)(?:div|span|font|table|section|article|blockquote|ul|ol|b|i|u|em|strong)\b",
    re.IGNORECASE,
)
_BLOCK_TAGS = (
    "p div li tr h1 h2 h3 h4 h5 h6 section article main table tbody thead ul ol td th blockquote "
    "center dd dt dl pre figure figcaption hr body"
)
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_UNSEEN = frozenset(("_comment", "-comment", "script", "style", "head", "title", "meta", "link"))
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_HIDDEN_STYLE = re.compile(
    r"(?:^|;)(?:display:none|visibility:hidden|font-size:0(?:px|pt|em)?(?:;|$)|mso-hide:all)"
)
_GB = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030"}


@dataclass(frozen=True, slots=True)
class _Rules:
    containers: str
    dropped: str
    titles: tuple[str, ...]
    noise: re.Pattern[str]


@cache
def _rules() -> _Rules:
    path = Path(__file__).with_name("html_rules.yaml")
    loaded = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return _Rules(
        containers=",".join(loaded["containers"]),
        dropped=loaded["dropped"],
        titles=tuple(loaded["titles"].split(",")),
        noise=re.compile("|".join(f"(?:{pattern})" for pattern in loaded["noise"])),
    )


def read(content: bytes, kind: str, limits: Limits) -> Content:
    """Read a web page, or the page inside a single-file archive (`mht`)."""
    markup = _page_of_archive(content) if kind == "mht" else decode(content)
    if markup.count("<") > limits.tags * 2 or _depth(markup) > MOST_DEPTH:
        raise TooLarge("网页内容过多，未读取", todo="请将正文复制到 Word 或记事本后另存再导入")
    tree = LexborHTMLParser(markup)
    for node in tree.css(_rules().dropped):
        node.decompose()
    builder = LineBuilder(limits)
    root = tree.body or tree.root
    if root is None:
        return builder.content()
    article = _known_container(tree) or _densest_block(root)
    title = _title(tree, limits)
    _walk(article, builder)
    return _tidy(builder, title, limits)


def _depth(markup: str) -> int:
    """How deep the elements nest that browsers do not close by themselves."""
    depth = deepest = 0
    for match in _NESTING.finditer(markup):
        depth = max(0, depth - 1) if match.group(1) else depth + 1
        deepest = max(deepest, depth)
    return deepest


def decode(content: bytes) -> str:
    """Bytes of a page as text: BOM, declared charset (gb2312 read as GB18030), UTF-8, GB18030."""
    for bom, encoding in BOMS:
        if content.startswith(bom):
            return content.decode(encoding, "replace")
    declared = _CHARSET.search(content[:4096])
    names = ["utf-8", "gb18030"]
    if declared:
        name = declared.group(1).decode("ascii", "replace").lower()
        names.insert(0, _GB.get(name, name))
    for name in names:
        try:
            return content.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
    utf8 = content.decode("utf-8", "replace")
    gb = content.decode("gb18030", "replace")
    return utf8 if utf8.count("\ufffd") <= gb.count("\ufffd") else gb


def _page_of_archive(content: bytes) -> str:
    message = email.message_from_bytes(content, policy=email.policy.compat32)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                return decode(payload)
    raise EmptyFile("单文件网页里没有正文", todo="请用浏览器重新保存网页再导入")


# ------------------------------------------------------------------ finding the article


def _known_container(tree: Node) -> Node | None:
    best, length = None, MINIMUM
    for node in tree.css(_rules().containers):
        size = len(node.text(strip=True))
        if size > length:
            best, length = node, size
    return best


def _densest_block(root: Node) -> Node:
    """The deepest block that keeps most of the text outside links."""
    totals: dict[int, int] = {}
    closed: list[tuple[int, Node]] = []
    stack: list[tuple[Node, bool, bool]] = [(root, False, False)]
    while stack:  # iterative: a page may nest deeper than the recursion limit
        node, linked, done = stack.pop()
        if done:
            total = sum(totals.pop(c.mem_id, 0) for c in node.iter(include_text=True))
            totals[node.mem_id] = total
            if node.tag in ("div", "td", "article", "section", "body", "main"):
                closed.append((total, node))
        elif node.tag == "-text":
            size = len((node.text_content or "").strip())
            totals[node.mem_id] = -size if linked else size
        elif not _is_hidden(node):
            inside = linked or node.tag == "a"
            stack.append((node, linked, True))
            stack.extend((c, inside, False) for c in node.iter(include_text=True))
    top = max((total for total, _ in closed), default=0)
    return next((n for total, n in closed if total >= SHARE * top and total > 0), root)


def _title(tree: Node, limits: Limits) -> list[str]:
    """The page's headline, as the lines it is set in."""
    for selector in _rules().titles:
        node = tree.css_first(selector)
        if node is not None:
            builder = LineBuilder(limits)
            _walk(node, builder)
            if 4 <= len("".join(builder.lines)) <= 120 and len(builder.lines) <= 4:
                return builder.lines
    meta = tree.css_first("meta[name=ArticleTitle]")
    text = _folded(meta.attributes.get("content") or "") if meta is not None else ""
    return [text] if text else []


# ------------------------------------------------------------------ the article as lines


class _Text:
    """Text of the paragraph under construction."""

    def __init__(self, builder: LineBuilder) -> None:
        self._builder = builder
        self._pieces: list[str] = []

    def add(self, text: str) -> None:
        self._pieces.append(text)

    def flush(self) -> None:
        text = _folded("".join(self._pieces))
        self._pieces.clear()
        if text:
            self._builder.add(text)


def _walk(article: Node, builder: LineBuilder) -> None:
    text = _Text(builder)
    stack: list[tuple[Node, bool]] = [(article, False)]
    while stack:
        node, done = stack.pop()
        tag = node.tag
        if done or tag == "br":
            text.flush()
        elif tag == "-text":
            text.add(node.text_content or "")
        elif tag not in _UNSEEN and not _is_hidden(node):
            if tag == "table" and is_data_table(node):
                text.flush()
                builder.add_table(TableCells(node, _cell).rows())
                continue
            if tag in _BLOCKS:
                text.flush()
                stack.append((node, True))
            stack.extend((c, False) for c in reversed(list(node.iter(include_text=True))))
    text.flush()


def _cell(cell: Node) -> str:
    pieces: list[str] = []
    stack: list[Node] = [cell]
    while stack:
        node = stack.pop()
        if node.tag == "-text":
            pieces.append(re.sub(r"\s+", " ", node.text_content or ""))
        elif node.tag not in _UNSEEN and not _is_hidden(node):
            if node.tag == "br" or node.tag in _BLOCKS:
                pieces.append("\n")
            stack.extend(reversed(list(node.iter(include_text=True))))
    return " ".join(filter(None, (_folded(line) for line in "".join(pieces).split("\n"))))


def _is_hidden(node: Node) -> bool:
    attributes = node.attributes
    if "hidden" in attributes:
        return True
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return bool(style) and bool(_HIDDEN_STYLE.search(style))


def _folded(text: str) -> str:
    text = re.sub(r"[ \t\r\n\f\xa0]+", " ", text).strip(BLANKS)
    return re.sub(r"(?<=[^\x00-\x7f]) +(?=[^\x00-\x7f])", "", text)


def _tidy(builder: LineBuilder, title: list[str], limits: Limits) -> Content:
    """Drop the page's own lines, put the title in front, keep table line numbers true."""
    tidy = LineBuilder(limits)
    if title and not _begins_with(builder.lines, title):
        tidy.add("\n".join(title))
    tables = {table.first_line: table for table in builder.tables}
    number = 1
    while number <= len(builder.lines):
        table = tables.get(number)
        if table is not None:
            tidy.add_table(table.rows, name=table.name)
            number += len(table.rows)
            continue
        line = builder.lines[number - 1]
        if not _rules().noise.fullmatch(line):
            tidy.add(line)
        number += 1
    return tidy.content()


def _begins_with(lines: list[str], title: list[str]) -> bool:
    # 正文里的标题可能分行、可能被截断，与页面标题比的是文字
    whole = "".join(title)
    return any(line in whole and len(line) >= 6 for line in lines[:4]) or any(
        whole in line for line in lines[:4]
    )

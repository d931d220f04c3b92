"""Plain text in an unknown encoding. Standard library only.

Lines are the file's own lines: citations count them. Only a text that was hard-wrapped at one
width (copied out of a page or a mail) is joined back into paragraphs, and says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from assistant.errors import UnsupportedFormat
from assistant.loading.content import Content
from assistant.loading.limits import Limits, check_characters

BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
MAX_WRAP = 160
"""Columns; longer lines are paragraphs."""
REPLACEMENT = "\ufffd"
SENTENCE_END = "。！？；：!?;:”）)》"
_COMMON = re.compile(r"[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef\u2010-\u2027\x20-\x7e\r\n\t]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_DAMAGED = "文件中有个别字节无法识别，已用“\ufffd”代替，请对照原文核对"


def read(content: bytes, kind: str, limits: Limits) -> Content:
    """Read a text file; `kind` is always `txt`."""
    text, warnings = decode(content)
    check_characters(len(text), limits)
    if len(_CONTROL.findall(text)) > 0.01 * len(text) + 8:
        raise UnsupportedFormat(
            "不是文本文件，也不是能识别的文档", todo="请用原软件另存为 docx、pdf 或 txt 再导入"
        )
    lines = split_lines(text)
    joined = unwrap(lines)
    if joined is not None:
        lines = joined
        warnings += ("原文按固定宽度折行，已还原为段落；行号为还原后的行号",)
    return Content(lines=tuple(lines), warnings=warnings)


def split_lines(text: str) -> list[str]:
    r"""Split at \n, \r\n and \r only, so that line numbers are those an editor shows."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if lines and not lines[-1] else lines


def decode(content: bytes) -> tuple[str, tuple[str, ...]]:
    """Find the encoding: BOM, UTF-8, UTF-16 without BOM, GB18030; then the least damaged one."""
    for bom, encoding in BOMS:
        if content.startswith(bom):
            text = content.decode(encoding, "replace")
            return text, (_DAMAGED,) if REPLACEMENT in text else ()
    utf8 = _strict(content, "utf-8")
    if utf8 is not None and "\x00" not in utf8:
        return utf8, ()
    wide = _utf16(content)
    if wide is not None:
        return wide, ()
    if utf8 is not None:
        return utf8, ()
    return _legacy(content)


def _legacy(content: bytes) -> tuple[str, tuple[str, ...]]:
    # 一个坏字节不能让整篇 UTF-8 被当作 GB18030 读成乱码
    utf8 = content.decode("utf-8", "replace")
    damaged = utf8.count(REPLACEMENT)
    if damaged * 20 <= sum(not c.isascii() for c in utf8) - damaged:
        return utf8, (_DAMAGED,)
    gb = _strict(content, "gb18030")
    if gb is not None:
        return gb, ()
    gb = content.decode("gb18030", "replace")
    if gb.count(REPLACEMENT) * 20 > len(gb):
        raise UnsupportedFormat(
            "不是文本文件，或编码无法识别", todo="请用记事本打开，另存为 UTF-8 编码再导入"
        )
    return gb, (_DAMAGED,)


def _strict(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _utf16(content: bytes) -> str | None:
    # 换行、数字、英文在 UTF-16 中各留下一个零字节，由它在哪一侧可知字节序
    if len(content) < 4 or len(content) % 2:
        return None
    sides = (
        (content[1::2].count(0), "utf-16-le"),
        (content[0::2].count(0), "utf-16-be"),
    )
    for zeros, encoding in sorted(sides, reverse=True):
        text = _strict(content, encoding) if zeros else None
        if text and len(_COMMON.findall(text)) > 0.9 * len(text):
            return text
    return None


# ------------------------------------------------------------------ hard-wrapped text


def unwrap(lines: list[str]) -> list[str] | None:
    """Join hard-wrapped lines into paragraphs; `None` when the text is not hard-wrapped."""
    best: tuple[int, list[str]] | None = None
    for measure, slack in ((len, 1), (_columns, 2)):
        widths = [measure(line.rstrip()) for line in lines]
        full = _full_lines(lines, widths, slack)
        if full and (best is None or full > best[0]):
            best = full, _joined(lines, widths, max(widths) - slack)
    return best[1] if best else None


def _full_lines(lines: list[str], widths: list[int], slack: int) -> int:
    """How many lines fill the one width the text was cut at; 0 when it was not cut.

    Cut lines fill one width, nothing is longer, and they stop in mid-sentence: lines that an
    author ended do not.
    """
    long = [width for width in widths if width > 15]
    if len(long) < 8 or max(long) > MAX_WRAP:
        return 0
    width = max(long) - slack
    full = [line for line, w in zip(lines, widths, strict=True) if w >= width]
    ended = sum(line.rstrip()[-1] in SENTENCE_END for line in full)
    common = Counter(long).most_common(1)[0][0]
    if len(full) < max(6, 0.3 * len(long)) or common < width or ended > 0.25 * len(full):
        return 0
    return len(full)


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def _joined(lines: list[str], widths: list[int], full: int) -> list[str]:
    joined: list[str] = []
    open_ended = False
    for line, w in zip(lines, widths, strict=True):
        indented = line[:1] in ("\u3000", " ", "\t")
        if open_ended and line.strip() and not indented:
            joined[-1] = _glue(joined[-1].rstrip(), line.strip())
        else:
            joined.append(line)
        open_ended = w >= full
    return joined


def _glue(left: str, right: str) -> str:
    words = left[-1:].isascii() and left[-1:].isalpha() and right[:1].isascii()
    return f"{left} {right}" if words and right[:1].isalpha() else left + right

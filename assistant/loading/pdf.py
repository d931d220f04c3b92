"""PDF files with a text layer; scans and garbled text layers are refused in plain words."""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from assistant.errors import Encrypted, LoadError, Scanned, TooLarge
from assistant.loading.content import Content, LineBuilder
from assistant.loading.geometry import Glyph, lines_of, tidy
from assistant.loading.limits import Limits
from assistant.loading.page_layout import Page, Ruled
from assistant.loading.paragraphs import paragraphs_of
from assistant.loading.pdf_tables import find_ruled

PdfPage = Any
TextPage = Any

_BLANKS = " \u3000\xa0"
_NO_TEXT = (0, 2, 10, 13, 0xFFFE, 0xFFFF)
_ODD = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f]")
_HAN = re.compile("[\u4e00-\u9fff]")
LEAST_CHARACTERS = 20
"""A page with fewer characters than this, on average, is a picture."""
LEAST_RULES = 8
MOST_RULES = 5_000
MOST_TILT = 5
_OCR = "请先做文字识别（OCR），存为 docx 或 txt 再导入"


def read(content: bytes, kind: str, limits: Limits) -> Content:
    """Read a pdf; `kind` is always `pdf`."""
    document = open_pdf(content)
    try:
        if len(document) > limits.pages:
            raise TooLarge(
                f"共 {len(document)} 页，超过 {limits.pages} 页，未读取", todo="请拆分后再导入"
            )
        pages: list[Page] = []
        ruled: list[int] = []
        for number in range(len(document)):
            page = document[number]
            pages.append(_page(page, number, limits))
            if not pages[-1].turned and _is_ruled(page):
                ruled.append(number)
            page.close()
    finally:
        document.close()
    return _content(content, pages, ruled, limits)


def _content(content: bytes, pages: list[Page], ruled: list[int], limits: Limits) -> Content:
    blank = _check_text_layer(pages)
    builder = LineBuilder(limits)
    builder.front = [tidy(line.text) for line in pages[0].lines]
    if ruled and not find_ruled(content, pages, ruled):
        builder.warnings.append("表格线无法识别，表格按文字顺序读取，请对照原文核对")
    for item in paragraphs_of(pages):
        if isinstance(item, Ruled):
            builder.add_table(item.rows)
        else:
            builder.add(item)
    if blank:
        numbers = "、".join(str(number + 1) for number in blank[:10])
        more = "等" if len(blank) > 10 else ""
        builder.warnings.append(f"第 {numbers} 页{more}没有文字层（可能是扫描页），未读取")
    return builder.content()


def open_pdf(content: bytes) -> pypdfium2.PdfDocument:
    """Open a pdf; raises `Encrypted` or `LoadError`."""
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD or "assword" in str(error):
            raise Encrypted(
                "文件设有打开密码", todo="请用原软件去掉密码后另存一份再导入"
            ) from error
        raise LoadError(
            "PDF 文件已损坏，无法打开", todo="请用阅读器打开后另存一份再导入"
        ) from error


# ------------------------------------------------------------------ glyphs


def _page(page: PdfPage, number: int, limits: Limits) -> Page:
    width, height = page.get_size()
    if page.get_rotation() in (90, 270):  # glyph boxes are in unrotated page space
        width, height = height, width
    glyphs, angles = _glyphs(page, limits)
    quarter = Counter(round(angle / 90) % 4 for angle in angles).most_common(1)
    turn = quarter[0][0] if quarter else 0
    kept = [
        _turned(glyph, turn, width, height)
        for glyph, angle in zip(glyphs, angles, strict=True)
        if abs((angle - 90 * turn + 180) % 360 - 180) <= MOST_TILT  # watermarks run across
    ]
    if turn % 2:
        width, height = height, width
    return Page(lines_of(kept, number), width, height, kept, turned=bool(turn))


def _glyphs(page: PdfPage, limits: Limits) -> tuple[list[Glyph], list[int]]:
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        if count > limits.page_characters:
            raise TooLarge("某一页的字符过多，未读取", todo="请拆分或另存为 docx 再导入")
        glyphs: list[Glyph] = []
        angles: list[int] = []
        box = pdfium.FS_RECTF()
        reference = ctypes.byref(box)
        for index in range(count):
            text = _character(text_page, index)
            if text and pdfium.FPDFText_GetLooseCharBox(text_page, index, reference):
                glyphs.append(Glyph(box.left, box.right, box.bottom, box.top, text))
                angles.append(round(math.degrees(pdfium.FPDFText_GetCharAngle(text_page, index))))
    finally:
        text_page.close()
    return glyphs, angles


def _character(text_page: TextPage, index: int) -> str:
    code = pdfium.FPDFText_GetUnicode(text_page, index)
    if code in _NO_TEXT or code > 0x10FFFF or 0xD800 <= code < 0xE000:
        return ""
    text = chr(code)
    if text in _BLANKS or pdfium.FPDFText_IsGenerated(text_page, index) == 1:
        return ""
    return text


def _turned(glyph: Glyph, turn: int, width: float, height: float) -> Glyph:
    """Bring a glyph upright: pdfium counts its angles clockwise."""
    x0, x1, y0, y1 = glyph.x0, glyph.x1, glyph.y0, glyph.y1
    if turn == 1:
        return Glyph(height - y1, height - y0, x0, x1, glyph.text)
    if turn == 2:
        return Glyph(width - x1, width - x0, height - y1, height - y0, glyph.text)
    if turn == 3:
        return Glyph(y0, y1, width - x1, width - x0, glyph.text)
    return glyph


def _is_ruled(page: PdfPage) -> bool:
    paths = 0
    for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=3):
        paths += 1
        if paths > MOST_RULES:
            return False
    return paths >= LEAST_RULES


# ------------------------------------------------------------------ scans and garbled text


def _check_text_layer(pages: list[Page]) -> list[int]:
    """Refuse scans and garbled text; return the pages without text in an otherwise sound file."""
    sizes = [sum(len(line.text) for line in page.lines) for page in pages]
    if sum(sizes) < LEAST_CHARACTERS * max(1, len(pages)):
        raise Scanned("是扫描件或图片，没有可读取的文字", todo=_OCR)
    text = "".join(line.text for page in pages for line in page.lines)
    odd, han = len(_ODD.findall(text)), len(_HAN.findall(text))
    if odd > 0.05 * len(text) or (han < 0.2 * len(text) and not _is_latin(text)):
        raise Scanned(
            "文字层是乱码（字体缺少编码对照），复制出来也是乱码",
            todo="请用原文件另存为 docx；没有原文件的，" + _OCR.removeprefix("请"),
        )
    return [number for number, size in enumerate(sizes) if not size]


def _is_latin(text: str) -> bool:
    plain = sum(c.isascii() and (c.isalnum() or c in " .,;:()-/%'\"") for c in text)
    return plain > 0.9 * len(text)

"""OFD files (GB/T 33190): zip and XML, then the same page rules as for PDF."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any

from assistant.errors import Encrypted, LoadError, Scanned, TooLarge
from assistant.loading.content import Content, LineBuilder
from assistant.loading.docx_xml import parse_xml
from assistant.loading.geometry import Glyph, lines_of, tidy
from assistant.loading.limits import Limits, open_archive, read_entry
from assistant.loading.page_layout import Page
from assistant.loading.paragraphs import paragraphs_of

Element = Any

POINTS = 72 / 25.4
"""OFD measures in millimetres, the page rules in points."""
A4 = (210.0, 297.0)
LEAST_CHARACTERS = 20
MOST_REPEATED = 5_000
_DAMAGED = "请用 OFD 阅读器打开，另存为 PDF 或 docx 再导入"


def read(content: bytes, kind: str, limits: Limits) -> Content:
    """Read an ofd; `kind` is always `ofd`."""
    with open_archive(content, limits) as archive:
        pages = list(_Reader(archive, limits).pages())
    characters = sum(len(line.text) for page in pages for line in page.lines)
    if characters < LEAST_CHARACTERS * max(1, len(pages)):
        raise Scanned(
            "版式文件里只有图片或空白，没有可读取的文字",
            todo="请先做文字识别（OCR），存为 docx 或 txt 再导入",
        )
    builder = LineBuilder(limits)
    builder.front = [tidy(line.text) for line in pages[0].lines]
    for item in paragraphs_of(pages):
        if isinstance(item, str):
            builder.add(item)
    return builder.content()


class _Reader:
    """The documents of one container."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self._archive = archive
        self._limits = limits
        self._names = {n.replace("\\", "/").lstrip("/"): n for n in archive.namelist()}
        self._parsed: dict[str, Element] = {}
        if "Encryptions.xml" in self._names:
            raise Encrypted("版式文件已加密", todo=_DAMAGED)

    def pages(self) -> Iterator[Page]:
        """All pages of all documents, in order."""
        number = 0
        for root in self._xml("OFD.xml").iter("{*}DocRoot"):
            path = _locate("OFD.xml", (root.text or "").strip())
            document = self._xml(path)
            templates = {
                page.get("ID", ""): _locate(path, page.get("BaseLoc", ""))
                for page in document.iter("{*}TemplatePage")
            }
            size = _box(next(document.iter("{*}PhysicalBox"), None)) or A4
            for page in document.iter("{*}Page"):
                place = _locate(path, page.get("BaseLoc", ""))
                if place in self._names:
                    if number >= self._limits.pages:
                        raise TooLarge(
                            f"超过 {self._limits.pages} 页，未读取", todo="请拆分后再导入"
                        )
                    yield self._page(place, templates, size, number)
                    number += 1

    def _page(
        self, place: str, templates: dict[str, str], size: tuple[float, float], number: int
    ) -> Page:
        content = self._xml(place)
        width, height = _box(next(content.iter("{*}PhysicalBox"), None)) or size
        sources = [content]
        for template in content.iter("{*}Template"):
            path = templates.get(template.get("TemplateID", ""), "")
            if path in self._names:
                sources.append(self._xml(path))
        glyphs: list[Glyph] = []
        for source in sources:
            for text in source.iter("{*}TextObject"):
                glyphs.extend(_glyphs(text, height))
                if len(glyphs) > self._limits.page_characters:
                    raise TooLarge("某一页的字符过多，未读取", todo="请拆分后再导入")
        return Page(lines_of(glyphs, number), width * POINTS, height * POINTS)

    def _xml(self, path: str) -> Element:
        if path not in self._names:
            raise LoadError("版式文件不完整，找不到正文", todo=_DAMAGED)
        if path not in self._parsed:
            root = parse_xml(read_entry(self._archive, self._names[path]))
            if "Page" in path and "Tpl" not in path:
                return root
            self._parsed[path] = root
        return self._parsed[path]


def _glyphs(element: Element, height: float) -> Iterator[Glyph]:
    left, top, *_ = [*_numbers(element.get("Boundary")), 0.0, 0.0]
    size = _number(element.get("Size") or element.get("size"), 4.0)
    matrix = _numbers(element.get("CTM"))
    a, b, c, d, e, f = matrix if len(matrix) == 6 else (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    tall, wide = size * (abs(d) or 1.0), abs(a) or 1.0
    for code in element.iter("{*}TextCode"):
        x, y = _number(code.get("X"), 0.0), _number(code.get("Y"), 0.0)
        right, down = _steps(code.get("DeltaX")), _steps(code.get("DeltaY"))
        for index, text in enumerate(code.text or ""):
            usual = size * (0.5 if text.isascii() else 1.0)
            step = right[index] if index < len(right) else usual
            if not text.isspace():
                x0 = left + a * x + c * y + e
                base = height - (top + b * x + d * y + f)
                width = min((step or usual) * wide, tall)
                yield Glyph(
                    x0 * POINTS,
                    (x0 + width) * POINTS,
                    (base - 0.12 * tall) * POINTS,
                    (base + 0.88 * tall) * POINTS,
                    text,
                )
            x += step
            y += down[index] if index < len(down) else 0.0


def _locate(base: str, path: str) -> str:
    if path.startswith("/"):
        return path.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), path))


def _box(element: Element | None) -> tuple[float, float] | None:
    numbers = _numbers(element.text) if element is not None else []
    return (numbers[2], numbers[3]) if len(numbers) >= 4 else None


def _numbers(text: str | None) -> list[float]:
    return [_number(part, 0.0) for part in (text or "").split()]


def _number(text: str | None, default: float) -> float:
    try:
        value = float(text or "")
    except ValueError:
        return default
    return value if abs(value) < 1e6 else default


def _steps(text: str | None) -> list[float]:
    """Advances; `g n d` repeats an advance n times."""
    steps: list[float] = []
    parts = iter((text or "").split())
    for part in parts:
        if part == "g":
            count = int(_number(next(parts, "0"), 0.0))
            steps += [_number(next(parts, "0"), 0.0)] * max(0, min(count, MOST_REPEATED))
        else:
            steps.append(_number(part, 0.0))
    return steps

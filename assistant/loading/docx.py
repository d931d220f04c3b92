"""Word files: the text as Word would print it, one paragraph a line.

Reads the package itself (zip and lxml): only the parts that hold text are unpacked, macro-enabled
files, templates and files with dangling references read alike. Insertions are accepted, deletions
and hidden text dropped, text boxes read once, automatic numbers computed.
"""

from __future__ import annotations

import re
from typing import Any

from assistant.loading.content import BLANKS, Content, LineBuilder
from assistant.loading.docx_numbering import Numbering
from assistant.loading.docx_xml import W, WordPackage, child, child_value, integer, is_on
from assistant.loading.limits import Limits, open_archive

Element = Any

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_SKIPPED = {
    f"{W}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "instrText", "delText", "rt")
} | {_FALLBACK}
_MARKS = {
    f"{W}br": "\n",
    f"{W}cr": "\n",
    f"{W}tab": "\t",
    f"{W}ptab": "\t",
    f"{W}noBreakHyphen": "-",
}
_TRANSPARENT = {f"{W}{name}" for name in ("customXml", "ins", "smartTag", "moveTo", "sdtContent")}
_TOC_LINE = re.compile(r"^[^\t。；]*\t+\s*\d{0,4}\s*$")
MAX_COLUMNS = 200


def read(content: bytes, kind: str, limits: Limits) -> Content:
    """Read a docx; `kind` is always `docx`."""
    with open_archive(content, limits) as archive:
        package = WordPackage(archive)
        return _Reader(package, limits).read()


class _Reader:
    """One walk through one document."""

    def __init__(self, package: WordPackage, limits: Limits) -> None:
        styles = package.part("styles")
        self._package = package
        self._limits = limits
        self._numbering = Numbering(package.part("numbering"), styles)
        self._hidden = _hidden_styles(styles)
        self._carried = ""
        """Text of a paragraph whose end mark was deleted: it runs on into the next one."""

    def read(self) -> Content:
        builder = LineBuilder(self._limits)
        body = child(self._package.document, "body")
        if body is not None:
            self._blocks(body, builder)
        self._notes(builder)
        for header in self._package.parts("header"):
            front = LineBuilder(self._limits)
            self._blocks(header, front)
            builder.front.extend(front.lines)
        return builder.content()

    def _notes(self, builder: LineBuilder) -> None:
        count = 0
        for kind in ("footnote", "endnote"):
            part = self._package.part(f"{kind}s")
            for note in part.findall(f"{W}{kind}") if part is not None else ():
                if note.get(f"{W}type") is None:
                    before = len(builder.lines)
                    self._blocks(note, builder)
                    count += len(builder.lines) > before
        if count:
            builder.warnings.append(f"文中有 {count} 条脚注或尾注，已放在正文之后")

    # ------------------------------------------------------------ blocks

    def _blocks(self, parent: Element, builder: LineBuilder) -> None:
        for element in parent:
            if element.tag == f"{W}p":
                self._paragraph(element, builder)
            elif element.tag == f"{W}tbl":
                builder.add_table(self._table(element))
            elif element.tag == f"{W}sdt":
                content = child(element, "sdtContent")
                if content is not None:
                    self._blocks(content, builder)
            elif element.tag in _TRANSPARENT:
                self._blocks(element, builder)

    def _paragraph(self, paragraph: Element, builder: LineBuilder) -> None:
        pieces: list[str] = []
        boxes: list[Element] = []
        properties = child(paragraph, "pPr")
        label = self._numbering.label(paragraph)
        if child_value(properties, "pStyle") not in self._hidden:
            self._inline(paragraph, pieces, boxes)
        text = _tabs("".join(pieces))
        if text.strip(BLANKS) and not self._carried:
            text = label + text.strip(BLANKS) if label else text
        text, self._carried = self._carried + text, ""
        mark = child(properties, "rPr")
        if child(mark, "del") is not None or child(mark, "moveFrom") is not None:
            self._carried = text
        else:
            builder.add(text)
        for box in boxes:
            self._blocks(box, builder)

    def _inline(self, parent: Element, pieces: list[str], boxes: list[Element]) -> None:
        for element in parent:
            tag = element.tag
            if tag in _SKIPPED or (tag == f"{W}r" and self._is_hidden(element)):
                continue
            if tag in (f"{W}t", _MATH_TEXT):
                pieces.append(element.text or "")
            elif tag in _MARKS:
                pieces.append(_MARKS[tag])
            elif tag == f"{W}txbxContent":
                boxes.append(element)
            else:
                self._inline(element, pieces, boxes)

    def _is_hidden(self, run: Element) -> bool:
        properties = child(run, "rPr")
        if child(properties, "vanish") is not None:
            return is_on(properties, "vanish")
        return child_value(properties, "rStyle") in self._hidden

    # ------------------------------------------------------------ tables

    def _table(self, table: Element) -> list[list[str]]:
        rows: list[list[str]] = []
        for row in _through(table, f"{W}tr"):
            properties = child(row, "trPr")
            if child(properties, "del") is None:
                above = rows[-1] if rows else []
                rows.append(self._row(row, above, child_value(properties, "gridBefore")))
        return rows

    def _row(self, row: Element, above: list[str], skipped: str) -> list[str]:
        cells = [""] * min(integer(skipped, 0), MAX_COLUMNS)
        for cell in _through(row, f"{W}tc"):
            properties = child(cell, "tcPr")
            width = max(1, min(integer(child_value(properties, "gridSpan"), 1), MAX_COLUMNS))
            merge = child(properties, "vMerge")
            if merge is not None and merge.get(f"{W}val", "continue") == "continue":
                text = above[len(cells)] if len(cells) < len(above) else ""
            else:
                inner = LineBuilder(self._limits)
                self._blocks(cell, inner)
                text = " ".join(inner.lines)
            cells.extend([text] * width)
            if len(cells) > MAX_COLUMNS:
                break
        return cells


def _through(parent: Element, tag: str) -> list[Element]:
    """Children with a tag, also inside content controls and tracked insertions."""
    found = []
    for element in parent:
        if element.tag == tag:
            found.append(element)
        elif element.tag == f"{W}sdt" or element.tag in _TRANSPARENT:
            found.extend(_through(element, tag))
    return found


def _tabs(text: str) -> str:
    # 制表符只在目录行里有意义；编号后、落款前的制表符只是版面
    lines = [
        re.sub(r"\t+\s*", "\t", line) if _TOC_LINE.match(line) else re.sub(r"\t+", " ", line)
        for line in text.split("\n")
    ]
    return "\n".join(lines)


def _hidden_styles(styles: Element | None) -> set[str]:
    based: dict[str, str] = {}
    hidden: dict[str, bool] = {}
    for style in styles.findall(f"{W}style") if styles is not None else ():
        name = style.get(f"{W}styleId", "")
        based[name] = child_value(style, "basedOn")
        properties = child(style, "rPr")
        if child(properties, "vanish") is not None:
            hidden[name] = is_on(properties, "vanish")

    def is_hidden(name: str) -> bool:
        seen: set[str] = set()
        while name and name not in seen:
            if name in hidden:
                return hidden[name]
            seen.add(name)
            name = based.get(name, "")
        return False

    return {name for name in based if is_hidden(name)}

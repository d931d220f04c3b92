"""Small pieces of WordprocessingML: fonts, indents, fields, table grids. Knows no content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

Look = Mapping[str, Any]

ALIGN = {
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "justify": WD_ALIGN_PARAGRAPH.JUSTIFY,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "left": WD_ALIGN_PARAGRAPH.LEFT,
}
CELL_MARGIN_MM = 1.2
# elements that must stand after w:outlineLvl in w:pPr
_AFTER_OUTLINE = ("w:divId", "w:cnfStyle", "w:rPr", "w:sectPr", "w:pPrChange")


def set_font(owner: Any, look: Look, latin: str) -> None:
    """Name the fonts of a run or style; Chinese quotation marks follow the Chinese font."""
    latin = look.get("latin", latin)
    owner.font.name = latin
    owner.font.size = Pt(look["size_pt"])
    fonts = owner._element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), look["font"])
    fonts.set(qn("w:hAnsi"), latin)
    fonts.set(qn("w:cs"), latin)
    fonts.set(qn("w:hint"), "eastAsia")
    if look.get("bold"):
        owner.font.bold = True


def set_shape(owner: Any, look: Look) -> None:
    """Set spacing, alignment and indents of a paragraph or style."""
    shape = owner.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    if "line_pt" in look:
        shape.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        shape.line_spacing = Pt(look["line_pt"])
    shape.alignment = ALIGN[look.get("align", "left")]
    shape.widow_control = False
    if look.get("keep_next"):
        shape.keep_with_next = True
    properties = owner._element.get_or_add_pPr()
    _indent(properties, look)
    if "outline" in look:
        level = OxmlElement("w:outlineLvl")
        level.set(qn("w:val"), str(look["outline"] - 1))
        properties.insert_element_before(level, *_AFTER_OUTLINE)


def _indent(properties: Any, look: Look) -> None:
    """Indents in characters follow the type size; the twips beside them are for other readers."""
    sides = (
        ("indent_chars", "firstLine"),
        ("hanging_chars", "hanging"),
        ("left_chars", "left"),
        ("right_chars", "right"),
    )
    wanted = [(side, look[key]) for key, side in sides if look.get(key)]
    if not wanted:
        return
    indent = properties.get_or_add_ind()
    for side, chars in wanted:
        # a hanging line begins `left` in, the rest stand `hanging` further
        if side == "left" and look.get("hanging_chars"):
            chars += look["hanging_chars"]
        indent.set(qn(f"w:{side}Chars"), str(round(chars * 100)))
        indent.set(qn(f"w:{side}"), str(round(chars * look["size_pt"] * 20)))


def add_field(run: Any, code: str) -> None:
    """Make a run a field such as PAGE."""
    for old in run.findall(qn("w:t")):
        run.remove(old)
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("text", "1"), ("end", "")):
        if kind == "text":
            part = OxmlElement("w:t")
            part.text = text
        elif kind:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        else:
            part = OxmlElement("w:instrText")
            part.set(qn("xml:space"), "preserve")
            part.text = f" {text} "
        run.append(part)


def repeat_header(row: Any) -> None:
    """Print this row at the head of every page, and never break it."""
    properties = row.get_or_add_trPr()
    for name in ("w:cantSplit", "w:tblHeader"):
        mark = OxmlElement(name)
        mark.set(qn("w:val"), "true")
        properties.append(mark)


def fix_widths(table: Any, shares: Sequence[float], width_mm: float) -> None:
    """Give the columns fixed widths that together fill the page and no more."""
    table.autofit = False
    total = sum(shares)
    widths = [Mm(width_mm * share / total) for share in shares]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row in table.rows:
        for cell, width in zip(row._tr.tc_lst, widths, strict=True):
            cell.width = width
    properties = table._tbl.tblPr
    total_width = OxmlElement("w:tblW")
    for old in properties.findall(qn("w:tblW")):
        properties.remove(old)
    total_width.set(qn("w:w"), str(sum(width.twips for width in widths)))
    total_width.set(qn("w:type"), "dxa")
    properties.insert_element_before(
        total_width,
        *("w:jc", "w:tblCellSpacing", "w:tblInd", "w:tblBorders", "w:shd", "w:tblLayout"),
        *("w:tblCellMar", "w:tblLook"),
    )
    _cell_margins(properties)


def _cell_margins(properties: Any) -> None:
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(Mm(CELL_MARGIN_MM).twips))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties.insert_element_before(margins, "w:tblLook")


def speak_chinese(document: Any) -> None:
    """Mark the text as Chinese, so that line ends follow Chinese rules."""
    defaults = document.styles.element.find(qn("w:docDefaults"))
    if defaults is None:
        return
    for language in defaults.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")

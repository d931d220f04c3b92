"""A Word document in the official format: page, type, page numbers, blanks highlighted.

Knows styles and paragraphs, nothing of drafts or answers.
"""

from __future__ import annotations

import copy
import io
import re
from collections.abc import Sequence
from typing import Any, Literal

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.text.paragraph import Paragraph

from assistant.export.docx_parts import (
    ALIGN,
    Look,
    add_field,
    fix_widths,
    repeat_header,
    set_font,
    set_shape,
    speak_chinese,
)
from assistant.export.fonts import load_format
from assistant.export.template import detach_tail, open_template
from assistant.export.text import BLANK, printable, text_width, tidy_days, title_lines

StyleName = Literal[
    "title",
    "level1",
    "level2",
    "level3",
    "level4",
    "body",
    "plain",
    "list",
    "signature",
    "date",
    "mark",
    "note",
    "attachment",
    "cell",
    "cell_head",
    "page_number",
]
_LABELLED = re.compile(r"^([^：。]{2,8}：)")


class OfficialDocument:
    """A document under way; call the paragraph methods in order, then `save()`.

    With a template the page, headers, footers and letterhead are the template's, and so is the
    look of every style it defines under the names of the style table.
    """

    def __init__(self, template: bytes | None = None) -> None:
        self._format = load_format()
        self._document = open_template(template) if template else docx.Document()
        self._tail = detach_tail(self._document) if template else []
        self._from_template = template is not None
        self._shapes: dict[StyleName, Any] = {}
        self._fonts: dict[tuple[StyleName, WD_COLOR_INDEX | None, bool], Any] = {}
        self._styles_held = {style.name for style in self._document.styles}
        self._own_styles = self._styles_held if template else set()
        if not self._from_template:
            speak_chinese(self._document)
            self._document.settings.odd_and_even_pages_header_footer = True
            self._set_page(self._document.sections[0])
            self._number_pages(self._document.sections[0])
            set_font(self._document.styles["Normal"], self._look("body"), self._format["latin"])
            self._document.core_properties.author = "整改参谋"
        self._define_styles()
        self._width_mm = self._text_width_mm()

    # ------------------------------------------------------------------ content

    def title(self, text: str) -> None:
        """Write the title, broken between words into lines of like length."""
        paragraph = self._paragraph("title")
        lines = title_lines(printable(text), width=self._format["title_line_chars"])
        for number, line in enumerate(lines):
            self._runs(paragraph, line if number == 0 else f"\n{line}", "title")

    def paragraph(self, text: str, style: StyleName = "body", *, alarm: bool = False) -> None:
        """Write one paragraph; blanks are marked yellow, `alarm` marks all of it red."""
        mark = WD_COLOR_INDEX.RED if alarm else None
        self._runs(self._paragraph(style), text, style, mark)

    def run_in(self, head: str, text: str, style: StyleName) -> None:
        """Write a heading that its own paragraph follows on the same line."""
        paragraph = self._paragraph("body")
        self._runs(paragraph, head, style)
        self._runs(paragraph, text, "body")

    def labelled(self, text: str) -> None:
        """Write a body paragraph whose opening label, as in 责任领导：, is bold."""
        paragraph = self._paragraph("body")
        match = _LABELLED.match(text)
        if match:
            self._run(paragraph, match.group(), "body", bold=True)
        self._runs(paragraph, text[match.end() if match else 0 :], "body")

    def blank_line(self) -> None:
        """Leave a line empty."""
        self._paragraph("plain")

    def ending(self, name: str, day: str) -> None:
        """Sign: with a seal the name stands centred over the date, four characters in."""
        if not self._format["sealed"]:
            self.paragraph(name, "signature")
            self.paragraph(day, "date")
            return
        # centred over the date, but never further out than the text edge allows
        room = self._look("date")["right_chars"] + (text_width(day) - text_width(name)) / 2
        paragraph = self._paragraph("signature")
        set_shape(
            Paragraph(paragraph, self._document._body),
            {**self._look("signature"), "right_chars": max(room, 2)},
        )
        self._runs(paragraph, name, "signature")
        self.paragraph(day, "date")

    def table(
        self,
        header: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        widths: Sequence[float] = (),
    ) -> None:
        """Draw a table as wide as the text whose header repeats on each page."""
        table = self._document.add_table(rows=1, cols=len(header))
        if "Table Grid" in self._styles_held:
            table.style = "Table Grid"
        fix_widths(table, widths or [1.0] * len(header), self._width_mm)
        head = table.rows[0]._tr
        empty = copy.deepcopy(head)
        self._fill(head, header, "cell_head")
        repeat_header(head)
        for words in rows or [["无", *[""] * (len(header) - 1)]]:
            row = copy.deepcopy(empty)
            self._fill(row, words, "cell")
            table._tbl.append(row)

    def attachment(self, number: int, name: str, *, landscape: bool = False) -> None:
        """Begin an attachment on a new page, turned where it holds a wide table."""
        section = self._document.add_section(WD_SECTION.NEW_PAGE)
        if self._from_template:
            self._turn(section, landscape=landscape)
        else:
            self._set_page(section, landscape=landscape)
            self._number_pages(section)
        self._width_mm = self._text_width_mm()
        self.paragraph(f"附件{number}", "attachment")
        self.title(name)
        self.blank_line()

    def save(self) -> bytes:
        """Give the file."""
        body = self._document.element.body
        last = body.find(qn("w:sectPr"))
        for element in self._tail:
            last.addprevious(element)
        stream = io.BytesIO()
        self._document.save(stream)
        return stream.getvalue()

    # ------------------------------------------------------------------ inside

    def _look(self, style: StyleName) -> Look:
        look: Look = self._format["styles"][style]
        return look

    def _define_styles(self) -> None:
        """Make each style of the table a Word style, so that an office can change it at once."""
        for name, look in self._format["styles"].items():
            if look["name"] in self._own_styles or name == "page_number":
                continue
            style = self._document.styles.add_style(look["name"], WD_STYLE_TYPE.PARAGRAPH)
            set_font(style, look, self._format["latin"])
            set_shape(style, look)

    def _paragraph(self, style: StyleName) -> Any:
        paragraph = self._document.add_paragraph()
        self._shape(paragraph._p, style)
        return paragraph._p

    def _shape(self, paragraph: Any, style: StyleName) -> None:
        """Give a paragraph the shape of a style: copied, for setting it piece by piece is slow."""
        if style not in self._shapes:
            look, model = self._look(style), self._document.add_paragraph()
            model.style = self._document.styles[look["name"]]
            if look["name"] not in self._own_styles:
                set_shape(model, look)
            self._shapes[style] = model._p.pPr
            model._p.getparent().remove(model._p)
        if paragraph.pPr is not None:
            paragraph.remove(paragraph.pPr)
        paragraph.insert(0, copy.deepcopy(self._shapes[style]))

    def _runs(
        self, paragraph: Any, text: str, style: StyleName, mark: WD_COLOR_INDEX | None = None
    ) -> None:
        text, place = tidy_days(printable(text)), 0
        for blank in BLANK.finditer(text):
            self._run(paragraph, text[place : blank.start()], style, mark)
            self._run(paragraph, blank.group(), style, WD_COLOR_INDEX.YELLOW)
            place = blank.end()
        self._run(paragraph, text[place:], style, mark)

    def _run(
        self,
        paragraph: Any,
        text: str,
        style: StyleName,
        mark: WD_COLOR_INDEX | None = None,
        *,
        bold: bool = False,
    ) -> Any:
        if not text:
            return None
        key = (style, mark, bold)
        if key not in self._fonts:
            look, model = self._look(style), self._document.add_paragraph()
            run = model.add_run()
            if look["name"] not in self._own_styles:
                set_font(run, look, self._format["latin"])
            run.font.highlight_color = mark
            run.bold = True if bold else run.bold
            self._fonts[key] = run._r.get_or_add_rPr()
            model._p.getparent().remove(model._p)
        run = paragraph.add_r()
        run.append(copy.deepcopy(self._fonts[key]))
        run.text = text
        return run

    def _fill(self, row: Any, words: Sequence[str], style: StyleName) -> None:
        for cell, text in zip(row.tc_lst, words, strict=True):
            for number, line in enumerate(text.split("\n")):
                paragraph = cell.p_lst[0] if number == 0 else cell.add_p()
                self._shape(paragraph, style)
                self._runs(paragraph, line, style)

    # ------------------------------------------------------------------ page

    def _set_page(self, section: Any, *, landscape: bool = False) -> None:
        page = self._format["page"]
        margins = self._format["landscape"] if landscape else page
        width, height = Mm(page["width_mm"]), Mm(page["height_mm"])
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = (height, width) if landscape else (width, height)
        section.top_margin, section.bottom_margin = Mm(margins["top_mm"]), Mm(margins["bottom_mm"])
        section.left_margin, section.right_margin = Mm(margins["left_mm"]), Mm(margins["right_mm"])
        section.footer_distance = Mm(margins["footer_mm"])

    def _turn(self, section: Any, *, landscape: bool) -> None:
        wide = section.page_width > section.page_height
        if wide != landscape:
            section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
            section.page_width, section.page_height = section.page_height, section.page_width

    def _text_width_mm(self) -> float:
        section = self._document.sections[-1]
        lengths: list[Any] = [section.page_width, section.left_margin, section.right_margin]
        width, left, right = (length.mm if length is not None else 0.0 for length in lengths)
        return float(width - left - right)

    def _number_pages(self, section: Any) -> None:
        """Put `— 1 —` at the outer edge, one character in: right on odd pages, left on even."""
        for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
            footer.is_linked_to_previous = False
            paragraph = footer.paragraphs[0]
            paragraph.alignment = ALIGN[side]
            indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
            indent.set(qn(f"w:{side}Chars"), "100")
            indent.set(qn(f"w:{side}"), str(self._look("page_number")["size_pt"] * 20))
            self._run(paragraph._p, "— ", "page_number")
            add_field(self._run(paragraph._p, " ", "page_number"), "PAGE")
            self._run(paragraph._p, " —", "page_number")

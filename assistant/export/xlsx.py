"""Worksheets fit to print: frozen header, widths, wrapped text, no formula from outside text."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break, ColBreak
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from assistant.export.text import BLANK, cell_text, text_width

Value = str | int | float | date | None

_THIN = Side(style="thin", color="999999")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD = PatternFill("solid", fgColor="F0E6DA")
_TO_FILL = PatternFill("solid", fgColor="FFF2A8")
DATE_FORMAT = 'yyyy"年"m"月"d"日"'
PAPER_A4 = 9
PORTRAIT_WIDTH = 100
"""Sheets narrower than this many characters are printed upright."""
ROOM_FOR_MORE = 200
"""Rows below the last that keep the lists to pick from and the colours."""
_UNIT_MM, _PADDING_MM = 2.12, 1.32
"""Width of a column: so much a unit (a digit of the default font), so much around them."""
_FULL_WIDTH_A_UNIT = 0.6
"""Full-width characters of the text size that fit a unit."""
_FONT_SIZE, _LINE_PT, _TALLEST_PT = 10, 14.4, 409.0
_MARGIN_INCHES = 0.5


@dataclass(frozen=True, slots=True)
class Look:
    """How a sheet is laid out."""

    title: str = ""
    note: str = ""
    footer: str = ""
    """Printed at the foot of each page and shown where a value is picked."""
    widths: Mapping[str, float] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Column → values to pick from."""
    colours: Sequence[tuple[str, str, str]] = ()
    """(column, formula for its first row with `{row}`, colour)."""
    hidden: Sequence[str] = ()
    breaks_after: str = ""
    """Print this wide sheet on two pages side by side, the first ending with this column."""
    repeated: int = 0
    """Columns repeated at the left of the second page."""


class Book:
    """A workbook under way."""

    def __init__(self) -> None:
        self._workbook = Workbook()
        # widths are counted in digits of the default font: one that Chinese machines agree on
        styles: Any = self._workbook._named_styles  # type: ignore[attr-defined]
        styles["Normal"].font = Font(name="宋体", size=11)
        self._fresh = True

    def sheet(
        self,
        name: str,
        header: Sequence[str],
        rows: Sequence[Sequence[Value]],
        look: Look | None = None,
    ) -> None:
        """Add a sheet: title, note, header row, rows."""
        look = look or Look()
        sheet = self._workbook.active if self._fresh else self._workbook.create_sheet()
        assert isinstance(sheet, Worksheet)
        self._fresh = False
        sheet.title = name[:31]
        end = look.breaks_after or next(w for w in reversed(header) if w not in look.hidden)
        first = _heads(sheet, header.index(end) + 1, look)
        widths = [look.widths.get(words, 12) for words in header]
        for column, words in enumerate(header, 1):
            _put(sheet, first, column, words, Font(name="黑体", size=10.5), fill=_HEAD)
            sheet.cell(first, column).alignment = Alignment(
                wrap_text=True, horizontal="center", vertical="center"
            )
            sheet.column_dimensions[get_column_letter(column)].width = widths[column - 1]
        heads = [_lines(words, width) for words, width in zip(header, widths, strict=True)]
        sheet.row_dimensions[first].height = max(heads) * _LINE_PT + 8
        shown = [place for place, words in enumerate(header) if words not in look.hidden]
        for number, row in enumerate(rows, first + 1):
            for column, value in enumerate(row, 1):
                _put(sheet, number, column, value, Font(name="仿宋_GB2312", size=_FONT_SIZE))
            sheet.row_dimensions[number].height = _height(row, widths, shown)
        last = first + max(len(rows), 1) + ROOM_FOR_MORE
        _choose(sheet, header, look, (first + 1, last))
        _colour(sheet, header, look.colours, (first + 1, last))
        for words in look.hidden:
            sheet.column_dimensions[get_column_letter(header.index(words) + 1)].hidden = True
        _print_setup(sheet, first, [widths[place] for place in shown], header, look)

    def save(self) -> bytes:
        """Give the file."""
        stream = io.BytesIO()
        self._workbook.save(stream)
        return stream.getvalue()


def _heads(sheet: Worksheet, width: int, look: Look) -> int:
    """Write title and note over the whole width; gives the row of the header."""
    row = 1
    for words, font, height in (
        (look.title, Font(name="方正小标宋简体", size=18), 32.0),
        (look.note, Font(name="楷体_GB2312", size=10), 18.0),
    ):
        if not words:
            continue
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)
        cell = sheet.cell(row, 1)
        _put_text(cell, words)
        cell.font = font
        centred = words is look.title
        cell.alignment = Alignment(
            horizontal="center" if centred else "left", vertical="center", wrap_text=True
        )
        lines = math.ceil(text_width(words) * font.size / 9 / max(_shown_width(look, width), 1))
        sheet.row_dimensions[row].height = height * max(lines, 1)
        row += 1
    return row


def _shown_width(look: Look, columns: int) -> float:
    """Width of a title in full-width characters, when the columns are as wide as they say."""
    widths = list(look.widths.values())
    return (sum(widths[:columns]) + 12 * max(columns - len(widths), 0)) / 2


def _height(row: Sequence[Value], widths: Sequence[float], shown: Sequence[int]) -> float:
    """Estimate the height of a wrapped row: programs differ in whether they do it themselves."""
    lines = max((_lines(row[place], widths[place]) for place in shown), default=1)
    return min(lines * _LINE_PT + 4, _TALLEST_PT)


def _lines(value: Value, width: float) -> int:
    if not isinstance(value, str) or not value:
        return 1
    room = max(width * _FULL_WIDTH_A_UNIT - 0.3, 1)
    return sum(max(math.ceil(text_width(part) / room), 1) for part in value.split("\n"))


def tall_enough(texts: Sequence[str], width: float) -> float:
    """Widen a column until its longest text fits the tallest row a program allows."""
    while width < 120 and any(_lines(text, width) * _LINE_PT + 4 > _TALLEST_PT for text in texts):
        width += 4
    return width


def _choose(
    sheet: Worksheet,
    header: Sequence[str],
    look: Look,
    rows: tuple[int, int],
) -> None:
    for name, values in look.choices.items():
        letter = get_column_letter(header.index(name) + 1)
        rule = DataValidation(type="list", formula1=f'"{",".join(values)}"', allow_blank=True)
        rule.error, rule.errorTitle = f"只能选择：{'、'.join(values)}", "取值不对"
        rule.showErrorMessage = True
        if look.footer:
            rule.prompt, rule.showInputMessage = look.footer, True
        sheet.add_data_validation(rule)
        rule.add(f"{letter}{rows[0]}:{letter}{rows[1]}")


def _colour(
    sheet: Worksheet,
    header: Sequence[str],
    colours: Sequence[tuple[str, str, str]],
    rows: tuple[int, int],
) -> None:
    for name, formula, colour in colours:
        letter = get_column_letter(header.index(name) + 1)
        fill = PatternFill("solid", start_color=colour, end_color=colour)
        rule: Any = Rule(
            type="expression",
            formula=[formula.format(row=rows[0])],
            dxf=DifferentialStyle(fill=fill),
            stopIfTrue=True,
        )
        sheet.conditional_formatting.add(f"{letter}{rows[0]}:{letter}{rows[1]}", rule)


def _print_setup(
    sheet: Worksheet, first: int, widths: Sequence[float], header: Sequence[str], look: Look
) -> None:
    sheet.freeze_panes = f"{get_column_letter(look.repeated + 1)}{first + 1}"
    sheet.print_title_rows = f"{first}:{first}"
    wide = sum(widths) > PORTRAIT_WIDTH
    sheet.page_setup.orientation = "landscape" if wide else "portrait"
    sheet.page_setup.paperSize = PAPER_A4
    margins = sheet.page_margins
    margins.left = margins.right = _MARGIN_INCHES
    margins.top = margins.bottom = 0.6
    margins.header = margins.footer = 0.3
    sheet.print_options.horizontalCentered = True
    if look.breaks_after:
        end = header.index(look.breaks_after) + 1
        sheet.print_title_cols = f"A:{get_column_letter(look.repeated)}"
        sheet.col_breaks = ColBreak(brk=[Break(id=end)])
        sheet.page_setup.scale = min(
            _scale(widths[:end]), _scale([*widths[: look.repeated], *widths[end:]])
        )
    else:
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if sheet.oddFooter is not None:
        sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
        sheet.oddFooter.left.text = look.footer or None


def _scale(widths: Sequence[float]) -> int:
    """Percentage at which columns of these widths fill a landscape A4 page."""
    paper_mm = 297 - 2 * _MARGIN_INCHES * 25.4
    columns_mm = sum(width * _UNIT_MM + _PADDING_MM for width in widths)
    return max(min(int(paper_mm / columns_mm * 87), 100), 30)


def _put_text(cell: Any, text: str) -> None:
    """Write text from outside, which is never a formula, whatever it begins with."""
    cell.value = cell_text(text)
    cell.data_type = "s"
    # nor once it is typed again; Excel takes the full-width signs for the others
    if text.lstrip()[:1] in tuple("=+-@＝＋－＠"):
        cell.quotePrefix = True


def _put(
    sheet: Worksheet,
    row: int,
    column: int,
    value: Value,
    font: Font,
    fill: PatternFill | None = None,
) -> None:
    cell = sheet.cell(row, column)
    cell.font, cell.border = font, _GRID
    centred = isinstance(value, int | date)
    cell.alignment = Alignment(
        wrap_text=True, vertical="top", horizontal="center" if centred else None
    )
    if isinstance(value, str):
        if value:
            _put_text(cell, value)
        if BLANK.search(value):
            cell.fill = _TO_FILL
    else:
        cell.value = value
        if isinstance(value, date):
            cell.number_format = DATE_FORMAT
    if fill is not None:
        cell.fill = fill

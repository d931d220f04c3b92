"""Spreadsheets: each visible sheet is a table, cells as people see them.

openpyxl knows number formats (a percentage is 0.6 in the file and 60% on the screen); calamine
reads what openpyxl cannot: xls, et, ods, and workbooks with broken styles.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from typing import Any

import openpyxl
import python_calamine
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from assistant.errors import Encrypted, LoadError, TooLarge
from assistant.loading.content import Content, LineBuilder
from assistant.loading.limits import (
    ZIP_FAILURES,
    Limits,
    check_declarations,
    open_archive,
    read_entry,
)
from assistant.loading.sniff import OLE
from assistant.loading.text import decode
from assistant.loading.xls_formats import Cells, percent_cells

Grid = dict[tuple[int, int], str]
Sheet = Any

_MERGED = re.compile(rb"<mergeCell ref=\"([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})\"")
OPENPYXL_FAILURES = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    ArithmeticError,
    SyntaxError,  # ElementTree.ParseError
    InvalidFileException,
    *ZIP_FAILURES,
)


def read(content: bytes, kind: str, limits: Limits) -> Content:
    """Read `xlsx`, `xls`, `ods` or `csv`."""
    builder = LineBuilder(limits)
    if kind == "csv":
        _read_csv(content, builder)
        return builder.content()
    if kind in ("xlsx", "ods"):
        _check_archive(content, limits)
    if kind == "xlsx":
        try:
            _read_openpyxl(content, builder, limits)
            return builder.content()
        except OPENPYXL_FAILURES:
            builder = LineBuilder(limits)
            builder.warnings.append("工作簿格式不规范，已用备用方式读取，百分数等显示格式可能不同")
    _read_calamine(content, builder, limits)
    return builder.content()


def _check_archive(content: bytes, limits: Limits) -> None:
    with open_archive(content, limits) as archive:
        for entry in archive.infolist():
            # whatever its name: a relationship may point anywhere
            if not entry.filename.startswith("xl/media/"):
                part = read_entry(archive, entry.filename)
                check_declarations(part)
                _check_cells(part.count(b"<c "), limits)
                # openpyxl makes an object for every cell a merged range covers
                _check_cells(sum(map(_area, _MERGED.findall(part))), limits)


def _area(reference: bytes) -> int:
    bounds = range_boundaries(reference.decode("ascii"))
    left, top, right, bottom = (side or 1 for side in bounds)
    return (right - left + 1) * (bottom - top + 1)


# ------------------------------------------------------------------ openpyxl


def _read_openpyxl(content: bytes, builder: LineBuilder, limits: Limits) -> None:
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    hidden = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            hidden.append(sheet.title)
            continue
        _check_cells(len(sheet._cells), limits)
        grid = {
            (row, column): text
            for (row, column), cell in sheet._cells.items()
            if (text := _shown(cell.value, cell.number_format))
        }
        for merged in sheet.merged_cells.ranges:
            _fill(grid, merged.min_row, merged.min_col, merged.max_row, merged.max_col)
        _note_hidden_rows(sheet, grid, builder)
        _add_grid(grid, sheet.title, builder)
    _note_hidden_sheets(hidden, builder)


def _note_hidden_rows(sheet: Sheet, grid: Grid, builder: LineBuilder) -> None:
    rows = {row for row, _ in grid}
    hidden = sum(1 for row in rows if row in sheet.row_dimensions and _is_hidden(sheet, row))
    if hidden:
        builder.warnings.append(f"工作表“{sheet.title}”有 {hidden} 个隐藏行，已一并读取")


def _is_hidden(sheet: Sheet, row: int) -> bool:
    return bool(sheet.row_dimensions[row].hidden)


def _shown(value: object, number_format: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return _date(value)
    if isinstance(value, int | float):
        return _number(value, number_format)
    return str(value)


def _date(value: datetime.datetime | datetime.date | datetime.time) -> str:
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M")
    day = f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, datetime.datetime) and (value.hour or value.minute):
        return f"{day} {value.hour:02d}:{value.minute:02d}"
    return day


def _number(value: float, number_format: str) -> str:
    plain = number_format.split(";")[0]
    decimals = len(plain.split(".")[1].rstrip("%_ )")) if "." in plain else 0
    if "%" in plain and '"' not in plain:
        return f"{value * 100:.{min(decimals, 6)}f}%"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value) if isinstance(value, int) else f"{value:.12g}"


# ------------------------------------------------------------------ calamine


def _read_calamine(content: bytes, builder: LineBuilder, limits: Limits) -> None:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except python_calamine.PasswordError as error:
        raise Encrypted("文件设有打开密码", todo="请用原软件去掉密码后另存一份再导入") from error
    except python_calamine.CalamineError as error:
        raise _damaged() from error
    percents = percent_cells(content) if content.startswith(OLE) else {}
    hidden = []
    for meta in book.sheets_metadata:
        if meta.visible != python_calamine.SheetVisibleEnum.Visible:
            hidden.append(meta.name)
        elif meta.typ == python_calamine.SheetTypeEnum.WorkSheet:
            grid = _calamine_grid(book, meta.name, percents.get(meta.name, {}), limits)
            _add_grid(grid, meta.name, builder)
    _note_hidden_sheets(hidden, builder)


def _calamine_grid(
    book: python_calamine.CalamineWorkbook, name: str, percents: Cells, limits: Limits
) -> Grid:
    try:
        sheet = book.get_sheet_by_name(name)
        _check_cells(sheet.height * sheet.width, limits)
        rows = sheet.to_python(skip_empty_area=False)
        merged = sheet.merged_cell_ranges or []
    except python_calamine.CalamineError as error:
        raise _damaged() from error
    grid: Grid = {}
    for row, cells in enumerate(rows):
        for column, value in enumerate(cells):
            decimals = percents.get((row, column))
            shape = "" if decimals is None else f"0.{'0' * decimals}%"
            if text := _shown(value, shape):
                grid[row, column] = text
    for (top, left), (bottom, right) in merged:
        _fill(grid, top, left, bottom, right)
    return grid


def _damaged() -> LoadError:
    return LoadError("工作簿已损坏，无法读取", todo="请用原软件打开后另存为 xlsx 再导入")


# ------------------------------------------------------------------ csv


def _read_csv(content: bytes, builder: LineBuilder) -> None:
    text, warnings = decode(content)
    builder.warnings.extend(warnings)
    separator = "\t" if text.count("\t") > text.count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        rows = [line.split(separator) for line in text.splitlines()]
    builder.add_table(rows)


# ------------------------------------------------------------------ common


def _fill(grid: Grid, top: int, left: int, bottom: int, right: int) -> None:
    text = grid.get((top, left), "")
    if not text or (bottom - top + 1) * (right - left + 1) > 20_000:
        return
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            grid[row, column] = text


def _add_grid(grid: Grid, name: str, builder: LineBuilder) -> None:
    """Only cells that exist: a stray cell in the last row must not make a million rows."""
    if not grid:
        return
    columns = sorted({column for _, column in grid})
    rows: dict[int, dict[int, str]] = {}
    for (row, column), text in grid.items():
        rows.setdefault(row, {})[column] = text
    builder.add_table(
        [[rows[row].get(column, "") for column in columns] for row in sorted(rows)], name=name
    )


def _note_hidden_sheets(names: list[str], builder: LineBuilder) -> None:
    if names:
        listed = "、".join(names[:5])
        builder.warnings.append(f"有 {len(names)} 个隐藏工作表未读取：{listed}")


def _check_cells(count: int, limits: Limits) -> None:
    if count > limits.cells:
        raise TooLarge(
            f"工作表超过 {limits.cells // 10_000} 万个单元格，未读取",
            todo="请删去多余的行列后另存一份再导入",
        )

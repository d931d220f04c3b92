"""Spreadsheets: what people see in the cells, merged, hidden, far away."""

from __future__ import annotations

import datetime
import io

import openpyxl
import pytest

from assistant.errors import TooLarge
from assistant.loading.load import load_bytes
from tests.fakes_loading import replace_part, xlsx_bytes


def _saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_ledger_is_a_table_below_its_title_rows() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "台账"
    for row in (
        ["青禾镇巡察整改台账"],
        ["填报单位：青禾镇党委"],
        ["序号", "问题", None, "措施", "时限", "完成率"],
        [None, "类别", "表现", None, None, None],
        [1, "党建", "笔记不全", "限期补齐", datetime.datetime(2031, 7, 31), 0.6],
        [2, None, "阵地不牢", "更新\n公开栏", datetime.date(2031, 8, 1), 1],
    ):
        sheet.append(row)
    sheet["F5"].number_format = "0%"
    sheet["F6"].number_format = "0.00%"
    for merged in ("A1:F1", "A2:F2", "A3:A4", "B3:C3", "D3:D4", "E3:E4", "F3:F4", "B5:B6"):
        sheet.merge_cells(merged)
    document = load_bytes("台账.xlsx", _saved(book))
    table = document.tables[0]
    assert document.lines[:2] == ("青禾镇巡察整改台账", "填报单位：青禾镇党委")
    assert (table.name, table.first_line) == ("台账", 3)
    assert table.rows == (
        ("序号", "问题", "问题", "措施", "时限", "完成率"),
        ("序号", "类别", "表现", "措施", "时限", "完成率"),
        ("1", "党建", "笔记不全", "限期补齐", "2031年7月31日", "60%"),
        ("2", "党建", "阵地不牢", "更新 公开栏", "2031年8月1日", "100.00%"),
    )
    assert document.lines[2:] == tuple("\t".join(row) for row in table.rows)


def test_hidden_sheets_are_skipped_and_hidden_rows_kept_and_both_said() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["问题", "措施"])
    book.worksheets[0].append(["笔记不全", "补齐"])
    book.worksheets[0].row_dimensions[2].hidden = True
    secret = book.create_sheet("底稿")
    secret.append(["不公开的内容", "x"])
    secret.sheet_state = "hidden"
    document = load_bytes("a.xlsx", _saved(book))
    assert document.lines == ("问题\t措施", "笔记不全\t补齐")
    assert any("底稿" in w for w in document.warnings)
    assert any("隐藏行" in w for w in document.warnings)


def test_a_stray_cell_at_the_bottom_costs_nothing() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["问题", "措施"])
    book.worksheets[0]["B1048576"] = "迷路"
    assert load_bytes("a.xlsx", _saved(book)).lines == ("问题\t措施", "\t迷路")


def test_a_workbook_with_broken_styles_still_reads() -> None:
    content = replace_part(xlsx_bytes([["问题", "措施"], ["甲", "乙"]]), "xl/styles.xml", b"<x/>")
    document = load_bytes("a.xlsx", content)
    assert document.lines == ("问题\t措施", "甲\t乙")


def test_a_merge_over_the_whole_sheet_is_refused() -> None:
    part = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row></sheetData><mergeCells>'
        b'<mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
    )
    content = replace_part(xlsx_bytes([["x"]]), "xl/worksheets/sheet1.xml", part)
    with pytest.raises(TooLarge, match="单元格"):
        load_bytes("a.xlsx", content)


def test_a_csv_is_a_table() -> None:
    content = '序号,问题,措施\n1,"甲，\n乙",补齐\n'.encode("gb18030")
    document = load_bytes("台账.csv", content)
    assert document.tables[0].rows == (("序号", "问题", "措施"), ("1", "甲， 乙", "补齐"))

"""What leaves the product: official format in Word, ledgers that hold no formula of others."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from docx.oxml.ns import qn
from docx.shared import Pt

from assistant.comparison import compare
from assistant.errors import SettingsError
from assistant.export.bundle import export
from assistant.export.ledger import HIDDEN_COLUMN, LEDGER_COLUMNS
from assistant.export.text import chinese_number, file_name, parse_day
from assistant.models import Answer, Answerable, Citation
from tests.factory import make_notice
from tests.fakes_export import PROBLEM, PROFILE, make_draft, open_docx, open_xlsx


def test_a_plan_has_the_page_and_type_of_an_official_document() -> None:
    name, content = export("plan", [make_draft()], "docx", profile=PROFILE)
    assert name == "整改方案.docx"
    document = open_docx(content)
    page = document.sections[0]
    lengths = (
        *(page.page_width, page.page_height),
        *(page.top_margin, page.bottom_margin, page.left_margin, page.right_margin),
    )
    assert [round(length.mm) for length in lengths] == [210, 297, 37, 35, 28, 26]
    body = next(p for p in document.paragraphs if p.text.startswith("1.全面核查"))
    assert body.paragraph_format.line_spacing == Pt(28)
    assert body.runs[0].font.size == Pt(16)
    assert body.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋_GB2312"
    assert body._p.pPr.ind.get(qn("w:firstLineChars")) == "200"
    title = next(p for p in document.paragraphs if "整改方案" in p.text)
    assert title.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia")) == "方正小标宋简体"
    assert title.runs[0].font.size == Pt(22)


def test_a_plan_keeps_the_problem_word_for_word_and_marks_blanks_and_doubts() -> None:
    document = open_docx(export("plan", [make_draft()], "docx", profile=PROFILE)[1])
    texts = [p.text for p in document.paragraphs]
    assert f"（一）{PROBLEM}" in texts
    assert "讨论稿　须经人工审核" in texts
    runs = [run for p in document.paragraphs for run in p.runs]
    assert all(run.font.highlight_color for run in runs if re.fullmatch(r"【[^】]*】", run.text))
    assert any("未核验" in run.text and run.font.highlight_color for run in runs)
    assert not any(re.search(r"已(全部)?完成", text) for text in texts if text.startswith("1."))


def test_page_numbers_stand_outside_on_odd_and_even_pages() -> None:
    content = export("plan", [make_draft()], "docx", profile=PROFILE)[1]
    section = open_docx(content).sections[0]
    assert "PAGE" in section.footer._element.xml
    assert "PAGE" in section.even_page_footer._element.xml
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"evenAndOddHeaders" in archive.read("word/settings.xml")


def test_the_basis_table_leads_from_measure_to_file_and_line() -> None:
    document = open_docx(export("plan", [make_draft()], "docx", profile=PROFILE)[1])
    rows = [[cell.text for cell in row.cells] for row in document.tables[-1].rows]
    assert rows[0] == ["序号", "草稿句子", "借鉴案例", "原文做法", "出处"]
    assert rows[1][3:] == ["制定采购办法。", "示例.txt 第3行"]
    assert rows[2][2] == "通用写法"


def test_a_ledger_has_the_columns_of_the_field_and_dates_as_dates() -> None:
    content = export("plan", [make_draft(), make_draft("另一问题")], "xlsx", profile=PROFILE)[1]
    sheet = open_xlsx(content)["整改台账"]
    header = [cell.value for cell in sheet[2]]
    assert tuple(header) == (*LEDGER_COLUMNS, HIDDEN_COLUMN)
    row = {name: cell.value for name, cell in zip(header, sheet[3], strict=True)}
    assert row["反馈问题（原文）"] == PROBLEM
    assert row["责任领导"] == "分管领导"
    assert row["完成时限"].date() == date(2025, 9, 1)
    assert row["完成情况"] == "未完成"
    assert sheet.freeze_panes == "D3"
    assert sheet.print_title_rows == "$2:$2"
    assert sheet.page_setup.orientation == "landscape"
    assert len(sheet.data_validations.dataValidation) == 2


@pytest.mark.parametrize("hostile", ["=1+1", "+cmd|'/C calc'!A0", "@SUM(A1)", "-2+3"])
def test_text_that_looks_like_a_formula_stays_text(hostile: str) -> None:
    content = export("plan", [make_draft(hostile)], "xlsx", profile=PROFILE)[1]
    sheet = open_xlsx(content)["整改台账"]
    cell = sheet.cell(3, LEDGER_COLUMNS.index("反馈问题（原文）") + 1)
    assert (cell.value, cell.data_type) == (hostile, "s")


def test_characters_office_files_forbid_are_dropped() -> None:
    draft = make_draft("含控制符\x00\x0b与\ud800孤立代理的问题")
    for form in ("docx", "xlsx"):
        assert export("plan", [draft], form, profile=PROFILE)[1]


def test_an_answer_is_written_with_its_places_and_marked_doubts() -> None:
    citation = Citation(1, "c-01", "c", "示例.txt", 3, 3, 0, 4, "补缴党费")
    answer = Answer(
        "党费少缴怎么改",
        "补缴党费[1]。\n\n无据之句。",
        (citation,),
        (),
        Answerable.YES,
        unsupported=("无据之句。",),
    )
    name, content = export("answer", answer, "docx", profile=PROFILE)
    assert name == "党费少缴怎么改.docx"
    document = open_docx(content)
    assert document.tables[0].rows[1].cells[3].text == "示例.txt 第3行"
    assert any("未找到依据" in p.text for p in document.paragraphs)


def test_comparison_totals_equal_the_table() -> None:
    unit = make_notice("aaaa0001", {"甲": ("改。",), "乙": ("改。",)})[1]
    peer = make_notice("bbbb0001", {"丙": ("改。",)}, sha256="b")[1]
    tag = {"甲": ("T11",), "乙": ("T13",), "丙": ("T13", "T11")}
    unit, peer = (
        replace(n, cases=tuple(replace(c, topics=tag[c.problem]) for c in n.cases))
        for n in (unit, peer)
    )
    comparison = compare(unit, (peer,), topic_names={}, kind_names={})
    content = export("comparison", comparison, "xlsx", profile=PROFILE)[1]
    rows = list(open_xlsx(content)["主题对照"].iter_rows(values_only=True))[3:]
    assert rows[-1][1:] == tuple(sum(row[i] for row in rows[:-1]) for i in (1, 2)) == (2, 2)
    assert export("comparison", comparison, "docx", profile=PROFILE)[1]


def test_cases_leave_as_sheet_and_as_the_json_of_the_command_line() -> None:
    notice = make_notice("aaaa0001", {"甲": ("改。",)})[1]
    sheet = open_xlsx(export("cases", [notice], "xlsx", profile=PROFILE)[1]).active
    assert sheet.cell(2, 5).value == "甲"
    loaded = json.loads(export("cases", [notice], "json", profile=PROFILE)[1])
    assert loaded[0]["problems"][0]["measures"] == ["改。"]


def test_a_form_that_does_not_exist_is_a_named_error() -> None:
    with pytest.raises(SettingsError, match=r"不能导出为 \.pdf.*可用：\.docx"):
        export("answer", make_draft(), "pdf", profile=PROFILE)


@pytest.mark.parametrize(
    ("number", "words"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (36, "三十六")]
)
def test_headings_count_in_chinese(number: int, words: str) -> None:
    assert chinese_number(number) == words


def test_days_are_read_and_impossible_ones_are_not() -> None:
    assert parse_day("2025年9月30日前") == date(2025, 9, 30)
    assert parse_day("2025年2月30日") is None
    assert parse_day("长期坚持") is None


def test_file_names_hold_no_path() -> None:
    assert file_name("../../etc/passwd: 问？", "docx") == "etcpasswd问？.docx"

"""The official format, asserted in the XML itself: page, type, spacing, numbering, signature."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from lxml import etree

from assistant.errors import LoadError
from assistant.export.bundle import export, export_noted
from assistant.export.docx import OfficialDocument
from assistant.export.fonts import font_note, fonts_named, load_format, missing_fonts
from assistant.export.text import chinese_number, tidy_days, title_lines
from tests.fakes_export import PROFILE, make_draft, open_docx, texts_of

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def body_xml(content: bytes) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return etree.fromstring(archive.read("word/document.xml"))


def test_every_text_paragraph_has_exact_28_point_lines_and_named_fonts() -> None:
    content = export("plan", [make_draft()], "docx", profile=PROFILE)[1]
    named = set(fonts_named())
    for paragraph in body_xml(content).findall(f"{W}body/{W}p"):
        words = "".join(paragraph.itertext())
        spacing = paragraph.find(f"{W}pPr/{W}spacing")
        if spacing is None:
            assert not words
            continue
        assert spacing.get(f"{W}lineRule") == "exact"
        assert spacing.get(f"{W}before") == spacing.get(f"{W}after") == "0"
        for fonts in paragraph.iter(f"{W}rFonts"):
            assert fonts.get(f"{W}eastAsia") in named
            assert fonts.get(f"{W}hint") == "eastAsia"
    lines = [s.get(f"{W}line") for s in body_xml(content).iter(f"{W}spacing")]
    assert lines.count("560") > len(lines) / 2


def test_headings_count_through_all_four_levels_when_the_feedback_has_headings() -> None:
    drafts = [
        replace(make_draft(f"第{n}类事项台账不全"), category=(heading, "（一）小节"))
        for n, heading in enumerate(("一、关于甲方面", "一、关于甲方面", "二、关于乙方面"))
    ]
    texts = texts_of(export("plan", drafts, "docx", profile=PROFILE)[1])
    headings = [text for text in texts if re.match(r"（[一二三]）关于", text)]
    assert headings == ["（一）关于甲方面", "（二）关于乙方面"]
    problems = [text for text in texts if re.match(r"\d\.第", text)]
    assert problems == ["1.第0类事项台账不全", "2.第1类事项台账不全", "1.第2类事项台账不全"]
    assert any(text.startswith("（1）全面核查") for text in texts)
    assert [t for t in texts if re.match(r"[一二三四五]、", t)][
        2
    ] == "三、整改内容、措施、责任和时限"


def test_levels_have_their_own_type_and_outline() -> None:
    document = open_docx(export("plan", [make_draft()], "docx", profile=PROFILE)[1])
    first = next(p for p in document.paragraphs if p.text == "一、总体要求")
    second = next(p for p in document.paragraphs if p.text.startswith("（一）食堂"))
    assert first.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia")) == "黑体"
    assert second.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia")) == "楷体_GB2312"
    levels = [p._p.pPr.find(qn("w:outlineLvl")).get(qn("w:val")) for p in (first, second)]
    assert levels == ["0", "1"]
    assert first.style.name == "公文一级标题"


def test_the_ledger_lies_across_the_page_and_fits_it() -> None:
    document = open_docx(export("plan", [make_draft()], "docx", profile=PROFILE)[1])
    section = document.sections[1]
    assert section.page_width > section.page_height
    room = section.page_width - section.left_margin - section.right_margin
    table = document.tables[0]
    assert sum(column.width for column in table.columns) <= room + Mm(1)
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    before = [p.text for p in document.paragraphs]
    assert "附件1" in before
    assert "整改台账" in before


def test_name_and_day_stand_by_the_seal() -> None:
    document = OfficialDocument()
    document.ending("中共清溪镇委员会", "2025年8月1日")
    name, day = open_docx(document.save()).paragraphs[-2:]
    right = qn("w:rightChars")
    # 8 characters over 7.5: centred over a day that stands four characters in
    assert day._p.pPr.ind.get(right) == "400"
    assert 300 <= int(name._p.pPr.ind.get(right)) <= 400


def test_days_lose_their_leading_zeros_and_impossible_ones_stay() -> None:
    assert tidy_days("2023年08月01日前") == "2023年8月1日前"
    assert tidy_days("2023年02月30日") == "2023年02月30日"


@pytest.mark.parametrize(
    "title",
    [
        "中共清溪镇委员会关于落实县委第二巡察组反馈意见的整改方案",
        "关于整改的方案",
        "栖川市城市建设投资集团有限公司党委关于市委第三巡察组反馈意见整改进展情况的报告",
        "一" * 90,
    ],
)
def test_a_title_breaks_without_losing_a_character(title: str) -> None:
    lines = title_lines(title, width=20)
    assert "".join(lines) == title
    if "一一" not in title:
        assert all(len(line) <= 20 for line in lines)
        assert not any(line.startswith(("的", "和", "》")) for line in lines)


def test_a_long_title_breaks_before_the_matter() -> None:
    lines = title_lines("中共清溪镇委员会关于落实县委第二巡察组反馈意见的整改方案", width=20)
    assert lines == ("中共清溪镇委员会", "关于落实县委第二巡察组反馈意见的整改方案")


@pytest.mark.parametrize(("number", "words"), [(100, "一百"), (105, "一百零五"), (120, "一百二十")])
def test_headings_count_beyond_a_hundred(number: int, words: str) -> None:
    assert chinese_number(number) == words


def test_missing_fonts_are_named_with_what_stands_in_for_them() -> None:
    missing = {f.name: f.fallback for f in missing_fonts(["宋体", "仿宋", "Times New Roman"])}
    assert missing["仿宋_GB2312"] == "仿宋"
    assert missing["黑体"] == ""
    assert "宋体" not in missing
    assert "仿宋_GB2312" in font_note(missing_fonts(["仿宋"]))
    assert font_note(missing_fonts(list(fonts_named()))) == ""


def test_every_style_of_the_table_has_a_font_a_size_and_a_fallback() -> None:
    table = load_format()
    for look in table["styles"].values():
        assert look["name"]
        assert look["size_pt"]
        assert look["font"] in table["fallbacks"]


def test_fonts_this_machine_lacks_are_told_with_the_file() -> None:
    made = export_noted("plan", [make_draft()], "docx", profile=PROFILE)
    assert bool(made.notes) == bool(missing_fonts())


# ---------------------------------------------------------------------- templates


def make_template(*, marked: bool, style: bool = False) -> bytes:
    document = docx.Document()
    section = document.sections[0]
    section.left_margin = Mm(40)
    section.header.paragraphs[0].text = "清溪镇党委文件"
    document.add_paragraph("清发〔2025〕　号")
    if marked:
        document.add_paragraph("【正文】")
        document.add_paragraph("抄送：县委巡察办")
    if style:
        made = document.styles.add_style("公文正文", 1)
        made.font.name = "Arial"
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_the_text_goes_where_the_template_of_the_office_says() -> None:
    template = make_template(marked=True)
    content = export("plan", [make_draft()], "docx", profile=PROFILE, template=template)[1]
    document = open_docx(content)
    texts = [p.text for p in document.paragraphs]
    assert texts[0] == "清发〔2025〕　号"
    assert texts[-1] == "抄送：县委巡察办"
    assert "【正文】" not in texts
    assert round(document.sections[0].left_margin.mm) == 40
    assert document.sections[0].header.paragraphs[0].text == "清溪镇党委文件"


def test_a_style_the_template_defines_keeps_its_look() -> None:
    template = make_template(marked=False, style=True)
    content = export("plan", [make_draft()], "docx", profile=PROFILE, template=template)[1]
    paragraph = next(p for p in open_docx(content).paragraphs if p.text.startswith("原因分析"))
    assert paragraph.style.font.name == "Arial"
    assert paragraph.runs[1]._r.rPr.find(qn("w:rFonts")) is None


@pytest.mark.parametrize("content", [b"not a zip", b"PK\x03\x04broken"])
def test_a_template_that_is_no_word_file_is_a_named_error(content: bytes) -> None:
    with pytest.raises(LoadError):
        export("plan", [make_draft()], "docx", profile=PROFILE, template=content)

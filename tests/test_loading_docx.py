"""Word files: automatic numbers, tracked changes, hidden text, boxes, tables."""

from __future__ import annotations

import pytest

from assistant.errors import LoadError, LoadTimeout, TooLarge
from assistant.loading.limits import Limits
from assistant.loading.load import load_bytes
from assistant.loading.numerals import chinese, render_number
from tests.fakes_loading import PARAGRAPHS, docx_bytes, numbered, paragraph, replace_part


def lines(content: bytes) -> list[str]:
    return list(load_bytes("通报.docx", content).lines)


def _level(
    number: int, form: str, text: str, *, start: int = 1, more: str = "", style: str = ""
) -> str:
    tied = f'<w:pStyle w:val="{style}"/>' if style else ""
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}{tied}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def _list(*levels: str, more: str = "") -> str:
    return (
        f'<w:abstractNum w:abstractNumId="0">{"".join(levels)}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>{more}'
    )


OUTLINE = (
    _level(0, "chineseCountingThousand", "%1、"),
    _level(1, "chineseCounting", "（%2）"),
    _level(2, "decimal", "%3."),
)


def test_paragraphs_come_one_a_line_and_blank_ones_not() -> None:
    content = docx_bytes(paragraphs=["", *PARAGRAPHS, "  "])
    assert lines(content) == list(PARAGRAPHS)


def test_automatic_numbers_are_computed_and_restart_under_their_parent() -> None:
    body = "".join(
        numbered(text, level=level)
        for text, level in (
            ("党的建设", 0),
            ("学习不实", 1),
            ("笔记不全", 2),
            ("考核不严", 2),
            ("阵地不牢", 1),
            ("责任不清", 2),
            ("作风建设", 0),
            ("会风不正", 1),
        )
    )
    assert lines(docx_bytes(body, numbering=_list(*OUTLINE))) == [
        "一、党的建设",
        "（一）学习不实",
        "1.笔记不全",
        "2.考核不严",
        "（二）阵地不牢",
        "1.责任不清",
        "二、作风建设",
        "（一）会风不正",
    ]


def test_a_level_told_never_to_restart_counts_on() -> None:
    levels = (OUTLINE[0], _level(1, "decimal", "%2.", more='<w:lvlRestart w:val="0"/>'))
    body = numbered("甲") + numbered("子", level=1) + numbered("乙") + numbered("丑", level=1)
    assert lines(docx_bytes(body, numbering=_list(*levels))) == ["一、甲", "1.子", "二、乙", "2.丑"]


def test_an_overriding_list_starts_anew() -> None:
    second = (
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0">'
        '<w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    )
    body = numbered("甲") + numbered("乙") + numbered("丙", list_id=2) + numbered("丁", list_id=2)
    assert lines(docx_bytes(body, numbering=_list(*OUTLINE, more=second))) == [
        "一、甲",
        "二、乙",
        "五、丙",
        "六、丁",
    ]


def test_legal_numbering_prints_parents_as_digits() -> None:
    levels = (OUTLINE[0], _level(1, "decimal", "%1.%2", more="<w:isLgl/>"))
    body = numbered("甲") + numbered("子", level=1)
    assert lines(docx_bytes(body, numbering=_list(*levels))) == ["一、甲", "1.1子"]


def test_numbers_come_through_styles_and_the_styles_they_are_based_on() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="Q1"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr>'
        '</w:pPr></w:style><w:style w:type="paragraph" w:styleId="Q2"><w:basedOn w:val="Q1"/>'
        "</w:style>"
    )
    levels = (
        _level(0, "chineseCounting", "%1、", style="Q1"),
        _level(1, "decimal", "%2.", style="Q2"),
    )
    body = "".join(
        paragraph(text, properties=f'<w:pStyle w:val="{style}"/>')
        for text, style in (("党建", "Q1"), ("学习", "Q2"), ("阵地", "Q2"))
    )
    content = docx_bytes(body, numbering=_list(*levels), styles=styles)
    assert lines(content) == ["一、党建", "1.学习", "2.阵地"]


@pytest.mark.parametrize(
    ("number", "form", "text"),
    [
        (1, "chineseCounting", "一"),
        (10, "chineseCounting", "十"),
        (12, "chineseCountingThousand", "十二"),
        (20, "taiwaneseCounting", "二十"),
        (101, "chineseCounting", "一百零一"),
        (110, "chineseCounting", "一百一十"),
        (1005, "chineseCounting", "一千零五"),
        (11, "chineseLegalSimplified", "壹拾壹"),
        (3, "decimalEnclosedCircle", "③"),
        (2, "decimalEnclosedParen", "⑵"),
        (4, "ideographTraditional", "丁"),
        (2, "ideographZodiac", "丑"),
        (3, "ideographEnclosedCircle", "㈢"),
        (7, "decimalZero", "07"),
        (12, "decimalFullWidth", "１２"),
        (4, "upperRoman", "IV"),
        (28, "lowerLetter", "bb"),
        (5, "bullet", ""),
        (5, "neverHeardOf", "5"),
    ],
)
def test_numbers_print_as_word_prints_them(number: int, form: str, text: str) -> None:
    assert render_number(number, form) == text


def test_every_chinese_number_below_a_thousand_is_distinct() -> None:
    assert len({chinese(n) for n in range(1, 1000)}) == 999


def test_tracked_changes_are_accepted() -> None:
    body = (
        "<w:p><w:r><w:t>已整改</w:t></w:r><w:ins><w:r><w:t>到位</w:t></w:r></w:ins><w:del><w:r>"
        "<w:delText>一半</w:delText></w:r></w:del><w:r><w:t>。</w:t></w:r></w:p>"
        '<w:p><w:pPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr><w:r><w:t>前半句，</w:t></w:r></w:p>'
        "<w:p><w:r><w:t>后半句。</w:t></w:r></w:p>"
    )
    assert lines(docx_bytes(body)) == ["已整改到位。", "前半句，后半句。"]


def test_hidden_text_stays_hidden() -> None:
    styles = '<w:style w:type="character" w:styleId="H"><w:rPr><w:vanish/></w:rPr></w:style>'
    body = (
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>直接隐藏</w:t></w:r><w:r><w:t>看得见</w:t></w:r>"
        '<w:r><w:rPr><w:rStyle w:val="H"/></w:rPr><w:t>样式隐藏</w:t></w:r></w:p>'
    )
    assert lines(docx_bytes(body, styles=styles)) == ["看得见"]


def test_a_text_box_is_read_once() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>框内文字</w:t></w:r></w:p></w:txbxContent>"
    body = (
        '<w:p><w:r><w:t>框外文字</w:t></w:r><w:r><mc:AlternateContent xmlns:mc="http://schemas.'
        'openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="wps"><w:drawing>'
        f"{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    assert lines(docx_bytes(body)) == ["框外文字", "框内文字"]


def test_content_controls_links_and_soft_returns_are_read() -> None:
    body = (
        f"<w:sdt><w:sdtContent>{paragraph('控件段落')}</w:sdtContent></w:sdt>"
        "<w:p><w:hyperlink><w:r><w:t>链接文字</w:t></w:r></w:hyperlink><w:r><w:br/><w:t>软回车后"
        "</w:t></w:r></w:p>"
    )
    assert lines(docx_bytes(body)) == ["控件段落", "链接文字", "软回车后"]


def test_tabs_stay_only_in_tables_of_contents() -> None:
    body = (
        "<w:p><w:r><w:t>一、党的建设</w:t><w:tab/><w:t>3</w:t></w:r></w:p>"
        "<w:p><w:r><w:t>1.</w:t><w:tab/><w:t>关于学习不实的问题。</w:t></w:r></w:p>"
    )
    assert lines(docx_bytes(body)) == ["一、党的建设\t3", "1. 关于学习不实的问题。"]


def test_tables_are_rows_with_merged_cells_filled() -> None:
    def cell(text: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"

    wide, first = '<w:gridSpan w:val="3"/>', '<w:vMerge w:val="restart"/>'
    body = (
        "<w:tbl>"
        + f"<w:tr>{cell('整改台账', wide)}</w:tr>"
        + f"<w:tr>{cell('类别')}{cell('问题')}{cell('措施')}</w:tr>"
        + f"<w:tr>{cell('党建', first)}{cell('甲')}{cell('补课')}</w:tr>"
        + f"<w:tr>{cell('', '<w:vMerge/>')}{cell('乙')}{cell('约谈')}</w:tr>"
        + "</w:tbl>"
    )
    document = load_bytes("台账.docx", docx_bytes(body, paragraphs=["附件"]))
    assert document.lines == (
        "附件",
        "整改台账",
        "类别\t问题\t措施",
        "党建\t甲\t补课",
        "党建\t乙\t约谈",
    )
    table = document.tables[0]
    assert table.first_line == 3
    assert table.rows[2] == ("党建", "乙", "约谈")


def test_footnotes_follow_the_text_and_are_mentioned() -> None:
    content = docx_bytes(paragraphs=["正文"])
    notes = (
        '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f'<w:footnote w:id="2">{paragraph("脚注文字")}</w:footnote></w:footnotes>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Target="footnotes.xml" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/footnotes"/></Relationships>'
    )
    content = replace_part(content, "word/footnotes.xml", notes.encode())
    content = replace_part(content, "word/_rels/document.xml.rels", relations.encode())
    document = load_bytes("a.docx", content)
    assert document.lines == ("正文", "脚注文字")
    assert "脚注" in document.warnings[0]


def test_a_declared_entity_is_refused() -> None:
    part = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
        "<w:p><w:r><w:t>甲&e;乙</w:t></w:r></w:p></w:body></w:document>"
    )
    with pytest.raises(LoadError, match="XML 声明"):
        load_bytes("a.docx", replace_part(docx_bytes(), "word/document.xml", part.encode()))


def test_a_billion_laughs_end_quickly() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    part = (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "哈">{entities}]>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
        "<w:p><w:r><w:t>&e9;</w:t></w:r></w:p></w:body></w:document>"
    )
    with pytest.raises(LoadError) as caught:
        load_bytes("a.docx", replace_part(docx_bytes(), "word/document.xml", part.encode()))
    assert not isinstance(caught.value, LoadTimeout), "refused, not waited for"


def test_deep_nesting_is_refused() -> None:
    part = (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
        + "<w:sdt><w:sdtContent>" * 5000
        + "</w:sdtContent></w:sdt>" * 5000
        + "</w:body></w:document>"
    )
    with pytest.raises(LoadError):
        load_bytes("a.docx", replace_part(docx_bytes(), "word/document.xml", part.encode()))


def test_a_zip_that_unpacks_to_too_much_is_refused() -> None:
    content = replace_part(docx_bytes(), "word/media/big.bin", b"\0" * (3 << 20))
    with pytest.raises(TooLarge, match="展开"):
        load_bytes("a.docx", content, limits=Limits(unzipped=2 << 20))


def test_a_truncated_file_is_damaged_not_a_crash() -> None:
    content = docx_bytes(paragraphs=PARAGRAPHS)
    with pytest.raises(LoadError, match="损坏"):
        load_bytes("a.docx", content[: len(content) // 2])

"""Web pages: the article without the site, hidden text, tables, encodings."""

from __future__ import annotations

import pytest

from assistant.errors import TooLarge
from assistant.loading.load import load_bytes
from tests.fakes_loading import PARAGRAPHS, page_html

BODY = "".join(f"<p>　　{text}</p>" for text in PARAGRAPHS[1:])


def lines(markup: str, encoding: str = "utf-8") -> list[str]:
    return list(load_bytes("通报.html", markup.encode(encoding)).lines)


@pytest.mark.parametrize(
    "article",
    [
        f"<h1>{PARAGRAPHS[0]}</h1><div class='TRS_Editor'>{BODY}</div>",
        f"<div class='box9'><h1>{PARAGRAPHS[0]}</h1><div class='c7'>{BODY}</div></div>",
        f"<table><tr><td><h1>{PARAGRAPHS[0]}</h1>"
        + "<br>".join(PARAGRAPHS[1:])
        + "</td></tr></table>",
        f"<h1>{PARAGRAPHS[0]}</h1><div>"
        + "".join(f"<div><span>{t[:4]}</span><font>{t[4:]}</font></div>" for t in PARAGRAPHS[1:])
        + "</div>",
        f"<h1>{PARAGRAPHS[0]}</h1><div id='zoom'>" + "<p>".join(PARAGRAPHS[1:]) + "</div>",
    ],
    ids=["known-container", "unknown-container", "breaks-in-a-table", "div-soup", "unclosed"],
)
def test_only_the_article_is_read(article: str) -> None:
    assert lines(page_html(article)) == list(PARAGRAPHS)


@pytest.mark.parametrize("charset", ["gb2312", "GBK", "gb18030"])
def test_a_page_that_says_gb2312_may_hold_more(charset: str) -> None:
    text = "青禾镇镕基社区已整改，" + "另有玥、喆二人的材料待补。" * 8
    markup = page_html(f"<div class='TRS_Editor'><p>{text}</p></div>", charset=charset)
    assert lines(markup, "gb18030") == [text]


def test_hidden_text_and_share_bars_inside_the_article_are_dropped() -> None:
    inside = (
        "<p style='display: none'>看不见的文字</p><p hidden>也看不见</p>"
        "<p>【打印本页】</p><p>责任编辑：张某</p><p>上一篇：另一篇通报</p><p>分享到：微信</p>"
    )
    markup = page_html(f"<h1>{PARAGRAPHS[0]}</h1><div class='TRS_Editor'>{BODY}{inside}</div>")
    assert lines(markup) == list(PARAGRAPHS)


def test_a_title_in_the_article_is_not_doubled() -> None:
    half = len(PARAGRAPHS[0]) // 2
    split = f"<p>{PARAGRAPHS[0][:half]}</p><p>{PARAGRAPHS[0][half:]}</p>"
    markup = page_html(f"<h1>{PARAGRAPHS[0]}</h1><div class='TRS_Editor'>{split}{BODY}</div>")
    assert lines(markup)[:3] == [PARAGRAPHS[0][:half], PARAGRAPHS[0][half:], PARAGRAPHS[1]]


def test_data_tables_become_rows_with_spans_filled() -> None:
    table = (
        "<table><tr><th>类别</th><th>问题</th><th>措施</th></tr>"
        "<tr><td rowspan=2>党建</td><td>笔记不全</td><td><p>一是补齐。</p><p>二是通报。</p></td>"
        "</tr>"
        "<tr><td colspan=2>已全部办结</td></tr></table>"
    )
    markup = page_html(f"<h1>{PARAGRAPHS[0]}</h1><div class='TRS_Editor'>{BODY}{table}</div>")
    document = load_bytes("a.html", markup.encode())
    table_ = document.tables[0]
    assert table_.rows == (
        ("类别", "问题", "措施"),
        ("党建", "笔记不全", "一是补齐。 二是通报。"),
        ("党建", "已全部办结", "已全部办结"),
    )
    first = table_.first_line
    assert document.lines[first - 1 : first + 2] == tuple("\t".join(r) for r in table_.rows)


def test_a_page_named_doc_is_read_as_a_page_and_says_so() -> None:
    markup = page_html(f"<h1>{PARAGRAPHS[0]}</h1><div class='TRS_Editor'>{BODY}</div>")
    document = load_bytes("通报.doc", markup.encode())
    assert document.format == "html"
    assert document.lines == PARAGRAPHS
    assert "内容实为网页" in document.warnings[0]


def test_a_single_file_page_is_read() -> None:
    markup = page_html(f"<h1>{PARAGRAPHS[0]}</h1><div class='TRS_Editor'>{BODY}</div>")
    content = (
        'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="X"\r\n\r\n--X\r\n'
        'Content-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
        f"{markup}\r\n--X--\r\n"
    )
    document = load_bytes("通报.mht", content.encode())
    assert (document.format, document.lines) == ("html", PARAGRAPHS)


def test_deep_nesting_does_not_exhaust_the_stack() -> None:
    markup = "<html><body>" + "<div>" * 3000 + "整改" * 60 + "</div>" * 3000
    assert lines(markup) == ["整改" * 60]


def test_nesting_too_deep_to_parse_in_time_is_refused() -> None:
    with pytest.raises(TooLarge):
        load_bytes("a.html", b"<html><body>" + b"<div>" * 20_000 + b"x" + b"</div>" * 20_000)


def test_too_many_tags_are_refused() -> None:
    with pytest.raises(TooLarge):
        load_bytes("a.html", b"<html><body>" + b"<p>x</p>" * 150_000)

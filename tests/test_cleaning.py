"""Raw, norm and display text: masks, marks, noise lines, the map back, names masked."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.cleaning import Noise, clean_lines, normalise
from assistant.display import display_text

WORDS = (
    "党委会议 D委 D DD DXX县 占DP比重 ED屏 AAA公众号 ##paidbegin## 以同志为核心的 一是 abc 。 ”\n"
    "新时代中国特色社会主义思想 （一) ＡＢ１２ \u200f ; [bookmark:_GoBack] \ud800 哒哒君"
)
PIECES = st.lists(st.sampled_from([*re.split(r"[ \n]", WORDS), "\u3000", "2 0 2 3年"]), max_size=30)


@pytest.mark.parametrize(
    ("raw", "norm"),
    [
        ("镇D委D员大会", "镇党委党员大会"),
        ("中国共产DD内监督条例", "中国共产党党内监督条例"),
        ("中共DXX县委", "中共党XX县委"),
        ("对D不忠诚", "对党不忠诚"),
        ("占DP比重3%", "占GDP比重3%"),
        ("安装ED显示屏", "安装LED显示屏"),
        ("XXN接收站", "XXLNG接收站"),
        ("3D打印、CBD、D级危房", "3D打印、CBD、D级危房"),
        ("评为A、B、C、D四档", "评为A、B、C、D四档"),
        ("在AAA群转发", "在微信群转发"),
        ("以同志为核心的党中央", "以习近平同志为核心的党中央"),
        ("习近平新时代中国特色社会主义思想", "习近平新时代中国特色社会主义思想"),
        ("问题的整##paidbegin##改", "问题的整改"),
        ("(一)整改情况:已完成;", "（一）整改情况：已完成；"),
        ("１．ＡＢ", "1．AB"),
        ("2 0 2 3年1 0月8日", "2023年10月8日"),
        ("共12 345件", "共12 345件"),
    ],
)
def test_masks_and_widths_are_undone_for_search(raw: str, norm: str) -> None:
    assert normalise(raw).text == norm


def test_a_quotation_keeps_the_words_of_the_source_but_not_the_marks_in_it() -> None:
    norm = normalise("关于D费问题的整##paidbegin##改")
    assert norm.raw_text(0, len(norm.text)) == "关于D费问题的整改"
    assert norm.raw_span(2, 4) == (2, 4)
    assert norm.raw_span(0, len(norm.text)) == (0, len(norm.raw))


def test_a_restored_name_maps_to_the_place_it_was_deleted_from() -> None:
    norm = normalise("坚持以同志为核心的领导")
    at = norm.text.index("同志")
    assert norm.raw_span(at, at + 2) == (3, 5)


@given(PIECES, st.data())
def test_every_norm_offset_finds_its_raw_offset(pieces: list[str], data: st.DataObject) -> None:
    raw = "".join(pieces)
    norm = normalise(raw)
    start = data.draw(st.integers(0, len(norm.text)))
    end = data.draw(st.integers(start, len(norm.text)))
    first, last = norm.raw_span(start, end)
    assert 0 <= first <= last <= len(raw)
    touched = [
        edit
        for edit, at in zip(norm.edits, norm.starts, strict=True)
        if at <= end and at + len(edit.text) >= start
    ]
    if not touched and not any(e.start < last and e.end > first for e in norm.edits):
        assert raw[first:last] == norm.text[start:end]


@given(PIECES)
def test_the_edits_rebuild_norm_from_raw(pieces: list[str]) -> None:
    raw = "".join(pieces)
    norm = normalise(raw)
    rebuilt, at = "", 0
    for edit in norm.edits:
        rebuilt += raw[at : edit.start] + edit.text
        at = edit.end
    assert rebuilt + raw[at:] == norm.text


def test_adverts_marks_and_contents_are_noise() -> None:
    lines = [
        "仅供学习 禁止外传",
        "某某文库",
        "会员群：12345",
        "",
        "目录",
        "某镇党委关于巡察整改情况的通报\t3",
        "##paidbegin##",
        "",
        "",
        "某镇党委关于巡察整改情况的通报",
        "现将整改情况通报如下。",
    ]
    kinds = [line.noise for line in clean_lines(lines)]
    assert kinds[:3] == [Noise.ADVERT] * 3
    assert kinds[4:7] == [Noise.TOC, Noise.TOC, Noise.MARKER]
    assert kinds[9:] == [None, None]


def test_contents_without_page_numbers_are_noise_where_their_titles_come_again() -> None:
    titles = ["甲局关于巡察整改情况的通报", "乙局关于巡察整改情况的通报"]
    lines = ["目录", *titles, "", "", titles[0], "正文。", titles[1], "正文。"]
    kinds = [line.noise for line in clean_lines(lines)]
    assert kinds[:3] == [Noise.TOC] * 3
    assert kinds[5] is None
    assert kinds[7] is None


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("由组织委员张小满同志负责", "由组织委员张某某同志负责"),
        ("村民（谢春耕、胡丰年）占用耕地", "村民（谢某某、胡某某）占用耕地"),
        ("对支部书记魏山进行谈话", "对支部书记魏某进行谈话"),
        ("学习习近平同志重要讲话", "学习习近平同志重要讲话"),
        ("党员干部马上整改（试行）", "党员干部马上整改（试行）"),
        ("王某某作检讨", "王某某作检讨"),
    ],
)
def test_private_persons_are_masked_for_display(raw: str, shown: str) -> None:
    assert display_text(raw) == shown


def test_a_title_printed_again_beside_each_page_number_is_no_text() -> None:
    head = "苇塘县粮食局党组关于巡察整改情况的通报"
    lines = [head, "根据县委部署，现通报如下：", head, "第 1 页 共 2 页", "一、管理", head, "- 2 -"]
    noisy = [line.noise is not None for line in clean_lines(lines)]
    assert noisy == [False, False, True, True, False, True, True]


def test_a_line_that_stands_once_beside_a_page_number_is_text() -> None:
    lines = ["关于苇塘县粮食局的通报", "- 1 -", "（一）仓房失修的整改情况", "- 2 -"]
    assert [line.noise is not None for line in clean_lines(lines)] == [False, True, False, True]

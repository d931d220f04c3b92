"""Foreign text stays text on the page."""

from __future__ import annotations

import pytest

from assistant.ui.safe import answer_html, label, marked, plain, shorten, told_apart

LINKS = {1: "#c-0-1", 2: "#c-0-2", 61: "/library?n=ab&line=3#L3"}


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '"><svg onload=alert(1)>',
        "<style>body{display:none}</style>",
    ],
)
def test_markup_in_foreign_text_is_shown_as_text(hostile: str) -> None:
    for html in (plain(hostile), answer_html(hostile, links=LINKS), marked(hostile, [(0, 4)])):
        assert "<script" not in html
        assert "<img" not in html
        assert "<svg" not in html
        assert "<style" not in html


def test_images_and_links_of_markdown_are_not_interpreted() -> None:
    html = answer_html(
        "看 ![图](https://evil.example/a.png) 和 [这里](https://evil.example)", links=LINKS
    )
    assert "<img" not in html
    assert "<a " not in html
    assert "https://evil.example/a.png" in html


def test_a_range_with_tildes_is_not_struck_out() -> None:
    assert answer_html("5~10万元，3~5天", links=LINKS) == "<p>5~10万元，3~5天</p>"


def test_only_known_citation_numbers_become_links() -> None:
    html = answer_html("甲做了[1]，乙也做了[9]。", links=LINKS)
    assert 'href="#c-0-1"' in html
    assert "9" not in html


def test_a_citation_beyond_the_panels_opens_the_library_in_a_new_tab() -> None:
    html = answer_html("详见[61]。", links=LINKS)
    assert 'href="/library?n=ab&amp;line=3#L3" target="_blank"' in html


def test_unsupported_sentences_are_marked_whole_with_their_citations() -> None:
    html = answer_html("有据[1]。\n\n普遍见效较快。", links=LINKS, unsupported=("普遍见效较快。",))
    assert 'class="unsupported"' in html
    assert ">普遍见效较快。</span>" in html
    assert html.count("unsupported") == 1


def test_paragraphs_lists_and_bold_are_drawn() -> None:
    html = answer_html("**一、摸清。**先查\n再补\n\n- 甲\n- 乙", links=LINKS)
    assert html == "<p><strong>一、摸清。</strong>先查<br>再补</p><ul><li>甲</li><li>乙</li></ul>"


def test_private_markers_in_foreign_text_cannot_open_a_tag() -> None:
    assert answer_html("甲\ue000乙\ue001", links=LINKS) == "<p>甲乙</p>"


def test_direction_overrides_are_dropped() -> None:
    assert plain("甲\u202e乙\x07") == "甲乙"


@pytest.mark.parametrize(
    "text",
    ["[a](http://x)", ":red[警告]", ":smile:", "~~删~~", "`code`", "$x^2$", "# 题", "**粗**"],
)
def test_labels_carry_no_markdown(text: str) -> None:
    assert not set("`*_[]:~$#") & set(label(text))


def test_a_label_that_looks_like_a_list_item_is_no_list() -> None:
    assert not label("1. 固定资产").startswith("1. ")
    assert not label("- 固定资产").startswith("-")


def test_overlapping_hits_are_one_mark() -> None:
    assert marked("甲乙丙丁", [(0, 2), (1, 3)]) == "<mark>甲乙丙</mark>丁"


def test_hits_outside_the_line_are_cut() -> None:
    assert marked("甲乙", [(1, 99), (50, 60)]) == "甲<mark>乙</mark>"


def test_shorten_keeps_short_text_whole() -> None:
    assert shorten("固定资产", 4) == "固定资产"
    assert shorten("固定资产，账实", 6) == "固定资产…"


def test_labels_that_look_the_same_are_told_apart() -> None:
    apart = told_apart({"a": "甲局党组", "b": "乙局党组", "c": "甲局党组", "d": "甲局党组"})
    assert apart["a"] == "甲局党组"
    assert len(set(apart.values())) == 4
    assert {text.rstrip("\u200b") for text in apart.values()} == {"甲局党组", "乙局党组"}

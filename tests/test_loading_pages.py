"""PDF and OFD: broken lines joined, page furniture removed, tables, scans, passwords."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.errors import LoadError, Scanned, TooLarge
from assistant.loading.geometry import Line
from assistant.loading.limits import Limits
from assistant.loading.load import load_bytes
from assistant.loading.page_layout import Page, Ruled
from assistant.loading.paragraphs import paragraphs_of
from tests.fakes_loading import PARAGRAPHS, Run, ofd_bytes, pdf_bytes, set_paragraphs

LONG = PARAGRAPHS * 4


def lines(content: bytes, name: str = "通报.pdf") -> list[str]:
    return list(load_bytes(name, content).lines)


def _with_furniture(pages: list[list[Run]]) -> list[list[Run]]:
    return [
        [Run(90, 800, "青禾镇巡察整改内部材料", 9), *page, Run(280, 40, f"— {number} —", 12)]
        for number, page in enumerate(pages, 1)
    ]


def test_broken_lines_are_joined_and_page_furniture_is_dropped() -> None:
    pages = _with_furniture(set_paragraphs(LONG, lines=9))
    assert len(pages) > 3
    assert lines(pdf_bytes(pages)) == list(LONG)


def test_ofd_gives_the_same_paragraphs() -> None:
    pages = _with_furniture(set_paragraphs(LONG, lines=9))
    assert lines(ofd_bytes(pages), "通报.ofd") == list(LONG)


def test_drawing_order_is_not_reading_order() -> None:
    pages = [list(reversed(page)) for page in set_paragraphs(PARAGRAPHS)]
    assert lines(pdf_bytes(pages)) == list(PARAGRAPHS)


def test_two_columns_are_read_one_after_the_other() -> None:
    text = PARAGRAPHS[1:7]
    rows = set_paragraphs(("", *text), columns=14, lines=99)[0][1:]
    half = (len(rows) + 1) // 2
    left = [Run(run.x, 700 - 28 * n, run.text) for n, run in enumerate(rows[:half])]
    right = [Run(run.x + 250, 700 - 28 * n, run.text) for n, run in enumerate(rows[half:])]
    mixed = [run for pair in zip(left, right, strict=False) for run in pair]
    mixed += left[len(right) :]
    assert lines(pdf_bytes([mixed])) == list(text)


def test_a_watermark_across_the_page_is_ignored() -> None:
    pages = set_paragraphs(PARAGRAPHS)
    mark = Run(150, 300, "内部资料请勿外传", 40, turned="0.7071 0.7071 -0.7071 0.7071")
    assert lines(pdf_bytes([[mark, *page] for page in pages])) == list(PARAGRAPHS)


def _turned(run: Run, place: tuple[float, float], turned: str) -> Run:
    return Run(place[0], place[1], run.text, turned=turned)


@pytest.mark.parametrize(
    ("turned", "place"),
    [
        ("0 1 -1 0", lambda run: (842 - run.y, run.x)),
        ("0 -1 1 0", lambda run: (run.y, 842 - run.x)),
        ("-1 0 0 -1", lambda run: (595 - run.x, 842 - run.y)),
    ],
    ids=["left", "right", "upside-down"],
)
def test_text_set_sideways_is_turned_upright(
    turned: str, place: Callable[[Run], tuple[float, float]]
) -> None:
    pages = [
        [_turned(run, place(run), turned) for run in page] for page in set_paragraphs(PARAGRAPHS)
    ]
    assert lines(pdf_bytes(pages)) == list(PARAGRAPHS)


def test_a_page_shown_sideways_reads_the_same() -> None:
    assert lines(pdf_bytes(set_paragraphs(PARAGRAPHS), rotate=90)) == list(PARAGRAPHS)


def test_letter_spacing_and_fake_bold_leave_no_trace() -> None:
    title = [Run(120 + 32 * n, 760, char, 18) for n, char in enumerate("整改情况通报")]
    bold = [Run(120.4 + 32 * n, 760, char, 18) for n, char in enumerate("整改情况通报")]
    body = [Run(r.x, r.y - 20, r.text) for r in set_paragraphs(PARAGRAPHS)[0][1:]]
    assert lines(pdf_bytes([title + bold + body]))[0] == "整改情况通报"


def test_paragraphs_without_indent_are_told_by_their_words() -> None:
    text = (
        PARAGRAPHS[0],
        "1.党委理论学习中心组学习计划落实不够到位并且记录不完整",  # 26 characters: a full line
        "整改情况：已补学四次，并由县委宣传部旁听其中两次，形成评价意见反馈镇党委研究落实。",
        "2.村级公开栏更新不够及时",
        "整改情况：逐村核对，全部补齐。",
    )
    pages = set_paragraphs(text, indent=0, columns=len(text[1]))
    assert lines(pdf_bytes(pages)) == list(text)


def _grid(xs: list[int], ys: list[int]) -> str:
    lines_ = [f"{xs[0]} {y} m {xs[-1]} {y} l S\n" for y in ys]
    return "".join(lines_ + [f"{x} {ys[0]} m {x} {ys[-1]} l S\n" for x in xs])


def test_a_ruled_table_keeps_its_cells_and_goes_on_over_a_page() -> None:
    xs, ys = [60, 120, 300, 540], [700, 660, 600, 540, 480]
    first = [
        Run(60, 740, "青禾镇巡察整改台账"),
        *(Run(x + 4, 676, t, 12) for x, t in zip(xs, ("序号", "问题", "措施"), strict=False)),
        Run(64, 630, "1", 12),
        Run(124, 636, "公开栏更新不及时群众", 12),
        Run(124, 616, "有意见", 12),
        Run(304, 636, "逐村核对后补公开", 12),
        Run(64, 570, "2", 12),
        Run(124, 570, "笔记不全", 12),
        Run(304, 570, "限期补齐", 12),
        Run(64, 510, "3", 12),
        Run(124, 510, "会风不正", 12),
        Run(304, 510, "约谈负责人，", 12),
    ]
    second = [
        Run(304, 676, "并通报全镇。", 12),
        Run(64, 630, "4", 12),
        Run(124, 630, "账目不清", 12),
        Run(304, 630, "补录台账", 12),
        Run(60, 400, "以上问题均已整改。"),
    ]
    document = load_bytes("台账.pdf", pdf_bytes([first, second], drawing=_grid(xs, ys)))
    assert document.lines[0] == "青禾镇巡察整改台账"
    assert document.lines[-1] == "以上问题均已整改。"
    assert document.tables[0].rows == (
        ("序号", "问题", "措施"),
        ("1", "公开栏更新不及时群众有意见", "逐村核对后补公开"),
        ("2", "笔记不全", "限期补齐"),
        ("3", "会风不正", "约谈负责人，并通报全镇。"),
        ("4", "账目不清", "补录台账"),
    )
    assert document.lines[1] == "序号\t问题\t措施"


def test_short_lines_above_a_table_alone_on_a_page_stay_apart() -> None:
    title = Line(90, 300, 700, 712, "青禾镇党委巡察反馈问题整改台账", 1)
    below = Line(90, 210, 684, 696, "填报时间：2024年7月", 1)
    table = Ruled(85, 505, 500, 680, (("问题", "措施"), ("笔记不全", "补齐")))
    page = Page([title, below], 595, 842, tables=[table])
    assert paragraphs_of([page]) == [title.text, below.text, table]


def test_a_scan_is_refused_with_what_to_do() -> None:
    with pytest.raises(Scanned, match=r"扫描.*OCR"):
        load_bytes("扫描.pdf", pdf_bytes([[], [], []]))


def test_pages_without_text_between_others_are_named() -> None:
    pages = set_paragraphs(PARAGRAPHS, lines=5)
    document = load_bytes("a.pdf", pdf_bytes([pages[0], [], *pages[1:]]))
    assert "第 2 页" in document.warnings[0]


def test_a_garbled_text_layer_has_its_own_sentence() -> None:
    junk = "".join(chr(0x0100 + n) for n in range(60))
    with pytest.raises(Scanned, match="乱码"):
        load_bytes("乱码.pdf", pdf_bytes([[Run(60, 700 - 20 * n, junk, 8) for n in range(9)]]))


def test_too_many_pages_are_refused() -> None:
    content = pdf_bytes([[Run(60, 700, "整改")]] * 30)
    with pytest.raises(TooLarge, match="30 页"):
        load_bytes("a.pdf", content, limits=Limits(pages=20))


def test_too_many_characters_on_a_page_are_refused() -> None:
    page = [Run(20, 800 - 20 * n, "整改" * 60, 4) for n in range(30)]
    with pytest.raises(TooLarge, match="某一页"):
        load_bytes("a.pdf", pdf_bytes([page]), limits=Limits(page_characters=2_000))


@pytest.mark.parametrize("kept", [20, 400, 900])
def test_a_cut_pdf_is_damaged_or_reads_what_is_left(kept: int) -> None:
    content = pdf_bytes(set_paragraphs(PARAGRAPHS))
    with pytest.raises(LoadError, match=r"a\.pdf"):
        load_bytes("a.pdf", content[:kept])


def test_an_ofd_without_its_document_is_named() -> None:
    content = ofd_bytes(set_paragraphs(PARAGRAPHS))
    with pytest.raises(LoadError):
        load_bytes("a.ofd", content.replace(b"Doc_0/Document.xml", b"Doc_0/Documenx.xml", 1))


def test_an_empty_ofd_is_a_picture() -> None:
    with pytest.raises(Scanned):
        load_bytes("a.ofd", ofd_bytes([[], []]))

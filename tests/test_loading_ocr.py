"""Scanned PDF files read by Tesseract: only where asked, only where installed, within limits."""

from __future__ import annotations

import stat
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import LoadTimeout, Scanned, TooLarge
from assistant.loading import ocr, worker
from assistant.loading.limits import Limits
from assistant.loading.load import load_bytes, load_file
from assistant.loading.ocr_words import page_of, punctuated, strip_noise
from assistant.loading.worker import close_workers
from tests.fakes_loading import pdf_bytes

ASKED = Limits(ocr=True)
SIZE = (595.0, 842.0)
HEAD = "青禾镇巡察整改内部资料"
POINTS = 72 / 300


def tsv(*lines: tuple[int, int, str], sure: float = 95.0, wide: int = 66) -> str:
    """Lines at (left, top) in dots, a word for every two characters."""
    rows = ["level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight"]
    rows[0] += "\tconf\ttext"
    for number, (left, top, text) in enumerate(lines, 1):
        for at in range(0, len(text), 2):
            word = text[at : at + 2]
            place = f"{left + at * wide}\t{top}\t{len(word) * wide - 6}\t60"
            rows.append(f"5\t1\t1\t1\t{number}\t{at // 2 + 1}\t{place}\t{sure}\t{word}")
    return "\n".join(rows) + "\n"


SAID = tsv(
    (466, 400, "青禾镇党委巡察整改情况通报"),
    (466, 600, "一、关于学习不够扎实的问题。整改情况：每月组织两次集体学习"),
    (334, 720, "，补齐笔记。"),
)


@pytest.fixture
def tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put a program in Tesseract's place; what is in `said.tsv` beside it is what it reads."""
    program = tmp_path / "tesseract"
    program.write_text(
        textwrap.dedent(f"""\
            #!/bin/sh
            # a shell is there at once, also on a machine that has other work to do
            cd {str(tmp_path)!r} || exit 1
            case "$*" in *--list-langs*) cat languages; exit ;; esac
            head=$(head -c 2)
            read -r first later < sleep
            echo "${{later:-$first}}" > sleep
            sleep "$first"
            [ "$head" = P5 ] && cat said.tsv
            """),
        encoding="utf-8",
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "languages").write_text("chi_sim\neng\n")
    (tmp_path / "sleep").write_text("0")
    (tmp_path / "said.tsv").write_text(SAID, encoding="utf-8")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    close_workers()  # reading processes keep the PATH they were started with
    yield tmp_path
    close_workers()


def test_a_scan_is_read_where_it_is_asked_for(tesseract: Path) -> None:
    document = load_bytes("扫描.pdf", pdf_bytes([[]]), limits=ASKED)
    assert document.lines == (
        "青禾镇党委巡察整改情况通报",
        "一、关于学习不够扎实的问题。整改情况：每月组织两次集体学习，补齐笔记。",
    )
    assert document.format == "pdf"
    assert document.warnings == (ocr.WARNING,)


def test_by_default_a_scan_is_refused_even_with_tesseract(tesseract: Path) -> None:
    with pytest.raises(Scanned, match=r"扫描.*OCR"):
        load_bytes("扫描.pdf", pdf_bytes([[]]))


def test_without_chinese_the_refusal_stays(tesseract: Path) -> None:
    (tesseract / "languages").write_text("eng\n")
    with pytest.raises(Scanned, match=r"扫描.*OCR"):
        load_bytes("扫描.pdf", pdf_bytes([[]]), limits=ASKED)


def test_without_tesseract_the_refusal_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "find_tesseract", lambda: None)
    with pytest.raises(Scanned, match=r"扫描.*OCR"):
        load_bytes("扫描.pdf", pdf_bytes([[]]), limits=ASKED)


def test_a_page_that_takes_too_long_is_named_and_the_rest_is_kept(tesseract: Path) -> None:
    (tesseract / "sleep").write_text("240 0")
    limits = Limits(ocr=True, ocr_page_seconds=4)
    document = load_bytes("扫描.pdf", pdf_bytes([[], []]), limits=limits)
    assert document.lines[0] == "青禾镇党委巡察整改情况通报"
    assert document.warnings == (ocr.WARNING, "第 1 页识别超时或失败，未读取")


def test_the_whole_file_has_a_limit_of_its_own(tesseract: Path) -> None:
    (tesseract / "sleep").write_text("1.2")
    with pytest.raises(LoadTimeout, match="2 秒"):
        load_bytes("扫描.pdf", pdf_bytes([[]] * 5), limits=Limits(ocr=True, ocr_seconds=2))


def test_recognising_may_take_longer_than_reading(
    tesseract: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Scanned):  # from here on a reader stands: its start is not measured
        load_bytes("扫描.pdf", pdf_bytes([[]]))
    monkeypatch.setattr(worker, "GRACE_SECONDS", 0)
    (tesseract / "sleep").write_text("5")
    document = load_bytes("扫描.pdf", pdf_bytes([[]]), limits=Limits(ocr=True, seconds=4))
    assert len(document.lines) == 2


def test_a_long_scan_is_refused_before_it_is_read(tesseract: Path) -> None:
    with pytest.raises(TooLarge, match="3 页，超过 2 页"):
        load_bytes("扫描.pdf", pdf_bytes([[]] * 3), limits=Limits(ocr=True, ocr_pages=2))


def test_a_scan_without_words_is_still_refused(tesseract: Path) -> None:
    (tesseract / "said.tsv").write_text("rubbish\n5\tx\n", encoding="utf-8")
    with pytest.raises(Scanned, match="没有识别出文字"):
        load_bytes("扫描.pdf", pdf_bytes([[]]), limits=ASKED)


# ------------------------------------------------------------------ words


def test_a_hole_in_one_line_splits_it_not() -> None:
    said = tsv((334, 600, "一是逐项核对账目"), (334, 720, "二是约谈村会计并限期改正"))
    torn = said.replace("5\t1\t1\t1\t1\t3\t598", "5\t1\t1\t1\t1\t3\t898").replace(
        "5\t1\t1\t1\t1\t4\t730", "5\t1\t1\t1\t1\t4\t1030"
    )
    assert torn != said
    assert len(page_of(torn, 0, SIZE, points=POINTS).lines) == 2


def test_two_columns_stay_apart() -> None:
    rows = [(334, 600 + 120 * n, "左栏写着这些文字") for n in range(6)]
    rows += [(1500, 600 + 120 * n, "右栏写着另一些字") for n in range(6)]
    assert len(page_of(tsv(*rows), 0, SIZE, points=POINTS).lines) == 12


def test_a_smudge_at_the_edge_is_no_text_but_a_doubtful_word_inside_is() -> None:
    said = tsv((334, 1600, "存疑的字"), (1186, 3400, "人"), sure=9)
    assert [line.text for line in page_of(said, 0, SIZE, points=POINTS).lines] == ["存疑的字"]


def test_running_heads_go_though_each_is_read_differently() -> None:
    heads = (HEAD, HEAD.replace("察", "蔡"), HEAD + "”")
    pages = [
        page_of(tsv((334, 150, head), (334, 900, f"第{n}页的正文在此")), n, SIZE, points=POINTS)
        for n, head in enumerate(heads)
    ]
    strip_noise(pages)
    assert [[line.text[:2] for line in page.lines] for page in pages] == [["第0"], ["第1"], ["第2"]]


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("整改情况 : 一是学习", "整改情况：一是学习"),
        ("(1) 学习不够", "（1）学习不够"),
        ("名单 (共3人) 已公示", "名单（共3人）已公示"),
        ("补齐笔记.", "补齐笔记。"),
        ("补齐笔记o", "补齐笔记。"),
        ("”三会一课\"质量不高", "“三会一课”质量不高"),
        ("占比55.8%,已退回", "占比55.8%，已退回"),
        ("2023.5-2024.6 10:30", "2023.5-2024.6 10:30"),
    ],
)  # fmt: skip
def test_narrow_marks_become_chinese_ones(read: str, meant: str) -> None:
    assert punctuated(read) == meant


# ------------------------------------------------------------------ the real program


@pytest.mark.slow
@pytest.mark.reference
@pytest.mark.timeout(900)
def test_a_real_scan_reads_nearly_as_the_text(shared: Path) -> None:
    if ocr.find_tesseract() is None:
        pytest.skip("tesseract with chi_sim is not installed")
    plain = load_file(shared / "formats" / "D1_utf8.txt")
    patient = Limits(ocr=True, ocr_page_seconds=200, ocr_seconds=600)
    scan = load_file(shared / "formats" / "D1_scan.pdf", limits=patient)
    assert scan.warnings == (ocr.WARNING,)
    wanted, found = ("".join("".join(d.lines).split()) for d in (plain, scan))
    assert _distance(wanted, found) <= 0.02 * len(wanted)
    assert abs(len(scan.lines) - len([line for line in plain.lines if line.strip()])) <= 4


def _distance(one: str, two: str) -> int:
    row = list(range(len(two) + 1))
    for i, char in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, other in enumerate(two, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (char != other))
    return row[-1]

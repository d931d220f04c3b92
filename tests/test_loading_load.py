"""The door: what a file is, what is refused, and that nothing hangs or leaks."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import threading
import time
from pathlib import Path

import pytest

from assistant import errors
from assistant.errors import (
    Classified,
    Encrypted,
    LoadError,
    LoadTimeout,
    Scanned,
    TooLarge,
    UnsupportedFormat,
)
from assistant.loading import worker
from assistant.loading.limits import Limits
from assistant.loading.load import SUPPORTED_SUFFIXES, load_bytes, load_file
from tests.fakes_loading import (
    PARAGRAPHS,
    Run,
    docx_bytes,
    ofd_bytes,
    page_html,
    pdf_bytes,
    set_paragraphs,
    xlsx_bytes,
)
from tests.waiting import LONG_S

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
ARTICLE = page_html(
    f"<h1>{PARAGRAPHS[0]}</h1><div id='zoom'>"
    + "".join(f"<p>{t}</p>" for t in PARAGRAPHS[1:])
    + "</div>"
)
FILES = {
    "txt": "\n".join(PARAGRAPHS).encode(),
    "docx": docx_bytes(paragraphs=PARAGRAPHS),
    "pdf": pdf_bytes(set_paragraphs(PARAGRAPHS)),
    "ofd": ofd_bytes(set_paragraphs(PARAGRAPHS)),
    "html": ARTICLE.encode(),
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("suffix", ["txt", "doc", "docx", "pdf", "html", "xlsx", "dat", ""])
def test_the_content_decides_whatever_the_name_says(kind: str, suffix: str) -> None:
    document = load_bytes(f"通报.{suffix}" if suffix else "通报", FILES[kind])
    assert document.format == kind
    assert document.lines == PARAGRAPHS


def test_the_same_bytes_are_the_same_document() -> None:
    one, two = load_bytes("甲.docx", FILES["docx"]), load_bytes("乙.docx", FILES["docx"])
    assert one.sha256 == two.sha256
    assert len(one.sha256) == 64


@pytest.mark.parametrize("name", ["C:\\公文\\通报.txt", "/srv/公文/通报.txt", "../通报.txt"])
def test_a_document_is_called_by_its_bare_name(name: str) -> None:
    assert load_bytes(name, FILES["txt"]).source == "通报.txt"


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"0" * 99, Scanned, "图片.*OCR"),
        (b"\xff\xd8\xff\xe0" + b"0" * 99, Scanned, "图片"),
        (b"Rar!\x1a\x07" + b"0" * 99, UnsupportedFormat, "压缩包.*docx"),
        (b"PK\x03\x04" + b"0" * 99, LoadError, "损坏"),
        (OLE + b"0" * 999, UnsupportedFormat, "旧式"),
        (OLE + "EncryptedPackage".encode("utf-16-le") + b"0" * 99, Encrypted, "密码"),
        (OLE + "PowerPoint Document".encode("utf-16-le"), UnsupportedFormat, "演示"),
        (OLE + "WordDocument".encode("utf-16-le") + b"0" * 999, LoadError, "损坏"),
        (OLE + "Workbook".encode("utf-16-le") + b"0" * 999, LoadError, "损坏"),
        (b"%PDF-1.7 nothing here", LoadError, "损坏"),
    ],
)
def test_what_cannot_be_read_is_refused_in_plain_words(
    content: bytes, error: type[LoadError], words: str
) -> None:
    with pytest.raises(error, match=f"(?s)来件.*{words}"):
        load_bytes("来件.doc", content)


def test_folders_and_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="文件夹"):
        load_file(tmp_path)
    with pytest.raises(LoadError, match=r"没有\.txt：文件不存在"):
        load_file(tmp_path / "没有.txt")
    with pytest.raises(LoadError):
        load_file(Path("坏\x00名.txt"))


def test_a_file_over_the_cap_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "大.txt"
    path.write_bytes(b"x" * 5000)
    with pytest.raises(TooLarge):
        load_file(path, limits=Limits(bytes=1000))


MARKS = [
    "秘密★1年",
    "机密★",
    "绝密★启用前",
    "机　密★５年",
    "000123\n机密★10年\n特急",
    "密级：秘密",
    "秘密",
]


@pytest.mark.parametrize("mark", MARKS)
def test_a_secrecy_mark_on_the_first_page_is_refused_at_the_door(mark: str) -> None:
    for content in (
        "\n".join((mark, *PARAGRAPHS)).encode(),
        docx_bytes(paragraphs=(*mark.split("\n"), *PARAGRAPHS)),
        xlsx_bytes([["文件", "密级"], ["整改方案", mark.split("\n")[-2 if "\n" in mark else 0]]]),
    ):
        with pytest.raises(Classified, match="密级"):
            load_bytes("来件.txt", content)


def test_a_mark_in_the_page_header_of_a_pdf_is_seen() -> None:
    pages = [[Run(60, 810, "机密★3年", 12), *page] for page in set_paragraphs(PARAGRAPHS * 4)]
    with pytest.raises(Classified):
        load_bytes("a.pdf", pdf_bytes(pages))


@pytest.mark.parametrize(
    "line",
    [
        "一是开展保密教育，严防泄露国家秘密、商业秘密。",
        "对标注“秘密★”的文件逐一清点，补登记12份。",
        "（三）关于保守党的秘密意识不强的问题",
        "保守国家秘密情况",
    ],
)
def test_talking_about_secrets_is_no_mark(line: str) -> None:
    assert load_bytes("a.txt", "\n".join((line, *PARAGRAPHS)).encode()).lines[0] == line


def test_a_mark_far_inside_is_no_first_page() -> None:
    assert load_bytes("a.txt", "\n".join((*(PARAGRAPHS * 12), "秘密★1年")).encode())


# ------------------------------------------------------------------ reading processes


def test_reading_processes_are_reused() -> None:
    worker.close_workers()
    load_bytes("a.docx", FILES["docx"])
    first = [p.popen.pid for p in worker._own_pool()._idle]
    load_bytes("a.pdf", FILES["pdf"])
    assert [p.popen.pid for p in worker._own_pool()._idle] == first


def test_a_reader_that_takes_too_long_is_stopped_and_replaced() -> None:
    slow = pdf_bytes(
        [[Run(60, 700, "整改情况通报", 12)] * 400] * 1200, drawing="0 0 m 9 9 l S\n" * 300
    )
    start = time.monotonic()
    with pytest.raises((LoadTimeout, LoadError)):
        load_bytes("慢.pdf", slow, limits=Limits(seconds=1))
    assert time.monotonic() - start < LONG_S
    assert load_bytes("a.pdf", FILES["pdf"]).lines == PARAGRAPHS


def test_a_reader_out_of_memory_is_named_and_replaced() -> None:
    load_bytes("a.html", FILES["html"])  # a reader that stands there, its modules loaded
    large = ("<p>" + "整改" * 30 + "</p>").encode() * 60_000
    below_what_it_holds = Limits(memory=32 << 20, tags=200_000, seconds=240)
    with pytest.raises(TooLarge, match="读取内存上限"):
        load_bytes("大.html", large, limits=below_what_it_holds)
    assert load_bytes("a.html", FILES["html"]).lines == PARAGRAPHS
    assert load_bytes("大.html", large, limits=Limits(tags=200_000, seconds=240)).lines


def test_a_killed_reader_is_an_error_for_one_file_only() -> None:
    load_bytes("a.docx", FILES["docx"])
    for process in worker._own_pool()._idle:
        process.kill()
        process.popen.wait()
    assert load_bytes("a.docx", FILES["docx"]).lines == PARAGRAPHS


def test_threads_may_load_at_the_same_time() -> None:
    kinds = ["docx", "pdf", "html", "ofd"] * 4
    before = set(threading.enumerate())
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        documents = list(pool.map(lambda kind: load_bytes(f"a.{kind}", FILES[kind]), kinds))
    assert [d.format for d in documents] == kinds
    assert all(d.lines == PARAGRAPHS for d in documents)
    # none is left behind by a file: as few as there are readers, not as many as there were files
    assert len(set(threading.enumerate()) - before) < len(kinds) / 2


def _load_one(kind: str) -> tuple[str, ...]:
    lines = load_bytes(f"a.{kind}", FILES[kind]).lines
    worker.close_workers()
    return lines


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_pool_processes_may_load(method: str) -> None:
    load_bytes("a.docx", FILES["docx"])  # the parent has a reader of its own
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(_load_one, ["docx", "pdf"])) == [PARAGRAPHS, PARAGRAPHS]
    assert load_bytes("a.docx", FILES["docx"]).lines == PARAGRAPHS


def test_every_error_of_a_reader_is_one_the_parent_knows() -> None:
    for name in ("Encrypted", "Scanned", "TooLarge", "EmptyFile", "UnsupportedFormat"):
        assert issubclass(getattr(errors, name), LoadError)


def test_common_endings_are_offered() -> None:
    assert {".txt", ".docx", ".doc", ".wps", ".pdf", ".ofd", ".html"} <= SUPPORTED_SUFFIXES
    assert {".xlsx", ".xls", ".et", ".odt", ".rtf"} <= SUPPORTED_SUFFIXES


def test_many_small_text_files_load_quickly() -> None:
    start = time.thread_time()
    for number in range(300):
        load_bytes(f"{number}.txt", FILES["txt"])
    assert time.thread_time() - start < 3

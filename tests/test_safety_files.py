"""Hostile files: bombs, entities, lies about sizes, names with paths. All end in a sentence."""

from __future__ import annotations

import io
import struct
import time
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest

from assistant.errors import LoadError, LoadTimeout, ParseError, TooLarge
from assistant.ledger_reading import read_ledger
from assistant.loading import office, sniff
from assistant.loading.limits import DEFAULT_LIMITS, Limits, open_archive
from assistant.loading.load import load_bytes
from assistant.reading import load_upload
from tests.fakes_loading import PARAGRAPHS, pdf_bytes, set_paragraphs
from tests.fuzz.seeds import seeds
from tests.waiting import LONG_S

MEGABYTE = 1 << 20
SMALL = Limits(unzipped=8 * MEGABYTE)
ODT = "application/vnd.oasis.opendocument.text"
LAUGHS = '<!ENTITY a0 "哈">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
)
XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">' + LAUGHS + "]>"
PARTS = {
    "docx": "word/document.xml",
    "xlsx": "xl/worksheets/sheet1.xml",
    "ods": "content.xml",
    "ofd": "Doc_0/Document.xml",
}


def with_parts(base: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The same zip with files added or exchanged."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        if base:
            with zipfile.ZipFile(io.BytesIO(base)) as old:
                for name in old.namelist():
                    if name not in parts:
                        new.writestr(name, old.read(name))
        for name, part in parts.items():
            new.writestr(name, part)
    return stream.getvalue()


def part_of(kind: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(seeds()[kind])) as archive:
        return archive.read(PARTS[kind])


def lying(content: bytes, name: str, size: int) -> bytes:
    """Let the directory of a zip tell another size of one of its files."""
    data = bytearray(content)
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        length = struct.unpack_from("<H", data, at + 28)[0]
        if data[at + 46 : at + 46 + length].decode() == name:
            struct.pack_into("<I", data, at + 24, size)
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


# ------------------------------------------------------------------ bombs


@pytest.mark.parametrize("kind", PARTS)
def test_a_container_that_unpacks_to_too_much_is_refused(kind: str) -> None:
    bomb = with_parts(seeds()[kind], {PARTS[kind]: b" " * (9 * MEGABYTE)})
    assert len(bomb) < MEGABYTE // 4
    with pytest.raises(TooLarge, match="展开"):
        load_bytes(f"a.{kind}", bomb, limits=SMALL)


@pytest.mark.parametrize("kind", PARTS)
def test_a_container_that_lies_about_a_size_is_read_no_further(kind: str) -> None:
    bomb = with_parts(seeds()[kind], {PARTS[kind]: b" " * (9 * MEGABYTE)})
    with pytest.raises(LoadError):
        load_bytes(f"a.{kind}", lying(bomb, PARTS[kind], 10), limits=SMALL)


def test_too_many_entries_are_refused() -> None:
    many = with_parts(seeds()["docx"], {f"word/x{n}.xml": b"" for n in range(60)})
    with pytest.raises(TooLarge, match="内含文件过多"):
        load_bytes("a.docx", many, limits=Limits(entries=50))


def test_a_bomb_inside_a_bomb_is_never_opened() -> None:
    inner = with_parts(b"", {"word/document.xml": b" " * (9 * MEGABYTE)})
    with pytest.raises(LoadError):
        load_bytes("a.docx", with_parts(b"", {"word/inner.docx": inner}), limits=SMALL)
    lines = load_bytes("a.docx", with_parts(seeds()["docx"], {"word/embeddings/b.docx": inner}))
    assert lines.lines[0] == PARAGRAPHS[0]


def test_telling_what_a_file_is_unpacks_next_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """This happens outside the reading process, so a bomb named `mimetype` must not go off."""
    bomb = with_parts(b"", {"mimetype": ODT.encode() + b" " * (64 * MEGABYTE)})
    read: list[int] = []
    whole = zipfile.ZipExtFile.read

    def counted(self: zipfile.ZipExtFile, n: int = -1) -> bytes:
        data = whole(self, n)
        read.append(len(data))
        return data

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    assert sniff.sniff("a.odt", bomb) == "odt"
    assert sum(read) <= 1_000


def test_a_bomb_never_reaches_the_converter(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(office, "find_office", lambda: "soffice")
    monkeypatch.setattr(office, "convert", lambda *_: started.append("converted"))
    for parts in (
        {"mimetype": ODT.encode(), "content.xml": b" " * (9 * MEGABYTE)},
        {"mimetype": ODT.encode(), "content.xml": XXE.encode() + b"<a/>"},
    ):
        with pytest.raises(LoadError):
            office.read(with_parts(b"", parts), "odt", SMALL)
    with pytest.raises(LoadError, match="XML 声明"):
        office.read(XXE.encode() + b"<a/>", "fodt", SMALL)
    assert started == []


# ------------------------------------------------------------------ entities


@pytest.mark.parametrize("kind", PARTS)
@pytest.mark.parametrize(
    "spell",
    [
        lambda part: b"<?xml version='1.0'?>" + XXE.encode() + part,
        lambda part: b"<?xml version='1.0'?><!--" + b"x" * 9_000 + b"-->" + XXE.encode() + part,
        lambda part: ("<?xml version='1.0' encoding='utf-16'?>" + XXE + part.decode()).encode(
            "utf-16"
        ),
    ],
    ids=["plain", "after a long comment", "in UTF-16"],
)
def test_a_declaration_of_entities_is_refused(kind: str, spell: object) -> None:
    part = part_of(kind)
    bare = part[part.index(b"?>") + 2 :] if part.startswith(b"<?xml") else part
    attack = with_parts(seeds()[kind], {PARTS[kind]: spell(bare)})  # type: ignore[operator]
    with pytest.raises(LoadError) as caught:
        load_bytes(f"a.{kind}", attack)
    assert not isinstance(caught.value, LoadTimeout), "refused, not waited for"


def test_a_sheet_under_another_name_is_looked_at_too() -> None:
    part = part_of("xlsx")
    attack = with_parts(
        seeds()["xlsx"],
        {"xl/worksheets/sheet1.dat": XXE.encode() + part[part.index(b"<worksheet") :]},
    )
    with pytest.raises(LoadError, match="XML 声明"):
        load_bytes("a.xlsx", attack)


def test_entities_of_a_web_page_stay_words() -> None:
    page = f"{XXE}<html><body><p>整改通报正文&e;&a9;完</p></body></html>"
    text = "\n".join(load_bytes("a.html", page.encode()).lines)
    assert "&e;" in text
    assert len(text) < 100


# ------------------------------------------------------------------ time


def test_a_page_of_comments_is_told_at_once() -> None:
    start = time.thread_time()
    for end in (b"x", b"<html>", b""):
        sniff.sniff("a.txt", b"<!---->" * 1_000 + end)
    assert time.thread_time() - start < 1


def test_too_many_lines_are_refused_before_they_are_parsed() -> None:
    with pytest.raises(TooLarge, match="6 万行"):
        load_bytes("a.txt", b"x\n" * 60_001)
    rows = "反馈问题,整改措施,状态\n" + "党费,核定,完成\n" * 60_001
    with pytest.raises(TooLarge, match="6 万行"):
        load_bytes("a.csv", rows.encode())


def test_five_thousand_pages_are_refused_at_once() -> None:
    pdf = pdf_bytes([set_paragraphs(PARAGRAPHS)[0]] * 5_000)
    with pytest.raises(TooLarge, match="5000 页"):  # nor is it read until the time is over
        load_bytes("a.pdf", pdf)


def test_a_line_of_ten_megabytes_is_read(tmp_path: Path) -> None:
    assert len(load_bytes("a.txt", ("整改" * 1_700_000).encode()).lines) == 1
    with pytest.raises(TooLarge, match="500 万字"):
        load_bytes("a.txt", ("整改" * 2_600_000).encode())


def test_a_stray_cell_in_the_last_corner_does_not_make_a_billion() -> None:
    book = openpyxl.load_workbook(io.BytesIO(seeds()["xlsx"]))
    book.worksheets[0].cell(1_048_576, 16_384, "角")
    stream = io.BytesIO()
    book.save(stream)
    start = time.monotonic()  # a billion cells would take hours
    assert [row.problem for row in read_ledger("台账.xlsx", stream.getvalue())] == [
        "党费收缴不及时",
        "账目公开不及时",
    ]
    assert time.monotonic() - start < LONG_S


def test_a_workbook_only_the_second_reader_takes_is_still_a_ledger_or_a_refusal() -> None:
    types = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    odd = with_parts(seeds()["xlsx"], {"[Content_Types].xml": types})
    assert "备用方式" in load_bytes("台账.xlsx", odd).warnings[0]
    with suppress(ParseError):
        assert read_ledger("台账.xlsx", odd)


# ------------------------------------------------------------------ names


@pytest.mark.parametrize(
    "name",
    ["../../etc/cron.d/a.txt", "..\\..\\a.txt", "/etc/a.txt", "C:\\Windows\\a.txt", "x/../a.txt"],
)
def test_an_upload_is_known_by_its_bare_name(name: str) -> None:
    assert load_upload(name, "整改通报".encode()).source == "a.txt"


@pytest.mark.parametrize("name", ["", ".", "..", "a/..", "..\\"])
def test_a_name_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(LoadError, match="文件名"):
        load_upload(name, "整改通报".encode())


def test_names_inside_a_container_write_nothing(tmp_path: Path) -> None:
    names = ["../../evil.txt", "/tmp/evil.txt", "..\\evil.txt", "word/../../evil.xml"]
    attack = with_parts(seeds()["docx"], dict.fromkeys(names, b"x"))
    assert load_bytes("a.docx", attack).lines[0] == PARAGRAPHS[0]
    with open_archive(attack, DEFAULT_LIMITS) as archive:
        assert set(names) <= {name.replace("\\", "\\") for name in archive.namelist()}
    assert not list(tmp_path.rglob("evil*"))

"""Small valid files of every format to start from, and what to do to them."""

from __future__ import annotations

import io
import random
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from assistant.loading import office
from assistant.loading.limits import Limits
from tests.fakes_loading import (
    PARAGRAPHS,
    docx_bytes,
    numbered,
    ofd_bytes,
    page_html,
    pdf_bytes,
    set_paragraphs,
    xlsx_bytes,
)

ROWS = (
    ("序号", "反馈问题", "整改措施", "责任领导", "完成时限", "整改状态"),
    (1, "党费收缴不及时", "逐人核定基数，补缴3260元", "张某", "2031年9月30日", "已完成"),
    (2, "账目公开不及时", "逐村核对公开栏", "李某", "2031年12月31日", "整改中"),
)
TABLE = (
    "<table>"
    + "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in ROWS)
    + "</table>"
)
ARTICLE = page_html(
    f"<h1>{PARAGRAPHS[0]}</h1><div id='zoom'>"
    + "".join(f"<p>{text}</p>" for text in PARAGRAPHS[1:])
    + TABLE
    + "</div>"
)
RTF = (
    "{\\rtf1\\ansi\\ansicpg936{\\fonttbl{\\f0 SimSun;}}\\f0 "
    + "\\par ".join("".join(f"\\u{ord(char)}?" for char in text) for text in PARAGRAPHS)
    + "}"
)
MHT = (
    "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
    'Content-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
    + ARTICLE
    + "\r\n--b--\r\n"
)
_OFFICE = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
_ODS_BODY = (
    f'<office:document-content {_OFFICE} xmlns:table="urn:oasis:names:tc:opendocument:xmlns:'
    'table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    '<office:body><office:spreadsheet><table:table table:name="台账">'
    + "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p>'
            "</table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in ROWS
    )
    + "</table:table></office:spreadsheet></office:body></office:document-content>"
)
_ODS_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    "</manifest:manifest>"
)


def ods_bytes() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", _ODS_MANIFEST)
        archive.writestr("content.xml", _ODS_BODY)
    return stream.getvalue()


@cache
def seeds() -> Mapping[str, bytes]:
    """Kind, as the reading process knows it → a file."""
    pages = set_paragraphs(PARAGRAPHS)
    return {
        "txt": "\n".join(PARAGRAPHS).encode(),
        "csv": "\n".join(",".join(map(str, row)) for row in ROWS).encode(),
        "docx": docx_bytes(numbered("督促整改") + numbered("建章立制"), paragraphs=PARAGRAPHS),
        "xlsx": xlsx_bytes(ROWS),
        "ods": ods_bytes(),
        "pdf": pdf_bytes(pages),
        "ofd": ofd_bytes(pages),
        "html": ARTICLE.encode(),
        "mht": MHT.encode(),
        "rtf": RTF.encode("ascii"),
    }


# ------------------------------------------------------------------ mutation

_TOKENS = (
    b"\x00",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x80",
    b"<",
    b">",
    b"</",
    b"&x;",
    b"<!--",
    b"<![CDATA[",
    b"<!DOCTYPE a [<!ENTITY e 'x'>]>",
    b"{",
    b"}",
    b"\\bin99999 ",
    b"\\u-1?",
    b"PK\x03\x04",
    b"%PDF-",
    b"endstream",
    b"<< /Type /Page",
    b" 0 R",
    b'"',
    b"\r\n",
    b"\t",
    b"\xe3\x80\x80",
    b"-1",
    b"1e999",
    b"nan",
    b"99999999999999999999",
    "（一）".encode(),
    "整改".encode(),
    "\ufeff".encode(),
    b"\xed\xa0\x80",
)


def mangle(content: bytes, chance: random.Random, *, times: int) -> bytes:
    """Flip, cut, double, move and insert pieces of a file's bytes."""
    data = bytearray(content)
    for _ in range(times):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice((1, 2, 4, 16, 64, 300)))
        _STEPS[chance.randrange(len(_STEPS))](data, at, end, chance)
    return bytes(data)


def mangle_member(content: bytes, chance: random.Random, *, times: int) -> bytes:
    """Do the same inside one file of a zip, so that the container itself stays whole."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        names = old.namelist()
        chosen = chance.choice([name for name in names if old.getinfo(name).file_size] or names)
        for name in names:
            part = old.read(name)
            new.writestr(name, mangle(part, chance, times=times) if name == chosen else part)
    return stream.getvalue()


def _flip(data: bytearray, at: int, _end: int, chance: random.Random) -> None:
    if at < len(data):
        data[at] = chance.randrange(256)


def _cut(data: bytearray, at: int, end: int, _chance: random.Random) -> None:
    del data[at:end]


def _double(data: bytearray, at: int, end: int, chance: random.Random) -> None:
    data[at:at] = data[at:end] * chance.choice((1, 2, 30))


def _move(data: bytearray, at: int, end: int, chance: random.Random) -> None:
    piece = bytes(data[at:end])
    place = chance.randrange(len(data) + 1)
    data[place:place] = piece


def _insert(data: bytearray, at: int, _end: int, chance: random.Random) -> None:
    data[at:at] = chance.choice(_TOKENS)


def _truncate(data: bytearray, at: int, _end: int, chance: random.Random) -> None:
    if chance.random() < 0.2:
        del data[at:]


_STEPS: tuple[Callable[[bytearray, int, int, random.Random], None], ...] = (
    _flip,
    _flip,
    _cut,
    _double,
    _move,
    _insert,
    _insert,
    _truncate,
)


# ------------------------------------------------------------------ old binary formats


@cache
def binary_seeds() -> Mapping[str, bytes]:
    """A `doc` and an `xls`, made by LibreOffice; nothing where it is not installed."""
    program = office.find_office()
    if program is None:
        return {}
    made = {}
    for kind, source in (("doc", "docx"), ("xls", "xlsx")):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
            folder = Path(name)
            (folder / "profile" / "user").mkdir(parents=True)
            start = folder / f"source.{source}"
            start.write_bytes(seeds()[source])
            office.run_office(program, start, folder, kind, Limits())
            made[kind] = (folder / "out" / f"source.{kind}").read_bytes()
    return made

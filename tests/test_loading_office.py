"""Files that need LibreOffice, and what happens without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import LoadError, UnsupportedFormat
from assistant.loading import office
from assistant.loading.limits import DEFAULT_LIMITS, Limits
from assistant.loading.load import load_bytes
from tests.fakes_loading import PARAGRAPHS, docx_bytes, numbered

needs_office = pytest.mark.skipif(office.find_office() is None, reason="LibreOffice not installed")

NUMBERING = (
    '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
    '<w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%1）"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
)


def _rtf(*paragraphs: str) -> bytes:
    body = "".join(
        "".join(f"\\u{ord(c) - 65536 if ord(c) > 32767 else ord(c)}?" for c in text) + "\\par\n"
        for text in paragraphs
    )
    return b"{\\rtf1\\ansi\\ansicpg936\\uc1{\\fonttbl{\\f0 SimSun;}}\n" + body.encode() + b"}"


@needs_office
@pytest.mark.slow
@pytest.mark.parametrize("form", ["doc", "odt", "rtf"])
def test_old_formats_keep_their_text_and_automatic_numbers(form: str, tmp_path: Path) -> None:
    content = docx_bytes(
        numbered("笔记不全") + numbered("会风不正"), numbering=NUMBERING, paragraphs=PARAGRAPHS
    )
    converted = _converted(content, form, tmp_path)
    document = load_bytes(f"通报.{form}", converted)
    assert document.format == form
    # RTF 里由 LibreOffice 写出的编号括号是半角
    lines = tuple(line.replace("(", "（").replace(")", "）") for line in document.lines)
    assert lines == (*PARAGRAPHS, "（一）笔记不全", "（二）会风不正")


@needs_office
@pytest.mark.slow
def test_a_doc_reads_by_its_piece_table_without_libreoffice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    converted = _converted(docx_bytes(paragraphs=PARAGRAPHS), "doc", tmp_path)
    monkeypatch.setattr(office, "find_office", lambda: None)
    content = office.read(converted, "doc", DEFAULT_LIMITS)
    assert content.lines == PARAGRAPHS
    assert "LibreOffice" in content.warnings[0]


@needs_office
@pytest.mark.slow
def test_a_broken_file_ends_in_a_sentence() -> None:
    with pytest.raises(LoadError, match=r"LibreOffice|损坏|秒|没有文字"):
        load_bytes("a.rtf", b"{\\rtf1" + b"{" * 50_000, limits=Limits(seconds=20))


def test_rtf_reads_without_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "find_office", lambda: None)
    content = office.read(_rtf(*PARAGRAPHS), "rtf", DEFAULT_LIMITS)
    assert content.lines == PARAGRAPHS


def test_rtf_bytes_in_gb_code_pages_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "find_office", lambda: None)
    hexed = "".join(f"\\'{byte:02x}" for byte in "巡察整改".encode("gbk"))
    rtf = f"{{\\rtf1\\ansi {{\\*\\generator X;}}{hexed}{{\\v 隐}}\\par two}}".encode("gbk")
    assert office.read(rtf, "rtf", DEFAULT_LIMITS).lines == ("巡察整改", "two")


def test_odt_without_libreoffice_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "find_office", lambda: None)
    with pytest.raises(UnsupportedFormat, match=r"LibreOffice.*docx"):
        office.read(b"PK", "odt", DEFAULT_LIMITS)


def _converted(content: bytes, form: str, folder: Path) -> bytes:
    program = office.find_office()
    assert program is not None
    source = folder / "source.docx"
    source.write_bytes(content)
    (folder / "profile").mkdir()
    office.run_office(program, source, folder, form, DEFAULT_LIMITS)
    return (folder / "out" / f"source.{form}").read_bytes()

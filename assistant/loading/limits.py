"""How much of a file we are willing to read. Knows no format."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from dataclasses import dataclass

from assistant.errors import LoadError, TooLarge

MEGABYTE = 1 << 20
ZIP_FAILURES = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    KeyError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    OSError,
    EOFError,
)
"""What a broken container raises, depending on where it is broken."""
_DECLARATIONS = tuple(
    mark.encode(encoding)
    for mark in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("ascii", "utf-16-le", "utf-16-be")
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps of one file; every one of them has its own sentence for the user."""

    bytes: int = 50 * MEGABYTE
    unzipped: int = 200 * MEGABYTE
    """Sum of the unpacked sizes of a docx, xlsx or ofd."""
    entries: int = 5_000
    """Files inside a docx, xlsx or ofd."""
    pages: int = 2_000
    characters: int = 5_000_000
    lines: int = 60_000
    """Paragraphs and rows: what reads them further takes a quarter of a millisecond each."""
    page_characters: int = 200_000
    tags: int = 100_000
    """Elements of a web page: parsers take quadratic time beyond that."""
    cells: int = 500_000
    seconds: int = 25
    """Processor time and wall time of the reading process, each."""
    memory: int = 2_048 * MEGABYTE
    ocr: bool = False
    """Whether scanned PDF files are read by Tesseract, where it is installed."""
    ocr_pages: int = 60
    ocr_page_seconds: int = 20
    ocr_seconds: int = 300
    """Takes the place of `seconds` while a scan is read."""


DEFAULT_LIMITS = Limits()


def open_archive(content: bytes, limits: Limits) -> zipfile.ZipFile:
    """Open a zip container after checking what it would unpack to.

    The declared sizes can be trusted for the check: reading stops at the declared size.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except ZIP_FAILURES as error:
        raise LoadError("文件已损坏，无法打开", todo="请用原软件打开后另存一份再导入") from error
    entries = archive.infolist()
    if len(entries) > limits.entries or sum(e.file_size for e in entries) > limits.unzipped:
        raise TooLarge(
            f"文件展开后超过 {limits.unzipped // MEGABYTE} MB 或内含文件过多，未读取",
            todo="请删去图片和附件后另存一份再导入",
        )
    return archive


def read_entry(archive: zipfile.ZipFile, name: str) -> bytes:
    """Unpack one file of a container."""
    try:
        return archive.read(name)
    except ZIP_FAILURES as error:
        raise LoadError(
            "文件已损坏，无法读取正文", todo="请用原软件打开后另存一份再导入"
        ) from error


def check_declarations(data: bytes) -> None:
    """Refuse XML that declares entities, wherever and in whatever encoding it does."""
    if any(mark in data for mark in _DECLARATIONS):
        raise LoadError(
            "文件内部带有不允许的 XML 声明，已拒绝读取", todo="请用原软件打开后另存一份再导入"
        )


def check_lines(count: int, limits: Limits) -> None:
    """Refuse more paragraphs and rows than the cap."""
    if count > limits.lines:
        raise TooLarge(
            f"超过 {limits.lines // 10_000} 万行，未读取", todo="请按单位或年度拆成几个文件再导入"
        )


def check_characters(count: int, limits: Limits) -> None:
    """Refuse a text longer than the cap."""
    if count > limits.characters:
        raise TooLarge(
            f"正文超过 {limits.characters // 10_000} 万字，未读取", todo="请拆成几个文件再导入"
        )

"""Tell what a file is from its bytes. The suffix is only a hint for text, never believed."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePath

from assistant.errors import Encrypted, LoadError, Scanned, UnsupportedFormat
from assistant.loading.limits import ZIP_FAILURES

READABLE = "可导入：txt、docx、doc、wps、pdf、ofd、网页 html、xlsx、xls、et、odt、rtf"

PICTURES = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"\x00\x00\x01\x00",
)
ARCHIVES = (b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML_HEAD = re.compile(
    # possessive: a page of comments would otherwise be tried in every grouping
    rb"\A[\s\x00]*+(?:<!--(?:(?!-->).)*+-->\s*+|<\?xml[^>]*+>\s*+)*+"
    rb"<\s*(?:!doctype\s+html|html|head|body|meta|title|style|script|link|div|table|p|span|center|"
    rb"font|h[1-6]|section|article|main)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_ANY = re.compile(rb"<(?:html|body|div|table|p|br|span|td)\b", re.IGNORECASE)
_MHT = re.compile(rb"\A(?:[\w-]+:.*\r?\n(?:[ \t].*\r?\n)*){1,12}", re.IGNORECASE)


def sniff(name: str, content: bytes) -> str:
    """Name the format of a file's bytes, or raise the error that says what to do."""
    suffix = PurePath(name).suffix.lower()
    if content.startswith(PICTURES) or content[8:12] == b"WEBP" or content[4:8] == b"ftyp":
        raise Scanned(
            "是图片，没有可读取的文字", todo="请先做文字识别（OCR），存为 docx 或 txt 再导入"
        )
    if content.startswith(ARCHIVES):
        raise UnsupportedFormat("是压缩包，不能直接导入", todo=f"请先解压；{READABLE}")
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.startswith(b"PK"):
        return _zip_kind(content)
    if content.startswith(OLE):
        return _ole_kind(content)
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{\\rt"):
        return "rtf"
    return _markup_kind(suffix, content) or _text_kind(suffix, content)


def _zip_kind(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = {n.replace("\\", "/").lstrip("/").lower() for n in archive.namelist()}
            media = _start_of(archive, "mimetype") if "mimetype" in names else b""
    except ZIP_FAILURES as error:
        raise LoadError("文件已损坏，无法打开", todo="请用原软件打开后另存一份再导入") from error
    if b"opendocument.text" in media:
        return "odt"
    if b"opendocument.spreadsheet" in media:
        return "ods"
    if "ofd.xml" in names:
        return "ofd"
    folders = {n.split("/")[0] for n in names if "/" in n}
    for folder, kind in (("word", "docx"), ("xl", "xlsx")):
        if folder in folders and "[content_types].xml" in names:
            return kind
    if "ppt" in folders or b"presentation" in media:
        raise UnsupportedFormat("是演示文稿，不能读取", todo=READABLE)
    raise UnsupportedFormat("是压缩包，不能直接导入", todo=f"请先解压；{READABLE}")


def _start_of(archive: zipfile.ZipFile, name: str) -> bytes:
    """The first bytes of an entry: this runs outside the reading process, so never all of it."""
    with archive.open(name) as entry:
        return entry.read(200)


def _ole_kind(content: bytes) -> str:
    def has(stream: str) -> bool:
        return stream.encode("utf-16-le") in content

    if has("EncryptedPackage"):
        raise Encrypted("文件设有打开密码", todo="请用原软件去掉密码后另存一份再导入")
    if has("WordDocument"):
        return "doc"
    if has("Workbook") or has("Book"):
        return "xls"
    if has("PowerPoint Document"):
        raise UnsupportedFormat("是演示文稿，不能读取", todo=READABLE)
    raise UnsupportedFormat("是旧式办公文件，内容无法识别", todo=READABLE)


def _markup_kind(suffix: str, content: bytes) -> str:
    head = content[:8192]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "ignore").encode()
    head = head.removeprefix(b"\xef\xbb\xbf")
    if b"MIME-Version:" in head[:2048] and b"multipart/related" in head and _MHT.match(head):
        return "mht"
    if b"<?xml" in head[:64]:
        if b"schemas.microsoft.com/office/word/2003" in head or b"<pkg:package" in head:
            return "wordxml"
        if b"opendocument" in head and b"office:document" in head:
            return "fodt"
    if _HTML_HEAD.match(head) or (suffix in (".html", ".htm") and _HTML_ANY.search(content)):
        return "html"
    return ""


def _text_kind(suffix: str, content: bytes) -> str:
    if suffix in (".csv", ".tsv"):
        return "csv"
    if content[:4] in (b"AC10", b"%!PS") or content.startswith(b"HLP"):
        raise UnsupportedFormat("文件格式无法识别", todo=READABLE)
    return "txt"

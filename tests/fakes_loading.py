"""Small files of every format, made from invented text."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import docx
import openpyxl
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

TITLE = "青禾镇党委关于巡察整改进展情况的通报"
PARAGRAPHS = (
    TITLE,
    "根据县委统一部署，县委第三巡察组于2031年3月5日至4月28日对青禾镇党委开展了常规巡察，"
    "并于6月12日反馈了巡察意见。现将整改进展情况予以公布。",
    "一、巡察反馈意见整改情况",
    "（一）关于理论学习不够扎实的问题",
    "整改情况：一是修订镇党委学习制度，每月组织两次集体学习。二是由组织委员逐支部查阅学习笔记，"
    "对记录不全的7个支部当场指出并限期补齐，8月底前已全部整改到位。",
    "（二）关于村级账目公开不及时的问题",
    "整改情况：对12个村的公开栏逐一核对，补公开账目36笔，约谈村会计3人；"
    "建立每季度抽查制度，由镇纪委牵头落实。",
    "青禾镇党委",
    "2031年9月20日",
)


def docx_bytes(
    body: str = "", *, numbering: str = "", styles: str = "", paragraphs: Sequence[str] = ()
) -> bytes:
    """A Word file: plain paragraphs, then raw body XML, with list and style definitions."""
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    section = document.element.body[-1]
    for element in parse_xml(f"<w:body {nsdecls('w')}>{body}</w:body>"):
        section.addprevious(element)
    for element in parse_xml(f"<w:styles {nsdecls('w')}>{styles}</w:styles>"):
        document.styles.element.append(element)
    if numbering:
        root = document.part.numbering_part.element
        for old in list(root):
            root.remove(old)
        for element in parse_xml(f"<w:numbering {nsdecls('w')}>{numbering}</w:numbering>"):
            root.append(element)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def paragraph(text: str, *, properties: str = "") -> str:
    """A w:p."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def numbered(text: str, *, level: int = 0, list_id: int = 1) -> str:
    """A w:p in an automatic list."""
    properties = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>'
    return paragraph(text, properties=properties)


def replace_part(content: bytes, name: str, part: bytes) -> bytes:
    """The same zip with one file exchanged."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, part)
    return stream.getvalue()


# ------------------------------------------------------------------ pdf


@dataclass(frozen=True)
class Run:
    """A piece of text at a place on a page, in points from the lower left."""

    x: float
    y: float
    text: str
    size: float = 16.0
    turned: str = "1 0 0 1"


def pdf_bytes(
    pages: Sequence[Sequence[Run]], *, drawing: str = "", rotate: int = 0, named: bool = True
) -> bytes:
    """A PDF of Chinese text; `drawing` goes on every page; unnamed fonts lose their encoding."""
    encoding = "UniGB-UCS2-H" if named else "Identity-H"
    order = "GB1" if named else "Identity"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids ["
        + " ".join(f"{5 + 2 * n} 0 R" for n in range(len(pages)))
        + "] >>",
        f"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /{encoding} "
        "/DescendantFonts [4 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /CIDSystemInfo "
        f"<< /Registry (Adobe) /Ordering ({order}) /Supplement 2 >> >>",
    ]
    for number, runs in enumerate(pages):
        text = "".join(
            f"BT /F1 {run.size} Tf {run.turned} {run.x} {run.y} Tm "
            f"<{run.text.encode('utf-16-be').hex()}> Tj ET\n"
            for run in runs
        )
        stream = zlib.compress((drawing + text).encode())
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate {rotate} "
            f"/Contents {6 + 2 * number} 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(
            f"<< /Length {len(stream)} /Filter /FlateDecode >> stream\n"
            + stream.decode("latin-1")
            + "\nendstream"
        )
    return _assembled(objects)


def _assembled(objects: Sequence[str]) -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
    start = len(out)
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    count = len(objects) + 1
    out += f"xref\n0 {count}\n0000000000 65535 f \n{table}".encode()
    return out + f"trailer << /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode()


def set_paragraphs(
    paragraphs: Sequence[str],
    *,
    columns: int = 26,
    lines: int = 22,
    indent: int = 2,
    left: float = 90.0,
) -> list[list[Run]]:
    """Set paragraphs as an office would: first-line indent, full lines, pages of `lines` lines."""
    rows: list[tuple[float, str]] = []
    for number, text in enumerate(paragraphs):
        if number == 0:
            rows.append(((columns - len(text)) / 2, text))
            continue
        rest, room, offset = text, columns - indent, float(indent)
        while rest:
            cut = room
            if len(rest) > cut and rest[cut] in "，。、；：”）》":  # no line starts with these
                cut -= 1
            rows.append((offset, rest[:cut]))
            rest, room, offset = rest[cut:], columns, 0.0
    pages = [rows[start : start + lines] for start in range(0, len(rows), lines)]
    return [
        [Run(left + 16 * x, 720 - 28 * n, text) for n, (x, text) in enumerate(page)]
        for page in pages
    ]


# ------------------------------------------------------------------ others


def xlsx_bytes(rows: Sequence[Sequence[object]]) -> bytes:
    """A workbook of one sheet."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def ofd_bytes(pages: Sequence[Sequence[Run]]) -> bytes:
    """An OFD of the same runs a PDF is made of."""
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(
            "OFD.xml",
            f"<ofd:OFD {space}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
            "</ofd:DocBody></ofd:OFD>",
        )
        listed = "".join(
            f'<ofd:Page ID="{n + 1}" BaseLoc="Pages/Page_{n}/Content.xml"/>'
            for n in range(len(pages))
        )
        archive.writestr(
            "Doc_0/Document.xml",
            f"<ofd:Document {space}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297"
            f"</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages>{listed}</ofd:Pages>"
            "</ofd:Document>",
        )
        for number, runs in enumerate(pages):
            archive.writestr(
                f"Doc_0/Pages/Page_{number}/Content.xml",
                f"<ofd:Page {space}><ofd:Content><ofd:Layer>"
                + "".join(_text_object(run) for run in runs)
                + "</ofd:Layer></ofd:Content></ofd:Page>",
            )
    return stream.getvalue()


def _text_object(run: Run) -> str:
    scale = 25.4 / 72
    size = run.size * scale
    top = 297 - run.y * scale - size
    steps = " ".join(f"{size / 2 if char.isascii() else size:.3f}" for char in run.text)
    return (
        f'<ofd:TextObject Boundary="{run.x * scale} {top} 200 {size * 1.2}" Size="{size}">'
        f'<ofd:TextCode X="0" Y="{size}" DeltaX="{steps}">{run.text}</ofd:TextCode>'
        "</ofd:TextObject>"
    )


def page_html(body: str, *, head: str = "", charset: str = "utf-8") -> str:
    """A government page around an article."""
    return (
        f'<!DOCTYPE html><html><head><meta charset="{charset}"><title>某县门户网站</title>{head}'
        "<script>var x='脚本文字'</script></head><body>"
        "<div class='top'><a href='/'>网站首页</a> | <a href='#'>无障碍浏览</a></div>"
        "<ul class='nav'>" + "<li><a href='#'>政务公开</a></li>" * 12 + "</ul>"
        f"<div class='crumb'>您当前的位置：<a href='#'>首页</a> &gt; 正文</div>{body}"
        "<div class='share'>分享到：<a href='#'>微信</a></div>"
        "<div class='more'><h3>相关链接</h3><ul>"
        + "<li><a href='#'>县情概况一览</a></li>"
        * 6
        + "</ul>"
        "</div><div class='foot'>主办：某县人民政府 备案序号00000000</div></body></html>"
    )

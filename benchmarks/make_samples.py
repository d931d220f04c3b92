"""Make the Word, web and PDF samples from their text: `python benchmarks/make_samples.py`.

Each source under `benchmarks/sample_sources/` holds one notice, one paragraph a line, labels
typed. The same source always gives the same bytes, except for PDF, where the office program's
version and fonts decide.
"""

from __future__ import annotations

import html
import io
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sample_sources"
SAMPLES = HERE.parent / "samples"
FIXED_TIME = datetime(2025, 1, 1, tzinfo=UTC)
LABELS = (r"[一二三四五六七八九十]+、", r"（[一二三四五六七八九十]+）", r"\d+\.")
LEVEL_FORMATS = (("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3."))
LEVEL_FONTS = ("黑体", "楷体_GB2312", "仿宋_GB2312")
NUMBERING_ID = 77
BODY_FONT = "仿宋_GB2312"


class Numbering(Enum):
    """Whether headings carry their labels as text or let Word count."""

    TYPED = "typed"
    AUTOMATIC = "automatic"


class Pages(Enum):
    """Whether the foot of each page shows its number."""

    PLAIN = "plain"
    NUMBERED = "numbered"


def source_lines(name: str) -> list[str]:
    """Read the paragraphs of one source."""
    text = (SOURCES / f"{name}.txt").read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip()]


def heading_level(line: str) -> int | None:
    """Say which label a line starts with: 0 for 一、, 1 for （一）, 2 for 1."""
    for level, label in enumerate(LABELS):
        if re.match(label, line):
            return level
    return None


# ------------------------------------------------------------------ Word


def write_run(paragraph: Paragraph, text: str, font: str, size: float) -> None:
    """Add text in a Chinese font; the font is named, never embedded."""
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.font.name = "Times New Roman"
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def number_paragraph(paragraph: Paragraph, level: int) -> None:
    """Let Word count this paragraph."""
    properties = paragraph._p.get_or_add_pPr()
    numbering = properties._add_numPr()
    numbering._add_ilvl().val = level
    numbering._add_numId().val = NUMBERING_ID
    look = f'<w:rFonts w:eastAsia="{LEVEL_FONTS[level]}"/><w:sz w:val="32"/>'
    properties.append(parse_xml(f"<w:rPr {nsdecls('w')}>{look}</w:rPr>"))


def define_numbering(document: WordDocument) -> None:
    """Define the list 一、 → （一） → 1. that `number_paragraph` refers to."""
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:suff w:val="nothing"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/></w:lvl>'
        for level, (kind, text) in enumerate(LEVEL_FORMATS)
    )
    root = document.part.numbering_part.element
    abstract = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{NUMBERING_ID}">'
        f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
    )
    first_number = root.find(qn("w:num"))
    root.insert(root.index(first_number), abstract)
    root.append(
        parse_xml(
            f'<w:num {nsdecls("w")} w:numId="{NUMBERING_ID}">'
            f'<w:abstractNumId w:val="{NUMBERING_ID}"/></w:num>'
        )
    )


def page_number_field() -> list[BaseOxmlElement]:
    """Give the three marks of a PAGE field."""
    marks: list[BaseOxmlElement] = []
    for kind in ("begin", "", "end"):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = "PAGE"
        marks.append(mark)
    return marks


def number_pages(document: WordDocument) -> None:
    """Put `— 1 —` at the foot of each page."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run("— ")
    for mark in page_number_field():
        paragraph.add_run()._element.append(mark)
    paragraph.add_run(" —")


def signature_start(lines: Sequence[str]) -> int:
    """Give the index of the signature, or the end where a notice is unsigned."""
    if re.fullmatch(r"\d{4}年\d{1,2}月\d{1,2}日", lines[-1]):
        return len(lines) - 2
    return len(lines)


def write_paragraph(document: WordDocument, line: str, numbering: Numbering) -> None:
    """Write one paragraph of the body by its label."""
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.first_line_indent = Pt(32)
    paragraph.paragraph_format.line_spacing = Pt(28)
    level = heading_level(line)
    font = BODY_FONT if level is None else LEVEL_FONTS[level]
    if level is not None and numbering is Numbering.AUTOMATIC:
        number_paragraph(paragraph, level)
        line = re.sub(LABELS[level], "", line, count=1)
    write_run(paragraph, line, font, 16)


def write_word(lines: Sequence[str], numbering: Numbering, pages: Pages) -> WordDocument:
    """Lay a notice out as an official document."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    document.core_properties.created = FIXED_TIME.replace(tzinfo=None)
    document.core_properties.modified = FIXED_TIME.replace(tzinfo=None)
    document.core_properties.author = ""
    if numbering is Numbering.AUTOMATIC:
        define_numbering(document)
    if pages is Pages.NUMBERED:
        number_pages(document)
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    write_run(title, lines[0], "方正小标宋简体", 22)
    end = signature_start(lines)
    for line in lines[1:end]:
        write_paragraph(document, line, numbering)
    for line in lines[end:]:
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        write_run(paragraph, line, BODY_FONT, 16)
    return document


def word_bytes(document: WordDocument) -> bytes:
    """Save with fixed times inside the archive, so that the same text gives the same bytes."""
    saved = io.BytesIO()
    document.save(saved)
    packed = io.BytesIO()
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, date_time=FIXED_TIME.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return packed.getvalue()


def pdf_bytes(word: bytes) -> bytes:
    """Print a Word file to PDF with the office program."""
    office = shutil.which("soffice")
    if office is None:
        raise SystemExit("soffice not found: the PDF samples need LibreOffice")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "notice.docx")
        path.write_bytes(word)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", folder]
        subprocess.run([*command, str(path)], check=True, capture_output=True, timeout=300)
        return settle_pdf(path.with_suffix(".pdf").read_bytes())


def settle_pdf(content: bytes) -> bytes:
    """Put fixed times and ids into a PDF without moving a byte of it."""
    content = re.sub(rb"(?<=Date\(D:)\d{14}", FIXED_TIME.strftime("%Y%m%d%H%M%S").encode(), content)
    for pattern in (rb"/ID\s*\[[^\]]*\]", rb"/DocChecksum\s*/[0-9A-F]+"):
        content = re.sub(pattern, _without_hash, content)
    return content


def _without_hash(match: re.Match[bytes]) -> bytes:
    return re.sub(rb"[0-9A-F]{32,}", lambda found: b"0" * len(found[0]), match[0])


# ------------------------------------------------------------------ web page


def web_page(lines: Sequence[str]) -> str:
    """Set a notice into a government page with navigation, share bar and footer."""
    end = signature_start(lines)
    paragraphs = []
    for line in lines[1:end]:
        text = html.escape(line, quote=False).replace("“", "&ldquo;").replace("”", "&rdquo;")
        strong = heading_level(line) in (0, 1) and len(line) < 40
        inner = f"<strong>{text}</strong>" if strong else f"<span>{text}</span>"
        paragraphs.append(f"<p>&emsp;&emsp;{inner}</p>")
    paragraphs += [
        f'<p style="text-align:right">{html.escape(line, quote=False)}</p>' for line in lines[end:]
    ]
    page = (SOURCES / "page.html").read_text(encoding="utf-8")
    return page.replace("{title}", lines[0]).replace("{paragraphs}", "\n".join(paragraphs))


# ------------------------------------------------------------------ all of them


def make_word(name: str, numbering: Numbering) -> None:
    """Make one Word sample."""
    content = word_bytes(write_word(source_lines(name), numbering, Pages.PLAIN))
    (SAMPLES / f"{name}.docx").write_bytes(content)


def make_pdf(name: str, pages: Pages) -> None:
    """Make one PDF sample."""
    content = pdf_bytes(word_bytes(write_word(source_lines(name), Numbering.TYPED, pages)))
    (SAMPLES / f"{name}.pdf").write_bytes(content)


def make_text(name: str, encoding: str) -> None:
    """Copy one source as a text sample in the given encoding."""
    text = (SOURCES / f"{name}.txt").read_text(encoding="utf-8")
    (SAMPLES / f"{name}.txt").write_bytes(text.encode(encoding))


def main() -> None:
    """Make every sample."""
    make_word("清溪镇党委整改通报", Numbering.TYPED)
    make_word("云麓高新区党工委整改通报", Numbering.AUTOMATIC)
    page = web_page(source_lines("澄湾经开区党工委整改通报"))
    (SAMPLES / "澄湾经开区党工委整改通报.html").write_text(page, encoding="utf-8")
    make_text("云桥街道党工委整改通报", "gb18030")
    make_text("澄湾县住建局党组整改通报", "utf-8")
    make_word("桂花苑社区党委整改通报", Numbering.TYPED)
    make_pdf("平沅县委巡视整改通报", Pages.NUMBERED)
    make_pdf("栖川城投集团党委整改通报", Pages.PLAIN)


if __name__ == "__main__":
    main()

"""The reference files in the formats people have, against the text a reader should give back."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from assistant.errors import Encrypted, Scanned
from assistant.loading import office
from assistant.loading.load import load_file
from assistant.models import Document

pytestmark = pytest.mark.reference

OFFICE = (".doc", ".wps", ".odt", ".rtf")
EXACT = (
    "D?_typed.*",
    "D?_auto.docx",
    "D?_style.docx",
    "D?_trs.html",
    "D?_br_gb.html",
    "D?_div.html",
    "D?_std.ofd",
    "D?_utf*.txt",
    "D?_gb18030.txt",
    "D?_wrapped_gbk.txt",
    "D[13]_auto.doc",
    "D3_style.*",
    "D2_ownerpw.pdf",
    "D2_rot.pdf",
    "D2_spaced.pdf",
    "D2_twocol.pdf",
    "D2_noindent.pdf",
    "D2_titlehead.pdf",
    "X_nasty.docx",
)


def _flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _paragraphs(document: Document) -> list[str]:
    in_tables = {
        number
        for table in document.tables
        for number in range(table.first_line, table.first_line + len(table.rows))
    }
    return [
        _flat(line)
        for number, line in enumerate(document.lines, 1)
        if number not in in_tables and line.strip()
    ]


@pytest.mark.slow
@pytest.mark.parametrize("pattern", EXACT)
def test_every_paragraph_comes_back_exactly(shared: Path, pattern: str) -> None:
    paths = sorted((shared / "formats").glob(pattern))
    assert paths
    for path in paths:
        if path.suffix in OFFICE and office.find_office() is None:
            continue
        gold = "X_nasty" if path.name.startswith("X") else path.name[:2]
        text = path.with_name(f"{gold}.gold.txt").read_text(encoding="utf-8")
        expected = [_flat(line) for line in text.split("\n") if line.strip()]
        assert _paragraphs(load_file(path)) == expected, path.name


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("D1_scan.pdf", Scanned, "OCR"),
        ("D2_notounicode.pdf", Scanned, "乱码"),
        ("D2_userpw.pdf", Encrypted, "密码"),
    ],
)
def test_what_cannot_be_read_is_refused(
    shared: Path, name: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        load_file(shared / "formats" / name)


@pytest.mark.parametrize(
    "name",
    ["L_ledger.xlsx", "L_ledger.xls", "L_ledger.docx", "L_table.html", "L_ledger.pdf"],
)
def test_every_row_of_the_ledger_comes_back(shared: Path, name: str) -> None:
    gold = json.loads((shared / "formats" / "L_ledger.gold.json").read_text(encoding="utf-8"))
    document = load_file(shared / "formats" / name)
    rows = [{_flat(cell) for cell in row} for table in document.tables for row in table.rows]
    wanted = [{_flat(cell) for cell in row} for row in gold]
    if name == "L_table.html":  # it has no column for the aspect
        wanted = [{_flat(row[0]), _flat(row[2]), _flat(row[3])} for row in gold]
    assert len(wanted) == 31
    assert all(any(cells <= row for row in rows) for cells in wanted)
    for table in document.tables:
        first = table.first_line - 1
        lines = document.lines[first : first + len(table.rows)]
        assert lines == tuple("\t".join(row) for row in table.rows)


def test_corpus_lines_are_the_files_own_lines(shared: Path) -> None:
    for path in sorted((shared / "corpus").glob("*.txt")):
        text = path.read_text(encoding="utf-8-sig")
        assert load_file(path).lines == tuple(text.splitlines()), path.name

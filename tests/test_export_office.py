"""Documents pass through a real office program: pages come out right, ledgers lose nothing."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from assistant.export.bundle import export
from assistant.ledger_merging import MergeResult, merge_ledger
from assistant.ledger_reading import read_ledger
from assistant.models import LedgerRow
from tests.fakes_export import PROFILE, make_records

SOFFICE = shutil.which("soffice")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed"),
]
A4_MM = (210, 297)
POINTS_A_MM = 72 / 25.4


def convert(folder: Path, name: str, content: bytes, form: str) -> bytes:
    source = folder / "in" / name
    source.parent.mkdir(exist_ok=True)
    source.write_bytes(content)
    out = folder / "out"
    subprocess.run(
        [
            str(SOFFICE),
            f"-env:UserInstallation=file://{folder}/profile",
            *("--headless", "--convert-to", form, "--outdir", str(out), str(source)),
        ],
        check=True,
        capture_output=True,
        timeout=240,
    )
    return (out / name).with_suffix(f".{form}").read_bytes()


def test_a_ledger_loses_nothing_on_its_way_through_libreoffice(tmp_path: Path) -> None:
    records = make_records(3)
    filled = LedgerRow(
        records[0].problem,
        details="一是缺页。\n二是无签字。",
        progress="=已核查“甲”项；\n+补签2份",
        state="基本完成",
        systems="2",
        recovered="13.75",
        accountable="1",
        closed="2025年9月1日 巡察办",
        withheld="无",
        note="-",
    )
    records[0] = replace(records[0], ledger=filled)
    content = export("plan", records, "xlsx", profile=PROFILE)[1]
    before = read_ledger("台账.xlsx", content)
    through_ods = convert(tmp_path, "台账.xlsx", content, "ods")
    back = convert(tmp_path, "台账.ods", through_ods, "xlsx")
    assert read_ledger("台账.xlsx", back) == before
    assert merge_ledger(records, read_ledger("台账.xlsx", back), profile=PROFILE) == MergeResult(
        (), ()
    )


def test_a_plan_prints_on_a4_with_its_ledger_across(tmp_path: Path) -> None:
    content = export("plan", [r.draft for r in make_records(3) if r.draft], "docx", profile=PROFILE)
    pdf = pypdfium2.PdfDocument(io.BytesIO(convert(tmp_path, "plan.docx", content[1], "pdf")))
    sizes, texts = [], []
    for page in pdf:
        sizes.append(tuple(round(length / POINTS_A_MM) for length in page.get_size()))
        texts.append(page.get_textpage().get_text_bounded())
    assert sizes[0] == A4_MM
    ledger = next(n for n, text in enumerate(texts) if "附件1" in text.replace(" ", ""))
    assert sizes[ledger] == A4_MM[::-1]
    assert all(f"— {n} —" in text for n, text in enumerate(texts, 1))


def test_a_ledger_prints_two_sheets_wide(tmp_path: Path) -> None:
    content = export("plan", make_records(3), "xlsx", profile=PROFILE)[1]
    pdf = pypdfium2.PdfDocument(io.BytesIO(convert(tmp_path, "ledger.xlsx", content, "pdf")))
    texts = [page.get_textpage().get_text_bounded() for page in pdf]
    first = next(text for text in texts if "整改措施" in text)
    second = next(text for text in texts if "进展情况" in text)
    assert "整改类型" in first
    assert "进展情况" not in first
    assert "第1类" in second.replace(" ", "")
    assert "拟不公开" in second

"""Invented drafts for tests of what leaves the product."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import docx
import openpyxl

from assistant.models import Draft, DraftMeasure, DraftRecord, Evidence, Finding, UnitProfile
from tests.factory import make_notice

PROBLEM = "食堂食材长期由一家供应，未履行比价程序"
PROFILE = UnitProfile(
    name="中共清溪镇委员会", deadline="2025年9月30日", leaders=(("责任领导", "分管领导"),)
)


def make_draft(problem: str = PROBLEM) -> Draft:
    _, notice = make_notice("aaaa0001", {"采购未比价": ("制定采购办法。",)})
    measure = DraftMeasure(
        "全面核查近三年食材采购情况，于【　】前列出清单。",
        "M04",
        "查清",
        (1,),
        "责任领导：【　】；责任单位：党政办",
        "2025年7月5日前",
        "核查清单",
    )
    general = replace(
        measure,
        text="对所属站所同步自查。",
        step="举一反三",
        evidence=(),
        deadline="2025年9月1日前",
    )
    return Draft(
        problem,
        ("T14",),
        "制度缺失（推测，请核实）",
        "采购程序规范",
        (measure, general),
        (Evidence(1, notice.cases[0], notice),),
        findings=(Finding("R17", "error", "出现其他单位的金额"),),
        placeholders=("责任领导",),
    )


def open_docx(content: bytes) -> Any:
    return docx.Document(io.BytesIO(content))


def open_xlsx(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def make_records(count: int = 3) -> list[DraftRecord]:
    """Records as the desk keeps them, each with a draft of its own wording."""
    return [
        DraftRecord(
            f"20250101-{n:05d}-abcdef",
            f"第{n}类事项台账不全",
            "在拟",
            make_draft(f"第{n}类事项台账不全"),
            PROFILE,
            version=1,
        )
        for n in range(1, count + 1)
    ]


def texts_of(content: bytes) -> list[str]:
    return [paragraph.text for paragraph in open_docx(content).paragraphs]

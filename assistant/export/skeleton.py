"""What plans and reports share: fixed wording from YAML, numbered sections, marks, the ending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

import yaml

from assistant.export.docx import OfficialDocument
from assistant.export.text import EMPTY, EMPTY_DAY, chinese_number
from assistant.models import UnitProfile

Wording = Mapping[str, Any]
TEAM_ROLES = ("巡察组", "巡视组", "反馈单位")
_OPEN_LINES = 2


@cache
def load_wording(name: str) -> Wording:
    """Read the fixed wording of one genre."""
    content: Wording = yaml.load(
        Path(__file__).with_name(f"{name}.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader
    )
    return content


def values_of(profile: UnitProfile, count: int) -> dict[str, str]:
    """Give what the wording may use; blanks where the profile says nothing."""
    known = dict(profile.leaders)
    team = next((known[role] for role in TEAM_ROLES if known.get(role)), EMPTY)
    return {
        "unit": profile.name or EMPTY,
        "team": team,
        "feedback": profile.feedback_date or EMPTY_DAY,
        "deadline": profile.deadline.removesuffix("前") or EMPTY_DAY,
        "count": str(count),
    }


def filled(words: str, values: Mapping[str, str]) -> str:
    """Fill the values into the wording."""
    return Template(words).substitute(values)


def open_document(
    wording: Wording, values: Mapping[str, str], template: bytes | None
) -> OfficialDocument:
    """Begin a document with its marks, title and opening."""
    document = OfficialDocument(template)
    document.paragraph(wording["mark"], "mark")
    document.paragraph(wording["warning"], "note")
    document.blank_line()
    document.title(filled(wording["title"], values))
    document.blank_line()
    document.paragraph(filled(wording["opening"], values))
    return document


def write_section(
    document: OfficialDocument, number: int, section: Wording, values: Mapping[str, str]
) -> None:
    """Write a fixed section: heading 一、 and its paragraphs, （一） where they have heads."""
    document.paragraph(f"{chinese_number(number)}、{section['heading']}", "level1")
    for place, paragraph in enumerate(section["paragraphs"], 1):
        if isinstance(paragraph, str):
            document.paragraph(filled(paragraph, values))
            continue
        [(head, words)] = paragraph.items()
        document.run_in(f"（{chinese_number(place)}）{head}。", filled(words, values), "level2")


def write_ending(
    document: OfficialDocument, profile: UnitProfile, attachments: Sequence[str]
) -> None:
    """List the attachments and sign; the day is the office's to fill in."""
    if attachments:
        document.blank_line()
    for number, name in enumerate(attachments, 1):
        label = "附件：" if number == 1 else "　　　"
        document.paragraph(f"{label}{number}.{name}", "list")
    for _ in range(_OPEN_LINES):
        document.blank_line()
    document.ending(profile.name or EMPTY, EMPTY_DAY)

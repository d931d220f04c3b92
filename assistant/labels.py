"""How things are called in text for people: titles repeat, so a label tells which notice. Pure."""

from __future__ import annotations

from assistant.models import DateField, Notice

LEVEL_NAMES = {"error": "须改", "warn": "建议改", "info": "提示"}
"""How findings of each level are called."""


def unit_label(notice: Notice) -> str:
    """Name the unit, or the title where the text names none."""
    return notice.unit or notice.title or notice.source


def full_label(notice: Notice) -> str:
    """Name the unit with team and feedback date, so that two notices of one title differ."""
    parts = [p for p in (notice.team, _feedback(notice)) if p]
    return f"{unit_label(notice)}（{'，'.join(parts)}）" if parts else unit_label(notice)


def place_label(notice: Notice, line: int) -> str:
    """Name a place in a source: file and line."""
    return f"{notice.source} 第{line}行"


def day_label(date: DateField) -> str:
    """Write a date as people do, with the year the sentence left out where it is known."""
    if not date.iso:
        return date.raw
    year, month, day = (int(part) for part in date.iso.split("-"))
    return f"{year}年{month}月{day}日"


def _feedback(notice: Notice) -> str:
    return f"{day_label(notice.feedback_date)}反馈" if notice.feedback_date else ""

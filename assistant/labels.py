"""How a notice is called in text for people: titles repeat, so a label tells which one. Pure."""

from __future__ import annotations

from assistant.models import Notice


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


def _feedback(notice: Notice) -> str:
    return f"{notice.feedback_date.raw}反馈" if notice.feedback_date else ""

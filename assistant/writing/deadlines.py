"""Deadlines for the steps of a plan, within the user's 集中整改期. Pure: no clock."""

from __future__ import annotations

import re
from datetime import date, timedelta

from assistant.models import UnitProfile

BLANK_DEADLINE = "【　】年【　】月【　】日前"
# Shares of the time between feedback and the end; without a feedback date, days before the end.
_SHARE = {
    "查清": 0.3,
    "纠正处置": 0.7,
    "追责问责": 0.75,
    "建章立制": 0.85,
    "举一反三": 0.9,
    "监督长效": 1.0,
}
_DAYS_BEFORE = {
    "查清": 45,
    "纠正处置": 20,
    "追责问责": 15,
    "建章立制": 10,
    "举一反三": 7,
    "监督长效": 0,
}
_FULL = re.compile(r"(20\d{2})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})")
_MONTH = re.compile(r"(20\d{2})\s*[年./-]\s*(\d{1,2})\s*月?\s*(?:底|末)?")
_SPAN = re.compile(r"(\d{1,2}|[一二两三四五六七八九十]{1,2})个月")
_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "九": 9, "十二": 12}


def _month_end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)


def parse_date(text: str) -> date | None:
    """A date as users write it; a bare month means its last day; `None` where there is none."""
    full, month = _FULL.search(text), _MONTH.search(text)
    try:
        if full:
            return date(*(int(part) for part in full.groups()))
        if month:
            return _month_end(int(month.group(1)), int(month.group(2)))
    except ValueError:
        return None
    return None


def show_date(day: date) -> str:
    """`2025年8月1日`: no leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def _months_after(start: date, months: int) -> date:
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    return date(year, month, min(start.day, _month_end(year, month).day))


def end_of_period(profile: UnitProfile) -> date | None:
    """End of 集中整改期: as given, or so many months after the feedback date."""
    end = parse_date(profile.deadline)
    start, span = parse_date(profile.feedback_date), _SPAN.search(profile.deadline)
    if end or not (start and span):
        return end
    figure = span.group(1)
    months = int(figure) if figure.isdigit() else _DIGITS.get(figure, 0)
    return _months_after(start, months) if months else None


def deadline_for(step: str, profile: UnitProfile) -> str:
    """The deadline of a step: a date of the period, or blanks when it is not known."""
    end, start = end_of_period(profile), parse_date(profile.feedback_date)
    if end is None:
        by = BLANK_DEADLINE
    else:
        if start and start < end:
            day = start + timedelta(days=round((end - start).days * _SHARE[step]))
        else:
            day = end - timedelta(days=_DAYS_BEFORE[step])
        by = f"{show_date(day)}前"
    return f"{by}完成首轮检查，之后长期坚持" if step == "监督长效" else by

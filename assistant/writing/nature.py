"""What kind of problem it is: money, a serious breach, made-up records or a request for them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

REFUSAL = "涉及补造记录、倒签时间，不予生成。"
HONEST_WAY = "可如实说明情况、制定补学补课计划，自即日起按实际时间规范记录。"


@cache
def _natures() -> dict[str, re.Pattern[str]]:
    path = Path(__file__).with_name("natures.yaml")
    lists = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return {name: re.compile("|".join(f"(?:{word})" for word in lists[name])) for name in lists}


def is_money(problem: str) -> bool:
    """Whether money has to come back."""
    return bool(_natures()["money"].search(problem))


def is_serious(problem: str) -> bool:
    """Whether the problem is a breach rather than a weakness."""
    return bool(_natures()["serious"].search(problem))


def asks_fabrication(text: str) -> bool:
    """Whether the user asks to make up or back-date records."""
    return bool(_natures()["fabrication"].search(text))


def is_sum_of_something_else(clause: str) -> bool:
    """Whether a sum is a loss, a budget or an investment: nobody can pay it back."""
    return bool(_natures()["other_sums"].search(clause))


def is_recovery(clause: str) -> bool:
    """Whether a clause gets money back: it needs an amount and a basis of the user's own."""
    return bool(_natures()["recovery"].search(clause))

"""Political formulas with a deleted or missing name: restore or block. The list is YAML."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

from assistant.models import Finding


@cache
def _formulas() -> tuple[tuple[re.Pattern[str], str], ...]:
    path = Path(__file__).with_name("formulas.yaml")
    entries = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return tuple((re.compile(entry["pattern"]), entry["fix"]) for entry in entries)


def broken_formulas(text: str, *, where: str) -> tuple[Finding, ...]:
    """Formulas of the text that lack a name, with the whole wording as the fix where known."""
    found = []
    for pattern, fix in _formulas():
        for match in pattern.finditer(text):
            found.append(
                Finding(
                    rule="formula",
                    level="error",
                    message=f"“{match.group()}”是缺字的固定表述，"
                    + (f"应为“{fix}”，请改正。" if fix else "请补全主语或删去该句。"),
                    where=where,
                    start=match.start(),
                    end=match.end(),
                    fix=fix or None,
                )
            )
    return tuple(found)


def restored(text: str) -> str | None:
    """The text with its formulas made whole; `None` where one cannot be restored."""
    for pattern, fix in _formulas():
        if pattern.search(text):
            if not fix:
                return None
            text = pattern.sub(fix, text)
    return text

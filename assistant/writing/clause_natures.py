"""What is wrong in a clause, by its plain wording, and what puts that right in any trade. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.writing.words import compiled

SHORTEST, LONGEST = 6, 34
_LEAD_IN = re.compile(r"^(?:巡察发现|检查发现|其中|且|并|有的|存在|但|以及|同时)")


@dataclass(frozen=True, slots=True)
class ClauseNature:
    """A nature of fault with the practices that answer it; `{c}` stands for the clauses."""

    name: str
    when: str
    cause: str
    goal: str
    look: str
    """What the fact-finding has to look at."""
    fix: str
    kind: str
    out: str
    rule: str
    rule_out: str


@dataclass(frozen=True, slots=True)
class Told:
    """Clauses of one nature, quoted."""

    nature: ClauseNature
    quoted: str


@cache
def clause_natures() -> tuple[ClauseNature, ...]:
    """Every nature, the graver ones first."""
    path = Path(__file__).with_name("clause_natures.yaml")
    entries: list[dict[str, Any]] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return tuple(ClauseNature(**{**entry, "when": "|".join(entry["when"])}) for entry in entries)


def natures_told(clauses: Sequence[str], *, at_most: int) -> tuple[Told, ...]:
    """The natures of clauses in their order, clauses of one nature together."""
    found: dict[ClauseNature, list[str]] = {}
    for clause in (_LEAD_IN.sub("", one) for one in clauses):
        if not SHORTEST <= len(clause) <= LONGEST or re.search(r"[《》\"']", clause):
            continue
        nature = next((n for n in clause_natures() if compiled(n.when).search(clause)), None)
        if nature:
            found.setdefault(nature, []).append(clause)
    told = (Told(nature, _quoted(said[:2])) for nature, said in found.items())
    return tuple(told)[:at_most]


def _quoted(clauses: Sequence[str]) -> str:
    """Quoted clauses; marks within become single ones."""
    inner = (one.translate(str.maketrans("“”", "‘’")) for one in clauses)
    return "".join(f"“{one}”" for one in inner)

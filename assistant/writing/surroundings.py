"""What a unit of the problem's trade keeps on record and whom its work reaches. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

from assistant.writing.words import compiled

BEGINNING = 16
"""Characters of a problem in which it names the unit or its field; later words are of others."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The words of a trade that a general practice takes up."""

    when: str
    """One pattern for the wording that shows the trade."""
    records: str
    """What is checked: files, logs, accounts."""
    reached: str
    """Who can tell how things are: the people served and those who do the work."""


@cache
def _all() -> tuple[Surroundings, ...]:
    path = Path(__file__).with_name("surroundings.yaml")
    entries = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return tuple(
        Surroundings("|".join(entry["when"]), entry["records"], entry["reached"])
        for entry in entries
    )


@lru_cache(maxsize=2_000)
def surroundings_of(problem: str) -> Surroundings:
    """The first trade of the list that a problem begins with: there it names the unit."""
    *trades, general = _all()
    begun = problem[:BEGINNING]
    return next((one for one in trades if compiled(one.when).search(begun)), general)

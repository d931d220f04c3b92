"""Text of a source made safe for our own prose: private persons as surname and 某."""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.cleaning import display_text, normalise
from assistant.facts.find import find_facts
from assistant.writing.vocabulary import is_general

_NO_NAME = re.compile(r"[权事路区期县镇村]")
"""Characters of rights, affairs and places, which names do not hold."""
_MASKED = re.compile(r"[某XＸ×*]")


def _short(name: str) -> str:
    return name[0] + "某" * (len(name) - 1)


@lru_cache(maxsize=20_000)
def plain(raw: str) -> str:
    """Norm text, for matching only."""
    return normalise(raw).text


@lru_cache(maxsize=4_000)
def safe_text(raw: str) -> str:
    """Norm text with private persons masked; masks of the source stay masks."""
    text = display_text(raw)
    for fact in reversed(find_facts(text)):
        name = fact.text
        if fact.kind != "person" or not 2 <= len(name) <= 4:
            continue
        if not _MASKED.search(name) and not _NO_NAME.search(name) and not is_general(name):
            text = text[: fact.start] + _short(name) + text[fact.end :]
    return text

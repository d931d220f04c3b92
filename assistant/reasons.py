"""Why a case was found: words shared with the question, and concepts said otherwise. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

import yaml

from assistant.passages import norm
from assistant.taxonomy.thesaurus import find_concept_matches
from vectorstore.lexical import words

MOST = 5
SHORTEST = 2


def reasons_for(query: str, text: str) -> tuple[str, ...]:
    """Give up to five: a shared word as it is, a concept as `词（原文：词）`."""
    asked = norm(query)
    here = concepts_in(text)
    reasons: list[str] = []
    for group, term in concepts_in(asked).items():
        if group in here and here[group] != term:
            reasons.append(f"{term}（原文：{here[group]}）")
        elif group in here:
            reasons.append(term)
    shared = sorted({w for w in words(asked) if len(w) >= SHORTEST and w in text} - _common())
    shared.sort(key=len, reverse=True)
    reasons += [word for word in shared if not any(word in reason for reason in reasons)]
    return tuple(dict.fromkeys(reasons))[:MOST]


@lru_cache(maxsize=4096)
def concepts_in(text: str) -> Mapping[str, str]:
    """Give the concepts of a text and the term that showed each; cases come again and again."""
    return {match.group: match.term for match in find_concept_matches(text)}


@cache
def _common() -> frozenset[str]:
    """Give words of the genre and of asking: shared by everything, they explain nothing."""
    path = Path(__file__).with_name("reasons.yaml")
    return frozenset(
        yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["common"].split()
    )

"""The word lists of facts.yaml, compiled once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words and patterns of the recogniser."""

    units: str
    """Alternation, longest first."""
    units_chinese: str
    money: str
    counted: str
    fixed: re.Pattern[str]
    frequency: re.Pattern[str]
    title_types: tuple[str, ...]
    title_words: Mapping[str, str]
    title_word: str
    public_titles: tuple[str, ...]
    place_end: re.Pattern[str]
    """Suffix of a place name at the end of a word."""
    zone_words: frozenset[str]
    """Words between a name and the suffix of a zone: 经济, 产业."""
    local_words: frozenset[str]
    """Words whose first character is the suffix of a place before them: 村干部."""
    lucky_words: frozenset[str]
    landscape: str
    classifiers: str
    trade_words: tuple[tuple[str, str], ...]
    """(word, part of speech) the segmenter should know."""
    common_places: frozenset[str]
    generic_place: frozenset[str]
    known_place: re.Pattern[str]
    stoppers: frozenset[str]
    body_end: re.Pattern[str]
    """Suffix of a body's name at the end of a word."""
    body_words: Mapping[str, str]
    """Suffix → what stands in its place."""
    body_heads: tuple[str, ...]
    freely_named: frozenset[str]
    """Kinds of bodies that plain words may name: businesses, schools."""
    common_bodies: frozenset[str]
    generic_body: frozenset[str]
    industry: frozenset[str]
    """What businesses do: part of their names even where it is a verb elsewhere."""
    never_first: str
    """Characters that begin no place name."""
    never_last: str
    surnames: str
    rare_surnames: str
    """Surnames that hardly ever begin another word."""
    everyday_surnames: str
    """Surnames that are everyday words besides."""
    always_double: tuple[str, ...]
    after_dotted: str
    """Characters that end the last part of a name with dots."""
    titles_after: str
    titles_before: str
    acts_before: str
    not_names: frozenset[str]
    never_given: str
    """Characters no given name has."""
    after_name: str
    """Characters that may follow a name."""


@cache
def load_lexicon() -> Lexicon:
    """Read and compile facts.yaml, once."""
    data = yaml.load(
        Path(__file__).with_name("facts.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader
    )
    body_words = {word: kind for kind, words in data["body_suffixes"].items() for word in words}
    return Lexicon(
        units=_alternation(_words(data["units"])),
        units_chinese=_alternation(_words(data["units_chinese"])),
        money=_alternation(data["money"]),
        counted=_alternation(_words(data["counted"])),
        fixed=_any_of(data["fixed_patterns"]),
        frequency=_any_of(data["frequency_patterns"]),
        title_types=tuple(data["title_types"]),
        title_words=data["title_words"],
        title_word=data["title_word"],
        public_titles=tuple(data["public_titles"]),
        place_end=re.compile(_alternation(_words(data["place_suffixes"])) + "$"),
        zone_words=frozenset(data["zone_words"]),
        local_words=frozenset(data["local_words"]),
        lucky_words=frozenset(data["lucky_words"]),
        landscape=data["landscape"],
        classifiers=data["classifiers"],
        trade_words=_trade_words(data),
        common_places=frozenset(_words(data["common_places"])),
        generic_place=frozenset(_words(data["generic_before_place"])),
        known_place=re.compile(_alternation(data["known_places"].split())),
        stoppers=frozenset(_words(data["stoppers"])),
        body_end=re.compile(_alternation(body_words) + "$"),
        body_words=body_words,
        body_heads=tuple(data["body_heads"]),
        freely_named=frozenset(data["freely_named"]),
        common_bodies=frozenset(data["common_bodies"]),
        generic_body=frozenset(_words(data["generic_bodies"])),
        industry=frozenset(data["industry"]),
        never_first=data["never_first"],
        never_last=data["never_last"],
        surnames="(?:"
        + "|".join(data["double_surnames"])
        + f"|[{''.join(dict.fromkeys(data['surnames']))}])",
        rare_surnames=f"[{data['rare_surnames']}]",
        everyday_surnames=f"[{data['everyday_surnames']}]",
        after_dotted=data["after_dotted"],
        always_double=tuple(data["always_double"]),
        titles_after=_alternation(_words(data["titles_after"]) + data["titles_after_patterns"]),
        titles_before=_alternation(_words(data["titles_before"])),
        acts_before=_alternation(data["acts_before"]),
        not_names=frozenset(_words(data["not_names"])),
        never_given=data["never_given"],
        after_name=data["after_name"],
    )


def _trade_words(data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    acts = [word for word in _words(data["stoppers"]) if len(word) > 1]
    people = [word for word in _words(data["titles_before"]) if len(word) > 1]
    people += ["副" + word for word in people]
    offices = [office + kind for office in data["offices"] for kind in ("局", "所")]
    return (
        *((word, "v") for word in acts),
        *((word, "n") for word in [*people, *data["local_words"], *data["trade_words"]]),
        *((word, "n") for word in offices),
    )


def _words(rows: Sequence[str]) -> list[str]:
    return [word for row in rows for word in row.split("|") if word]


def _alternation(words: Iterable[str]) -> str:
    """Longest first, so that a longer word is never cut by a shorter one; words are patterns."""
    return "(?:" + "|".join(sorted(dict.fromkeys(words), key=len, reverse=True)) + ")"


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))

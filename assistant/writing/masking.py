"""Text of a source made safe for our own prose: private persons as surname and 某."""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.cleaning import normalise
from assistant.display import display_text
from assistant.facts.find import find_facts
from assistant.facts.lexicon import load_lexicon
from assistant.writing.vocabulary import is_general

_NO_NAME = re.compile(r"[权事路区期县镇村]")
"""Characters of rights, affairs and places, which names do not hold."""
_SOME_TWICE = re.compile(r"(某地|某市|某县|某区|某镇|某乡|某村)\1+")
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


@lru_cache(maxsize=4_000)
def card_text(raw: str) -> str:
    """`safe_text` with the places and bodies of the other unit said in general words.

    For our own prose about a case (evidence cards, reports of a draft's basis). Quotations are
    shown as they stand and never pass through here.
    """
    text = safe_text(raw)
    for fact in reversed(find_facts(text)):
        if fact.kind in ("place", "body") and not _MASKED.search(fact.text):
            text = text[: fact.start] + _some(fact.text, fact.kind) + text[fact.end :]
    return _SOME_TWICE.sub(r"\1", text)


def _some(name: str, kind: str) -> str:
    """灵台县 → 某县, 恒达建筑公司 → 某企业."""
    lexicon = load_lexicon()
    if kind == "body":
        match = lexicon.body_end.search(name)
        word = lexicon.body_words[match.group()] if match else "相关单位"
        return "某" + word.removeprefix("相关")
    match = lexicon.place_end.search(name)
    return f"某{match.group()}" if match and match.start() else "某地"

"""Text of a source made safe for our own prose: private persons as surname and 某."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from assistant.cleaning import display_text, normalise
from assistant.facts.find import find_facts
from assistant.facts.lexicon import load_lexicon
from assistant.writing.vocabulary import is_general

_CJK = "\u4e00-\u9fff"
_MASKED = re.compile(r"[某XＸ×*]")


@cache
def _in_context() -> tuple[re.Pattern[str], ...]:
    """A name stands after a group of villagers or a post, or before 等同志, 系父子."""
    name = rf"({load_lexicon().surnames}[{_CJK}]{{1,2}})"
    lazy = rf"({load_lexicon().surnames}[{_CJK}]{{1,2}}?)"
    return (
        re.compile(rf"(?<=组){name}(?=[，、（(。；]|系|户)"),
        re.compile(rf"(?<![{_CJK}]){name}(?=等?同志)"),
        re.compile(rf"(?<=作组){lazy}(?=等?同志)"),
        re.compile(rf"(?<=书记|主任|会计|文书){name}(?=[是到在给对、，。（])"),
    )


def _short(name: str) -> str:
    return name[0] + "某" * (len(name) - 1)


def _hide(match: re.Match[str]) -> str:
    name = match.group(1)
    return name if _MASKED.search(name) or is_general(name) else _short(name)


@lru_cache(maxsize=20_000)
def plain(raw: str) -> str:
    """Norm text, for matching only."""
    return normalise(raw).text


@lru_cache(maxsize=4_000)
def safe_text(raw: str) -> str:
    """Norm text with private persons masked; masks of the source stay masks."""
    text = display_text(raw)
    for pattern in _in_context():
        text = pattern.sub(_hide, text)
    for fact in reversed(find_facts(text)):
        name = fact.text
        if fact.kind != "person" or not 2 <= len(name) <= 4:
            continue
        if not _MASKED.search(name) and not is_general(name):
            text = text[: fact.start] + _short(name) + text[fact.end :]
    return text

"""Companies, schools, offices that carry a name of their own in a sentence. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.facts.lexicon import Lexicon, load_lexicon
from assistant.facts.places import is_general, is_made_of, leading_stoppers
from assistant.facts.words import NAME_TAGS, Word
from assistant.models import Fact

_REACH = 20
"""Longest name in characters."""
_PLAIN_NAME_TAGS = frozenset({"n", "a", "an", "b", "j", "l", "i", "s", "t", "z", "m"})
"""Plain words a business or a school is named after: 海洋集团, 光明小学."""
_LEVELS = frozenset("省市县区镇乡村街")
_STOP_TAGS = ("p", "c", "u", "x", "d", "r", "q", "f", "y", "e", "v")


def find_bodies(text: str, words: Sequence[Word]) -> tuple[Fact, ...]:
    """Bodies by the suffix of their kind, longest first; 县财政局 alone names none."""
    return tuple(sorted(_all_bodies(text, words), key=lambda fact: fact.start - fact.end))


def _all_bodies(text: str, words: Sequence[Word]) -> Iterator[Fact]:
    lexicon = load_lexicon()
    for index, word in enumerate(words):
        ending = _ending(word, lexicon)
        if ending is None:
            continue
        start = _start_of_name(words, index, *ending, lexicon)
        if start is not None:
            end = word.start + ending[1]
            yield Fact("body", text[start:end], start, end, text[start:end])


def _ending(word: Word, lexicon: Lexicon) -> tuple[int, int] | None:
    """Where a suffix stands in a word: at its end, or at its head as in 公司|法人."""
    match = lexicon.body_end.search(word.text)
    if match is not None:
        common = match.start() and word.text in lexicon.common_bodies
        return None if common else match.span()
    if word.known and len(word.text) > 2 and word.text.startswith(lexicon.body_heads):
        return 0, 2
    return None


def _start_of_name(
    words: Sequence[Word], index: int, stem_end: int, end: int, lexicon: Lexicon
) -> int | None:
    """Where the leftmost word that carries a name begins; nothing if none does."""
    word = words[index]
    free = lexicon.body_words[word.text[stem_end:end]] in lexicon.freely_named
    found: int | None = None
    stem = word.text[:stem_end]
    if stem and "或" not in stem and not is_made_of(stem, lexicon.generic_body):
        if not word.known or (free and len(stem) >= 2):
            found = word.start + leading_stoppers(stem, lexicon)
        if not word.known and not free and len(stem) < 2:
            found = None
    at = index - 1
    while (
        at >= 0 and _belongs(words[at], lexicon, free=free) and word.end - words[at].start <= _REACH
    ):
        offset = _name_in(words, at, lexicon, free=free)
        if offset is not None:
            found = words[at].start + offset
        elif found == words[at].end and len(words[at].text) == 1 == len(words[at + 1].text):
            found = words[at].start  # 新 + 禾: one name in two characters
        at -= 1
    return found


def _belongs(word: Word, lexicon: Lexicon, *, free: bool) -> bool:
    """Whether a word can be part of a body's name."""
    if not all("\u4e00" <= char <= "\u9fff" for char in word.text):
        return False
    if word.text in lexicon.industry or word.text in lexicon.lucky_words:
        return True
    if word.text in lexicon.stoppers or _is_glue(word.text, lexicon):
        return False
    if word.text in lexicon.generic_body or (free and word.tag == "z"):
        return True
    return not (word.known and word.tag != "vn" and word.tag.startswith(_STOP_TAGS))


def _is_glue(text: str, lexicon: Lexicon) -> bool:
    """Whether it is prepositions alone, perhaps with a level: 已由, 给区."""
    return text[0] in lexicon.stoppers and all(
        char in lexicon.stoppers or char in _LEVELS for char in text
    )


def _name_in(words: Sequence[Word], at: int, lexicon: Lexicon, *, free: bool) -> int | None:
    """Where in the word a name begins; nothing if the word is general."""
    word = words[at]
    if is_general(word, word.text, lexicon.generic_body) or "或" in word.text:
        return None
    if not word.known:
        cut = leading_stoppers(word.text, lexicon)
        while len(word.text) - cut > 2 and word.text[cut] in _LEVELS:
            cut += 1
        verb = word.tag.startswith("v") and len(word.text) - cut < 2
        return None if verb else cut
    if word.tag in NAME_TAGS and len(word.text) >= 2:
        return 0
    if len(word.text) == 1:
        beside = [words[i] for i in (at - 1, at + 1) if 0 <= i < len(words)]
        pair = any(
            len(other.text) == 1
            and other.text not in _LEVELS
            and _belongs(other, lexicon, free=free)
            for other in beside
        )
        return 0 if free and pair and word.text not in _LEVELS else None
    lucky = word.text in lexicon.lucky_words
    return 0 if free and (lucky or word.tag in _PLAIN_NAME_TAGS) else None

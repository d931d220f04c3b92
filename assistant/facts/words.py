"""Words of a sentence with their places: the one door to the segmenter here. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from assistant.facts.lexicon import load_lexicon
from vectorstore.later import Later

if TYPE_CHECKING:
    import rjieba
else:
    rjieba = Later("rjieba")

NAME_TAGS = frozenset({"nr", "ns", "nz", "nrt", "nrfg", "nt"})
"""Parts of speech of proper names."""

_FREQUENT = 3000
"""Frequency given to words of this trade, so that names beside them are not cut into."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word, its part of speech, and whether the dictionary has it."""

    text: str
    tag: str
    start: int
    end: int
    known: bool


@cache
def _segmenter() -> rjieba.Jieba:
    """A segmenter of our own: what it learns here must not reach other users of the library."""
    segmenter = rjieba.Jieba()
    for word, tag in load_lexicon().trade_words:
        segmenter.add_word(word, _FREQUENT, tag)
    return segmenter


def words_of(text: str) -> tuple[Word, ...]:
    """Segment a text; every character belongs to exactly one word."""
    segmenter = _segmenter()
    words: list[Word] = []
    at = 0
    for piece, tag in segmenter.tag(text):
        end = at + len(piece)
        words.append(Word(piece, tag, at, end, len(piece) == 1 or segmenter.has_word(piece)))
        at = end
    return tuple(words)

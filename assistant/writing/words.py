"""Words of a text for matching: content words, figures and how far one text covers another."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from vectorstore.later import Later

if TYPE_CHECKING:
    import rjieba
else:
    rjieba = Later("rjieba")

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LABEL = re.compile(
    r"^\s*(?:[一二三四五六七八九十]{1,3}是(?!否)|[（(][一二三四五六七八九十\d]{1,3}[)）]|"
    r"[①-⑳]|第[一二三四五六七八九十]{1,2}，|[一二三四五六七八九十]{1,3}、|\d{1,2}[.．、](?!\d))\s*"
)
_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；]?")
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


@cache
def _stop_words() -> frozenset[str]:
    path = Path(__file__).with_name("stopwords.yaml")
    return frozenset(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader))


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of the word lists, compiled once: they are more than `re` itself keeps."""
    return re.compile(pattern)


@lru_cache(maxsize=20_000)
def tagged(text: str) -> tuple[tuple[str, str], ...]:
    """Words of a text with their part of speech."""
    return tuple((word, tag) for word, tag in rjieba.tag(text))


@lru_cache(maxsize=20_000)
def content_words(text: str) -> frozenset[str]:
    """Words that carry meaning: two characters or more, no stop words, no figures."""
    stops = _stop_words()
    return frozenset(
        word
        for word, _ in tagged(text)
        if len(word) > 1 and _CHINESE.search(word) and word not in stops
    )


@lru_cache(maxsize=20_000)
def pairs(text: str) -> frozenset[str]:
    """Neighbouring Chinese characters: steadier than words where segmentation differs."""
    found: set[str] = set()
    for run in re.findall(r"[\u4e00-\u9fff]+", text):
        found.update(run[at : at + 2] for at in range(len(run) - 1))
    return frozenset(found)


def coverage(claim: str, source: str) -> float:
    """Share of the claim's content words and character pairs that the source holds, 0…1."""
    words, wanted = content_words(claim), pairs(claim)
    if not wanted:
        return 1.0
    by_pairs = len(wanted & pairs(source)) / len(wanted)
    if not words:
        return by_pairs
    by_words = sum(word in source for word in words) / len(words)
    return 0.5 * (by_pairs + by_words)


def likeness(one: str, other: str) -> float:
    """Symmetric overlap of character pairs, 0…1."""
    left, right = pairs(one), pairs(other)
    if not left or not right:
        return 0.0
    return len(left & right) / min(len(left), len(right))


def strip_label(text: str) -> str:
    """A measure without its leading label (`一是`, `（1）`, `①`)."""
    bare = text.strip()
    for _ in range(2):
        bare = _LABEL.sub("", bare, count=1)
    return bare


def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Offsets of the sentences of a text, end marks included, blanks trimmed."""
    spans = []
    for match in _SENTENCE.finditer(text):
        start, end = match.start(), match.end()
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start < end:
            spans.append((start, end))
    return tuple(spans)


def clauses(text: str) -> tuple[str, ...]:
    """Pieces between commas, semicolons and full stops, without the marks."""
    return tuple(piece.strip() for piece in re.split(r"[，；。！？,;\n]", text) if piece.strip())


def figures(text: str) -> tuple[str, ...]:
    """Arabic figures as written, without thousands separators."""
    return tuple(found.replace(",", "") for found in _FIGURE.findall(text))


def union(texts: Iterable[str]) -> frozenset[str]:
    """Content words of several texts together."""
    return frozenset().union(*(content_words(text) for text in texts))

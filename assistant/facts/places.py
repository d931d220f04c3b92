"""Places with a name of their own in a sentence, by the grammar of place names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.facts.lexicon import Lexicon, load_lexicon
from assistant.facts.words import NAME_TAGS, Word
from assistant.models import Fact

_PLAIN_TAGS = frozenset({"n", "a", "an", "j", "b", "l", "i", "vn", "t", "s", "m", "z"})
"""Plain words villages and estates are named after: 团结村, 幸福小区, 九里社区."""
_COUNTY = frozenset("省市县区旗州盟")
"""Suffixes that are general words too often to follow a plain word."""
_SHORT = frozenset("村庄镇乡县屯寨")
"""Suffixes that may follow a single character: 李村."""
_GROUP = re.compile(r"第?[一二三四五六七八九十\d]{1,3}(?:村民)?小?组")
"""A part of a village: 五道沟村三组."""
_LONGEST = 5
_FUNCTION_TAGS = ("p", "u", "c", "d", "r", "q", "y", "e", "x", "f", "v")


def find_places(text: str, words: Sequence[Word]) -> tuple[Fact, ...]:
    """Named places, longest first; masked (XX镇) and general ones (各镇, 示范村) are none."""
    found = sorted(_all_places(text, words), key=lambda fact: fact.start - fact.end)
    return tuple(found)


def _all_places(text: str, words: Sequence[Word]) -> Iterator[Fact]:
    lexicon = load_lexicon()
    starts = {word.start for word in words}
    for index, word in enumerate(words):
        ending = _ending(word, lexicon)
        if ending is None:
            continue
        suffix_start, end = ending
        suffix = text[suffix_start:end]
        start = _start_of_name(text, words, index, suffix_start, suffix, lexicon)
        common = start is not None and _ends_commonly(text, start, end, suffix, starts)
        if start is not None and not common:
            group = _GROUP.match(text, end) if suffix in ("村", "社区") else None
            end = group.end() if group else end
            yield Fact("place", text[start:end], start, end, text[start:end])
    for match in lexicon.known_place.finditer(text):
        if match.start() in starts:
            yield Fact("place", match[0], match.start(), match.end(), match[0])


def _ending(word: Word, lexicon: Lexicon) -> tuple[int, int] | None:
    """Where a place suffix stands in a word: at its end, or at its head as in 村|干部."""
    match = lexicon.place_end.search(word.text)
    if match is not None:
        if match.start() and word.text in lexicon.common_places:
            return None
        return word.start + match.start(), word.end
    if word.text[0] in "村镇乡县区市" and word.text in lexicon.local_words:
        return word.start, word.start + 1
    return None


def _start_of_name(
    text: str, words: Sequence[Word], index: int, at: int, suffix: str, lexicon: Lexicon
) -> int | None:
    """Walk left from the suffix over the words that can be its name."""
    word = words[index]
    stem = text[word.start : at]
    if stem and word.known and stem not in lexicon.landscape:
        if not is_made_of(stem, lexicon.zone_words):  # a dictionary word: 沙河镇 or 服务区
            return _dictionary_place(words, index, stem, suffix, lexicon)
        at = word.start
    start, proper = at, False
    current = index if at > word.start else index - 1
    while current >= 0:
        piece = _piece(text, words[current], start, suffix, lexicon, first=start == at)
        if piece is None or at - piece > _LONGEST:
            break
        whole = words[current].end - piece > 1
        proper = proper or _is_proper(words[current])
        zone = words[current].text in lexicon.zone_words
        start, current = piece, current - 1
        if whole and not zone and len(text[start:at]) > 1:
            if start == words[current + 1].start:
                start = _with_lone_head(words, current + 1, lexicon)
            break
    return (
        _checked(text, words, start, at, suffix, lexicon)
        if _evident(suffix, lexicon, proper=proper)
        else None
    )


def _dictionary_place(
    words: Sequence[Word], index: int, stem: str, suffix: str, lexicon: Lexicon
) -> int | None:
    if len(stem) < 2 or is_made_of(stem, lexicon.generic_place):
        return None
    if suffix == "省" and not _is_province(stem, lexicon):
        return None
    return _with_lone_head(words, index, lexicon)


def _with_lone_head(words: Sequence[Word], index: int, lexicon: Lexicon) -> int:
    """Take in a character the dictionary left over (双|河口镇), if nothing else claims it."""
    if index == 0:
        return words[index].start
    head = words[index - 1]
    alone = (
        index == 1
        or not _is_hanzi(words[index - 2].text[-1])
        or (words[index - 2].text in lexicon.stoppers)
    )
    fits = len(head.text) == 1 and _is_hanzi(head.text) and head.text not in lexicon.stoppers
    general = head.text in lexicon.generic_place or head.tag.startswith(_FUNCTION_TAGS)
    return head.start if alone and fits and not general else words[index].start


def _piece(
    text: str, word: Word, start: int, suffix: str, lexicon: Lexicon, *, first: bool
) -> int | None:
    """Where the part of this word that may belong to the name begins."""
    piece = text[word.start : min(word.end, start)]
    if len(piece) == 1 and piece in lexicon.landscape:
        return word.start
    if (
        not _is_hanzi(piece)
        or piece in lexicon.stoppers
        or (len(piece) == 1 and piece in _SHORT | _COUNTY)
    ):
        return None
    if piece in lexicon.zone_words:
        return None if suffix in _COUNTY and first else word.start
    if is_general(word, piece, lexicon.generic_place):
        return None
    if not word.known:
        glued = piece[-1] in lexicon.never_last or (
            len(piece) == 2 and piece[0] in lexicon.never_first
        )
        return None if glued else word.start + leading_stoppers(piece, lexicon)
    if len(piece) == 1:
        return None if word.tag.startswith((*_FUNCTION_TAGS, "m")) else word.start
    if word.tag in NAME_TAGS or piece in lexicon.lucky_words:
        return word.start
    counted = piece[0] in "一二两三四五六七八九十几数多各每" and piece[-1] in lexicon.classifiers
    return word.start if word.tag in _PLAIN_TAGS and len(piece) <= 3 and not counted else None


def _is_proper(word: Word) -> bool:
    return not word.known or (word.tag in NAME_TAGS and len(word.text) > 1)


def _evident(suffix: str, lexicon: Lexicon, *, proper: bool) -> bool:
    """Counties and the like want a proper name; villages may be named after anything."""
    return proper or suffix not in _COUNTY


def _checked(
    text: str, words: Sequence[Word], start: int, at: int, suffix: str, lexicon: Lexicon
) -> int | None:
    name = text[start:at]
    if not name or name in lexicon.generic_place or is_made_of(name, lexicon.zone_words):
        return None
    if suffix == "省":  # all provinces are known by name
        return start if _is_province(name, lexicon) else None
    if len(name) > 1:
        return start
    before = text[start - 1 : start]
    bare = not _is_hanzi(before) or any(
        word.end == start and word.text in lexicon.stoppers for word in words
    )
    return start if bare and suffix in _SHORT and name in lexicon.surnames else None


def _is_province(name: str, lexicon: Lexicon) -> bool:
    return lexicon.known_place.fullmatch(name) is not None


def _ends_commonly(text: str, start: int, end: int, suffix: str, starts: set[int]) -> bool:
    """Whether it ends in a common word after all (…城市, …农村), begun where a word begins."""
    common = load_lexicon().common_places
    return text[start:end] in common or any(
        at in starts and text[at:end] in common
        for at in range(max(start, end - 5), end - len(suffix))
    )


def _is_hanzi(text: str) -> bool:
    return bool(text) and all("\u4e00" <= char <= "\u9fff" for char in text)


def leading_stoppers(name: str, lexicon: Lexicon) -> int:
    """How many leading characters are prepositions the segmenter glued on (由青禾)."""
    cut = 0
    while len(name) - cut > 2 and name[cut] in lexicon.stoppers:
        cut += 1
    return cut


def is_general(word: Word, piece: str, words: frozenset[str]) -> bool:
    """Whether a word says nothing of its own; single characters alone prove nothing (上 + 湾)."""
    if word.known or len(piece) < 2:
        return is_made_of(piece, words)
    return is_made_of(piece, words) and any(
        piece[at : at + size] in words for size in (2, 3, 4) for at in range(len(piece) - size + 1)
    )


def is_made_of(name: str, words: frozenset[str]) -> bool:
    """Whether general words alone make up the name (国有 + 平台)."""
    reachable = [True] + [False] * len(name)
    for end in range(1, len(name) + 1):
        reachable[end] = any(
            reachable[end - size] and name[end - size : end] in words
            for size in range(1, min(end, 8) + 1)
        )
    return reachable[-1]

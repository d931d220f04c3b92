"""Which stretches of a segmented sentence can be a person's name. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.facts.lexicon import Lexicon
from assistant.facts.words import Word

Span = tuple[int, int]

_MAYBE_NAME_TAGS = ("nr", "m", "nz", "s")
"""许家 (tagged as a number) may begin 许家富; 高度 may begin no name."""
_GIVEN_TAGS = ("n", "a", "z", "ns", "t")
_PREDICATE_TAGS = ("v", "d", "p", "c", "u")


class NameShapes:
    """Where names may begin and end: a name cuts no dictionary word and is none itself."""

    def __init__(self, words: Sequence[Word], lexicon: Lexicon) -> None:
        known = [word for word in words if word.known and len(word.text) > 1]
        self._inside = {at for word in known for at in range(word.start + 1, word.end)}
        self._plain = {
            word.start: word.end for word in known if not word.tag.startswith(_MAYBE_NAME_TAGS)
        }
        self._single = {word.start: word for word in words if len(word.text) == 1}
        glued = {word.start + 1 for word in words if word.text[0] in lexicon.stoppers}
        self._starts = {word.start for word in words} | glued
        self.names = frozenset(_names(words, lexicon))
        """Stretches the segmenter takes for names, rightly or not."""
        self.subjects = frozenset(_subjects(words, self.names))
        """Names that open a clause and are followed by what they did."""

    def name_in(self, start: int, end: int, *, only_names: bool) -> Span | None:
        """The longest stretch from `start` that can be a name; nothing if none can.

        With `only_names` the segmenter must take it for a name too.
        """
        if start not in self._starts or start in self._inside:
            return None
        for stop in range(end, start + 1, -1):
            if stop in self._inside:
                continue
            if only_names:
                if (start, stop) in self.names:
                    return start, stop
            elif not self._is_plain(start, stop):
                return start, stop
        return None

    def _is_plain(self, start: int, stop: int) -> bool:
        """Whether a dictionary word begins here: 高度, but not 方志 in 方志远."""
        end = self._plain.get(start, stop + 1)
        if end > stop:
            return False
        last = self._single.get(end)
        return not (stop - start == 3 and last is not None and last.tag in _GIVEN_TAGS)


def _names(words: Sequence[Word], lexicon: Lexicon) -> Iterator[Span]:
    """Stretches the segmenter takes for names, or has broken into surname and given name."""
    for at, word in enumerate(words):
        after = words[at + 1] if at + 1 < len(words) else None
        if len(word.text) in (2, 3) and (not word.known or word.tag.startswith("nr")):
            yield word.start, word.end
            if after and len(word.text) == 2 and len(after.text) == 1 and _ends(words, at + 2):
                yield word.start, after.end
        if after and _is_surname(word, lexicon) and len(after.text) <= 2:
            follows = words[at + 2].tag if at + 2 < len(words) else "x"
            given = _hanzi(after.text) and not set(after.text) & set(lexicon.never_given)
            if given and follows.startswith((*_PREDICATE_TAGS, "x")):
                yield word.end - 1, after.end


def _is_surname(word: Word, lexicon: Lexicon) -> bool:
    """A surname alone, or with a preposition glued on (将常)."""
    glued = len(word.text) == 2 and not word.known and word.text[0] in lexicon.stoppers
    return (glued or len(word.text) == 1) and word.text[-1] in lexicon.surnames


def _ends(words: Sequence[Word], at: int) -> bool:
    """Whether a sign or the end of the sentence stands here."""
    return at >= len(words) or not _hanzi(words[at].text)


def _subjects(words: Sequence[Word], names: frozenset[Span]) -> Iterator[Span]:
    for at, word in enumerate(words[:-1]):
        opens = at == 0 or not _hanzi(words[at - 1].text)
        name = word.tag.startswith("nr") and (word.start, word.end) in names
        if opens and name and words[at + 1].tag.startswith(_PREDICATE_TAGS):
            yield word.start, word.end
        end = words[at + 1].end
        acts = at + 2 < len(words) and words[at + 2].text in ("已", "已于", "曾", "因")
        if opens and acts and len(word.text) == 1 and (word.start, end) in names:
            yield word.start, end


def _hanzi(text: str) -> bool:
    return "\u4e00" <= text[0] <= "\u9fff"

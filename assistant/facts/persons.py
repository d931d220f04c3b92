"""Persons named beside a title, an office or an act. Conservative. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from assistant.facts.lexicon import Lexicon, load_lexicon
from assistant.facts.name_shapes import NameShapes, Span
from assistant.facts.words import Word
from assistant.models import Fact

MIN_DOTTED = 4
"""Characters of the shortest dotted name, the dot included."""


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], bool], ...]:
    """Patterns of names; the flag asks for the segmenter's word that it is a name."""
    lexicon = load_lexicon()
    given = _given(lexicon)
    lazy = rf"(?P<name>{lexicon.surnames}{given}{{1,2}}?)"
    greedy = rf"(?P<name>{lexicon.surnames}{given}{{1,2}})"
    return (
        (re.compile(rf"{lazy}(?={lexicon.titles_after})"), False),
        (re.compile(rf"(?<!的){lexicon.titles_before}[：:]?{greedy}"), False),
        (re.compile(rf"(?P<name>{lexicon.rare_surnames}(?!家){given}{{1,2}})"), False),
        (re.compile(rf"(?P<name>{_alternatives(lexicon.always_double)}{given}{{1,2}})"), False),
        (_everyday(lexicon), False),
        (re.compile(rf"{lexicon.acts_before}{greedy}"), True),
    )


def _alternatives(words: Sequence[str]) -> str:
    return "(?:" + "|".join(words) + ")"


def _everyday(lexicon: Lexicon) -> re.Pattern[str]:
    """付晓岚 after a title and before what was done; 付款 is none."""
    name = rf"(?P<name>{lexicon.everyday_surnames}{_given(lexicon)}{{2}})"
    follows = rf"(?=[{lexicon.after_name}，。；、）]|{lexicon.titles_after}|$)"
    return re.compile(rf"(?<!的){lexicon.titles_before}[：:]?{name}{follows}")


@cache
def _dotted() -> re.Pattern[str]:
    """Names of several parts: 阿不都·热合曼."""
    return re.compile(r"(?P<name>[\u4e00-\u9fff]{2,6}(?:[·•][\u4e00-\u9fff]{2,6}){1,3})")


@cache
def _anonymous() -> re.Pattern[str]:
    surnames = load_lexicon().surnames
    return re.compile(
        rf"(?P<name>{surnames}(?:某{{1,2}}|[XＸ×*]{{2}}(?![市县区镇乡村街集公省局委]))"
        rf"|某某(?=同志|书记|主任|等人|，))"
    )


@cache
def _listed() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A name inside or at the end of a list, and one at its head."""
    lexicon = load_lexicon()
    name = rf"(?P<name>{lexicon.surnames}{_given(lexicon)}{{1,2}}?)"
    return (
        re.compile(rf"(?<=、){name}(?=、|等|[，。；）)（(]|$)"),
        re.compile(rf"(?:^|(?<=[^\u4e00-\u9fff、])|(?<=[对由给向村民员部])){name}(?=、)"),
    )


@cache
def _full_name() -> re.Pattern[str]:
    lexicon = load_lexicon()
    return re.compile(rf"{lexicon.surnames}{_given(lexicon)}{{1,2}}")


def _given(lexicon: Lexicon) -> str:
    return rf"(?:(?![{lexicon.never_given}])[\u4e00-\u9fff])"


def find_persons(text: str, words: Sequence[Word]) -> Iterator[Fact]:
    """Names of persons; 王某某 counts, an office without a name does not."""
    lexicon = load_lexicon()
    shapes = NameShapes(words, lexicon)
    spans: set[Span] = set()
    for pattern, only_names in _patterns():
        for match in pattern.finditer(text):
            span = shapes.name_in(*match.span("name"), only_names=only_names)
            if span is not None and text[span[0] : span[0] + 2] not in lexicon.not_names:
                spans.add(span)
    spans |= {
        span
        for span in shapes.subjects
        if _full_name().fullmatch(text, *span) and text[slice(*span)] not in lexicon.not_names
    }
    if spans and "、" in text:
        spans |= _listed_with(text, spans)
    spans |= {match.span("name") for match in _anonymous().finditer(text)}
    spans |= set(_dotted_spans(text, words))
    longest = dict(sorted(spans))
    for start, end in longest.items():
        yield Fact("person", text[start:end], start, end, text[start:end])


def likely_persons(text: str, words: Sequence[Word]) -> Iterator[Fact]:
    """Whatever has the shape of a name, title or not: too many rather than too few."""
    lexicon = load_lexicon()
    for start, end in sorted(NameShapes(words, lexicon).names):
        name = text[start:end]
        if _full_name().fullmatch(name) and name[:2] not in lexicon.not_names:
            yield Fact("person", name, start, end, name)


def _dotted_spans(text: str, words: Sequence[Word]) -> Iterator[Span]:
    """Dotted names outside quotation marks, without a title that ran into them."""
    for match in _dotted().finditer(text):
        start, end = match.span("name")
        if text[start - 1 : start] in ("“", "《", "‘", "「"):
            continue
        title = re.match(rf".*{load_lexicon().titles_before}", match[0].split("·")[0])
        start += title.end() if title else 0
        last = start + text[start:end].rfind("·") + 1
        cut = re.search(f"[{load_lexicon().after_dotted}]", text[last + 2 : end])
        end = last + 2 + cut.start() if cut else end
        plain = any(word.known and word.tag == "n" and start <= word.start < end for word in words)
        if not plain and end - start > MIN_DOTTED:
            yield start, end


def _listed_with(text: str, spans: set[Span]) -> set[Span]:
    """Names listed with a person already found: 甲、乙、丙等人."""
    inner, head = _listed()
    starts, ends = {start for start, _ in spans}, {end for _, end in spans}
    found = set(spans)
    listed = [match.span("name") for match in inner.finditer(text)]
    for start, end in [*listed, *reversed(listed)]:
        if end + 1 in starts or start - 1 in ends:
            found.add((start, end))
            starts.add(start)
            ends.add(end)
    return found | {m.span("name") for m in head.finditer(text) if m.end("name") + 1 in starts}

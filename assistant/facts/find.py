"""All facts of a text: whose number, date, document, place, body or person is it? Pure.

Facts never overlap; where two readings compete, the more telling kind wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from assistant.facts.bodies import find_bodies
from assistant.facts.documents import find_serials, find_titles
from assistant.facts.numbers import (
    find_amounts,
    find_dates,
    find_figures,
    protected_spans,
)
from assistant.facts.persons import find_persons
from assistant.facts.places import find_places
from assistant.facts.words import words_of
from assistant.models import Fact


@lru_cache(maxsize=4096)
def find_facts(text: str) -> tuple[Fact, ...]:
    """Figures, amounts, dates, documents, bodies, persons and places, in order of place."""
    protected = bytearray(len(text))
    for start, end in protected_spans(text):
        protected[start:end] = b"1" * (end - start)
    taken = bytearray(len(text))
    facts: list[Fact] = []
    for fact in _by_rank(text, protected):
        if not any(taken[fact.start : fact.end]):
            taken[fact.start : fact.end] = b"1" * (fact.end - fact.start)
            facts.append(fact)
    return tuple(sorted(facts, key=lambda fact: fact.start))


def _by_rank(text: str, protected: bytearray) -> Iterator[Fact]:
    words = words_of(text)
    yield from find_titles(text)
    yield from find_serials(text)
    yield from _outside(find_dates(text), protected)
    yield from find_amounts(text)
    places = find_places(text, words)
    yield from (_from_place(body, text, places) for body in find_bodies(text, words))
    yield from places
    yield from find_persons(text, words)
    yield from _outside(find_figures(text), protected)


def _from_place(body: Fact, text: str, places: Iterable[Fact]) -> Fact:
    """A body whose name begins inside a place's name begins where the place does."""
    start = min(
        (place.start for place in places if place.start < body.start < place.end), default=-1
    )
    if start < 0:
        return body
    name = text[start : body.end]
    return Fact("body", name, start, body.end, name)


def _outside(facts: Iterable[Fact], protected: bytearray) -> Iterator[Fact]:
    return (fact for fact in facts if not protected[fact.start])

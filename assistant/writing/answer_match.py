"""Which of the cases found are on the matter of a question, and what of it none of them names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml

from assistant.facts.find import find_facts
from assistant.models import Answerable, Evidence
from assistant.taxonomy.classify import load_taxonomy
from assistant.taxonomy.thesaurus import find_concepts
from assistant.writing.borrow import specific_words
from assistant.writing.masking import plain
from assistant.writing.notice_rules import named_notices
from assistant.writing.vocabulary import is_general
from assistant.writing.words import coverage, likeness, tagged

NEAR_SCORE = 0.5
"""Share of the best score from which a case counts as much the same matter."""
CLOSE = 0.55
NEAREST = 3
_QUOTED = re.compile(r"[“\"「‘]([^”\"」’]{2,12})[”\"」’]")


@cache
def _general_nouns() -> frozenset[str]:
    path = Path(__file__).with_name("questions.yaml")
    held = yaml.safe_load(path.read_text(encoding="utf-8"))
    return frozenset(held["general_nouns"])


def matter_words(question: str) -> frozenset[str]:
    """Words of the question that tell its matter."""
    return specific_words(plain(question)) - _general_nouns()


def said_by(item: Evidence) -> str:
    """Everything a case says, in norm text."""
    case = item.case
    return plain(
        "\n".join([case.problem, *case.category[-1:], *(one.text for one in case.measures)])
    )


def relevant(question: str, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Evidence on the matter of the question; the first of a search always counts."""
    evidence = _of_named_units(question, evidence)
    topics = set(load_taxonomy().topics_of(plain(question)))
    wanted = matter_words(question)
    concepts = set(find_concepts(plain(question)))
    best = max((item.score for item in evidence), default=0.0)
    kept = []
    for rank, item in enumerate(evidence):
        said = said_by(item)
        shared = sum(word in said for word in wanted)
        near = shared >= (1 if rank < NEAREST else 2) or bool(concepts & set(find_concepts(said)))
        on_topic = bool(topics & set(item.case.topics))
        close = item.score >= NEAR_SCORE * best
        if rank == 0 or not wanted or (close and (on_topic or near)):
            kept.append(item)
    return tuple(kept)


def _of_named_units(question: str, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Only the cases of the units the question names, where it names any found."""
    notices = tuple({item.notice.id: item.notice for item in evidence}.values())
    named = {notice.id for notice in named_notices(question, notices)}
    own = tuple(item for item in evidence if item.notice.id in named)
    return own or tuple(evidence)


def closeness(question: str, item: Evidence) -> float:
    """How far the problem of a case is the one asked about, 0…1."""
    asked, problem = plain(question), plain(item.case.problem)
    return max(likeness(asked, problem), coverage(problem, asked))


def missing_terms(question: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """What the question is about that no case names, not even by another word."""
    said = "\n".join(said_by(item) for item in evidence)
    concepts = set(find_concepts(said))
    asked = plain(question)
    quoted = [term for term in _QUOTED.findall(asked) if term not in said]
    inside = "".join(quoted)
    nouns = [
        word
        for word in _nouns(asked)
        if word not in said and word not in inside and not concepts & set(find_concepts(word))
    ]
    return tuple(dict.fromkeys([*quoted, *nouns]))


def _nouns(question: str) -> list[str]:
    """Nouns that tell the matter; parts of a unit's or place's name are none."""
    names = "".join(fact.text for fact in find_facts(question) if fact.kind in ("body", "place"))
    return [
        word
        for word, tag in tagged(question)
        if len(word) > 1 and tag[0] in "nj" and word not in _general_nouns() and word not in names
    ]


def is_elsewhere(question: str, missing: Sequence[str], band: Answerable) -> bool:
    """Whether what no case names is the very matter of the question."""
    if not missing:
        return False
    if band is Answerable.WEAK:
        return True
    held = [word for word in _nouns(plain(question)) if word not in missing]
    return len(missing) > len(held)


def absent_units(question: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """Units or places the question names that stand in none of the cases found."""
    named = [
        fact.text
        for fact in find_facts(question)
        if fact.kind in ("body", "place") and not is_general(fact.text) and len(fact.text) > 2
    ]
    notices = tuple({item.notice.id: item.notice for item in evidence}.values())
    if not named or named_notices(question, notices):
        return ()
    said = "\n".join(
        f"{item.notice.unit}{item.notice.title}{item.notice.source}{item.case.problem}"
        + "".join(measure.text for measure in item.case.measures)
        for item in evidence
    )
    return tuple(name for name in named if name not in said)

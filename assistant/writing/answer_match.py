"""Which of the cases found are on the matter of a question, and what of it none of them names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml

from assistant.facts.compare import owned
from assistant.facts.find import find_facts
from assistant.followup import leans
from assistant.models import Answerable, Evidence
from assistant.taxonomy.classify import FALLBACK, load_taxonomy
from assistant.taxonomy.thesaurus import find_concepts
from assistant.writing.borrow import matters_of, specific_words
from assistant.writing.masking import plain
from assistant.writing.notice_rules import named_notices
from assistant.writing.practice import load_playbooks
from assistant.writing.question import compares
from assistant.writing.vocabulary import is_general
from assistant.writing.words import content_words, coverage, likeness, tagged

NEAR_SCORE = 0.5
"""Share of the best score from which a case counts as much the same matter."""
CLOSE = 0.55
NEAREST = 3
VAGUE_LENGTH = 6
_ASKING = re.compile(
    r"怎[么样]|如何|咋|第.{1,2}条|什么|哪|为何|多少|具体|它|他们|这|那|其|另外|还有|还是|一下|办|做|整改|花"
)
_QUOTED = re.compile(r"[“\"「‘]([^”\"」’]{2,12})[”\"」’]")


@cache
def _general_nouns() -> frozenset[str]:
    path = Path(__file__).with_name("questions.yaml")
    held = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return frozenset(held["general_nouns"])


@cache
def _never_missing() -> frozenset[str]:
    path = Path(__file__).with_name("questions.yaml")
    held = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return _general_nouns() | frozenset(held["never_missing"])


@cache
def _general_ends() -> tuple[str, ...]:
    path = Path(__file__).with_name("questions.yaml")
    return tuple(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["general_ends"])


def matter_words(question: str) -> frozenset[str]:
    """Words of the question that tell its matter."""
    return specific_words(plain(question)) - _general_nouns()


def is_vague(question: str) -> bool:
    """Whether a question names no matter at all: 整改, 怎么办, 那街道呢 with nothing before it."""
    asked = plain(question).strip("？?。！ ")
    if len(asked) > VAGUE_LENGTH and not leans(asked):
        return False
    named = content_words(asked) - _general_nouns()
    return not any(not _ASKING.search(word) for word in named)


def said_by(item: Evidence) -> str:
    """Everything a case says, in norm text."""
    case = item.case
    return plain(
        "\n".join([case.problem, *case.category[-1:], *(one.text for one in case.measures)])
    )


def relevant(question: str, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Evidence on the matter of the question; the first of a search always counts."""
    if not compares(question):
        evidence = _of_named_units(question, evidence)
    topics = set(load_taxonomy().topics_of(plain(question))) - {FALLBACK}
    words = matter_words(question)
    wanted = words - _never_missing() or words
    # who acts and in what manner is common to all trades: only matters show kinship
    matters = matters_of(_matter_of(question))
    best = max((item.score for item in evidence), default=0.0)
    kept = []
    for rank, item in enumerate(evidence):
        said = said_by(item)
        shared = sum(word in said for word in wanted)
        near = shared >= (1 if rank < NEAREST else 2) or bool(matters & matters_of(said))
        on_topic = bool(topics & set(item.case.topics))
        close = item.score >= NEAR_SCORE * best
        if rank == 0 or not wanted or (close and (on_topic or near)):
            kept.append(item)
    return tuple(kept)


def _matter_of(question: str) -> str:
    """The question without the nouns any question uses, so that 管理混乱 matches nothing."""
    text = plain(question)
    for word in sorted(_general_nouns(), key=len, reverse=True):
        if len(word) > 2 or word in ("管理", "混乱", "规范"):
            text = text.replace(word, "，")
    return text


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


def missing_terms(
    question: str, evidence: Sequence[Evidence], *, deeds: bool = False
) -> tuple[str, ...]:
    """What the question is about that the nearest cases do not name, not even by another word.

    `deeds`: what is done counts too (赌博), as it does where the question is whether it occurs.
    """
    said = "\n".join(said_by(item) for item in evidence[:NEAREST])
    concepts = set(find_concepts(said))
    asked = plain(question)
    quoted = [term for term in _QUOTED.findall(asked) if term not in said]
    inside = "".join(quoted)
    nouns = [
        word
        for word in _nouns(asked, deeds=deeds)
        if word not in said and word not in inside and not concepts & set(find_concepts(word))
    ]
    return _joined(tuple(dict.fromkeys([*quoted, *nouns])), asked)


def _joined(words: Sequence[str], asked: str) -> tuple[str, ...]:
    """Words that stand side by side in the question as one: 优亲 and 厚友 are 优亲厚友."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] + word in asked:
            joined[-1] += word
        else:
            joined.append(word)
    return tuple(joined)


def _nouns(question: str, *, deeds: bool = False) -> list[str]:
    """Nouns that tell the matter, and deeds if asked for; parts of a name are none."""
    tags = ("n", "j", "v") if deeds else ("n", "j")
    names = "".join(fact.text for fact in find_facts(question) if fact.kind in ("body", "place"))
    return [
        word
        for word, tag in tagged(question)
        if len(word) > 1 and tag.startswith(tags) and word not in names and not _is_general(word)
    ]


def _is_general(word: str) -> bool:
    """A noun of any question, or one made of such nouns: 镇里, 整改措施."""
    if word in _never_missing() or word.endswith("里"):
        return True
    rest = word
    for end in _general_ends():
        rest = rest.removesuffix(end)
    return len(rest) < 2 or rest in _never_missing()


def same_matter(question: str, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Cases of the very topic of a question, or that say its matter by another word.

    A topic that holds many trades does not show that the matter is the same.
    """
    asked = plain(question)
    books = load_playbooks()
    topics = {topic for topic in load_taxonomy().topics_of(asked)[:2] if not books[topic].broad}
    concepts = set(find_concepts(asked))
    return tuple(
        item
        for item in evidence
        if topics & set(item.case.topics[:2]) or concepts & set(find_concepts(item.case.problem))
    )


def of_its_kind(question: str, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Cases that share a concept of a topic or a telling word with a question at all."""
    wanted = matter_words(question)
    matters = matters_of(plain(question))
    return tuple(
        item
        for item in evidence
        if matters & matters_of(said_by(item))
        or sum(word in said_by(item) for word in wanted) >= min(2, len(wanted) or 2)
    )


def touches(question: str, evidence: Sequence[Evidence]) -> bool:
    """Whether any of the cases says a single word or thing of the matter of a question."""
    wanted = matter_words(question) - _never_missing()
    matters = matters_of(plain(question))
    said = "\n".join(said_by(item) for item in evidence)
    return any(word in said for word in wanted) or bool(matters & matters_of(said))


def absent_sums(question: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """Sums of money the question takes for granted and no case states."""
    asked = [fact for fact in find_facts(question) if fact.kind == "amount"]
    if not asked:
        return ()
    said = [fact for item in evidence for fact in find_facts(said_by(item))]
    return tuple(fact.text for fact in asked if not owned(fact, said))


def absent_persons(question: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """Persons the question names that no case names."""
    said = "\n".join(said_by(item) for item in evidence)
    return tuple(
        fact.text
        for fact in find_facts(question)
        if fact.kind == "person" and fact.text not in said and not is_general(fact.text)
    )


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

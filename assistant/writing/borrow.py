"""What measures of similar cases offer a plan: general clauses, and how many took a step."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

from assistant.models import Evidence
from assistant.taxonomy.classify import load_taxonomy
from assistant.taxonomy.thesaurus import GENERAL, find_concepts
from assistant.writing.generalise import general_runs
from assistant.writing.guard import guard_words
from assistant.writing.masking import plain
from assistant.writing.nature import is_recovery
from assistant.writing.practice import Practice
from assistant.writing.vocabulary import trade_words
from assistant.writing.words import compiled, content_words, likeness, pairs, strip_label

NEAR = 0.6
SHARED = 2
ABOUT = 3
FEW = 4
SHORTEST = 8
ALIKE = 0.15
VERY_ALIKE = 0.3
_ACCOUNT = "M06"
_QUOTED = re.compile("“[^”]*”")
"""The user's own words within a measure: that a case shares them supports no act."""
_TALK = frozenset({"M01", "M02", "M07"})


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A general clause of a measure and where it comes from."""

    text: str
    step: str
    kind: str
    number: int
    fit: float


@dataclass(frozen=True, slots=True)
class Taken:
    """A step some similar case took, in norm text."""

    text: str
    step: str
    kinds: tuple[str, ...]
    number: int
    near: float
    """How close its case and its words are to the problem."""
    about: int
    """Telling words of the problem it holds."""
    same_topic: bool
    alike: float
    """How far the problem of its case is the problem at hand, 0…1."""
    kin: int = 0
    """Matters of the thesaurus that the problem of its case shares with the problem at hand."""
    spoken: int = 0
    """Matters of the problem at hand that the measure itself speaks of."""
    few: bool = True
    """Whether its case is of one matter, to go by the few measures it has."""
    matters: frozenset[str] = frozenset()
    """What the measure itself speaks of within the topics its case shares with the problem."""


@cache
def _steps() -> Mapping[str, str]:
    path = Path(__file__).with_name("steps.yaml")
    loaded: Mapping[str, str] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return loaded


def step_of(kind: str) -> str:
    """The step of a plan a measure kind belongs to."""
    return _steps().get(kind, "纠正处置")


def specific_words(problem: str) -> frozenset[str]:
    """Content words of a problem that few other problems share."""
    return content_words(problem) - frozenset(guard_words()["common"])


def taken_steps(
    problem: str, topics: Sequence[str], evidence: Sequence[Evidence]
) -> tuple[Taken, ...]:
    """Every measure of the evidence with its step, and how near it is to the problem."""
    wanted = specific_words(problem)
    matters = matters_of(problem)
    found = []
    for item in evidence:
        theirs = plain(item.case.problem)
        kin = len(matters & matters_of(theirs))
        common = set(item.case.topics) & set(topics)
        same_topic = bool(common)
        alike = likeness(theirs, problem) if len(pairs(theirs) & pairs(problem)) > 1 else 0.0
        for measure in item.case.measures:
            text = strip_label(plain(measure.text))
            kinds = measure.kinds or load_taxonomy().kinds_of(text) or ("M16",)
            about = len(content_words(text) & wanted)
            near = min(about, 3) / 2 + alike + (0.3 if same_topic else 0.0)
            theirs_too = matters_of(text)
            spoken = len(matters & theirs_too)
            found.append(
                Taken(
                    text=text,
                    step=step_of(kinds[0]),
                    kinds=kinds,
                    number=item.number,
                    near=near,
                    about=about,
                    same_topic=same_topic,
                    alike=alike,
                    kin=kin,
                    spoken=spoken,
                    few=len(item.case.measures) <= FEW,
                    matters=frozenset(one for one in theirs_too if one.split("-")[0] in common),
                )
            )
    return tuple(found)


@lru_cache(maxsize=4_000)
def matters_of(text: str) -> frozenset[str]:
    """Concepts of a topic that a text speaks of; actors and manners are of no matter."""
    found = frozenset(one for one in find_concepts(text) if not one.startswith(GENERAL))
    return found.difference(guard_words()["manners"])


def borrowed_clauses(problem: str, taken: Sequence[Taken], *, owned: str) -> tuple[Borrowed, ...]:
    """General clauses of the measures near the problem, best first."""
    wanted = specific_words(problem)
    found: list[Borrowed] = []
    for measure in taken:
        near = measure.near >= NEAR and (measure.kin or measure.alike >= ALIKE)
        if not near or not measure.about or measure.kinds[0] in _TALK:
            continue
        for clause in general_runs(measure.text, owned=owned, vocabulary=trade_words()):
            shared = len(content_words(clause) & wanted)
            fit = shared + measure.near
            if len(clause) >= SHORTEST and shared and _is_whole(clause):
                found.append(Borrowed(clause, measure.step, measure.kinds[0], measure.number, fit))
    return tuple(sorted(found, key=lambda one: (-one.fit, one.number, one.text)))


def _is_whole(clause: str) -> bool:
    """Whether a clause is an act of its own that can be checked; money comes back by the plan."""
    words = guard_words()
    return (
        not is_recovery(clause)
        and bool(compiled(words["checkable"]).search(clause))
        and not any(compiled(words["unfinished"]).search(part) for part in clause.split("，"))
    )


def supporters(practice: Practice, text: str, taken: Sequence[Taken]) -> tuple[int, ...]:
    """Numbers of the cases that took this kind of step in much the same matter, nearest first."""
    own_words = _QUOTED.sub("", text)
    scores: dict[int, float] = {}
    for measure in taken:
        if not _same_act(practice, measure):
            continue
        shared = _shared(measure.text, own_words)
        if _fits(practice, measure, shared) or _does_the_same(practice, measure, own_words):
            scores[measure.number] = max(scores.get(measure.number, 0.0), shared + measure.near)
    ordered = sorted(scores.items(), key=lambda one: (-one[1], one[0]))
    return tuple(number for number, _ in ordered)


def _same_act(practice: Practice, measure: Taken) -> bool:
    """Whether a measure is an act of the same kind: checking, recovering, setting a rule."""
    if measure.kinds[0] == practice.kind:
        return True
    if practice.kind in measure.kinds[:2] and measure.step == practice.step:
        return True
    return bool(measure.kin) and practice.kind in measure.kinds


def _fits(practice: Practice, measure: Taken, shared: int) -> bool:
    """Whether the act was about the same matter: the same concept, or in so many words."""
    nearer = measure.few and (measure.kin > 1 or measure.alike >= VERY_ALIKE)
    if (measure.spoken or measure.about or nearer) and (
        measure.kin or (measure.same_topic and measure.alike >= ALIKE)
    ):
        return bool(shared) or practice.kind == _ACCOUNT
    if (measure.kin and measure.few) or (measure.spoken and measure.about >= SHARED):
        return shared >= SHARED
    return measure.about >= ABOUT and shared >= SHARED


def _does_the_same(practice: Practice, measure: Taken, text: str) -> bool:
    """Whether both texts say to do the same thing: one matter of the topic, in shared words."""
    if practice.kind == _ACCOUNT or not measure.matters & matters_of(text):
        return False
    words = {word for word in specific_words(measure.text) if word in text}
    words |= {word for word in specific_words(text) if word in measure.text}
    return len(words.difference(guard_words()["drafting"])) >= SHARED


def _shared(one: str, other: str) -> int:
    """Telling words of either text that the other holds."""
    return max(
        sum(word in other for word in specific_words(one)),
        sum(word in one for word in specific_words(other)),
    )

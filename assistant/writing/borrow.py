"""What measures of similar cases offer a plan: general clauses, and how many took a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from assistant.models import Evidence
from assistant.taxonomy.classify import load_taxonomy
from assistant.writing.generalise import general_runs
from assistant.writing.guard import guard_words
from assistant.writing.masking import plain
from assistant.writing.nature import is_recovery
from assistant.writing.practice import Practice
from assistant.writing.vocabulary import trade_words
from assistant.writing.words import content_words, coverage, likeness, strip_label

NEAR = 0.6
SHARED = 2
COVERED = 0.3
SHORTEST = 8
ALIKE = 0.15
_ACCOUNT = "M06"
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
    found = []
    for item in evidence:
        same_topic = bool(set(item.case.topics) & set(topics))
        alike = likeness(plain(item.case.problem), problem)
        for measure in item.case.measures:
            text = strip_label(plain(measure.text))
            kinds = measure.kinds or load_taxonomy().kinds_of(text) or ("M16",)
            about = len(content_words(text) & wanted)
            near = min(about, 3) / 2 + alike + (0.3 if same_topic else 0.0)
            found.append(
                Taken(text, step_of(kinds[0]), kinds, item.number, near, about, same_topic, alike)
            )
    return tuple(found)


def borrowed_clauses(problem: str, taken: Sequence[Taken], *, owned: str) -> tuple[Borrowed, ...]:
    """General clauses of the measures near the problem, best first."""
    wanted = specific_words(problem)
    found: list[Borrowed] = []
    for measure in taken:
        about = len(content_words(measure.text) & wanted)
        if measure.near < NEAR or not about or measure.kinds[0] in _TALK:
            continue
        for clause in general_runs(measure.text, owned=owned, vocabulary=trade_words()):
            shared = len(content_words(clause) & wanted)
            fit = shared + measure.near
            if len(clause) >= SHORTEST and shared and not is_recovery(clause):
                found.append(Borrowed(clause, measure.step, measure.kinds[0], measure.number, fit))
    return tuple(sorted(found, key=lambda one: (-one.fit, one.number, one.text)))


def supporters(practice: Practice, text: str, taken: Sequence[Taken]) -> tuple[int, ...]:
    """Numbers of the cases that took this kind of step in much the same matter, nearest first."""
    scores: dict[int, float] = {}
    for measure in taken:
        if not _same_act(practice, measure):
            continue
        shared = _shared(measure.text, text)
        if _fits(practice, measure, text, shared):
            scores[measure.number] = max(scores.get(measure.number, 0.0), shared + measure.near)
    ordered = sorted(scores.items(), key=lambda one: (-one[1], one[0]))
    return tuple(number for number, _ in ordered)


def _same_act(practice: Practice, measure: Taken) -> bool:
    """Whether a measure is an act of the same kind: checking, recovering, setting a rule."""
    if measure.kinds[0] == practice.kind:
        return True
    return practice.kind in measure.kinds[:2] and measure.step == practice.step


def _fits(practice: Practice, measure: Taken, text: str, shared: int) -> bool:
    """Whether the act was about the same matter: of the same topic, or in so many words."""
    if measure.same_topic and (measure.alike >= ALIKE or measure.about):
        return bool(shared) or practice.kind == _ACCOUNT
    if measure.about >= SHARED:
        return shared >= SHARED
    return shared >= SHARED and coverage(measure.text, text) >= COVERED


def _shared(one: str, other: str) -> int:
    """Telling words of either text that the other holds."""
    return max(
        sum(word in other for word in specific_words(one)),
        sum(word in one for word in specific_words(other)),
    )

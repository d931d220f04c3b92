"""General practices per topic and step, and the user's own words that make them specific."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.models import Evidence
from assistant.writing.guard import BLANK
from assistant.writing.nature import asks_fabrication

STEPS = ("查清", "纠正处置", "追责问责", "建章立制", "举一反三", "监督长效")

_PERIOD = re.compile(
    r"(?:19|20)\d{2}年(?:\d{1,2}月)?(?:以来|[至到—~～-]+(?:(?:19|20)\d{2}年?)?(?:\d{1,2}月)?|(?=[^\d]))"
)
_AMOUNT = re.compile(r"\d+(?:\.\d+)?(?:余|多)?(?:亿|万|千)?(?:余|多)?元")


CATCH_ALL = "T40"
"""The topic of what fits no other: it weighs less than a real one."""
_BY_RANK = (3.0, 2.0, 1.5)
_VOTES = (0.8, 0.5, 0.3)


@dataclass(frozen=True, slots=True)
class Practice:
    """One way to take a step, with slots for the user's words."""

    step: str
    text: str
    kind: str
    deliverable: str
    when: tuple[str, ...] = ()
    """Words or patterns of the problem it is meant for; empty fits any problem of the topic."""
    serious: bool = False


@dataclass(frozen=True, slots=True)
class Variant:
    """Office, cause and goal for problems of a special trade."""

    when: tuple[str, ...]
    office: str
    cause: str
    goal: str


@dataclass(frozen=True, slots=True)
class Playbook:
    """What is known of a topic for drafting."""

    topic: str
    noun: str
    nouns: tuple[tuple[str, str], ...]
    """(pattern in the problem, how to name the object of the plan)."""
    scope: str
    scopes: tuple[tuple[str, str], ...]
    """What exactly the problem points at, with the user's own figure: `3件信访积案`."""
    typos: tuple[tuple[str, str], ...]
    office: str
    cause: str
    goal: str
    variants: tuple[Variant, ...]
    """Another cause and goal where the problem is of a special trade."""
    mild: bool
    """Capability topics where holding people to account would be out of place."""
    practices: tuple[Practice, ...]


@dataclass(frozen=True, slots=True)
class Slots:
    """What fills the slots of a practice."""

    object: str
    scope: str
    period: str
    amount: str


def _read(path: Path) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def _practice(step: str, entry: Mapping[str, Any]) -> Practice:
    return Practice(
        step,
        entry["text"],
        entry["kind"],
        entry["out"],
        tuple(str(word) for word in entry.get("when", ())),
        serious=bool(entry.get("serious", False)),
    )


def _playbook(topic: str, entry: Mapping[str, Any]) -> Playbook:
    return Playbook(
        topic,
        entry["noun"],
        tuple((pattern, say) for pattern, say in entry.get("nouns", ())),
        entry.get("scope", {}).get("default", entry["noun"]),
        tuple((pattern, say) for pattern, say in entry.get("scope", {}).get("find", ())),
        tuple(entry.get("typos", {}).items()),
        entry["office"],
        entry["cause"],
        entry["goal"],
        tuple(
            Variant(
                tuple(str(word) for word in one["when"]), one["office"], one["cause"], one["goal"]
            )
            for one in entry.get("variants", ())
        ),
        bool(entry.get("mild", False)),
        tuple(_practice(step, item) for step, items in entry["steps"].items() for item in items),
    )


@cache
def load_playbooks() -> Mapping[str, Playbook]:
    """Playbooks by topic id, and `general` for the rest."""
    found: dict[str, Playbook] = {}
    for path in sorted((Path(__file__).parent / "practices").glob("*.yaml")):
        for topic, entry in _read(path).items():
            if topic != "recovery":
                found[topic] = _playbook(topic, entry)
    return found


@cache
def recovery() -> Practice:
    """The recovery step for money problems whose topic brings none."""
    entry = _read(Path(__file__).parent / "practices" / "general.yaml")["recovery"]
    return _practice("纠正处置", entry)


def _named(problem: str, patterns: Sequence[tuple[str, str]], otherwise: str) -> str:
    for pattern, say in patterns:
        match = re.search(pattern, problem)
        if match:
            return str(match.expand(say))
    return otherwise


def _without_typos(text: str, book: Playbook) -> str:
    for wrong, right in book.typos:
        text = text.replace(wrong, right)
    return text


def _period(problem: str) -> str:
    found = [match.group() for match in _PERIOD.finditer(problem)]
    if not found:
        return "近三年"
    period = max(found, key=len)
    return (
        period
        if period.endswith(("以来",)) or re.search(r"[至到—~～-]", period)
        else period + "以来"
    )


def slots_of(problem: str, book: Playbook) -> Slots:
    """The user's own object, period and amount, or blanks."""
    amounts = set(_AMOUNT.findall(problem))
    amount = amounts.pop() if len(amounts) == 1 else f"{BLANK}元"
    return Slots(
        _without_typos(_named(problem, book.nouns, book.noun), book),
        _named(problem, book.scopes, book.scope),
        _period(problem),
        amount,
    )


def fill(text: str, slots: Slots) -> str:
    """The text with its slots filled."""
    return (
        text.replace("{o}", slots.object)
        .replace("{s}", slots.scope)
        .replace("{period}", slots.period)
        .replace("{amount}", slots.amount)
    )


def fitting(book: Playbook, step: str, problem: str) -> tuple[Practice, ...]:
    """Practices of a step that fit the problem: the ones meant for it, else the general ones."""
    of_step = [practice for practice in book.practices if practice.step == step]
    hits = {
        practice: sum(bool(re.search(word, problem)) for word in practice.when)
        for practice in of_step
        if practice.when
    }
    meant = sorted((one for one in hits if hits[one]), key=lambda one: -hits[one])
    return tuple(meant or [practice for practice in of_step if not practice.when])


def evidence_votes(evidence: Sequence[Evidence]) -> dict[str, float]:
    """How strongly the nearest cases speak for each topic: they read what the user mistyped."""
    votes: dict[str, float] = {}
    for weight, item in zip(_VOTES, evidence, strict=False):
        for topic in item.case.topics[:1]:
            votes[topic] = votes.get(topic, 0.0) + weight
    return votes


def _match(book: Playbook, problem: str, rank: int) -> float:
    """How well a playbook fits: its place among the topics, and the user's own words."""
    score = _BY_RANK[rank] if 0 <= rank < len(_BY_RANK) else 0.0
    if book.topic == CATCH_ALL:
        score *= 0.4
    score += 2.7 if any(re.search(pattern, problem) for pattern, _ in book.nouns) else 0.0
    cues = {word for one in book.practices for word in one.when if re.search(word, problem)}
    return score + 0.4 * min(3, len(cues))


def playbook_for(
    topics: Sequence[str], problem: str = "", evidence: Sequence[Evidence] = ()
) -> Playbook:
    """The playbook of the topics that fits the problem best, or the general one.

    Topics read from mistyped or colloquial wording may be wrong: the problem's own words and the
    topics of the nearest cases may speak for another playbook.
    """
    books = load_playbooks()
    if asks_fabrication(problem):
        return books["records"]
    ranks = {topic: rank for rank, topic in enumerate(topics) if topic in books}
    votes = evidence_votes(evidence)
    for topic in topics[:1]:
        votes.pop(topic, None)
    scored = [
        (_match(book, problem, ranks.get(topic, -1)) + votes.get(topic, 0.0), topic)
        for topic, book in books.items()
        if topic not in ("general", "records")
    ]
    best, topic = max(scored, key=lambda one: (one[0], -ranks.get(one[1], 99), one[1]))
    return _adapted(books[topic], problem) if best >= 1.2 else books["general"]


def _adapted(book: Playbook, problem: str) -> Playbook:
    for one in book.variants:
        if any(re.search(word, problem) for word in one.when):
            return replace(book, office=one.office, cause=one.cause, goal=one.goal)
    return book

"""Which playbook a problem calls for, and what else stands in a sentence of several problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.models import Evidence
from assistant.writing.matter import clauses_of
from assistant.writing.nature import asks_fabrication
from assistant.writing.practice import Playbook, load_playbooks
from assistant.writing.words import compiled

CATCH_ALL = "T40"
"""The topic of what fits no other: it weighs less than a real one."""
MADE_UP = "records"
"""The playbook of records that someone asks to make up: it answers nothing else."""
APART = ("general", MADE_UP)
_BY_RANK = (3.0, 2.0, 1.5)
_VOTES = (0.8, 0.5, 0.3)
_NAMED, _NAMED_LATE = 2.7, 0.8
_FAULT, _FAULT_LATE = 2.8, 2.0
_SHARP, _SHARP_LATE = 4.2, 1.0
"""What is added where the wording names the matter itself."""
_SURE, _WEAKER = 0.5, 0.9
_UNSURE, _HALF, _MISPLACED = 0.6, 0.5, 0.3
_UNSPOKEN = 0.9
"""What a topic counts of whose playbook the problem says not a word."""
_LEADING, _LEADING_SHARE = 16, 0.45
"""What stands in the first characters of a problem, or in this share of it, is its matter."""
_LEAST = 1.2


def evidence_votes(evidence: Sequence[Evidence]) -> dict[str, float]:
    """How strongly the nearest cases speak for each topic: they read what the user mistyped."""
    votes: dict[str, float] = {}
    for weight, item in zip(_VOTES, evidence, strict=False):
        for topic in item.case.topics[:1]:
            votes[topic] = votes.get(topic, 0.0) + weight
    return votes


def playbook_for(
    topics: Sequence[str], problem: str = "", evidence: Sequence[Evidence] = ()
) -> Playbook:
    """The playbook of the topics or of the fault that fits the problem best, or the general one.

    Topics read from mistyped or colloquial wording may be wrong, and rare matters have no topic
    of their own: the problem's own words and the nearest cases may speak for another playbook.
    """
    books = load_playbooks()
    if asks_fabrication(problem):
        return books[MADE_UP]
    ranks = {topic: rank for rank, topic in enumerate(topics) if topic in books}
    votes = evidence_votes(evidence)
    for topic in topics[:1]:
        votes.pop(topic, None)
    scored = [
        (_match(book, problem, ranks.get(topic, -1)) + _trusted(votes, book), topic)
        for topic, book in books.items()
        if topic not in APART
    ]
    scored.sort(key=lambda one: (-one[0], ranks.get(one[1], 99), one[1]))
    first = scored[0][1]
    fitting = (
        books[topic]
        for score, topic in scored
        if score >= _LEAST
        and (topic == first or topic in ranks or books[topic].faults)
        and not _is_bare(books[topic], problem, best=topic == first)
    )
    return _adapted(next(fitting, books["general"]), problem)


def _is_bare(book: Playbook, problem: str, *, best: bool) -> bool:
    """Whether a problem says not a word of a book: then its topic was read from something else."""
    if best and book.about and compiled(book.about).search(problem):
        return False
    return not speaks_of(book, problem)


def _trusted(votes: Mapping[str, float], book: Playbook) -> float:
    """What the votes of the cases count: half for a topic of many trades."""
    return votes.get(book.topic, 0.0) * (0.5 if book.broad else 1.0)


def further_books(problem: str, chosen: Playbook) -> tuple[Playbook, ...]:
    """Playbooks of the other faults of a sentence, best first: what the chosen one leaves out."""
    left = [
        clause
        for clause in clauses_of(problem)
        if len(clause) > 4 and not any(compiled(word).search(clause) for word in chosen.wording)
    ]
    hits = {
        topic: sum(
            bool(compiled(word).search(clause)) for word in _telling(book) for clause in left
        )
        for topic, book in load_playbooks().items()
        if topic not in (*APART, chosen.topic) and _in_place(book, problem) and not book.lean
    }
    found = sorted((topic for topic in hits if hits[topic]), key=lambda one: (-hits[one], one))
    books, untold = [], set(left)
    for book in (load_playbooks()[topic] for topic in found):
        told = {clause for clause in untold if _any(_telling(book), clause)}
        if told:
            books.append(book)
            untold -= told
    return tuple(books)


def clause_of(book: Playbook, problem: str) -> str:
    """The first clause of a problem that speaks of the matter of a playbook, or nothing."""
    wording = _telling(book) or book.wording
    return next((one for one in clauses_of(problem) if _any(wording, one)), "")


def speaks_of(book: Playbook, text: str) -> bool:
    """Whether a text uses any wording of a playbook."""
    return _any(book.wording, text)


def _any(patterns: Sequence[str], text: str) -> bool:
    return any(compiled(pattern).search(text) for pattern in patterns)


def _telling(book: Playbook) -> tuple[str, ...]:
    """The wording of a fault; of a topic, only the words that call for one practice."""
    return book.faults or tuple(
        word for one in book.practices if one.step == "纠正处置" for word in one.alone
    )


def _in_place(book: Playbook, problem: str) -> bool:
    return not book.needs or bool(compiled(book.needs).search(problem))


def _leads(patterns: Sequence[str], problem: str) -> bool | None:
    """Whether one of the patterns stands where a problem names its matter; `None`: nowhere."""
    starts = [match.start() for word in patterns if (match := compiled(word).search(problem))]
    if not starts:
        return None
    return min(starts) < max(_LEADING, _LEADING_SHARE * len(problem))


def _match(book: Playbook, problem: str, rank: int) -> float:
    """How well a playbook fits: its place among the topics, and the user's own words."""
    if book.faults:
        return _fault_match(book, problem)
    score = _BY_RANK[rank] if 0 <= rank < len(_BY_RANK) else 0.0
    if book.topic == CATCH_ALL:
        score *= 0.4
    named = _leads([pattern for pattern, _ in book.nouns], problem)
    cues = {word for one in book.practices for word in one.when if compiled(word).search(problem)}
    unsure = book.broad and not cues
    if unsure or (book.broad and named is False):
        score *= _UNSURE
    if named is None and not cues:
        score *= _UNSPOKEN
    if named is not None:
        score += (_NAMED * _HALF if unsure else _NAMED) if named else _NAMED_LATE
    score += 0.4 * min(3, len(cues)) + (_SURE if named and cues else 0.0)
    return score if _in_place(book, problem) else score * _MISPLACED


def _fault_match(book: Playbook, problem: str) -> float:
    hits = [word for word in book.faults if compiled(word).search(problem)]
    if not hits:
        return 0.0
    leads = bool(_leads(hits, problem))
    score = _FAULT if leads else _FAULT_LATE
    if book.sharp:
        score += _SHARP if leads else _SHARP_LATE
    score += 0.4 * min(2, len(hits) - 1) - (_WEAKER if book.broad else 0.0)
    return score if _in_place(book, problem) else score * _MISPLACED


def faults_in(text: str) -> frozenset[str]:
    """The kinds of fault whose wording stands in a text."""
    return frozenset(
        topic
        for topic, book in load_playbooks().items()
        if any(compiled(word).search(text) for word in book.faults)
    )


def _adapted(book: Playbook, problem: str) -> Playbook:
    for one in book.variants:
        if any(compiled(word).search(problem) for word in one.when):
            return replace(book, office=one.office, cause=one.cause, goal=one.goal)
    return book

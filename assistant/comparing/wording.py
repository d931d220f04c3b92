"""Shared wording: between notices (one mould?) and between rounds of one unit. Pure.

Knows characters only: a high share says that texts look alike, never why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from assistant.comparing.counts import distinct_cases
from assistant.labels import full_label
from assistant.models import Case, Notice, Overlap, Repeat

GRAM = 8
"""Characters of an n-gram: long enough that common phrases of the genre seldom repeat by chance."""
SAMPLES_AT_MOST = 5
SAMPLE_LEAST = 14
REPEATED = 0.5
"""Share of common character pairs from which a problem counts as listed again."""

_MARKS = re.compile(r"[^\w]+")
_MASKED = re.compile(r"[XＸ×*某○]{1,}")
_DEGREE = re.compile(
    r"关于|方面|存在|问题|情况|工作|不够|不到位|不力|不严|不规范|有差距|有短板|有欠缺|不深入|流于形式|滞后"
)


# ------------------------------------------------------------------ between notices


def find_overlaps(unit: Notice, peers: Sequence[Notice]) -> tuple[Overlap, ...]:
    """Give the share of n-grams each peer has in common with the unit, most first.

    The denominator is the shorter of the two texts, so that a short notice copied into a long one
    shows. Only problems and measures count: titles and openings are alike by rule.
    """
    mine = _pieces(unit)
    own = _gram_owner(mine)
    found = []
    for peer in peers:
        theirs = _pieces(peer)
        other = _gram_owner(theirs)
        shorter = min(len(own), len(other))
        common = own.keys() & other.keys()
        share = len(common) / shorter if shorter else 0.0
        samples = _samples(theirs, own) if common else ()
        found.append(Overlap(peer.id, round(share, 4), shorter, samples))
    return tuple(sorted(found, key=lambda overlap: (-overlap.share, overlap.notice_id)))


def _pieces(notice: Notice) -> list[tuple[str, str]]:
    """Give (case id, text) of problems and measures, marks dropped."""
    return [
        (case.id, text)
        for case in distinct_cases(notice)
        for raw in (case.problem, *(measure.text for measure in case.measures))
        if (text := _MARKS.sub("", raw))
    ]


def _gram_owner(pieces: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Give each n-gram and the first case it stands in; n-grams never cross pieces."""
    owner: dict[str, str] = {}
    for case_id, text in pieces:
        for start in range(len(text) - GRAM + 1):
            owner.setdefault(text[start : start + GRAM], case_id)
    return owner


def _samples(
    theirs: Sequence[tuple[str, str]], own: dict[str, str]
) -> tuple[tuple[str, str, str], ...]:
    """Give the longest stretches both texts hold, each once."""
    runs: dict[str, tuple[str, str]] = {}
    for case_id, text in theirs:
        for start, end in _runs(text, own):
            if end - start >= SAMPLE_LEAST:
                runs.setdefault(text[start:end], (own[text[start : start + GRAM]], case_id))
    longest = sorted(runs.items(), key=lambda item: (-len(item[0]), item[0]))[:SAMPLES_AT_MOST]
    return tuple((words, mine, other) for words, (mine, other) in longest)


def _runs(text: str, own: dict[str, str]) -> Iterator[tuple[int, int]]:
    """Give stretches all of whose n-grams the other text holds."""
    start: int | None = None
    last = len(text) - GRAM
    for place in range(last + 1):
        held = text[place : place + GRAM] in own
        if held and start is None:
            start = place
        if start is not None and not held:
            yield start, place - 1 + GRAM
            start = None
    if start is not None:
        yield start, len(text)


# ------------------------------------------------------------------ between rounds


def find_repeats(unit: Notice, others: Sequence[Notice]) -> tuple[Repeat, ...]:
    """Give problems of the unit that another notice of the same unit lists too.

    Units are the same by full name; a masked name (XX街道) is nobody's, so it repeats nothing.
    """
    found = []
    for other in others:
        if not another_round(unit, other):
            continue
        cases = distinct_cases(other)
        for case in distinct_cases(unit):
            best = max(cases, key=lambda c: problem_likeness(case, c), default=None)
            if best is None:
                continue
            likeness = problem_likeness(case, best)
            if likeness >= REPEATED:
                found.append(_repeat(case, best, other, likeness))
    return tuple(found)


def another_round(unit: Notice, other: Notice) -> bool:
    """Tell whether the other notice is of the same unit, and not of the same feedback."""
    name = unit.unit or ""
    if not name or name != other.unit or _MASKED.search(name):
        return False
    if other.id == unit.id or other.sha256 == unit.sha256:
        return False
    mine, theirs = unit.feedback_date, other.feedback_date
    return not (mine and theirs and mine.iso and mine.iso == theirs.iso)


def _repeat(case: Case, again: Case, other: Notice, likeness: float) -> Repeat:
    return Repeat(
        case.id,
        again.id,
        other.id,
        round(likeness, 3),
        f"“{case.problem}”在{full_label(other)}中也被指出（“{again.problem}”，第{again.line}行）",
    )


def problem_likeness(case: Case, other: Case) -> float:
    """Give how alike two problems are worded; what shares no topic is halved."""
    share = pair_share(case.problem, other.problem)
    return share if set(case.topics) & set(other.topics) or not case.topics else share / 2


def pair_share(one: str, other: str) -> float:
    """Give common character pairs over those of the shorter text, words of degree left out."""
    mine, theirs = _pairs(one), _pairs(other)
    shorter = min(len(mine), len(theirs))
    return len(mine & theirs) / shorter if shorter else 0.0


@lru_cache(maxsize=20_000)
def _pairs(text: str) -> frozenset[str]:
    plain = _MARKS.sub("", _DEGREE.sub("", text)) or _MARKS.sub("", text)
    return frozenset(plain[start : start + 2] for start in range(len(plain) - 1))

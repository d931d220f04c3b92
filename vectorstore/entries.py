"""What is stored and what is found: plain data, shared by the modules of this package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Rows = NDArray[np.int64]

FindConcepts = Callable[[str], Iterable[str]]
"""Names of the concepts a text speaks of; the names mean nothing here."""


@dataclass(frozen=True, slots=True)
class Concepts:
    """Domain knowledge handed in as plain lists: ways of saying the same."""

    find: FindConcepts
    groups: tuple[tuple[str, ...], ...] = ()
    """The ways of saying of each concept; fitted beside the collection, never found."""
    less: Mapping[str, float] = field(default_factory=dict)
    """Shares of their weight that some concepts count for; the others count in full."""


Progress = Callable[[str, float], None]
"""Told what is being done (Chinese, for people) and the share done, 0…1."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to be found: its whole text, its parts, and the labels it can be filtered by."""

    id: str
    text: str
    parts: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preference:
    """Entries with one of these labels are moved up a little; no other is left out."""

    key: str
    values: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Match:
    """An entry found. `score` orders; `dense` and `lexical` say where it came from."""

    id: str
    score: float
    dense: float
    """Mean of the cosines of the whole text and of the best part, before feedback."""
    lexical: float
    """BM25 as a share of the best entry's, 0…1."""
    text: str = ""
    """The whole text that was indexed."""
    near: tuple[int, ...] = ()
    """Places, in the same list, of better matches whose vector is nearly this one."""


@dataclass(frozen=True, slots=True)
class Found:
    """Matches, best first, and what the query looked like to the encoder."""

    matches: tuple[Match, ...]
    known: float
    """Share of the query's weight that the encoder can express, 0…1."""

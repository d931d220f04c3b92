"""Weighted cue words of many labels looked up in a text at once. Pure; knows no labels itself."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

GAP = r"[^，。；：、]{0,12}?"
"""What `*` in a cue stands for: at most twelve characters of the same clause."""

_BLANK = "·"


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue of one label: a literal, or literals with gaps compiled to a pattern."""

    label: str
    text: str
    weight: float
    pattern: re.Pattern[str] | None

    def stands_in(self, text: str) -> bool:
        """Whether the cue occurs in the text."""
        if self.pattern is None:
            return self.text in text
        return self.pattern.search(text) is not None


@dataclass(frozen=True, slots=True)
class CueTable:
    """The cues of all labels under their first two characters, and what holds them by accident.

    A text is looked through once for its character pairs; only cues that begin with one of them
    are searched for.
    """

    cues: Mapping[str, tuple[Cue, ...]]
    accidents: Mapping[str, tuple[tuple[str, str], ...]]
    """First two characters → (label, phrase)."""

    def weights_in(self, text: str) -> dict[str, list[float]]:
        """Label → weights of its cues in the text."""
        pairs = set(map("".join, pairwise(text)))
        seen_as: dict[str, str] = {}  # the text with a label's accidental phrases taken out
        # Sorted: where phrases overlap, the order of taking them out must not change by chance.
        for pair in sorted(pairs & self.accidents.keys()):
            for label, phrase in self.accidents[pair]:
                if phrase in text:
                    before = seen_as.get(label, text)
                    seen_as[label] = before.replace(phrase, _BLANK * len(phrase))
        found: dict[str, list[float]] = defaultdict(list)
        for pair in pairs & self.cues.keys():
            for cue in self.cues[pair]:
                if cue.stands_in(seen_as.get(cue.label, text)):
                    found[cue.label].append(cue.weight)
        return found


def compile_cues(rows: Iterable[Mapping[str, Any]]) -> CueTable:
    """Compile rows of YAML: `id`, `cues` (weight → texts) and `not` (accidental phrases)."""
    cues: dict[str, list[Cue]] = defaultdict(list)
    accidents: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        for cue in _cues_of(row["id"], row["cues"]):
            cues[cue.text[:2]].append(cue)
        for phrase in row.get("not", ()):
            accidents[phrase[:2]].append((row["id"], phrase))
    return CueTable(
        {key: tuple(found) for key, found in cues.items()},
        {key: tuple(found) for key, found in accidents.items()},
    )


def _cues_of(label: str, weighted: Mapping[float, Sequence[str]]) -> Iterable[Cue]:
    for weight, texts in weighted.items():
        for text in texts:
            pieces = text.split("*")
            if len(pieces[0]) < 2:
                raise ValueError(f"{label}: a cue begins with two characters at least: {text}")
            gaps = GAP.join(re.escape(piece) for piece in pieces)
            yield Cue(label, text, weight, re.compile(gaps) if len(pieces) > 1 else None)

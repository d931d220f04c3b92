"""What a rule looks at: a draft, the user's own text, and how findings are written down."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from assistant.models import Draft, DraftMeasure, Finding, UnitProfile
from assistant.writing.draft import owned_text


@dataclass(frozen=True, slots=True)
class DraftCheck:
    """A draft with all a rule may compare it with."""

    draft: Draft
    profile: UnitProfile
    others: tuple[Draft, ...] = ()
    feedback: tuple[str, ...] = ()
    """Items of the feedback as received; empty where it is not at hand."""

    @property
    def owned(self) -> str:
        """Everything whose facts the draft may use."""
        cause = self.draft.cause if not self.draft.model else ""
        return owned_text(self.draft.problem, self.profile, cause)

    @property
    def plan(self) -> str:
        """All measure texts and deliverables together."""
        return "\n".join(f"{one.text}\n{one.deliverable}" for one in self.draft.measures)

    def parts(self) -> Iterator[tuple[str, str]]:
        """(where, text) of everything that goes out, the problem left aside."""
        yield "cause", self.draft.cause
        yield "goal", self.draft.goal
        for at, measure in enumerate(self.draft.measures):
            yield f"measure:{at}", measure.text
            yield f"deliverable:{at}", measure.deliverable


Rule = Callable[[DraftCheck], Iterator[Finding]]


@cache
def _cues() -> dict[str, re.Pattern[str]]:
    path = Path(__file__).with_name("cues.yaml")
    lists = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return {name: re.compile("|".join(words)) for name, words in lists.items()}


def cue(name: str) -> re.Pattern[str]:
    """The pattern of a cue list of `cues.yaml`."""
    return _cues()[name]


def any_measure(check: DraftCheck, *, kinds: Sequence[str], pattern: str) -> bool:
    """Whether a measure is of one of the kinds or holds one of the cues."""
    return any(one.kind in kinds or cue(pattern).search(one.text) for one in check.draft.measures)


def measures_where(
    check: DraftCheck, fails: Callable[[DraftMeasure], bool]
) -> tuple[tuple[int, DraftMeasure], ...]:
    """Measures that fail a test, with their place."""
    return tuple((at, one) for at, one in enumerate(check.draft.measures) if fails(one))


def listed(places: Sequence[int]) -> str:
    """`第1、3条`."""
    return f"第{'、'.join(str(at + 1) for at in places)}条"

"""Topics, measure kinds and unit types of what was parsed, from cue words kept as data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.cleaning import normalise
from assistant.models import Case, Measure, Notice
from assistant.taxonomy.cues import CueTable, compile_cues
from assistant.taxonomy.units import classify_unit

__all__ = ["MeasureKind", "Taxonomy", "Topic", "classify", "classify_unit", "load_taxonomy"]

LATER_CLAUSE = 0.6
"""A clause after the first says less about what the problem is."""
HEADING = 0.2
MEASURES = 0.15
"""Weight of a cue in the headings above and in the measures, against one in the problem."""
NEXT_TOPIC = 0.55
"""A further topic is named when it reaches this share of the first one's score."""
MORE_WORDS = 0.25
OPENING = 1.2
"""Weight of the opening words of a measure against the rest."""
MORE_CUES = 0.35
"""Share that cues of a label after its heaviest count, for topics and for kinds."""
KIND_NAMED = 2.5
"""Least score at which a kind is named."""
NEXT_KIND = 0.48
"""Share of the best kind's score a further kind must reach."""
RULES = "M03"
"""The kind that makes rules."""
FALLBACK = "T40"
"""Topic of a problem without any cue."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One of the forty problem topics."""

    id: str
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class MeasureKind:
    """One of the eighteen kinds of measures."""

    id: str
    name: str
    step: str
    """Place in a plan: `查清 纠正处置 追责问责 建章立制 举一反三 监督长效`."""
    group: str
    """Display heading, one of eight."""
    catch_all: float
    """Share of the best specific kind's score it must reach beside others; 0 for specific kinds."""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Everything classification needs, compiled from YAML."""

    topics: Mapping[str, Topic]
    kinds: Mapping[str, MeasureKind]
    groups: tuple[str, ...]
    """Topic groups in display order."""
    steps: tuple[str, ...]
    """Steps of a plan in order."""
    kind_groups: tuple[str, ...]
    topic_cues: CueTable
    act_cues: CueTable
    """Cues of all kinds but rules."""
    rule_cues: CueTable
    """Cues of making rules: alone in being looked for in the object of a sentence too."""

    def topics_of(
        self, problem: str, *, category: Sequence[str] = (), measures: Sequence[str] = ()
    ) -> tuple[str, ...]:
        """One to three topics of a problem, primary first; never empty."""
        scores = dict.fromkeys(self.topics, 0.0)
        for number, clause in enumerate(_clauses(problem)):
            self._add(scores, clause, 1.0 if number == 0 else LATER_CLAUSE)
        self._add(scores, category[-1] if category else "", HEADING)
        self._add(scores, " ".join(measures), MEASURES)
        ranked = sorted(scores, key=lambda topic: -scores[topic])
        best = scores[ranked[0]]
        if best == 0:
            return (FALLBACK,)
        return tuple(t for t in ranked[:3] if scores[t] >= NEXT_TOPIC * best)

    def kinds_of(self, measure: str) -> tuple[str, ...]:
        """One to three kinds of a measure, most specific first; empty for a text without any."""
        scores = self._kind_scores(measure)
        named = {kind: score for kind, score in scores.items() if score >= KIND_NAMED}
        specific = [kind for kind in named if not self.kinds[kind].catch_all]
        if specific:
            best = max(named[kind] for kind in specific)
            chosen = [
                kind
                for kind in named
                if named[kind] >= best * (self.kinds[kind].catch_all or NEXT_KIND)
            ]
        else:
            chosen = list(named) or [kind for kind, score in scores.items() if score > 0]
        chosen.sort(key=lambda kind: (self.kinds[kind].catch_all > 0, -scores[kind], kind))
        return tuple(chosen[:3])

    def _kind_scores(self, measure: str) -> dict[str, float]:
        """Score of each kind: the opening words name the act, the rest tells how."""
        text = _TITLE.sub("《》", _LABEL.sub("", measure))
        head = _HEAD.match(text)
        opening = head[0] if head else text
        scores: dict[str, float] = {}
        for part, factor in ((opening, OPENING), (text[len(opening) :], 1.0)):
            found = {
                **self.act_cues.weights_in(_OBJECT.sub("", part)),
                **self.rule_cues.weights_in(part),
            }
            for kind, weights in found.items():
                scores[kind] = scores.get(kind, 0.0) + factor * _together(weights, MORE_CUES)
        return scores

    def _add(self, scores: dict[str, float], text: str, factor: float) -> None:
        for topic, weights in self.topic_cues.weights_in(text).items():
            scores[topic] += factor * _together(weights, MORE_WORDS)


def _together(weights: Sequence[float], share: float) -> float:
    """The heaviest cue counts whole, further ones a share."""
    return max(weights) + share * (sum(weights) - max(weights))


_LABEL = re.compile(
    r"^\s*(?:[一二三四五六七八九十]+是|第[一二三四五六七八九十]+，|[①-⑳]|[（(]?\d+[)）.．、])"
)
_HEAD = re.compile(r"[^。；]{2,}?[。；，]")
_TITLE = re.compile(r"《[^》]*》")
_OBJECT = re.compile(r"[^，。；、]{0,4}(?:制度|机制|办法|细则|规程)")
"""What a rule is about (督查工作制度) is no act of that kind."""


def _clauses(text: str) -> list[str]:
    return [clause for clause in re.split(r"[，。；]", text) if clause.strip()]


@cache
def load_taxonomy() -> Taxonomy:
    """Read and compile the YAML files beside this module, once."""
    topics, kinds = _read("topics.yaml"), _read("measures.yaml")
    return Taxonomy(
        topics={row["id"]: Topic(row["id"], row["name"], row["group"]) for row in topics["topics"]},
        kinds={
            row["id"]: MeasureKind(
                row["id"],
                row["name"],
                row["step"],
                row["group"],
                row.get("catch_all", 0.0),
            )
            for row in kinds["kinds"]
        },
        groups=tuple(topics["groups"]),
        steps=tuple(kinds["steps"]),
        kind_groups=tuple(kinds["groups"]),
        topic_cues=compile_cues(topics["topics"]),
        act_cues=compile_cues(row for row in kinds["kinds"] if row["id"] != RULES),
        rule_cues=compile_cues(row for row in kinds["kinds"] if row["id"] == RULES),
    )


def _read(name: str) -> Any:
    return yaml.load(Path(__file__).with_name(name).read_text(encoding="utf-8"), yaml.CSafeLoader)


def classify(notice: Notice, taxonomy: Taxonomy) -> Notice:
    """The notice with topics and measure kinds filled in; what people corrected stays."""
    return replace(notice, cases=tuple(_classified(case, taxonomy) for case in notice.cases))


def _classified(case: Case, taxonomy: Taxonomy) -> Case:
    measures = tuple(_with_kinds(measure, taxonomy) for measure in case.measures)
    if case.corrected and case.topics:
        return replace(case, measures=measures)
    topics = taxonomy.topics_of(
        normalise(case.problem).text,
        category=tuple(normalise(heading).text for heading in case.category),
        measures=tuple(normalise(measure.text).text for measure in case.measures),
    )
    return replace(case, topics=topics, measures=measures)


def _with_kinds(measure: Measure, taxonomy: Taxonomy) -> Measure:
    return replace(measure, kinds=taxonomy.kinds_of(normalise(measure.text).text))

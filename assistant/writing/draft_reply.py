"""What a model says of a draft, and the `Draft` made of it. Pure.

Everything here is the model's claim put into our form: the problem stays the user's, steps stand in
the order of the trade, evidence is evidence that was shown, names and dates are the user's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field, field_validator

from assistant.models import Answerable, Draft, DraftMeasure, Evidence, Finding, UnitProfile
from assistant.taxonomy.classify import Taxonomy
from assistant.writing.choosing import playbook_for
from assistant.writing.citations import cited_numbers, normalise_citations
from assistant.writing.deadlines import deadline_for
from assistant.writing.draft import ASSUMED
from assistant.writing.guard import BLANK
from assistant.writing.placeholders import placeholders_of, responsible_for
from assistant.writing.practice import STEPS

MEASURES_AT_MOST = 12
_MEASURE_CHARS = 600
_FIELD_CHARS = 200
_PLACEHOLDERS_AT_MOST = 10
_STEP_KINDS = {
    "查清": "M04",
    "纠正处置": "M13",
    "追责问责": "M06",
    "建章立制": "M03",
    "举一反三": "M04",
    "监督长效": "M08",
}
_HOLES = re.compile(
    r"【[\s　]*】|【?[_＿]{2,}】?|\[[\s　]+\]|（[\s　]+）|\([\s　]+\)"
    r"|【(?:待填|待补|请填|填写|空)[^】]*】"
)
_LABEL = re.compile(
    r"^\s*(?:\d{1,2}[.、．)）]|[（(][\d一二三四五六七八九十]{1,2}[)）]|[①-⑳]|[-*•])\s*"
)


class MeasureReply(BaseModel):
    """One measure as a model writes it, in whatever shape its fields have."""

    text: str
    step: str = ""
    evidence: list[int | str] = []
    deliverable: str = ""

    @field_validator("evidence", mode="before")
    @classmethod
    def _as_list(cls, value: object) -> object:
        if value is None:
            return []
        return value if isinstance(value, list) else [str(value)]

    @field_validator("step", "deliverable", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return _flat(value)


class DraftReply(BaseModel):
    """A whole draft as a model writes it; what it says beyond these fields is ignored."""

    cause: str = ""
    goal: str = ""
    measures: list[MeasureReply] = Field(min_length=1)
    placeholders: list[str] = []

    @field_validator("cause", "goal", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return _flat(value)


@dataclass(frozen=True, slots=True)
class Task:
    """What a draft was asked for."""

    problem: str
    evidence: tuple[Evidence, ...]
    topics: tuple[str, ...]
    profile: UnitProfile
    cause: str


def draft_of(
    reply: DraftReply, task: Task, *, shown: Sequence[int], taxonomy: Taxonomy, model: str
) -> Draft:
    """Put a model's reply into our form; what it cites beyond `shown` is dropped and told."""
    said = [measure for measure in reply.measures if measure.text.strip()][:MEASURES_AT_MOST]
    placed = sorted(
        ((_step(measure, taxonomy), measure) for measure in said),
        key=lambda pair: STEPS.index(pair[0]),
    )
    measures = tuple(
        measure_from(measure, step, task, shown=shown, taxonomy=taxonomy)
        for step, measure in placed
    )
    invented = [set(cited_numbers(measure.evidence)) - set(shown) for _, measure in placed]
    return Draft(
        problem=task.problem,
        topics=task.topics,
        cause=task.cause or _assumed(_clean(reply.cause, _FIELD_CHARS)),
        goal=_clean(reply.goal, _FIELD_CHARS),
        measures=measures,
        evidence=task.evidence,
        findings=tuple(
            _invented(place, numbers) for place, numbers in enumerate(invented) if numbers
        ),
        placeholders=_placeholders(reply, task, measures),
        answerable=Answerable.YES if task.evidence else Answerable.NO,
        model=model,
    )


def measure_from(
    said: MeasureReply, step: str, task: Task, *, shown: Sequence[int], taxonomy: Taxonomy
) -> DraftMeasure:
    """Put one measure a model wrote into our form."""
    text = _clean(said.text, _MEASURE_CHARS)
    kinds = taxonomy.kinds_of(text)
    numbers = tuple(n for n in cited_numbers(said.evidence) if n in shown)
    return DraftMeasure(
        text=text,
        kind=kinds[0] if kinds else _STEP_KINDS[step],
        step=step,
        evidence=numbers,
        # Names and dates are facts of the user: the model is not asked for them.
        responsible=responsible_for(task.profile),
        deadline=deadline_for(step, task.profile),
        deliverable=_clean(said.deliverable, _FIELD_CHARS),
        used_by=len(numbers),
    )


def _step(said: MeasureReply, taxonomy: Taxonomy) -> str:
    for step in STEPS:
        if step in said.step:
            return step
    kinds = taxonomy.kinds_of(said.text)
    return taxonomy.kinds[kinds[0]].step if kinds else STEPS[1]


def _clean(text: str, limit: int) -> str:
    """One line, our blanks, no list label and no citation marks, whole sentences up to a limit."""
    line = _LABEL.sub("", " ".join(text.replace("**", "").split()))
    line = _HOLES.sub(BLANK, normalise_citations(line, ()))
    if len(line) <= limit:
        return line
    ends = [found.end() for found in re.finditer("[。；]", line[:limit])]
    return line[: ends[-1]] if ends else line[:limit]


def _assumed(cause: str) -> str:
    return f"{cause.rstrip('。')}{ASSUMED}" if cause else BLANK


def _placeholders(
    reply: DraftReply, task: Task, measures: Sequence[DraftMeasure]
) -> tuple[str, ...]:
    ours = placeholders_of(
        task.problem, playbook_for(task.topics, task.problem, task.evidence), measures, task.profile
    )
    said = [_clean(item, _FIELD_CHARS) for item in reply.placeholders]
    return tuple(dict.fromkeys([*ours, *filter(None, said)]))[:_PLACEHOLDERS_AT_MOST]


def _invented(place: int, numbers: set[int]) -> Finding:
    listed = "、".join(f"[{number}]" for number in sorted(numbers))
    return Finding(
        rule="citation",
        level="warn",
        message=f"模型引用了不存在的依据{listed}，已去掉，请核对这条措施",
        where=f"measure:{place}",
    )


def _flat(value: object) -> object:
    if value is None:
        return ""
    return "；".join(map(str, value)) if isinstance(value, list) else value

"""The words a clerk goes by, read once from `cues.yaml` and compiled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.models import StatusClass

LEADS = ("effect", "result", "measures", "cause", "duty")
"""Leads of a text in the order they are looked for."""


@dataclass(frozen=True, slots=True)
class LabelStyle:
    """One way of numbering: its name, usual depth and shape."""

    name: str
    rank: float
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Cues:
    """Compiled cue words; every pattern is matched against norm text."""

    labels: tuple[LabelStyle, ...]
    ranks: Mapping[str, float]
    bare_label: re.Pattern[str]
    bullet: re.Pattern[str]
    tag_line: re.Pattern[str]
    forms: Mapping[str, re.Pattern[str]]
    form_generic: re.Pattern[str]
    tail_generic: re.Pattern[str]
    packed: re.Pattern[str]
    frame_only: re.Pattern[str]
    problem_openers: re.Pattern[str]
    problem_tails: re.Pattern[str]
    leads: Mapping[str, re.Pattern[str]]
    deficiency: re.Pattern[str]
    action: re.Pattern[str]
    roles: Mapping[str, re.Pattern[str]]
    organise_items: re.Pattern[str]
    status: tuple[tuple[StatusClass, re.Pattern[str]], ...]
    status_words: re.Pattern[str]
    status_heading: re.Pattern[str]
    closing_all: re.Pattern[str]
    still_open: re.Pattern[str]
    columns: Mapping[str, re.Pattern[str]]
    counts: Mapping[str, tuple[re.Pattern[str], ...]]
    """Patterns of each total, the surest wording first."""
    header: Mapping[str, re.Pattern[str]]


def _compiled(entries: Mapping[str, str]) -> dict[str, re.Pattern[str]]:
    return {name: re.compile(pattern) for name, pattern in entries.items()}


def _read(name: str) -> Any:
    return yaml.load(Path(__file__).with_name(name).read_text(encoding="utf-8"), yaml.CSafeLoader)


@cache
def load_cues() -> Cues:
    """The cue words of `cues.yaml` and `header.yaml`, compiled once."""
    content = _read("cues.yaml")
    labels = tuple(
        LabelStyle(entry["style"], entry["rank"], re.compile(entry["pattern"]))
        for entry in content["labels"]
    )
    return Cues(
        labels=labels,
        ranks={style.name: style.rank for style in reversed(labels)},
        bare_label=re.compile(content["bare_label"]),
        bullet=re.compile(content["bullet"]),
        tag_line=re.compile(content["tag_line"]),
        forms=_compiled(content["forms"]),
        packed=re.compile(content["packed"]),
        tail_generic=re.compile(content["tail_generic"]),
        form_generic=re.compile(content["form_generic"]),
        frame_only=re.compile(content["frame_only"]),
        problem_openers=re.compile(content["problem_openers"]),
        problem_tails=re.compile(content["problem_tails"]),
        leads=_compiled(content["leads"]),
        deficiency=re.compile(content["deficiency"] + "|" + content["weak_deficiency"]),
        action=re.compile(content["action"]),
        roles=_compiled(content["roles"]),
        organise_items=re.compile(content["organise_items"]),
        status=tuple(
            (StatusClass(entry["class"]), re.compile(entry["pattern"]))
            for entry in content["status"]
        ),
        status_words=re.compile("|".join(content["status_words"])),
        status_heading=re.compile(content["status_heading"]),
        closing_all=re.compile(content["closing_all"]),
        still_open=re.compile(content["still_open"]),
        columns=_compiled(content["columns"]),
        counts={
            name: tuple(re.compile(pattern) for pattern in patterns)
            for name, patterns in content["counts"].items()
        },
        header=_compiled(_read("header.yaml")),
    )

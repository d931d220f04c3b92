"""Fields in brackets behind a problem: 【整改类型：立行立改】【整改进度：100%】."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.parsing.cues import LEADS, Cues

FIELD = re.compile(
    r"[（【\[〔]\s*(?P<name>[\u4e00-\u9fff]{2,10})\s*[：:]\s*"
    r"(?P<value>[^（）【】\[\]〔〕]{1,60}?)\s*[）】\]〕]"
)
CLOSERS = "。：； \t"


@dataclass(frozen=True, slots=True)
class BracketField:
    """One field: the kind of lead its name is, and where its value stands."""

    kind: str
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class BracketRun:
    """Fields that follow each other, and what they take up."""

    start: int
    end: int
    fields: tuple[BracketField, ...]

    def status(self) -> tuple[int, int] | None:
        """Place of the value that says how far; a mere type of remedy gives way."""
        told = [field for field in self.fields if field.kind == "result"]
        told.sort(key=lambda field: "类型" in field.name)
        return (told[0].start, told[0].end) if told else None


def bracket_run(text: str, start: int, cues: Cues) -> BracketRun | None:
    """The first run of such fields at or behind `start`, if all their names are known leads."""
    at = start
    while (first := FIELD.search(text, at)) is not None:
        fields: list[BracketField] = []
        end = first.start()
        match: re.Match[str] | None = first
        while match is not None:
            kind = _kind(match.group("name"), cues)
            if not kind:
                break
            fields.append(BracketField(kind, match.group("name"), *match.span("value")))
            end = match.end()
            match = FIELD.match(text, _past(text, end, " \t"))
        if fields:
            end = _past(text, end, CLOSERS)
            return BracketRun(first.start(), end, tuple(fields))
        at = first.end()
    return None


def _past(text: str, at: int, chars: str) -> int:
    while at < len(text) and text[at] in chars:
        at += 1
    return at


def _kind(name: str, cues: Cues) -> str:
    return next((lead for lead in LEADS if cues.leads[lead].fullmatch(f"{name}：")), "")

"""Whether a problem states a deficiency or its heading only names the action taken."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from assistant.models import ProblemKind

CLAUSE = re.compile(r"[^，。；、]+")


@dataclass(frozen=True, slots=True)
class _KindCues:
    opening: re.Pattern[str]
    fighting: re.Pattern[str]
    verdict: re.Pattern[str]
    fought_in_vain: re.Pattern[str]
    lacking: re.Pattern[str]
    field: re.Pattern[str]


@cache
def _cues() -> _KindCues:
    content = yaml.load(
        Path(__file__).with_name("kind.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader
    )
    return _KindCues(**{name: re.compile(pattern) for name, pattern in content.items()})


def problem_kind(problem: str) -> ProblemKind:
    """Kind of a problem's own words: only an opening verb or a bare field of work is a topic."""
    cues = _cues()
    text = problem.strip("“”‘’《》 。：:；;")[:200]
    if cues.opening.match(text) is None:
        named = cues.field.match(text) is not None and cues.verdict.search(text) is None
        return ProblemKind.TOPIC if named else ProblemKind.STATED
    return ProblemKind.STATED if _falls_short(text, cues) else ProblemKind.TOPIC


def ends_short(sentence: str) -> bool:
    """Whether a sentence that opens with no verb of action closes on a lack: 镇级监管不严."""
    cues = _cues()
    text = sentence.strip("“”‘’《》 。：:；;")[-60:]
    if cues.opening.match(sentence):
        return False
    clause = re.split(r"[，；、]", text)[-1].strip("“”‘’ ")
    if cues.fighting.match(clause):
        return False
    if cues.verdict.search(clause):
        return True
    return any(match.end() == len(clause) for match in cues.lacking.finditer(clause))


def _falls_short(text: str, cues: _KindCues) -> bool:
    """Whether a clause after the opening verb says that something is lacking."""
    for match in CLAUSE.finditer(text):
        clause = match.group().strip("“”‘’ ")
        if cues.fighting.match(clause):
            if cues.fought_in_vain.search(clause):
                return True
        elif cues.verdict.search(clause) or cues.lacking.search(clause):
            return True
    return False

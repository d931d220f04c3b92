"""Totals a notice states about itself beside what was counted in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.models import Case, StatedCount, StatusClass
from assistant.parsing.cues import load_cues
from assistant.parsing.tokens import Token, ordinal_of

DIGITS = re.compile(r"\d{1,4}")
OF_MEASURES = re.compile(
    r"\d{1,4}(?P<a>[个项条])[^，；]{0,6}(?:措施|举措)|(?:措施|举措)[^，；\d]{0,4}\d{1,4}(?P<b>[个项条])"
)
OF_PROBLEMS = re.compile(
    r"\d{1,4}(?P<a>[个项条])[^，；]{0,6}问题|问题[^，；\d]{0,4}\d{1,4}(?P<b>[个项条])"
)
PROGRESS = frozenset({"完成数", "基本完成数", "推进数"})


def _counted(cases: Sequence[Case]) -> dict[str, int | None]:
    known = [case.status_class for case in cases if case.status_class is not None]

    def of(*kinds: StatusClass) -> int | None:
        return (
            sum(kind in kinds for kind in known) if len(known) * 2 >= max(1, len(cases)) else None
        )

    return {
        "问题数": len(cases),
        "措施数": sum(len(case.measures) for case in cases),
        "完成数": of(StatusClass.DONE),
        "基本完成数": of(StatusClass.MOSTLY, StatusClass.STAGED),
        "推进数": of(StatusClass.ONGOING, StatusClass.OPEN),
        "制度数": None,
    }


@dataclass(frozen=True, slots=True)
class _Statement:
    """A total as stated; `wording` is the place of its pattern: the surest is 0."""

    count: StatedCount
    wording: int


def stated_counts(tokens: Sequence[Token], cases: Sequence[Case]) -> tuple[StatedCount, ...]:
    """The surest and first statement of each total in the given prose, with what was counted."""
    cues = load_cues()
    counted = _counted(cases)
    found: dict[str, _Statement] = {}
    for token in tokens:
        for sentence in re.finditer(r"[^。]+", token.text[:3000]):
            for name, patterns in cues.counts.items():
                stated = _read(
                    token, sentence, patterns, StatedCount(name, 0, counted.get(name), "", 0)
                )
                if stated is None:
                    continue
                if name not in found or stated.wording < found[name].wording:
                    found[name] = stated
    return tuple(found[name].count for name in cues.counts if name in found)


def _read(
    token: Token,
    sentence: re.Match[str],
    patterns: Sequence[re.Pattern[str]],
    blank: StatedCount,
) -> _Statement | None:
    for wording, pattern in enumerate(patterns):
        match = next(
            (
                found
                for found in pattern.finditer(sentence.group())
                if blank.name not in PROGRESS or not _of_measures(sentence.group(), found)
            ),
            None,
        )
        if match is None:
            continue
        numeral = match.group(1)
        stated = int(numeral) if DIGITS.fullmatch(numeral) else ordinal_of(numeral)
        if not stated:
            continue
        start = sentence.start()
        quote = token.flow.raw(start, sentence.end()).strip()
        line = token.flow.line_at(start + match.start())
        return _Statement(replace(blank, stated=stated, quote=quote, line=line), wording)
    return None


def _of_measures(sentence: str, match: re.Match[str]) -> bool:
    """12项措施已完成12项: the measure word tells that measures were counted, not problems."""
    unit = sentence[match.end(1) : match.end(1) + 1]
    before = sentence[: match.start(1)].rpartition("；")[2]
    return unit in _units(OF_MEASURES, before) and unit not in _units(OF_PROBLEMS, before)


def _units(pattern: re.Pattern[str], text: str) -> set[str | None]:
    return {match["a"] or match["b"] for match in pattern.finditer(text)}

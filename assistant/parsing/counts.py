"""Totals a notice states about itself beside what was counted in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.models import Case, StatedCount, StatusClass
from assistant.parsing.cues import Cues, load_cues
from assistant.parsing.tokens import Token, ordinal_of

DIGITS = re.compile(r"\d{1,4}")


def _counted(cases: Sequence[Case]) -> dict[str, int | None]:
    known = [case.status_class for case in cases if case.status_class is not None]

    def of(*kinds: StatusClass) -> int | None:
        return sum(kind in kinds for kind in known) if known else None

    return {
        "问题数": len(cases),
        "措施数": sum(len(case.measures) for case in cases),
        "完成数": of(StatusClass.DONE),
        "基本完成数": of(StatusClass.MOSTLY, StatusClass.STAGED),
        "推进数": of(StatusClass.ONGOING, StatusClass.OPEN),
        "制度数": None,
    }


def stated_counts(tokens: Sequence[Token], cases: Sequence[Case]) -> tuple[StatedCount, ...]:
    """The first statement of each total in the given prose, with what was counted."""
    cues = load_cues()
    counted = _counted(cases)
    found: dict[str, StatedCount] = {}
    for token in tokens:
        for sentence in re.finditer(r"[^。]+", token.text[:3000]):
            _read(token, sentence, counted, found, cues)
    return tuple(found.values())


def _read(
    token: Token,
    sentence: re.Match[str],
    counted: dict[str, int | None],
    found: dict[str, StatedCount],
    cues: Cues,
) -> None:
    for name, pattern in cues.counts.items():
        if name in found:
            continue
        match = pattern.search(sentence.group())
        if match is None:
            continue
        numeral = next(group for group in match.groups() if group)
        stated = int(numeral) if DIGITS.fullmatch(numeral) else ordinal_of(numeral)
        if not stated:
            continue
        start = sentence.start()
        quote = token.flow.raw(start, sentence.end()).strip()
        line = token.flow.line_at(start + match.start())
        found[name] = StatedCount(name, stated, counted.get(name), quote, line)

"""Finding the source stretch a cited sentence stands on, at its exact line and offsets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.cleaning import normalise
from assistant.models import Citation, Evidence
from assistant.writing.words import coverage, figures, sentences

_MARK = re.compile(r"\[(\d{1,3})\]")
_GROUP = re.compile(r"[\[【［](\d{1,3}(?:\s*[,，、]\s*\d{1,3})+)[\]】］]")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A sentence of a source, in raw text, at its place."""

    line: int
    start: int
    end: int
    raw: str
    text: str
    """Norm text of it, for comparing."""


def unify_marks(text: str) -> str:
    """Citations in one form: `[1，2]` and `【1】` become `[1][2]` and `[1]`."""

    def split(match: re.Match[str]) -> str:
        return "".join(f"[{number}]" for number in re.findall(r"\d+", match.group(1)))

    single = re.sub(r"[【［](\d{1,3})[】］]", r"[\1]", text)
    return _GROUP.sub(split, single)


def cited_numbers(text: str) -> tuple[int, ...]:
    """Numbers cited in a text, each once, in order."""
    return tuple(dict.fromkeys(int(number) for number in _MARK.findall(text)))


def without_marks(text: str) -> str:
    """The text without its citations."""
    return _MARK.sub("", text)


def _wanted_lines(item: Evidence, count: int) -> list[int]:
    case = item.case
    wanted = set(range(case.line, case.end_line + 1))
    for span in case.body:
        wanted.update(range(span.line, span.end_line + 1))
    wanted.update(total.line for total in item.notice.counts)
    for _, span in item.notice.evidence:
        wanted.update(range(span.line, span.end_line + 1))
    return sorted(number for number in wanted if 1 <= number <= count)


def _status_lines(item: Evidence, lines: Sequence[str]) -> list[int]:
    """The line of the status wording, which may be a heading above the case."""
    status = item.case.status
    if not status:
        return []
    first = max(1, item.notice.start_line)
    for number in range(min(item.case.end_line + 1, len(lines)), first - 1, -1):
        if status in lines[number - 1]:
            return [number]
    return []


def stretches(item: Evidence, lines: Sequence[str]) -> tuple[Stretch, ...]:
    """Every sentence a citation of this evidence may stand on."""
    numbers = _wanted_lines(item, len(lines))
    numbers += [number for number in _status_lines(item, lines) if number not in numbers]
    found = []
    for number in numbers:
        line = lines[number - 1]
        for start, end in sentences(line):
            raw = line[start:end]
            found.append(Stretch(number, start, end, raw, normalise(raw).text))
    return tuple(found)


def _grown(claim: str, best: int, found: Sequence[Stretch], line: str) -> Stretch:
    """The best sentence, with its neighbours of the same line where the claim needs them."""
    first, last = best, best
    score = coverage(claim, found[best].text)
    for step in (-1, 1, -1, 1):
        at = first - 1 if step < 0 else last + 1
        if not 0 <= at < len(found) or found[at].line != found[best].line:
            continue
        low, high = min(first, at), max(last, at)
        joined = "".join(part.text for part in found[low : high + 1])
        if coverage(claim, joined) > score + 0.08:
            first, last, score = low, high, coverage(claim, joined)
    start, end = found[first].start, found[last].end
    raw = line[start:end]
    return Stretch(found[best].line, start, end, raw, normalise(raw).text)


def _figures_held(wanted: set[str], text: str) -> float:
    """A stretch that holds the claim's figures is the likelier source."""
    return 0.4 * len(wanted & set(figures(text))) / len(wanted) if wanted else 0.0


def best_stretch(
    claim: str, found: Sequence[Stretch], lines: Sequence[str]
) -> tuple[Stretch, float] | None:
    """The stretch that covers the claim best, and how far it does."""
    if not found:
        return None
    wanted = set(figures(claim))
    scores = [coverage(claim, part.text) + _figures_held(wanted, part.text) for part in found]
    best = max(range(len(found)), key=lambda at: (scores[at], -at))
    stretch = _grown(claim, best, found, lines[found[best].line - 1])
    return stretch, coverage(claim, stretch.text)


def citation_of(item: Evidence, stretch: Stretch) -> Citation:
    """The citation of a stretch under the number of its evidence."""
    return Citation(
        number=item.number,
        case_id=item.case.id,
        notice_id=item.notice.id,
        source=item.notice.source,
        line=stretch.line,
        end_line=stretch.line,
        start=stretch.start,
        end=stretch.end,
        quote=stretch.raw,
    )

"""Hold a model's citations to the numbers it was given, while its text streams by. Pure.

Only the form is judged here; whether a source supports a sentence is for `verification`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

_OPENING = "[［【〔"
_CITATION = re.compile(
    r"[\[［【〔]\s*(?:依据|来源|案例|参考|\^)?\s*"
    r"(\d{1,3}(?:\s*[,，、;；]\s*\d{1,3}|\s*[-–—~～至]\s*\d{1,3})*)\s*[\]］】〕]"
)
_RANGE = re.compile(r"(\d{1,3})\s*[-–—~～至]\s*(\d{1,3})")
_UNFINISHED = re.compile(r"[\[［【〔][\s\d,，、;；\-–—~～至^依据来源案例参考]{0,40}$")
_LONGEST_RANGE = 20


def normalise_citations(text: str, numbers: Collection[int]) -> str:
    """Write citations as `[1][2]`; numbers that were not given vanish, and with them the claim.

    A document number such as 〔2021〕 is longer than any evidence number and stays as it is, and
    so does a blank 【　】.
    """
    return _CITATION.sub(lambda found: _rewrite(found, numbers), text)


def hold_to_evidence(pieces: Iterable[str], numbers: Collection[int]) -> Iterator[str]:
    """Normalise a stream; a citation cut over two pieces is put together first."""
    held = ""
    for piece in pieces:
        held += piece
        unfinished = _UNFINISHED.search(held)
        cut = unfinished.start() if unfinished else len(held)
        ready, held = normalise_citations(held[:cut], numbers), held[cut:]
        if ready:
            yield ready
    if rest := normalise_citations(held, numbers):
        yield rest


def cited_numbers(values: Iterable[object]) -> tuple[int, ...]:
    """Read evidence numbers however a model wrote them: `1`, `"[1]"`, `"依据2、3"`."""
    found = [
        int(digits)
        for value in values
        if not isinstance(value, bool)
        for digits in re.findall(r"\d{1,3}", str(value))
    ]
    return tuple(dict.fromkeys(found))


def _rewrite(found: re.Match[str], numbers: Collection[int]) -> str:
    cited: list[int] = []
    inside = found.group(1)
    for bounds in _RANGE.finditer(inside):
        first, last = int(bounds.group(1)), int(bounds.group(2))
        if 0 <= last - first <= _LONGEST_RANGE:
            cited += range(first, last + 1)
    cited += [int(digits) for digits in re.findall(r"\d{1,3}", _RANGE.sub(" ", inside))]
    return "".join(f"[{number}]" for number in dict.fromkeys(cited) if number in numbers)

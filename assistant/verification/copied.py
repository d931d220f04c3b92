"""How much of a text repeats a source word for word."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

RUN = 25


@lru_cache(maxsize=1_000)
def _grams(text: str, size: int) -> frozenset[str]:
    return frozenset(text[at : at + size] for at in range(len(text) - size + 1))


@lru_cache(maxsize=4_000)
def _flat(text: str) -> tuple[str, tuple[int, ...]]:
    places = tuple(at for at, char in enumerate(text) if char.isalnum())
    return "".join(text[at] for at in places), places


def copied_runs(
    text: str, sources: Sequence[str], *, owned: str = "", size: int = RUN
) -> tuple[tuple[int, int], ...]:
    """Offsets of runs of `size` or more characters that a source holds, punctuation left aside."""
    own = _grams(_flat(owned)[0], size)
    held = [_grams(_flat(source)[0], size) for source in sources]
    flat, places = _flat(text)

    def copied(gram: str) -> bool:
        return gram not in own and any(gram in grams for grams in held)

    runs = []
    at = 0
    while at <= len(flat) - size:
        if not copied(flat[at : at + size]):
            at += 1
            continue
        end = at + size
        while end < len(flat) and copied(flat[end - size + 1 : end + 1]):
            end += 1
        runs.append((places[at], places[end - 1] + 1))
        at = end
    return tuple(runs)

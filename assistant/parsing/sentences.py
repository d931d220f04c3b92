"""Sentences of a text: a full stop inside quotes or brackets ends none."""

from __future__ import annotations

import re
from collections.abc import Iterator

MARKS = re.compile(r"[。！？]+[”’」』》）]*|[“‘「『（《”’」』）》]")
CLOSERS = {"”": "“", "’": "‘", "」": "「", "』": "『", "）": "（", "》": "《"}
LONG = 2000
"""A quote left open must not swallow the rest of a text."""


def split_sentences(text: str) -> Iterator[tuple[int, int]]:
    """Offsets of the sentences of a text, one after another without a gap."""
    start = 0
    depth: dict[str, int] = {}
    for match in MARKS.finditer(text):
        for char in match.group():
            if char in CLOSERS:
                opener = CLOSERS[char]
                depth[opener] = max(0, depth.get(opener, 0) - 1)
            elif char not in "。！？":
                depth[char] = depth.get(char, 0) + 1
        if match.group()[0] not in "。！？":
            continue
        if match.end() - start > LONG or not any(depth.values()):
            yield start, match.end()
            start = match.end()
            depth.clear()
    if text[start:].strip():
        yield start, len(text)

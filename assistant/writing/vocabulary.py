"""The general vocabulary of the trade: words that name no unit, place or person."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.writing.words import tagged


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)


@cache
def trade_words() -> frozenset[str]:
    """Every word of the practices, and the list beside them."""
    folder = Path(__file__).parent
    words = set(
        yaml.load((folder / "vocabulary.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    )
    for path in sorted((folder / "practices").glob("*.yaml")):
        for text in _texts(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)):
            words.update(word for word, _ in tagged(text) if len(word) > 1)
    return frozenset(words)


@cache
def is_general(name: str) -> bool:
    """Whether a name is made of general words only: `三级子公司`, `盘点小组`."""
    words = [word for word, _ in tagged(name) if len(word) > 1]
    return bool(words) and all(word in trade_words() for word in words)

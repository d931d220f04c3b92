"""The dated list of regulations a draft may name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_SUFFIX = re.compile(r"（(?:\d{4}年)?(?:修订|修正|试行|[^）]{0,8})(?:版|稿)?）$")


@dataclass(frozen=True, slots=True)
class Regulation:
    """A regulation with the year of the version in force."""

    title: str
    year: int
    replaces: tuple[str, ...] = ()
    note: str = ""
    gone: str = ""
    """The regulation that took its place, when it is no longer in force."""


def _key(title: str) -> str:
    bare = _SUFFIX.sub("", title.strip().replace("(", "（").replace(")", "）"))
    return bare.removeprefix("中华人民共和国").removeprefix("中国共产党")


@cache
def load_regulations() -> Mapping[str, Regulation]:
    """Regulations by short title."""
    path = Path(__file__).with_name("regulations.yaml")
    entries = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["regulations"]
    return {
        _key(entry["title"]): Regulation(
            entry["title"],
            entry["year"],
            tuple(str(old) for old in entry.get("replaces", ())),
            entry.get("note", ""),
            entry.get("gone", ""),
        )
        for entry in entries
    }


def find_regulation(title: str) -> Regulation | None:
    """The listed regulation a title names, `中华人民共和国` and `（试行）` left aside."""
    return load_regulations().get(_key(title))

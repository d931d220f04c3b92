"""What may stand in our own prose: norm text with the names of private persons masked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from assistant.cleaning import CJK, normalise


@dataclass(frozen=True, slots=True)
class _Persons:
    names: tuple[re.Pattern[str], ...]
    listed: re.Pattern[str]
    public: re.Pattern[str]
    never: re.Pattern[str]
    words: frozenset[str]


@cache
def _persons() -> _Persons:
    persons = yaml.load(
        Path(__file__).with_name("display.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader
    )
    name = f"[{persons['surnames']}][{CJK}]{{1,2}}"
    before = "|".join(f"(?<={word})" for word in persons["before"])
    after = "|".join(persons["after"])
    follows = f"(?=[，、。；：（）“”《》\\s]|{'|'.join(persons['follows'])}|$)"
    return _Persons(
        names=(
            re.compile(f"(?:{before}){name}{follows}"),
            re.compile(f"(?<![{CJK}]){name}(?={after})"),
            re.compile(f"(?:(?<=由)|(?<=对)|(?<=给)|(?<=向)|(?<=和)|(?<=与)){name}(?=同志)"),
            *(
                re.compile(one.replace("{name}", name).replace("{lazy}", f"{name}?"))
                for one in persons["contexts"]
            ),
        ),
        listed=re.compile(f"[（(]{name}(?:、{name}){{0,8}}[）)]"),
        public=re.compile("|".join(persons["public"])),
        never=re.compile(persons["never"]),
        words=frozenset(persons["words"]),
    )


def display_text(raw: str) -> str:
    """Norm text with private persons masked (姓+某): for our own prose, never for quoting."""
    text = normalise(raw).text
    persons = _persons()
    whole = text
    for pattern in persons.names:
        text = pattern.sub(_masked, text)
        for match in pattern.finditer(whole):
            name = match.group()
            if len(name) == 3 and _masked(match) != name:
                text = text.replace(name, _masked(match))
    return persons.listed.sub(_masked_list, text)


def _masked(match: re.Match[str]) -> str:
    return _masked_name(match.group())


def _masked_name(name: str) -> str:
    persons = _persons()
    if (
        persons.never.search(name)
        or persons.public.match(name)
        or name in persons.words
        or name[:2] in persons.words
    ):
        return name
    return name if "某" in name else name[0] + "某" * (len(name) - 1)


def _masked_list(match: re.Match[str]) -> str:
    names = match.group()[1:-1].split("、")
    if any(_masked_name(name) == name and "某" not in name for name in names):
        return match.group()
    masked = "、".join(_masked_name(name) for name in names)
    return match.group()[0] + masked + match.group()[-1]

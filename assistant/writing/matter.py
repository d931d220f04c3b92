"""What a problem is about: its clauses, the thing it names, and instructions hidden in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from assistant.facts.find import find_facts
from assistant.writing.guard import instructions
from assistant.writing.words import tagged

_CLAUSE = re.compile(r"[^，。；！？：\n]+")
_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]?")
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
_QUOTED = re.compile(r"[“\"‘「][^”\"’」]{0,200}[”\"’」]")
_MARKS = '“”"，。'
_LABEL = re.compile(r"^(?:反馈)?问题[：:]")
_NOUN = frozenset({"n", "vn", "nz", "nr", "b", "j", "ng"})
_WITHIN = frozenset({"f", "t", "s"})
_BEFORE_NOUN = frozenset({"t", "s", "l"})
SHORTEST, LONGEST = 3, 12
NOTHING_LEFT = "反馈问题"


@cache
def _lists() -> Mapping[str, Any]:
    path = Path(__file__).with_name("matter.yaml")
    loaded: Mapping[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return loaded


def clauses_of(problem: str) -> tuple[str, ...]:
    """The clauses of a problem, marks left out."""
    return tuple(clause.strip() for clause in _CLAUSE.findall(problem) if clause.strip())


def without_instructions(problem: str) -> str:
    """The problem without sentences that give orders to a program."""
    if not instructions().search(problem):
        return problem
    kept = "".join(
        part for part in _SENTENCE.findall(problem) if part and not instructions().search(part)
    )
    return _LABEL.sub("", kept.strip().strip(_MARKS)) or NOTHING_LEFT


@lru_cache(maxsize=2_000)
def object_of(problem: str) -> str:
    """The thing a problem finds fault with (`农村公路`, `购书经费`), or nothing where unsure."""
    lists = _lists()
    text = re.sub(lists["lead_in"], "", problem)
    names = (_bare(run) for clause in clauses_of(text)[:1] for run in _runs(clause))
    return next((name for name in names if _names_a_thing(name)), "")


def _runs(clause: str) -> Iterator[list[str]]:
    """Runs of nouns in a clause, a unit's own name cut off."""
    words = tagged(_QUOTED.sub("，", clause))
    run: list[str] = []
    for at, (word, tag) in enumerate((*words, ("", "x"))):
        if _belongs(words, at, word, tag, begun=bool(run)):
            run.append(word)
            continue
        if _goes_on(words, at, tag):
            return
        if run:
            yield _without_unit(run)
        run = []


def _goes_on(words: Sequence[tuple[str, str]], at: int, tag: str) -> bool:
    """Whether the name is cut off here: 水库移民 | 后期 | 扶持 | 资金."""
    return tag in _WITHIN and at + 1 < len(words) and words[at + 1][1] in ("n", "vn", "v")


def _belongs(
    words: Sequence[tuple[str, str]], at: int, word: str, tag: str, *, begun: bool
) -> bool:
    lists = _lists()
    if not _CHINESE.fullmatch(word) or word in lists["never"]:
        return False
    if tag in _NOUN or word in lists["nominal"]:
        return True
    following, next_tag = words[at + 1] if at + 1 < len(words) else ("", "x")
    if tag in _BEFORE_NOUN:  # 课后服务, 校外培训, 意识形态工作
        return next_tag in ("n", "vn") and word not in lists["times"]
    return tag == "v" and begun and following in lists["heads"]  # 购书经费


def _without_unit(run: list[str]) -> list[str]:
    ends = tuple(_lists()["unit_ends"])
    cut = max((at + 1 for at, word in enumerate(run[:3]) if word.endswith(ends)), default=0)
    return run[cut:]


def _bare(run: Sequence[str]) -> str:
    """The run without 管理, 审核 … at its end: the measures bring their own."""
    words = list(run)
    tails = _lists()["tails"]
    while len(words) > 1 and words[-1] in tails and len("".join(words[:-1])) >= SHORTEST:
        words.pop()
    while words and words[0] in _lists()["never_first"]:
        words.pop(0)
    return "".join(words)


def _names_a_thing(name: str) -> bool:
    lists = _lists()
    return (
        SHORTEST <= len(name) <= LONGEST
        and not name.endswith(tuple(lists["no_thing"]))
        and not any(word in name for word in lists["persons"])
        and name not in lists["too_general"]
        and not any(fact.kind in ("person", "body", "place") for fact in find_facts(name))
    )

"""What may not pass from other units' notices into a draft: facts, names, foreign stories."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from assistant.facts.compare import owned
from assistant.facts.find import find_facts
from assistant.models import Fact
from assistant.writing.vocabulary import is_general
from assistant.writing.words import tagged

_PREPOSITIONS = "对将由把向在于与和及查"
BLANK = "【　】"
_BLANKS = re.compile(r"【[^】]*】")
_NUMERAL = r"[\d０-９一二两三四五六七八九十百千万亿零〇]"
_IN_NUMBER = _NUMERAL.replace("]", ".．,]")
"""A number is read from its first character only: a long run of digits is looked at once."""
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "document",
        re.compile(r"《[^》\n]{1,60}》|[\u4e00-\u9fff]{1,8}[〔\[【﹝]\d{4}[〕\]】﹞]\d+号"),
    ),
    (
        "date",
        re.compile(
            r"(?:19|20)\d{2}[年./-]\d{0,2}(?:月)?(?:\d{1,2}日?)?|\d{1,2}月(?:\d{1,2}日|底|初|中旬)|"
            r"[二〇零一九]{4}年|[十一二三四五六七八九]{1,2}月(?:[一二三十]{1,3}日|底|初)"
        ),
    ),
    (
        "amount",
        re.compile(
            rf"(?<!{_IN_NUMBER}){_IN_NUMBER}++\s*(?:余|多)?\s*(?:亿|万|千|百)?\s*(?:元|块钱|美元)"
        ),
    ),
    ("figure", re.compile(r"[\d０-９]+(?:[.．,][\d０-９]+)*\s*[%％‰]?")),
    (
        "figure",
        re.compile(
            r"(?<![一二两三四五六七八九十百千万零〇])[一二两三四五六七八九十百千万零〇]+(?:余|多|几)?"
            r"(?:个|名|人|次|项|件|条|家|户|笔|台|套|辆|亩|场|份|处|期|批|年|天|卷|万)"
        ),
    ),
    ("mask", re.compile(r"(?<![A-Za-z])[XＸ×]{1,}(?![A-Za-z])|某")),
)


@cache
def guard_words() -> Mapping[str, Any]:
    """The lists of `guard.yaml`."""
    path = Path(__file__).with_name("guard.yaml")
    loaded: Mapping[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return loaded


@cache
def _generic() -> re.Pattern[str]:
    patterns = sorted(guard_words()["generic"], key=len, reverse=True)
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


@cache
def instructions() -> re.Pattern[str]:
    """Wording of an instruction hidden in a source."""
    return re.compile(guard_words()["instructions"])


def hide_generic(text: str) -> str:
    """The text with blanks and generic quantities replaced by as many spaces."""

    def spaces(match: re.Match[str]) -> str:
        return " " * len(match.group())

    return _generic().sub(spaces, _BLANKS.sub(spaces, text))


def local_facts(text: str) -> tuple[Fact, ...]:
    """Facts seen by form alone: titles, dates, amounts, figures, masks."""
    left = hide_generic(text)
    found: list[Fact] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(left):
            start, end = match.span()
            value = text[start:end].strip()
            if value:
                found.append(Fact(kind, value, start, end))
                left = left[: match.start()] + " " * len(match.group()) + left[match.end() :]
    return tuple(sorted(found, key=lambda fact: fact.start))


@lru_cache(maxsize=256)
def _owner_facts(owned: str) -> tuple[Fact, ...]:
    return find_facts(owned)


def _hidden(left: str, fact: Fact) -> bool:
    """Whether generic wording explains the fact: nothing of it is left, or one stray character."""
    visible = left.strip()
    return not visible or (len(visible) == 1 < len(fact.text) and visible != fact.text)


def _general_name(fact: Fact) -> bool:
    """A word of the trade taken for a name (`盘点小组`, `雷同`): it names no one."""
    return fact.kind in ("body", "place", "person") and is_general(fact.text)


def _bare_name(fact: Fact) -> str:
    """A name without the general words that ran into it (`倒查学校` → `学校`)."""
    if fact.kind not in ("body", "place", "person"):
        return fact.text
    words = [word for word, _ in tagged(fact.text)]
    while len(words) > 1 and (is_general(words[0]) or words[0] in _PREPOSITIONS):
        words.pop(0)
    return "".join(words)


@lru_cache(maxsize=4_000)
def _facts(text: str) -> tuple[Fact, ...]:
    hidden = hide_generic(text)
    masks = (fact for fact in local_facts(text) if fact.kind == "mask")
    seen = (
        fact
        for fact in find_facts(text)
        if not _hidden(hidden[fact.start : fact.end], fact) and not _general_name(fact)
    )
    return tuple(sorted((*masks, *seen), key=lambda fact: fact.start))


def foreign_facts(text: str, owned_text: str) -> tuple[Fact, ...]:
    """Facts of the text that do not stand in what the user gave, in whatever form."""
    owners = _owner_facts(owned_text)
    return tuple(
        fact
        for fact in _facts(text)
        if fact.text not in owned_text
        and _bare_name(fact) not in owned_text
        and not owned(fact, owners)
    )


def any_fact(text: str, owned_text: str) -> bool:
    """The strictest reading, for clauses on offer: any fact by form or by name."""
    own = re.sub(r"[\s,，]", "", owned_text)
    by_form = any(re.sub(r"[\s,，]", "", fact.text) not in own for fact in local_facts(text))
    return by_form or bool(foreign_facts(text, owned_text))

"""A follow-up question made to stand alone without a model. Pure.

A question that leans on the one before (那追责了吗, 有没有具体金额) is searched together with it;
one that only limits the cases (街道的呢, 只要2023年的) adds its limit; one that only changes the
matter (那公务接待呢) is asked the way the one before was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path

import yaml

from assistant.models import Filters
from assistant.query_filters import firm_filters

LEANING_LENGTH = 14
SCOPE_LENGTH = 10
ANY_YEARS = tuple(range(2000, 2051))
DEFAULT_TAIL = "有哪些整改做法"
_OTHERS = re.compile(r"其他|其它|别的|另外|还有(?:没有|哪些|谁|吗|呢)|更多|另一")
_CHANGED = re.compile(
    r"(?:那么?|换成|如果是|要是)?(?:说)?([^，。？?]{2,10}?)(?:方面|问题|的)*呢[？?。]?"
)
_NUMBERED = re.compile(r"^(?:那么?|把|请|麻烦)*第([一二三四五六七八九十\d]{1,2})[条个点]")
_DIGITS = "一二三四五六七八九十"


@cache
def _rules() -> Mapping[str, str]:
    held = yaml.load(
        Path(__file__).with_name("followup.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader
    )
    return {name: str(text).strip() for name, text in held.items()}


@cache
def _aspects() -> re.Pattern[str]:
    words = sorted(set(_rules()["aspects"].split()), key=len, reverse=True)
    return re.compile("|".join([*map(re.escape, words), r"[\s，。？?！!、]"]))


def leans(question: str) -> bool:
    """Tell whether a question cannot be understood without the one before."""
    text = question.strip()
    if len(text) > LEANING_LENGTH:
        return False
    return bool(re.search(_rules()["leaning"], text)) or not own_matter(text)


def is_courtesy(text: str) -> bool:
    """Tell whether a text only thanks or agrees."""
    told = text.strip()
    return 0 < len(told) <= LEANING_LENGTH and bool(re.match(_rules()["courtesy"], told))


def asks_for_others(question: str) -> bool:
    """Tell whether a follow-up wants cases not shown yet."""
    return leans(question) and bool(_OTHERS.search(question))


def asked_number(question: str) -> int:
    """Give the number of the case a follow-up wants told in full, or 0."""
    found = _NUMBERED.match(question.strip())
    if found is None or len(question.strip()) > LEANING_LENGTH:
        return 0
    said = found.group(1)
    return int(said) if said.isdigit() else _DIGITS.find(said[-1]) + 1


def carry_over(question: str, earlier: Sequence[str]) -> str:
    """Give a question with what it takes from the ones before; others stay as they are."""
    if not earlier or is_courtesy(question):
        return question
    scope = _scope(question)
    if not scope and not leans(question):
        return question
    anchor, limits = _before(earlier)
    if scope:
        return "，".join([anchor, *_without_rivals(limits, scope), scope])
    text = question.strip()
    matter = _new_matter(text)
    if matter:
        asked = re.search(_rules()["asking_tail"], anchor)
        return "，".join([f"{matter}{asked.group() if asked else DEFAULT_TAIL}", *limits])
    return "，".join([anchor, *limits, text])


def _before(earlier: Sequence[str]) -> tuple[str, list[str]]:
    """Give the last question that stood alone and the limits set since."""
    limits: list[str] = []
    for past in reversed(earlier):
        scope = _scope(past)
        if scope:
            limits = [*_without_rivals([scope], *limits), *limits]
        elif not leans(past) and not is_courtesy(past):
            return past.rstrip("？?。 "), limits
    return earlier[0].rstrip("？?。 "), []


def _scope(question: str) -> str:
    """Give what a question that only limits the cases limits them to."""
    if len(question) > 2 * LEANING_LENGTH:
        return ""
    core = re.sub(_rules()["around_scope"], "", question.strip())
    core = re.sub(_rules()["around_scope"], "", core)
    if not 1 <= len(core) <= SCOPE_LENGTH:
        return ""
    limit = f"只看{core}的通报"
    if not _limited(limit):
        return ""
    left = re.sub(r"[一-鿿]{0,3}(?:年|级|层|以来|以后|之后|以前|起)|\d+", "", core)
    return limit if len(left) <= len("国有企业和") else ""


def _limited(limit: str) -> frozenset[str]:
    stated = firm_filters(limit, years=ANY_YEARS)
    return frozenset(field.name for field in fields(Filters) if getattr(stated, field.name))


def _without_rivals(limits: Sequence[str], *later: str) -> list[str]:
    """Give the limits that no later one of the same sort replaces."""
    taken = frozenset[str]().union(*(_limited(limit) for limit in later))
    return [limit for limit in limits if not _limited(limit) & taken]


def own_matter(text: str) -> str:
    """Give what is left of a question when everything that only asks is taken off."""
    rest = _aspects().sub("", text)
    return rest if len(rest) > 1 else ""


def _new_matter(text: str) -> str:
    """Give the matter of 那公务接待呢; nothing where the question asks something itself."""
    found = re.fullmatch(
        r"(?:那么?|换成|如果是|要是)?(?:说)?([^，。？?]{2,10}?)(?:方面|问题|的)*呢[？?。]?", text
    )
    return found.group(1) if found and own_matter(found.group(1)) == found.group(1) else ""

"""Sentences of an answer that state nothing of a case: about the search, or mere headings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.models import Evidence
from assistant.verification.support import missing_figures
from assistant.writing.masking import plain
from assistant.writing.words import content_words

LEFT_OVER = 1
"""Words beyond those of the search and the question that such a sentence may hold."""
_HEADING = re.compile(r"^(?:[#＃\s]*)?[*]{0,2}[\u4e00-\u9fff、（）]{1,14}[*]{0,2}[：:]?[*]{0,2}$")
_UNITS = re.compile(r"（\d{1,2}个单位）(?=[：:]?$)")
_STATES = re.compile(r"处分|警告|开除|免职|立案|退回|追缴|清退|补缴|已|完成|没有|未|元|\d|了")


@cache
def _lists() -> Mapping[str, Any]:
    path = Path(__file__).with_name("meta.yaml")
    loaded: Mapping[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return loaded


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(_lists()["patterns"]))


def is_heading(line: str) -> bool:
    """Whether a line only names what follows."""
    line = _UNITS.sub("", line)
    return bool(_HEADING.match(line)) and not _STATES.search(line)


def is_about_search(
    sentence: str, question: str, numbers: Sequence[int], evidence: Sequence[Evidence]
) -> bool:
    """Whether a sentence speaks of the search only; its figures count what is shown or cited."""
    if not _pattern().search(sentence):
        return False
    own = frozenset(_lists()["words"])
    asked = plain(question)
    said = re.sub(r"“[^”]{1,30}”", "", sentence) if sentence.startswith("原文") else sentence
    others = [word for word in content_words(said) if word not in own and word not in asked]
    if len(others) > LEFT_OVER:
        return False
    cited = [item for item in evidence if item.number in numbers]
    counts = [
        count
        for items in (evidence, cited)
        for count in (len(items), len({item.notice.id for item in items}))
    ]
    return not missing_figures(sentence, f"{question} " + " ".join(map(str, counts)))

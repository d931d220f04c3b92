"""Borrow the action of another unit's measure, not its facts: cut to clauses, keep what is general.

A clause survives only when every noun in it is a general word of the trade or the user's own
word. Names of places, firms and persons are in no such list, so they cannot pass.
"""

from __future__ import annotations

import re

from assistant.writing.guard import any_fact, guard_words
from assistant.writing.tense import to_plan
from assistant.writing.words import clauses, sentences, strip_label, tagged

COPY_LIMIT = 24
"""Characters a borrowed run may have: below what counts as copied word for word."""
_TITLE = re.compile(r"《([^》]{1,60})》")
_QUOTED = re.compile(r"“([^”]{1,20})”")
_SUBJECT = re.compile(
    r"^(?:[\u4e00-\u9fff]{0,6}(?:党工委|党委|党组|党支部|街道|管委会|乡|镇|村|局|区|县|市|公司|集团|国资委|办公室|财务科|"
    r"领导班子|班子成员|主要负责人|主要负责同志|书记))(?=[建制修完严对组开成明落加定督补清调强规])"
)
_OPENING = re.compile(r"^(?:并(?!联)|且|而|也|还|又|则|以|使|让|从而|进而|其中|如|即|和|与|及|等)")
_NEEDS_OBJECT = re.compile(r"(?:对|就|将|把|由|向|为|在|围绕|针对|根据|按照|结合|通过)[^，]*$")
_VERB_START = frozenset(["v", "vn", "vd", "vq", "vg"])


def general_title(title: str) -> str:
    """The general word for a local document title."""
    for tail, word in guard_words()["titles"].items():
        if title.rstrip("（试行）").endswith(tail):
            return str(word)
    return "相关制度"


def _blank_titles(text: str, owned: str) -> str:
    def swap(match: re.Match[str]) -> str:
        return match.group() if match.group(1) in owned else general_title(match.group(1))

    swapped = _TITLE.sub(swap, text)
    for double in ("相关相关", "有关有关", "管理管理"):
        swapped = swapped.replace(double, double[:2])
    return swapped


def _known(clause: str, vocabulary: frozenset[str], owned: str) -> bool:
    for word, tag in tagged(clause):
        if len(word) < 2 or word in vocabulary or word in owned:
            continue
        if tag[0] in "nijlstrxzbe" or tag == "eng":
            return False
        if tag[0] not in "vadcpufyomq":
            return False
    return True


def _tells_story(clause: str, owned: str) -> bool:
    lists = guard_words()
    return any(word in clause and word not in owned for word in lists["stories"]) or any(
        word in clause and word not in owned for word in lists["bodies"]
    )


def _stands_alone(clause: str) -> bool:
    if _OPENING.match(clause) or not 6 <= len(clause) <= 60:
        return False
    words = tagged(clause)
    if not any(tag in _VERB_START or tag.startswith("v") for _, tag in words):
        return False
    return not _NEEDS_OBJECT.fullmatch(clause) or any(tag[0] == "v" for _, tag in words[2:])


def _clean_clause(piece: str, owned: str) -> str:
    clause = to_plan(_blank_titles(strip_label(piece), owned))
    clause = _SUBJECT.sub("", clause)
    return _QUOTED.sub(lambda quoted: quoted.group(1), clause).strip("：: 、")


def _acts(clause: str) -> bool:
    lists = guard_words()
    return clause.startswith(tuple(lists["starts"])) and not re.search(
        "|".join(lists["faults"]), clause
    )


def _may_travel(clause: str, owned: str, vocabulary: frozenset[str]) -> bool:
    return (
        _stands_alone(clause)
        and _acts(clause)
        and not any_fact(clause, owned)
        and not _tells_story(clause, owned)
        and _known(clause, vocabulary, owned)
    )


def general_runs(text: str, *, owned: str, vocabulary: frozenset[str]) -> tuple[str, ...]:
    """Neighbouring clauses of a measure that another unit may use, joined, in the future tense."""
    runs: list[list[str]] = [[]]
    for sentence_start, sentence_end in sentences(text):
        for piece in clauses(strip_label(text[sentence_start:sentence_end])):
            clause = _clean_clause(piece, owned)
            if clause and _may_travel(clause, owned, vocabulary):
                runs[-1].append(clause)
            elif runs[-1]:
                runs.append([])
        if runs[-1]:
            runs.append([])
    return tuple(_short(run) for run in runs if run and len(run[0]) < COPY_LIMIT)


def _short(run: list[str]) -> str:
    """Two clauses where they stay short, else one: long runs read as copied."""
    joined = "，".join(run[:2])
    return joined if len(joined) <= COPY_LIMIT else run[0]

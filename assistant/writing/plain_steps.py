"""Steps for what no practice was written for: each clause answered by the nature of its fault."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.writing.clause_natures import ClauseNature, Told, clause_natures, natures_told
from assistant.writing.matter import clauses_of
from assistant.writing.practice import Playbook, Practice
from assistant.writing.words import compiled

AT_MOST = 3
GENERAL = "general"
SUM = re.compile(r"\d[\d.]*[亿万千余多]*元")
"""A sum of another matter: quoted in a correction it would read as money to get back."""
MILD = ("力度不够",)
"""Natures that need no answer of their own beside graver ones or beside written practices."""


OF_TOPICS = (*MILD, "应做未做")
"""Natures that the practices of a whole topic answer, whatever words the clause uses."""


def told_in(problem: str, book: Playbook, others: Sequence[Playbook]) -> tuple[Told, ...]:
    """The natures of the clauses: of all for the general plan, else of what no book speaks of."""
    clauses = clauses_of(problem)
    if book.topic == GENERAL:
        told = natures_told(clauses, at_most=AT_MOST)
        return tuple(one for one in told if one.nature.name not in MILD) or told
    wording = [word for one in (book, *others) for word in one.wording]
    left = [
        clause
        for clause in clauses[1:]
        if not SUM.search(clause) and not any(compiled(word).search(clause) for word in wording)
    ]
    told = natures_told(left, at_most=AT_MOST)
    answered = MILD if book.faults else OF_TOPICS
    return tuple(one for one in told if one.nature.name not in answered)[:1]


def looking_at(practice: Practice, told: Sequence[Told]) -> Practice:
    """The fact-finding with what the natures of the clauses ask to be looked at."""
    if not told:
        return practice
    look = "，以及".join(dict.fromkeys(one.nature.look for one in told))
    return replace(practice, text=f"{practice.text.rstrip('。')}；重点核对{look}。")


def corrections(told: Sequence[Told]) -> tuple[Practice, ...]:
    """What puts each nature right, the user's clauses quoted."""
    return tuple(
        Practice(
            "纠正处置",
            one.nature.fix.replace("{c}", f"反馈指出的{one.quoted}"),
            one.nature.kind,
            one.nature.out,
        )
        for one in told
    )


def named_for(problem: str, book: Playbook) -> Playbook:
    """The general plan with cause and goal of the gravest nature the problem shows."""
    told = told_in(problem, book, ()) if book.topic == GENERAL else ()
    if not told:
        return book
    nature = _gravest(told)
    return replace(book, cause=nature.cause, goal=nature.goal)


def _gravest(told: Sequence[Told]) -> ClauseNature:
    order = clause_natures()
    return min((one.nature for one in told), key=order.index)


def rule_of(told: Sequence[Told]) -> Practice:
    """The rule that the gravest of the natures calls for."""
    nature = _gravest(told)
    return Practice("建章立制", nature.rule, "M03", nature.rule_out)

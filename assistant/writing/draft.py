"""Drafts of rectification measures for a new problem, without a model.

The plan follows the order of the trade; similar cases give it practices and their count, the
general practices of the topic fill what is missing, and the user's own words make it specific.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from assistant.cleaning import normalise
from assistant.models import (
    Answerable,
    Draft,
    DraftMeasure,
    Evidence,
    Finding,
    UnitProfile,
)
from assistant.writing.borrow import Borrowed, Taken, borrowed_clauses, supporters, taken_steps
from assistant.writing.choosing import (
    MADE_UP,
    clause_of,
    further_books,
    playbook_for,
    speaks_of,
)
from assistant.writing.clause_natures import Told
from assistant.writing.deadlines import deadline_for
from assistant.writing.matter import NOTHING_LEFT, without_instructions
from assistant.writing.nature import (
    HONEST_WAY,
    REFUSAL,
    asks_fabrication,
    is_money,
    is_serious,
)
from assistant.writing.placeholders import placeholders_of, responsible_for
from assistant.writing.plain_steps import (
    GENERAL,
    corrections,
    looking_at,
    named_for,
    rule_of,
    told_in,
)
from assistant.writing.practice import (
    STEPS,
    Playbook,
    Practice,
    Slots,
    fill,
    fitting,
    load_playbooks,
    quotable,
    recovery,
    slots_of,
)
from assistant.writing.words import content_words, likeness

NO_PROBLEM = "输入中没有可识别的反馈问题，以下仅为通用写法，请核对问题原文后重新起草。"
ASSUMED = "（推测，请核实）"
MAX_MEASURES = 8
OTHER_MATTERS = 2
"""Further matters of a sentence that get a correction of their own."""
MOST_CORRECTIONS = 3
MAX_LENGTH = 190
OTHERS_TRIED = 3
LIKE = 0.5
"""Likeness from which two practices say much the same."""
FRESH = 0.5
"""Share of a borrowed clause that may stand in the plan already."""


class DraftWriter(Protocol):
    """Writes a draft from a problem and similar cases."""

    def write(
        self,
        problem: str,
        evidence: Sequence[Evidence],
        *,
        topics: Sequence[str],
        profile: UnitProfile,
        cause: str = "",
    ) -> Draft:
        """The draft, its facts the user's own or blank."""
        ...


def owned_text(problem: str, profile: UnitProfile, cause: str = "") -> str:
    """Everything whose facts a draft may use."""
    return "\n".join(
        (
            problem,
            normalise(problem).text,
            cause,
            profile.name,
            profile.unit_type,
            profile.deadline,
            profile.feedback_date,
            profile.facts,
            *(f"{role}{name}" for role, name in profile.leaders),
        )
    )


def _accountability(book: Playbook, problem: str) -> tuple[Practice, ...]:
    own = fitting(book, "追责问责", problem)
    if own or book.mild:
        return own
    serious = is_serious(problem) or is_money(problem)
    return tuple(
        practice
        for practice in load_playbooks()["general"].practices
        if practice.step == "追责问责" and practice.serious == serious
    )


def _chosen(
    problem: str, topics: Sequence[str], book: Playbook, further: Sequence[Playbook]
) -> list[tuple[Practice, Playbook]]:
    """The practices of the plan in their order, each with the playbook it comes from."""
    chosen: list[tuple[Practice, Playbook]] = []
    put_right = _corrections(book, problem, topics, further)
    told = () if book.topic == MADE_UP else told_in(problem, book, [of for _, of in put_right])
    plain = told if book.topic == GENERAL else ()
    for step in STEPS:
        if step == "追责问责":
            chosen += [(one, book) for one in _accountability(book, problem)[:1]]
        elif step == "纠正处置":
            chosen += _told_too(put_right, told, book)
        elif step == "建章立制" and plain:
            chosen.append((rule_of(plain), book))
        else:
            found = fitting(book, step, problem)[:1]
            chosen += [(looking_at(one, plain if step == "查清" else ()), book) for one in found]
    return chosen[:MAX_MEASURES]


def _told_too(
    put_right: list[tuple[Practice, Playbook]], told: Sequence[Told], book: Playbook
) -> list[tuple[Practice, Playbook]]:
    """The corrections with those of the clauses' own nature; a general plan has only these."""
    own = [(one, book) for one in corrections(told)]
    if book.topic == GENERAL and own:
        money = [one for one in put_right if one[0].kind == "M05"][:1]
        return own if any(one.kind == "M05" for one, _ in own) else [*money, *own]
    return [*put_right, *own] if len(put_right) < MOST_CORRECTIONS else put_right


def _corrections(
    book: Playbook, problem: str, topics: Sequence[str], further: Sequence[Playbook]
) -> list[tuple[Practice, Playbook]]:
    """What puts the matter right, and the first other faults of the sentence."""
    own = [(one, book) for one in fitting(book, "纠正处置", problem)[:2]]
    books = load_playbooks()
    others = [*further, *(books[topic] for topic in topics[1:] if topic in books)]
    found: list[tuple[Practice, Playbook]] = []
    for other in others[:OTHERS_TRIED]:
        meant = _meant_elsewhere(other, problem)
        if meant and all(likeness(meant.text, one.text) < LIKE for one, _ in (*own, *found)):
            found.append((meant, other))
    if found:
        own = [*own[:1], *found[:OTHER_MATTERS]]
    if is_money(problem) and not any(one.kind == "M05" for one, _ in own):
        own = [(recovery(), book), *own[:1]]
    return own


def _meant_elsewhere(book: Playbook, problem: str) -> Practice | None:
    """The practice of another playbook that the problem calls for in so many words."""
    fits = fitting(book, "纠正处置", problem)[:1]
    return next((one for one in fits if one.when or book.faults), None)


def _says_new(offer: str, said: str) -> bool:
    words = content_words(offer)
    told = sum(word in said for word in words)
    return bool(words) and told / len(words) < FRESH and likeness(offer, said) < FRESH


def _enriched(
    text: str, step: str, offers: Sequence[Borrowed], used: list[str]
) -> tuple[str, tuple[int, ...]]:
    """The text with one borrowed clause on the same matter that it does not say yet."""
    for offer in offers:
        if offer.step != step or len(text) + len(offer.text) > MAX_LENGTH:
            continue
        on_matter = any(word in text for word in content_words(offer.text))
        parts = offer.text.split("，")
        if on_matter and all(_says_new(part, said) for part in parts for said in used):
            used.append(offer.text)
            return f"{text.rstrip('。')}；{offer.text}。", (offer.number,)
    return text, ()


class ExtractiveDraftWriter:
    """Deterministic: the same problem and cases give the same draft."""

    def write(
        self,
        problem: str,
        evidence: Sequence[Evidence],
        *,
        topics: Sequence[str],
        profile: UnitProfile,
        cause: str = "",
    ) -> Draft:
        """A plan of four to eight measures in the order of the trade."""
        read = without_instructions(normalise(problem).text)
        book = named_for(read, playbook_for(topics, read, evidence))
        chosen = _chosen(read, topics, book, further_books(read, book))
        slots = {of.topic: _slots(read, of, book) for _, of in chosen} | {
            book.topic: slots_of(read, book)
        }
        chosen = [(_widened(one, of, chosen, read), of) for one, of in chosen]
        taken = taken_steps(read, topics, evidence)
        owned = owned_text(problem, profile, cause)
        # Where no practice fits, a clause of another case would be a guess too.
        offers = () if book.topic == GENERAL else borrowed_clauses(read, taken, owned=owned)
        used = [read, *(fill(practice.text, slots[of.topic]) for practice, of in chosen)]
        measures = tuple(
            _measure(practice, slots[of.topic], taken, offers, used, profile)
            for practice, of in chosen
        )
        asked = asks_fabrication(read)
        return Draft(
            problem=problem,
            topics=tuple(topics),
            cause=cause or f"{book.cause}{ASSUMED}",
            goal=f"{fill(book.goal, slots[book.topic])}。",
            measures=measures,
            evidence=tuple(evidence),
            findings=(_refused(),) if asked else (),
            placeholders=placeholders_of(problem, book, measures, profile),
            answerable=Answerable.YES if evidence else Answerable.NO,
            notice=_notice(evidence, asked=asked, empty=read == NOTHING_LEFT),
        )


def _slots(problem: str, of: Playbook, book: Playbook) -> Slots:
    """What fills a practice of another matter stands in the clause that speaks of it."""
    clause = "" if of is book else clause_of(of, problem)
    if not clause:
        return slots_of(problem, of)
    return replace(slots_of(clause, of), period=slots_of(problem, of).period)


def _widened(
    practice: Practice,
    of: Playbook,
    chosen: Sequence[tuple[Practice, Playbook]],
    problem: str,
) -> Practice:
    """The fact-finding also names the other matters of the sentence, in the user's words."""
    others = dict.fromkeys(clause_of(other, problem) for _, other in chosen if other is not of)
    named = [f"“{clause}”" for clause in others if quotable(clause) and not speaks_of(of, clause)]
    if practice.step != STEPS[0] or not named or "{points}" in practice.text:
        return practice
    also = f"；对反馈指出的{''.join(named)}一并查清具体情形、起止时间和责任人。"
    return replace(practice, text=practice.text.rstrip("。") + also)


def _measure(
    practice: Practice,
    slots: Slots,
    taken: Sequence[Taken],
    offers: Sequence[Borrowed],
    used: list[str],
    profile: UnitProfile,
) -> DraftMeasure:
    text, lent = _enriched(fill(practice.text, slots), practice.step, offers, used)
    close = supporters(practice, text, taken)
    numbers = tuple(dict.fromkeys((*lent, *close)))
    return DraftMeasure(
        text=text,
        kind=practice.kind,
        step=practice.step,
        evidence=numbers[:4],
        responsible=responsible_for(profile),
        deadline=deadline_for(practice.step, profile),
        deliverable=fill(practice.deliverable, slots),
        used_by=len(numbers),
    )


def _refused() -> Finding:
    return Finding(
        rule="fabrication", level="error", message=f"{REFUSAL}{HONEST_WAY}", where="draft"
    )


def _notice(evidence: Sequence[Evidence], *, asked: bool, empty: bool) -> str:
    parts = [f"{REFUSAL}{HONEST_WAY}"] if asked else []
    if empty:
        parts.append(NO_PROBLEM)
    if not evidence:
        parts.append("库中没有找到相近案例，以下仅为通用写法。")
    return "".join(parts)

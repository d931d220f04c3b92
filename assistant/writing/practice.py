"""General practices per topic and step, and the user's own words that make them specific."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.taxonomy.thesaurus import GAP, GAP_CHARACTERS, load_thesaurus
from assistant.writing.guard import BLANK
from assistant.writing.matter import clauses_of, object_of
from assistant.writing.nature import is_money, is_sum_of_something_else
from assistant.writing.surroundings import surroundings_of
from assistant.writing.words import compiled

STEPS = ("查清", "纠正处置", "追责问责", "建章立制", "举一反三", "监督长效")

_PERIOD = re.compile(
    r"(?:19|20)\d{2}年(?:\d{1,2}月)?(?:以来|[至到—~～-]+(?:(?:19|20)\d{2}年?)?(?:\d{1,2}月)?|(?=[^\d]))"
)
GAP_PATTERN = f"[^。！？；]{{0,{GAP_CHARACTERS}}}"
POINTS, POINT_SHORTEST, POINT_LONGEST = 2, 6, 26
_SAID_TWICE = re.compile(
    r"(管理|审核|收费|公开|出租|维修|管护|处置|发放|采购|监管|巡查|征缴|保障|考核|使用|运行)\1"
)
_AMOUNT = re.compile(r"(?<![\d.])\d+(?:\.\d+)?(?:余|多)?(?:亿|万|千)?(?:余|多)?元")


@dataclass(frozen=True, slots=True)
class Practice:
    """One way to take a step, with slots for the user's words."""

    step: str
    text: str
    kind: str
    deliverable: str
    when: tuple[str, ...] = ()
    """Words or patterns of the problem it is meant for; empty fits any problem of the topic."""
    serious: bool = False
    alone: tuple[str, ...] = ()
    """Words by which one clause among others calls for it, though the plan is of another topic."""
    also: bool = False
    """Whether it comes on top of the step where its words stand, rather than instead of it."""


@dataclass(frozen=True, slots=True)
class Variant:
    """Office, cause and goal for problems of a special trade."""

    when: tuple[str, ...]
    office: str
    cause: str
    goal: str


@dataclass(frozen=True, slots=True)
class Playbook:
    """What is known of a topic for drafting."""

    topic: str
    noun: str
    nouns: tuple[tuple[str, str], ...]
    """(pattern in the problem, how to name the object of the plan)."""
    scope: str
    scopes: tuple[tuple[str, str], ...]
    """What exactly the problem points at, with the user's own figure: `3件信访积案`."""
    typos: tuple[tuple[str, str], ...]
    office: str
    cause: str
    goal: str
    variants: tuple[Variant, ...]
    """Another cause and goal where the problem is of a special trade."""
    mild: bool
    """Capability topics where holding people to account would be out of place."""
    practices: tuple[Practice, ...]
    faults: tuple[str, ...] = ()
    """For a kind of fault of any trade: the wording that shows it."""
    needs: str = ""
    """What the problem must speak of for the playbook to fit: villages, for village assets."""
    broad: bool = False
    """Topics that hold many trades: the topic alone does not show that the practices fit."""
    own_object: bool = False
    """Whether the thing the problem names may stand for the noun of the playbook."""
    sharp: bool = False
    """Whether the wording names the matter itself, so that it outweighs the topic."""
    about: str = ""
    """Plain words of a topic: where none stands, the topic was read from something else."""
    lean: bool = False
    """Whether it adds little to the plan of another matter of the same sentence."""

    @property
    def wording(self) -> tuple[str, ...]:
        """Every pattern by which a problem shows that the playbook is meant for it."""
        nouns = (pattern for pattern, _ in self.nouns)
        return (*nouns, *self.faults, *(word for one in self.practices for word in one.when))


@dataclass(frozen=True, slots=True)
class Slots:
    """What fills the slots of a practice."""

    object: str
    scope: str
    period: str
    amount: str
    points: str = "反馈问题涉及的事项"
    """The user's own clauses, quoted."""
    records: str = "有关文件、会议记录和业务台账"
    """What a unit of the trade keeps on record."""
    reached: str = "服务对象和一线人员"
    """Who can tell how things are."""


def _read(path: Path) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return loaded


def _practice(step: str, entry: Mapping[str, Any]) -> Practice:
    return Practice(
        step,
        entry["text"],
        entry["kind"],
        entry["out"],
        tuple(str(word) for word in entry.get("when", ())),
        serious=bool(entry.get("serious", False)),
        alone=tuple(str(word) for word in entry.get("alone", ())),
        also=bool(entry.get("also", False)),
    )


def _playbook(topic: str, entry: Mapping[str, Any]) -> Playbook:
    return Playbook(
        topic,
        entry["noun"],
        tuple((pattern, say) for pattern, say in entry.get("nouns", ())),
        entry.get("scope", {}).get("default", entry["noun"]),
        tuple((pattern, say) for pattern, say in entry.get("scope", {}).get("find", ())),
        tuple(entry.get("typos", {}).items()),
        entry["office"],
        entry["cause"],
        entry["goal"],
        tuple(
            Variant(
                tuple(str(word) for word in one["when"]), one["office"], one["cause"], one["goal"]
            )
            for one in entry.get("variants", ())
        ),
        bool(entry.get("mild", False)),
        tuple(_practice(step, item) for step, items in entry["steps"].items() for item in items),
        (*entry.get("when", ()), *_ways_of_saying(topic)),
        entry.get("needs", ""),
        bool(entry.get("broad", False)),
        bool(entry.get("own_object", "when" in entry)),
        bool(entry.get("sharp", False)),
        entry.get("about", ""),
        bool(entry.get("lean", entry.get("broad") and entry.get("mild"))),
    )


def _ways_of_saying(topic: str) -> tuple[str, ...]:
    """One pattern for each concept of the thesaurus that shows the fault."""
    wanted = _read(Path(__file__).with_name("fault_concepts.yaml")).get(topic, ())
    return tuple(
        "|".join(re.escape(term).replace(GAP, GAP_PATTERN) for term in group.terms)
        for group in load_thesaurus()
        if group.id in wanted
    )


@cache
def load_playbooks() -> Mapping[str, Playbook]:
    """Playbooks by topic id, and `general` for the rest."""
    found: dict[str, Playbook] = {}
    for path in sorted((Path(__file__).parent / "practices").glob("*.yaml")):
        for topic, entry in _read(path).items():
            if topic != "recovery":
                found[topic] = _playbook(topic, entry)
    return found


@cache
def recovery() -> Practice:
    """The recovery step for money problems whose topic brings none."""
    entry = _read(Path(__file__).parent / "practices" / "general.yaml")["recovery"]
    return _practice("纠正处置", entry)


def _named(problem: str, patterns: Sequence[tuple[str, str]], otherwise: str) -> str:
    for pattern, say in patterns:
        match = compiled(pattern).search(problem)
        if match:
            return str(match.expand(say))
    return otherwise


def _without_typos(text: str, book: Playbook) -> str:
    for wrong, right in book.typos:
        text = text.replace(wrong, right)
    return text


def _period(problem: str) -> str:
    found = [match.group() for match in _PERIOD.finditer(problem)]
    if not found:
        return "近三年"
    period = max(found, key=len)
    return (
        period
        if period.endswith(("以来",)) or re.search(r"[至到—~～-]", period)
        else period + "以来"
    )


def _amount(problem: str, book: Playbook) -> str:
    """The one amount the problem gives for this matter; a blank where it is another's."""
    amounts: set[str] = set()
    before = ""
    for clause in clauses_of(problem):
        found = _AMOUNT.findall(clause)
        near = f"{before}，{clause}"
        if found and not is_sum_of_something_else(clause):
            meant = is_money(near) or any(compiled(word).search(near) for word in book.wording)
            amounts.update(found if meant or book.topic == "general" else (f"{BLANK}元",))
        before = clause
    return amounts.pop() if len(amounts) == 1 else f"{BLANK}元"


def quotable(clause: str) -> bool:
    """Whether a clause can stand in quotation marks within a measure."""
    return POINT_SHORTEST <= len(clause) <= POINT_LONGEST and not re.search(r"[“”《》\"']", clause)


def _points(problem: str) -> str:
    """The first clauses of the problem in quotation marks: nothing is more specific."""
    told = [
        re.sub(r"^(?:巡察发现|检查发现|其中|且|并|有的|存在)", "", clause)
        for clause in clauses_of(problem)
    ]
    kept = [one for one in told if quotable(one)][:POINTS]
    if not kept:
        return "反馈问题涉及的事项"
    return "反馈指出的" + "".join(f"“{one}”" for one in kept) + "等问题"


def _object(problem: str, book: Playbook) -> str:
    named = _named(problem, book.nouns, "")
    if not named and book.own_object:
        named = object_of(problem)
    return _without_typos(named or book.noun, book)


def slots_of(problem: str, book: Playbook) -> Slots:
    """The user's own object, period and amount, or blanks."""
    around = surroundings_of(problem)
    return Slots(
        _object(problem, book),
        _named(problem, book.scopes, book.scope),
        _period(problem),
        _amount(problem, book),
        _points(problem),
        around.records,
        around.reached,
    )


def fill(text: str, slots: Slots) -> str:
    """The text with its slots filled."""
    filled = (
        text.replace("{o}", slots.object)
        .replace("{s}", slots.scope)
        .replace("{period}", slots.period)
        .replace("{amount}", slots.amount)
        .replace("{points}", slots.points)
        .replace("{r}", slots.records)
        .replace("{w}", slots.reached)
    )
    return _SAID_TWICE.sub(r"\1", filled)


def fitting(book: Playbook, step: str, problem: str) -> tuple[Practice, ...]:
    """Practices of a step that fit the problem: the ones meant for it, else the general ones."""
    of_step = [practice for practice in book.practices if practice.step == step]
    hits = {
        practice: sum(bool(compiled(word).search(problem)) for word in practice.when)
        for practice in of_step
        if practice.when
    }
    meant = sorted((one for one in hits if hits[one]), key=lambda one: -hits[one])
    instead = [one for one in meant if not one.also]
    general = [practice for practice in of_step if not practice.when]
    added = [one for one in meant if one.also]
    return (*(instead or general)[: 1 if added else None], *added)

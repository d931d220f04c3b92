"""What each section of a notice is for: items, unfinished items, organisation, next steps."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

from assistant.parsing.cues import Cues
from assistant.parsing.outline import MEASURE_STYLES, Node
from assistant.parsing.wording import (
    first_sentence,
    has_note,
    inline_lead,
    is_deficient,
    section_heading,
)

OF_THE_WORK = re.compile(r"整改|巡[察视]|组织领导|站位|认识|部署|高度重视")

FIELD_OF_WORK = re.compile(
    r"^(?:关于|聚焦|在|围绕|落实|履行)(?!.{0,12}整改).{2,50}方面(?:的?问题)?$"
)
"""关于履行某某职责方面: a field of what was inspected, though it names a duty."""

WORK_PLAN = re.compile(r"整改(?:工作)?(?:专班|领导小组|任务|方案|清单|责任|台账|部署|合力)")
"""成立整改工作专班, 制定整改任务清单: how the work was set up, no problem."""


class Section(StrEnum):
    """What a section of a notice is for."""

    ITEMS = "案例"
    OPEN = "未完成"
    ORGANISE = "组织情况"
    NEXT = "下一步"


@dataclass(slots=True)
class Sections:
    """Roles of the sections of one notice, by line of the heading."""

    roles: dict[int, Section] = field(default_factory=dict)
    flat: set[int] = field(default_factory=set)
    """Lines of top headings that are items themselves."""


def read_sections(root: Node, cues: Cues) -> Sections:
    """Roles by heading and contents; where they contradict the whole, by the whole."""
    found = Sections()
    for child in root.children:
        if child.token is None:
            continue
        section = section_of(child, cues, top=True)
        found.roles[child.token.line] = section
        if section in (Section.ITEMS, Section.OPEN):
            _inner_sections(child, found, cues)
    _drop_contradicted(root, found, cues)
    _level_out(root, found, cues)
    _flat_actions(root, found, cues)
    return found


def _evidence(node: Node, cues: Cues) -> float:
    """What a section's contents say for its holding items."""
    forms = leads = deficient = organising = total = 0
    if inline_lead(node.text(), cues):
        leads += 3
    for below in node.walk():
        if below.token is None:
            continue
        forms += below.token.form is not None
        leads += inline_lead(below.text(), cues)
        if below.style in MEASURE_STYLES:
            continue
        total += 1
        sentence = first_sentence(below.text())
        deficient += is_deficient(sentence, cues) and not cues.action.match(sentence)
        of_work = cues.action.match(sentence) and WORK_PLAN.search(sentence)
        organising += bool(of_work) or cues.organise_items.match(sentence) is not None
    for token in node.tokens():
        leads += token.lead in ("measures", "result", "effect")
        forms += token.label is None and token.form is not None
    score = min(6.0, forms + leads)
    if total:
        score += 3 * deficient / total - 2 * organising / total
    if organising == total > 1 and not forms + leads + deficient:
        score -= 2
    return score


def _worded(sentence: str, cues: Cues) -> float:
    """What a heading says that words a deficiency, or a field by 聚焦…."""
    score = 0.0
    named = sentence.endswith("问题") or not cues.action.match(sentence)
    if is_deficient(sentence, cues) and named:
        score += 2
    if sentence.startswith("聚焦") and not OF_THE_WORK.search(sentence):
        score += 4
    return score


def section_of(node: Node, cues: Cues, *, top: bool) -> Section:
    """What a section is for: by its heading, and by what stands in it."""
    sentence = section_heading(node)
    roles = cues.roles
    opens = roles["open"].search(sentence) is not None
    organises = roles["organise"].search(sentence) is not None
    ahead = roles["next"].search(sentence) is not None
    other = roles["other"].search(sentence) is not None
    prior = 0.0
    if roles["rectify"].search(sentence):
        prior += 3
    elif roles["frame"].search(sentence) and not (organises or ahead):
        prior += 1.5
    if opens:
        prior += 2.5
    if opens:
        prior -= 1.5 if organises or ahead or other else 0
    elif ahead or other:
        prior -= 8 if ahead and top else 3
    elif organises:
        prior -= 1 if FIELD_OF_WORK.search(sentence) else 3
    if node.token is not None and node.token.form is not None:
        prior += 3
    if has_note(node.text(), cues):
        prior += 3
    score = prior + _worded(sentence, cues) + _evidence(node, cues)
    if score > 0 or (not top and score >= 0 and not (organises or ahead or other)):
        return Section.OPEN if opens else Section.ITEMS
    return Section.NEXT if ahead or other else Section.ORGANISE


def _inner_sections(section: Node, found: Sections, cues: Cues) -> None:
    """Prose on organisation or handed-over leads may stand inside a section of items."""
    for child in section.children:
        token = child.token
        if token is None or child.style in MEASURE_STYLES or token.form is not None:
            continue
        sentence = first_sentence(child.text()[:90])
        roles = cues.roles
        if is_deficient(sentence, cues) or roles["rectify"].search(sentence):
            continue
        prose = roles["other"].search(sentence) or re.match(
            r"(?:总体|基本|整体)(?:整改)?(?:工作)?情况|(?:加强)?组织领导", sentence
        )
        if prose and _evidence(child, cues) <= 0.5:
            found.roles[token.line] = Section.ORGANISE


def _drop_contradicted(root: Node, found: Sections, cues: Cues) -> None:
    """Where no section was taken for items, take the likeliest."""
    if any(section in (Section.ITEMS, Section.OPEN) for section in found.roles.values()):
        return
    best: Node | None = None
    for child in root.children:
        if child.children or child.contents:
            score = _evidence(child, cues)
            if score > 0 and (best is None or score > _evidence(best, cues)):
                best = child
    if best is not None and best.token is not None:
        found.roles[best.token.line] = Section.ITEMS


def _level_out(root: Node, found: Sections, cues: Cues) -> None:
    """Where the items stand at the top level, one of them rarely is prose."""
    groups: dict[str, list[Node]] = defaultdict(list)
    for child in root.children:
        groups[child.style].append(child)
    for nodes in groups.values():
        lines = [node.token.line for node in nodes if node.token is not None]
        items = [line for line in lines if found.roles.get(line) is Section.ITEMS]
        if len(lines) < 4 or len(items) * 5 < len(lines) * 3:
            continue
        for node in nodes:
            sentence = first_sentence(node.text()[:90])
            prose = any(cues.roles[name].search(sentence) for name in ("next", "other"))
            organises = cues.roles["organise"].search(sentence) is not None
            if node.token is None or prose or (organises and not is_deficient(sentence, cues)):
                continue
            found.roles[node.token.line] = (
                Section.OPEN if found.roles.get(node.token.line) is Section.OPEN else Section.ITEMS
            )


def _flat_actions(root: Node, found: Sections, cues: Cues) -> None:
    """Where all top headings are leaves that mostly name actions, each is an item."""
    nodes = [child for child in root.children if child.token is not None]
    headings = [section_heading(node) for node in nodes]
    roles = cues.roles
    if len(nodes) < 4 or any(roles["rectify"].search(heading) for heading in headings):
        return
    if any(child.style not in MEASURE_STYLES for node in nodes for child in node.children):
        return
    prose = [
        any(roles[name].search(heading) for name in ("next", "other"))
        or (roles["organise"].search(heading) is not None and OF_THE_WORK.search(heading))
        for heading in headings
    ]
    plain = [
        not (held or roles["organise"].search(heading) or cues.organise_items.match(heading))
        for held, heading in zip(prose, headings, strict=True)
    ]
    if sum(plain) * 5 < len(nodes) * 3:
        return
    for node, held in zip(nodes, prose, strict=True):
        if not held and node.token is not None and node.contents:
            found.roles[node.token.line] = Section.ITEMS
            found.flat.add(node.token.line)

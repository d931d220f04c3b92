"""Which headings are problems, which are measures, which sections hold items at all.

Each group of headings (same styles from the outermost down) is read two ways, as problems or as
measures; the reading that explains its lines better is kept, and by how much is the confidence.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

from assistant.parsing.cues import Cues, load_cues
from assistant.parsing.outline import MEASURE_STYLES, Node
from assistant.parsing.status import is_status_only
from assistant.parsing.tokens import Token
from assistant.parsing.wording import (
    INLINE_RUN,
    SHORT_HEAD,
    first_sentence,
    has_lead,
    inline_lead,
    is_deficient,
    problem_like,
    section_heading,
)

STYLE_NAMES = {
    "part": "第一部分",
    "cn": "一、",
    "cn_paren": "（一）",
    "word": "问题1",
    "arab": "1.",
    "arab_paren": "（1）",
    "arab_half": "1）",
    "circled": "①",
    "roman": "Ⅰ.",
    "first": "第一，",
    "is": "一是",
    "bullet": "●",
    "~about": "关于…问题",
    "~aim": "针对…问题",
    "~tag": "问题：",
    "~tail": "…问题的整改",
    "~plain": "小标题",
    "~bare": "无编号",
}


class Section(StrEnum):
    """What a section of a notice is for."""

    ITEMS = "案例"
    OPEN = "未完成"
    ORGANISE = "组织情况"
    NEXT = "下一步"


@dataclass(slots=True)
class Layout:
    """How one notice is laid out."""

    heads: dict[tuple[str, ...], float] = field(default_factory=dict)
    """For each group of headings: above 0 they are problems or categories, else measures."""
    sections: dict[int, Section] = field(default_factory=dict)
    """By line of the heading."""

    def is_head(self, node: Node) -> bool:
        """Whether a heading is a problem or a category rather than a measure."""
        return self.heads.get(node.key, 1.0) > 0

    def name(self, item_styles: list[str]) -> str:
        """Readable name: styles of the items, commonest first."""
        named: list[str] = []
        for style in item_styles:
            readable = STYLE_NAMES.get(style, "1.1" if style.startswith("decimal") else style)
            if readable not in named:
                named.append(readable)
        return " ＋ ".join(named[:3])

    def confidence(self) -> float:
        """How clearly the chosen reading won, 0…1."""
        if not self.heads:
            return 0.5
        margins = [1 / (1 + math.exp(-abs(score))) for score in self.heads.values()]
        return round(sum(margins) / len(margins), 3)


def _head_score(node: Node, cues: Cues, *, listed: bool) -> float:
    """Vote of one heading: above 0 for problem or category, below for measure."""
    score = problem_like(node, cues)
    parent = node.parent
    led = has_lead(node, cues)
    if node.style in MEASURE_STYLES:
        announced = led or (node.token is not None and node.token.form is not None)
        score -= 1 if announced else 4
    elif node.style == "bullet":
        score -= 1
    if not node.contents and not led and not INLINE_RUN.search(node.text()):
        score -= 1
    if parent is None or parent.token is None:
        return score + 2
    if node.style in ("cn", "part"):
        score += 2
    if listed:
        return score - 5
    heading = parent.text()[:80]
    formed = parent.token.form is not None
    framed = any(cues.roles[name].search(heading) for name in ("frame", "rectify", "open"))
    if framed and not formed:
        score += 2
    elif formed or is_deficient(first_sentence(heading), cues):
        own = node.token is not None and node.token.form is not None
        score -= 0 if own or is_deficient(first_sentence(node.text()), cues) else 2
        score -= 1
    return score


def _led_into(parent: Node, cues: Cues) -> set[Node]:
    """The headings below that stand right after 整改措施： or the like: they list measures."""
    token = parent.token
    last: Token | None = token
    found: set[Node] = set()
    for entry in parent.contents:
        if isinstance(entry, Token):
            last = last if is_status_only(entry.text, cues) else entry
        elif last is not None and _leads_list(last, own=last is token):
            found.add(entry)
    return found


def _leads_list(token: Token, *, own: bool) -> bool:
    if own:
        return token.text.endswith("：") and len(token.text) < SHORT_HEAD and bool(token.lead)
    return token.lead in ("measures", "cause") and len(token.text) - token.lead_end < 4


def _evidence(node: Node, cues: Cues) -> float:
    """What a section's contents say for its holding items."""
    forms = leads = deficient = organising = total = 0
    if inline_lead(node.text(), cues):
        leads += 3
    for below in node.walk():
        if below.token is None:
            continue
        forms += below.token.form is not None
        if below.style in MEASURE_STYLES:
            continue
        total += 1
        sentence = first_sentence(below.text())
        deficient += is_deficient(sentence, cues) and not cues.action.match(sentence)
        organising += cues.organise_items.match(sentence) is not None
    for token in node.tokens():
        leads += token.lead in ("measures", "result") and token.label is None
        forms += token.label is None and token.form is not None
    score = min(6.0, forms + leads)
    if total:
        score += 3 * deficient / total - 2 * organising / total
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
        prior -= 3
    if node.token is not None and node.token.form is not None:
        prior += 3
    if is_deficient(sentence, cues) and not cues.action.match(sentence):
        prior += 2
    score = prior + _evidence(node, cues)
    if score > 0 or (not top and score >= 0 and not (organises or ahead or other)):
        return Section.OPEN if opens else Section.ITEMS
    return Section.NEXT if ahead or other else Section.ORGANISE


def choose_layout(root: Node) -> Layout:
    """Sections first, then for every group of headings the reading that explains it best."""
    cues = load_cues()
    layout = Layout()
    for child in root.children:
        if child.token is None:
            continue
        section = section_of(child, cues, top=True)
        layout.sections[child.token.line] = section
        if section in (Section.ITEMS, Section.OPEN):
            _inner_sections(child, layout, cues)
    _drop_contradicted(root, layout, cues)
    _level_out(root, layout, cues)
    votes: dict[tuple[str, ...], list[float]] = defaultdict(list)
    listed: set[Node] = set()
    for node in _read(root, layout):
        listed |= _led_into(node, cues)
        votes[node.key].append(_head_score(node, cues, listed=node in listed))
    layout.heads = {key: sum(scores) / len(scores) for key, scores in votes.items()}
    return layout


def _inner_sections(section: Node, layout: Layout, cues: Cues) -> None:
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
            layout.sections[token.line] = Section.ORGANISE


def _drop_contradicted(root: Node, layout: Layout, cues: Cues) -> None:
    """Where no section was taken for items, take the likeliest."""
    if any(section in (Section.ITEMS, Section.OPEN) for section in layout.sections.values()):
        return
    best: Node | None = None
    for child in root.children:
        if child.children or child.contents:
            score = _evidence(child, cues)
            if score > 0 and (best is None or score > _evidence(best, cues)):
                best = child
    if best is not None and best.token is not None:
        layout.sections[best.token.line] = Section.ITEMS


def _level_out(root: Node, layout: Layout, cues: Cues) -> None:
    """Where the items stand at the top level, one of them rarely is prose."""
    groups: dict[str, list[Node]] = defaultdict(list)
    for child in root.children:
        groups[child.style].append(child)
    for nodes in groups.values():
        lines = [node.token.line for node in nodes if node.token is not None]
        items = [line for line in lines if layout.sections.get(line) is Section.ITEMS]
        if len(lines) < 4 or len(items) * 5 < len(lines) * 3:
            continue
        for node in nodes:
            sentence = first_sentence(node.text()[:90])
            prose = any(cues.roles[name].search(sentence) for name in ("next", "other"))
            organises = cues.roles["organise"].search(sentence) is not None
            if node.token is None or prose or (organises and not is_deficient(sentence, cues)):
                continue
            layout.sections[node.token.line] = (
                Section.OPEN
                if layout.sections.get(node.token.line) is Section.OPEN
                else Section.ITEMS
            )


def _read(root: Node, layout: Layout) -> list[Node]:
    """Headings of the sections that hold items."""
    found: list[Node] = []
    pending = list(reversed(root.children))
    while pending:
        node = pending.pop()
        line = node.token.line if node.token else 0
        if layout.sections.get(line) in (Section.ORGANISE, Section.NEXT):
            continue
        found.append(node)
        pending.extend(reversed(node.children))
    return found

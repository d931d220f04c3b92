"""Which headings are problems, which are measures, which sections hold items at all.

Each group of headings (same styles from the outermost down) is read two ways, as problems or as
measures; the reading that explains its lines better is kept, and by how much is the confidence.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.parsing.cues import Cues, load_cues
from assistant.parsing.outline import MEASURE_STYLES, Node
from assistant.parsing.pairing import PROBLEM_LIST
from assistant.parsing.sections import Section, read_sections
from assistant.parsing.status import heading_status, is_status_only
from assistant.parsing.tokens import Token
from assistant.parsing.wording import (
    INLINE_RUN,
    SHORT_HEAD,
    acts,
    first_sentence,
    has_lead,
    has_note,
    is_deficient,
    problem_like,
    section_heading,
)

STYLE_NAMES = {
    "part": "第一部分",
    "aspect": "第一方面",
    "cn": "一、",
    "stem": "甲、",
    "nth": "其一，",
    "cn_paren": "（一）",
    "word": "问题1",
    "word_cn": "问题一",
    "arab": "1.",
    "arab_paren": "（1）",
    "arab_half": "1）",
    "upper": "A.",
    "lower": "a.",
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
    "~field": "聚焦…方面",
    "~bare": "无编号",
    "~line": "无编号",
}


RUNS_ON = 4.0
TITLED = re.compile(r"[^，。；：]{4,24}。[^。]{6,}")
"""规范志愿服务管理。清理重复注册…: an action as heading and its text on one line."""


@dataclass(slots=True)
class Layout:
    """How one notice is laid out."""

    heads: dict[tuple[str, ...], float] = field(default_factory=dict)
    """For each group of headings: above 0 they are problems or categories, else measures."""
    sections: dict[int, Section] = field(default_factory=dict)
    """By line of the heading."""
    flat: set[int] = field(default_factory=set)
    """Lines of top headings that are items themselves."""
    framing: set[int] = field(default_factory=set)
    """Lines of headings right above a table."""

    def is_head(self, node: Node) -> bool:
        """Whether a heading is a problem or a category rather than a measure."""
        return self.heads.get(node.key, 1.0) > 0

    def name(self, item_styles: list[str]) -> str:
        """Readable name: styles of the items, commonest first."""
        named: list[str] = []
        for style in item_styles:
            base = "bullet" if style.startswith("bullet") else style
            readable = STYLE_NAMES.get(base, "1.1" if style.startswith("decimal") else base)
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
    score += 2 if _mended_below(node, cues) else 0
    parent = node.parent
    led = has_lead(node, cues)
    if node.style in MEASURE_STYLES:
        announced = led or (node.token is not None and node.token.form is not None)
        announced = announced or has_note(node.text(), cues)
        score -= 1 if announced else 4
    elif node.style.startswith("bullet"):
        score -= 1
    mended = led or INLINE_RUN.search(node.text()) is not None or _answered(node)
    if not node.contents and not mended:
        score -= 1
    if parent is None or parent.token is None:
        return score + 2
    if node.style in ("cn", "part", "aspect"):
        score += 2
    if listed:
        return score - 5
    if node.children and (
        PROBLEM_LIST.fullmatch(node.text()) or heading_status(section_heading(node), cues)
    ):
        return score + 6
    heading = parent.text()[:80]
    formed = parent.token.form is not None
    framed = any(cues.roles[name].search(heading) for name in ("frame", "rectify", "open"))
    if framed and not formed:
        score += 2
        score += 2 if TITLED.match(node.text()) and node.style not in MEASURE_STYLES else 0
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


def _closed_together(parent: Node, cues: Cues) -> set[Node]:
    """Headings below a problem with one 整改结果： behind the last: they list what was done."""
    below = parent.children
    if len(below) < 2 or not is_deficient(first_sentence(parent.text()), cues):
        return set()
    if any(child.children or has_lead(child, cues) for child in below):
        return set()
    closed = [any(token.lead == "result" for token in child.tokens()) for child in below]
    return set(below) if closed[-1] and not any(closed[:-1]) else set()


def _answered(node: Node) -> bool:
    """针对某某问题。 and what was done about it on the same line."""
    token = node.token
    if token is None or token.form is None or token.form.after + 8 > len(token.text):
        return False
    return token.text[token.form.after] in "。："


def _mended_below(node: Node, cues: Cues) -> bool:
    """A short heading that tells of nothing done, above a list that does: a problem."""
    text = node.text()
    if not node.children or len(text) > SHORT_HEAD or acts(first_sentence(text), cues):
        return False
    return all(acts(first_sentence(child.text()), cues) for child in node.children)


def _leads_list(token: Token, *, own: bool) -> bool:
    if own:
        return token.text.endswith("：") and len(token.text) < SHORT_HEAD and bool(token.lead)
    return token.lead in ("measures", "cause") and len(token.text) - token.lead_end < 4


def choose_layout(root: Node) -> Layout:
    """Sections first, then for every group of headings the reading that explains it best."""
    cues = load_cues()
    sections = read_sections(root, cues)
    layout = Layout(sections=sections.roles, flat=sections.flat)
    votes: dict[tuple[str, ...], list[float]] = defaultdict(list)
    listed: set[Node] = set()
    read = _read(root, layout)
    for node in read:
        listed |= _led_into(node, cues) | _closed_together(node, cues)
        votes[node.key].append(_head_score(node, cues, listed=node in listed))
    going = _running_on(read)
    layout.heads = {
        key: sum(scores) / len(scores) + (RUNS_ON if key in going else 0)
        for key, scores in votes.items()
    }
    return layout


def _running_on(nodes: Sequence[Node]) -> frozenset[tuple[str, ...]]:
    """Groups whose numbers run on from one heading above to the next: they count problems.

    Measures begin anew with 1 below each problem.
    """
    lists: dict[tuple[str, ...], dict[int, list[int]]] = defaultdict(dict)
    for node in nodes:
        label = node.token.label if node.token else None
        if label is not None and node.style not in MEASURE_STYLES and node.parent is not None:
            lists[node.key].setdefault(id(node.parent), []).append(label.ordinal)
    return frozenset(
        key
        for key, found in lists.items()
        if len(found) > 1
        and (numbers := [number for ordinals in found.values() for number in ordinals])
        and numbers == list(range(1, len(numbers) + 1))
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

"""Problems listed first and their remedies listed after: each remedy goes to its problem."""

from __future__ import annotations

import re
from itertools import pairwise

from assistant.parsing.cues import Cues, load_cues
from assistant.parsing.outline import MEASURE_STYLES, Node
from assistant.parsing.tokens import Token

PROBLEM_LIST = re.compile(
    r"(?:反馈|存在|主要|具体|突出|巡[察视](?:组)?(?:反馈|指出|发现)?|整改)*的?(?:主要|具体)?"
    r"(?:问题|意见)(?:清单|表现)?(?:如下)?[：:。]?"
)
REMEDY_LIST = re.compile(
    r"(?:具体|主要)?(?:整改|落实|改进)(?:落实|进展|完成)*(?:情况|措施|举措|成效|做法)?"
    r"(?:[和及与](?:整改)?(?:成效|结果|措施|情况))?(?:如下)?[：:。]?"
)


def pair_lists(root: Node) -> None:
    """Move each numbered remedy below the problem of the same number, wherever two lists match."""
    cues = load_cues()
    for node in (root, *list(root.walk())):
        _pair_headed(node)
        _pair_restarted(node, cues)


def _numbered(node: Node) -> list[Node]:
    """The items of a plain numbered list below a heading; empty where it holds more."""
    items = [entry for entry in node.contents if isinstance(entry, Node)]
    if len(items) != len(node.contents) or not _counts_up(items):
        return []
    return items


def _below_headings(node: Node) -> list[Node]:
    """The items of the numbered lists below each heading; empty where more stands there."""
    found: list[Node] = []
    for heading in node.children:
        items = [entry for entry in heading.contents if isinstance(entry, Node)]
        if not items or len(items) != len(heading.contents):
            return []
        found += items
    ordinals = [
        item.token.label.ordinal if item.token and item.token.label else 0 for item in found
    ]
    return found if 0 not in ordinals else []


def _counts_up(items: list[Node]) -> bool:
    ordinals = [
        item.token.label.ordinal if item.token and item.token.label else 0 for item in items
    ]
    same = len({item.style for item in items}) == 1
    return bool(items) and same and ordinals == list(range(1, len(items) + 1))


def _pair_headed(node: Node) -> None:
    """（一）主要问题 1.… 2.… and （二）整改情况 1.… 2.…."""
    below = node.children
    for first, second in pairwise(below):
        if not (PROBLEM_LIST.fullmatch(first.text()) and REMEDY_LIST.fullmatch(second.text())):
            continue
        problems, remedies = _numbered(first), _numbered(second)
        if [node.text() for node in first.children] == [node.text() for node in second.children]:
            # the same headings in both, the items numbered below each
            problems, remedies = _below_headings(first), _below_headings(second)
        if problems and len(problems) == len(remedies):
            _move(problems, remedies)
            second.contents.clear()
            node.contents.remove(second)


def _pair_restarted(node: Node, cues: Cues) -> None:
    """1.… 2.… 整改情况： 1.… 2.…: the numbers begin anew behind the lead."""
    items = node.children
    half = len(items) // 2
    if half < 1 or len(items) != 2 * half or items[0].style in MEASURE_STYLES:
        return
    problems, remedies = items[:half], items[half:]
    if not (_counts_up(problems) and _counts_up(remedies)):
        return
    between = problems[-1].contents
    if len(between) != 1 or any(item.contents for item in problems[:-1]):
        return
    lead = between[0]
    if not isinstance(lead, Token) or lead.lead != "measures":
        return
    if lead.lead_end < len(lead.text.rstrip()) and not REMEDY_LIST.fullmatch(lead.text):
        return
    problems[-1].contents.clear()
    _move(problems, remedies)
    node.contents[:] = [entry for entry in node.contents if entry not in remedies]


def _move(problems: list[Node], remedies: list[Node]) -> None:
    for problem, remedy in zip(problems, remedies, strict=True):
        assert remedy.token is not None
        problem.contents += [_unnumbered(remedy.token), *remedy.contents]
        for entry in remedy.contents:
            if isinstance(entry, Node):
                entry.parent = problem


def _unnumbered(token: Token) -> Token:
    """The remedy without its number, which counts the problems and no measures."""
    flow = token.flow.cut(token.body, len(token.text))
    lead_end = max(0, token.lead_end - token.body)
    return Token(flow, None, None, token.lead, lead_end)

"""Notices without any number: the outline told by short lines above paragraphs."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.parsing.cues import Cues, load_cues
from assistant.parsing.outline import Node
from assistant.parsing.tokens import Token
from assistant.parsing.wording import acts, is_deficient

LINE = 45
DEEPEST = 3
STYLE = "~line"
LEAST = 2


def line_heads(tokens: Sequence[Token]) -> dict[int, int]:
    """For each token that is a heading its depth, 1 the outermost; empty where lines tell none.

    Of the short lines right above a paragraph the last is a problem, those before it are headings.
    """
    cues = load_cues()
    runs: list[list[int]] = []
    for index, token in enumerate(tokens):
        if not _short(token):
            continue
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        elif index:
            runs.append([index])
    runs = [run for run in runs if run[-1] + 1 < len(tokens)]
    stated = [run for run in runs if _states(tokens[run[-1]], cues)]
    if len(stated) < LEAST or len(stated) * 2 < len(runs):
        return {}
    deepest = min(DEEPEST, max(map(len, stated)))
    told = {run[0] for run in stated}
    depths: dict[int, int] = {}
    for run in runs:
        prose = len(run) == 1 and run[0] not in told and _sections(tokens[run[0]], cues)
        for place, index in enumerate(run):
            depths[index] = 1 if prose else max(1, deepest - len(run) + 1 + place)
    return depths


def line_outline(tokens: Sequence[Token], depths: dict[int, int]) -> Node:
    """The tree of such headings; `depths` as `line_heads` gives them for these tokens."""
    root = Node(None, "", -1.0, None)
    stack = [root]
    for index, token in enumerate(tokens):
        depth = depths.get(index)
        if depth is None:
            stack[-1].contents.append(token)
            continue
        while len(stack) > 1 and stack[-1].rank >= depth:
            stack.pop()
        node = Node(token, STYLE, float(depth), stack[-1])
        stack[-1].contents.append(node)
        stack.append(node)
    return root


def _short(token: Token) -> bool:
    plain = token.label is None and not token.lead and token.form is None
    text = token.text
    return plain and 4 <= len(text) <= LINE and not any(char in text for char in "。；！？：")


def _states(token: Token, cues: Cues) -> bool:
    return is_deficient(token.text, cues) and not acts(token.text, cues)


def _sections(token: Token, cues: Cues) -> bool:
    return any(cues.roles[name].search(token.text) for name in ("organise", "next", "other"))

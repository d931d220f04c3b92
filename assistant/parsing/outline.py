"""Tokens → a tree of headings, by the numbering a notice itself keeps to.

Numbers may restart, run on, skip or repeat: only the order in which styles nest is relied on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from assistant.parsing.cues import Cues, load_cues
from assistant.parsing.tokens import Label, Token, find_label

FORM_RANK = 6.5
PLAIN_RANK = 0.5
PLAIN_LIMIT = 45
BULLET_RANK = 7.5
FIELD_RANK = 2.9
"""Below the headings of sections, above anything that counts problems."""
FIELD = re.compile(
    r"(?:聚焦|围绕|坚持|贯彻|落实|履行|推进|加强|在)[^。；！？：，]{3,60}(?:方面|情况)(?:的?问题)?[：:]?"
)
"""聚焦…方面 without a number, on a line of its own."""
BARE_FIELD = re.compile(r"[^，。；：、！？\d]{3,18}(?:方面|领域)(?:的?问题)?[：:]?")
"""工程管理方面: counts where several such lines stand in a notice."""
PLAIN_ENDS = ("情况", "事项", "问题", "任务", "打算", "安排", "措施", "成效", "计划")
LOOK_AHEAD = 80
TABLE_HEADING = 60
TABLE_APART = 3
"""Lines from a heading to the table it heads, blank ones included."""
MEASURE_STYLES = frozenset({"is", "first", "circled"})


@dataclass(slots=True, eq=False)
class Node:
    """A heading or item line with what stands below it, in order."""

    token: Token | None
    style: str
    rank: float
    parent: Node | None
    contents: list[Token | Node] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, ...]:
        """Styles from the outermost heading down to this one: the group it belongs to."""
        styles: list[str] = []
        node: Node | None = self
        while node is not None and node.token is not None:
            styles.append(node.style)
            node = node.parent
        return tuple(reversed(styles))

    @property
    def children(self) -> list[Node]:
        """Headings right below."""
        return [entry for entry in self.contents if isinstance(entry, Node)]

    def text(self) -> str:
        """Norm text after the label."""
        return self.token.text[self.token.body :] if self.token else ""

    def first_body(self) -> Token | None:
        """The first paragraph below that is no heading, if it comes first."""
        entry = self.contents[0] if self.contents else None
        return entry if isinstance(entry, Token) else None

    def first_told(self) -> Token | None:
        """The first paragraph below, those on causes and duties passed over."""
        for entry in self.contents:
            if not isinstance(entry, Token) or entry.lead not in ("cause", "duty"):
                return entry if isinstance(entry, Token) else None
        return None

    def walk(self) -> Iterator[Node]:
        """All headings below, in order."""
        pending = list(reversed(self.children))
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(node.children))

    def tokens(self) -> Iterator[Token]:
        """All paragraphs below, headings included, in order."""
        pending: list[Token | Node] = list(reversed(self.contents))
        while pending:
            entry = pending.pop()
            if isinstance(entry, Token):
                yield entry
            else:
                if entry.token is not None:
                    yield entry.token
                pending.extend(reversed(entry.contents))


def _style_of(token: Token, cues: Cues, form_items: frozenset[str]) -> tuple[str, float] | None:
    if token.label is not None and token.label.style == "bullet":
        # ◇整改结果： is a field, not an item; ◆ and ▲ are two levels.
        detail = token.form is not None and token.form.name == "tag" and "tag" not in form_items
        return None if token.lead or detail else (f"bullet{token.label.text[:1]}", BULLET_RANK)
    if token.label is not None:
        style = token.label.style
        base = style.rstrip("1234") if style.startswith("decimal") else style
        rank = float(cues.ranks.get(base, 4))
        if base == "decimal":
            rank += 0.1 * int(style[-1])
        return style, rank
    if token.form is not None and token.form.name in form_items:
        return f"~{token.form.name}", FORM_RANK
    if _plain_heading(token, cues):
        return "~plain", PLAIN_RANK
    if not token.lead and FIELD.fullmatch(token.text.rstrip()):
        return "~field", FIELD_RANK
    if "~field" in form_items and _bare_field(token):
        return "~field", FIELD_RANK
    return None


def _bare_field(token: Token) -> bool:
    plain = token.label is None and token.form is None and not token.lead
    return plain and BARE_FIELD.fullmatch(token.text.rstrip()) is not None


def _plain_heading(token: Token, cues: Cues) -> bool:
    text = token.text.rstrip("：: ")
    if token.lead or not 4 <= len(text) <= PLAIN_LIMIT or any(c in text for c in "。；！？"):
        return False
    roles = cues.roles
    named = any(roles[name].search(text) for name in ("rectify", "organise", "next", "open"))
    return named and text.endswith(PLAIN_ENDS)


def find_first_head(tokens: Sequence[Token]) -> int:
    """Index of the first heading or item: what stands before is the intro."""
    cues = load_cues()
    for index, token in enumerate(tokens):
        if token.label is not None:
            return index
        if index and token.lead == "measures":
            return max(1, index - 1)
        announced = token.form is not None and cues.header["intro"].search(token.text) is None
        if index and (announced or _plain_heading(token, cues)):
            return index
        if index and _bare_field(token):
            return index
    return len(tokens)


def _goes_on(tokens: Sequence[Token], index: int, top: Node) -> bool:
    """Whether the numbering of `top` is taken up again after `index`: then this is below it."""
    label = top.token.label if top.token else None
    if label is None:
        return False
    for token in tokens[index + 1 : index + LOOK_AHEAD]:
        if token.label is not None and token.label.style == label.style:
            return token.label.ordinal == label.ordinal + 1
    return False


def form_items(tokens: Sequence[Token]) -> frozenset[str]:
    """Which unnumbered forms (关于…问题, 针对…) announce items here rather than lead in.

    A form that comes once below each numbered problem only repeats it; one that comes several
    times below a heading, or where nothing is numbered, is the item.
    """
    cues = load_cues()
    seen: dict[str, int] = {}
    repeating: dict[str, int] = {}
    previous: Token | None = None
    for token in tokens:
        if token.form is not None and (token.label is None or token.label.style == "bullet"):
            name = token.form.name
            seen[name] = seen.get(name, 0) + 1
            stated = _states_problem(previous, cues)
            if name == "tag" and not stated and _names(previous, cues):
                stated = find_label(token.text[token.form.start :], cues) is None
            repeating[name] = repeating.get(name, 0) + stated
        previous = token
    items = {name for name, count in seen.items() if repeating[name] * 10 < count * 7}
    if sum(map(_bare_field, tokens)) > 1:
        items.add("~field")
    return frozenset(items)


def _names(token: Token | None, cues: Cues) -> bool:
    """A short numbered heading that is no field of work: what a tag below it goes on about."""
    if token is None or token.label is None or token.label.style in MEASURE_STYLES:
        return False
    text = token.text[token.body :].rstrip()
    return len(text) <= PLAIN_LIMIT and cues.frame_only.match(text) is None


def _states_problem(token: Token | None, cues: Cues) -> bool:
    """A numbered heading that states a problem itself."""
    if token is None or token.label is None or token.label.style in MEASURE_STYLES:
        return False
    return token.form is not None or cues.deficiency.search(token.text[:120]) is not None


def build_outline(tokens: Sequence[Token]) -> Node:
    """The tree of headings; its root has no token."""
    cues = load_cues()
    forms = form_items(tokens)
    root = Node(None, "", -1.0, None)
    stack = [root]
    for index, token in enumerate(tokens):
        styled = _style_of(_with_bare_label(token, stack, cues), cues, forms)
        if styled is None:
            stack[-1].contents.append(token)
            continue
        token = _with_bare_label(token, stack, cues)
        style, rank = styled
        _unwind(stack, style, rank, tokens, index)
        node = Node(token, style, rank, stack[-1])
        stack[-1].contents.append(node)
        stack.append(node)
    return root


def _unwind(
    stack: list[Node], style: str, rank: float, tokens: Sequence[Token], index: int
) -> None:
    """Leave on the stack only what this heading stands below."""
    depth = _sibling(stack, style, tokens, index)
    if depth:
        del stack[depth:]
        return
    if style.startswith("bullet") and stack[-1].style.startswith("bullet"):
        return
    while len(stack) > 1:
        top = stack[-1]
        if top.rank < rank or (style == "~plain" and top.rank <= PLAIN_RANK):
            return
        if not style.startswith("~") and _goes_on(tokens, index, top):
            return
        label = tokens[index].label
        if rank >= 3 and top.rank >= 3 and label is not None and label.ordinal == 1:
            return
        stack.pop()


def _lists(tokens: Sequence[Token], index: int) -> bool:
    """Whether this line is a lead alone, that announces a list of measures."""
    if index < 0 or tokens[index].lead != "measures" or tokens[index].label is not None:
        return False
    return len(tokens[index].text.rstrip()) - tokens[index].lead_end < 2


def _sibling(stack: Sequence[Node], style: str, tokens: Sequence[Token], index: int) -> int:
    """Depth of the heading this one stands beside; 0 when none has its style.

    Where a style counts at two depths (1. for fields and again for measures) the deeper list goes
    on if its number does, unless it was closed or the next line begins what only the outer has.
    """
    depths = [depth for depth, node in enumerate(stack) if depth and node.style == style]
    label = tokens[index].label
    ordinal = label.ordinal if label else 0
    if depths and ordinal == 1 and depths[-1] < len(stack) - 1 and _lists(tokens, index - 1):
        return 0  # 整改措施： and then 1.: a list of its own
    if len(depths) < 2:
        return depths[0] if depths else 0
    following = tokens[index + 1].label if index + 1 < len(tokens) else None
    for outer in depths[:-1]:
        below = stack[outer + 1].style
        if following and following.style == below and following.ordinal == 1:
            return outer
    for depth in reversed(depths):
        token = stack[depth].token
        fits = token is not None and token.label is not None and token.label.ordinal + 1 == ordinal
        closed = any(
            isinstance(entry, Token) and entry.lead in ("result", "effect")
            for entry in stack[depth].contents
        )
        if fits and not closed:
            return depth
    return depths[0]


def _with_bare_label(token: Token, stack: Sequence[Node], cues: Cues) -> Token:
    """`5继续…` counts as numbered where 4 is the number before."""
    if token.label is not None or token.lead:
        return token
    match = cues.bare_label.match(token.text[:40])
    if match is None:
        return token
    ordinal = int(match.group("n"))
    for node in reversed(stack):
        label = node.token.label if node.token else None
        if label is not None and label.style == "arab":
            if label.ordinal + 1 != ordinal:
                return token
            new = Label("arab", ordinal, match.group(), match.end())
            return Token(token.flow, new, token.form, token.lead, match.end())
    return token


def headings_above(root: Node, line: int) -> tuple[Token, ...]:
    """Headings that stand right above a table at `line`, outermost first; none where prose does."""
    found: list[Token] = []
    node = root
    while True:
        before = [child for child in node.children if child.token and child.token.line < line]
        if not before:
            break
        node = before[-1]
        assert node.token is not None
        found.append(node.token)
    between = [token for token in node.tokens() if token.line < line]
    plain = all(len(token.text) <= TABLE_HEADING for token in found) and not between
    near = bool(found) and line - found[-1].flow.last_line <= TABLE_APART
    return tuple(found) if plain and near else ()

"""Walk the outline of a notice and gather its items: head, category, rectification text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.parsing.bare import bare_heads, led_heads, topic_lines
from assistant.parsing.cues import Cues, load_cues
from assistant.parsing.layout import Layout
from assistant.parsing.outline import Node
from assistant.parsing.problem_text import Head, split_head
from assistant.parsing.sections import Section
from assistant.parsing.stretches import Stretch, inline_stretches, lead_follows, stretches_below
from assistant.parsing.tokens import Token
from assistant.parsing.wording import problem_like, section_heading

PROSE_LIMIT = 60
WORKS = ("measures", "result", "effect")


@dataclass(slots=True)
class Item:
    """A problem as it stands in the notice."""

    token: Token
    head: Head
    above: tuple[Token, ...]
    """Headings above, outermost first."""
    stretches: list[Stretch]
    style: str
    confidence: float
    tokens: list[Token]
    section: Section = Section.ITEMS


class Gatherer:
    """Gathers the items of one notice; `role` tells the role of each line it passed."""

    def __init__(self, root: Node, layout: Layout) -> None:
        self.cues: Cues = load_cues()
        self.layout = layout
        self.items: list[Item] = []
        self.role: dict[int, str] = {}
        self.categories = self._category_groups(root)
        self.topic_groups = self._topic_groups(root)
        self.stated_groups = self._stated_groups(root)
        self.led_groups = frozenset(
            node.key for node in root.walk() if len(led_heads(list(node.tokens()), self.cues)) > 1
        )
        self._section = Section.ITEMS

    def _category_groups(self, root: Node) -> dict[tuple[str, ...], float]:
        """For each group of headings, the share that has headings below."""
        seen: dict[tuple[str, ...], list[bool]] = defaultdict(list)
        for node in root.walk():
            if self.layout.sections.get(node.token.line if node.token else 0) is None:
                has = any(self.layout.is_head(child) for child in node.children)
                seen[node.key].append(has)
        return {key: sum(flags) / len(flags) for key, flags in seen.items()}

    def _stated_groups(self, root: Node) -> frozenset[tuple[str, ...]]:
        """Groups of headings most of which state a problem; one worded oddly is one as well."""
        votes: dict[tuple[str, ...], list[bool]] = defaultdict(list)
        for node in root.walk():
            if self.layout.is_head(node):
                votes[node.key].append(problem_like(node, self.cues) >= 1)
        return frozenset(
            key
            for key, stated in votes.items()
            if len(stated) >= 4 and sum(stated) * 5 >= len(stated) * 3
        )

    def _topic_groups(self, root: Node) -> frozenset[tuple[str, ...]]:
        """Groups of headings below which short unnumbered lines name the actions."""
        lines: dict[tuple[str, ...], int] = defaultdict(int)
        leaves: dict[tuple[str, ...], int] = defaultdict(int)
        for node in root.walk():
            if not any(self.layout.is_head(child) for child in node.children):
                found = topic_lines(list(node.tokens()))
                lines[node.key] += len(found)
                leaves[node.key] += 1
        return frozenset(key for key, count in lines.items() if count >= max(3, 1.5 * leaves[key]))

    def gather(self, root: Node) -> list[Item]:
        """All items, in the order they stand."""
        own = _before_heads(root, root.children[0]) if root.children else list(root.tokens())
        if own:
            self._bare_items(root, own, (), strict=True)
        for child in root.children:
            line = child.token.line if child.token else 0
            section = self.layout.sections.get(line, Section.ITEMS)
            if section in (Section.ORGANISE, Section.NEXT):
                self._prose(child, section)
                continue
            self._section = section
            self._walk(child, ())
        return self.items

    def _prose(self, node: Node, section: Section) -> None:
        if node.token is not None:
            self._mark(node.token, section.value)
        for token in node.tokens():
            self._mark(token, section.value)

    def _mark(self, token: Token, role: str) -> None:
        for part in token.flow.parts:
            self.role[part.line.number] = role

    def _walk(self, node: Node, above: tuple[Token, ...]) -> None:
        token = node.token
        assert token is not None
        inner = self.layout.sections.get(token.line)
        if above and inner in (Section.ORGANISE, Section.NEXT):
            self._prose(node, inner)
            return
        heads = [child for child in node.children if self.layout.is_head(child)]
        if not heads:
            self._leaf(node, above)
            return
        own = _before_heads(node, heads[0])
        if self._has_own_text(node, own):
            self._emit(node, token, own, above)
        else:
            self._mark(token, "标题行")
            self._loose(node, own, above)
        for entry in node.contents[node.contents.index(heads[0]) :]:
            if isinstance(entry, Node) and self.layout.is_head(entry):
                self._walk(entry, (*above, token))
            elif isinstance(entry, Node):
                self._prose_tokens([entry.token, *entry.tokens()])
            else:
                self._prose_tokens([entry])

    def _loose(self, node: Node, own: Sequence[Token], above: tuple[Token, ...]) -> None:
        token = node.token
        assert token is not None
        if own and not self._bare_items(node, own, (*above, token), strict=True):
            self._prose_tokens(own)

    def _prose_tokens(self, tokens: Sequence[Token | None]) -> None:
        for token in tokens:
            if token is not None:
                self._mark(token, "附注")

    def _has_own_text(self, node: Node, own: Sequence[Token]) -> bool:
        """Whether a heading with problems below it also has a rectification text of its own."""
        if node.token is None or self._frames(node):
            return False
        if any(token.lead in WORKS for token in own):
            first = next(token for token in own if token.lead in WORKS)
            return len(first.text) - first.lead_end >= 4 or len(own) > own.index(first) + 1
        if node.token.form is None:
            return False
        head = split_head(node.token, self.cues, body_follows=bool(own), lead_follows=False)
        inline = len(node.token.text) - head.rest
        return inline >= 40 or any(token.label is not None for token in own)

    def _frames(self, node: Node) -> bool:
        text = node.text()[:80]
        form = node.token.form if node.token else None
        return form is None and self.cues.roles["frame"].search(text) is not None

    def _leaf(self, node: Node, above: tuple[Token, ...]) -> None:
        token = node.token
        assert token is not None
        body = list(node.tokens())
        grouped = self.categories.get(node.key, 0.0) >= 0.5
        likely = problem_like(node, self.cues)
        framed = self._frames(node)
        led = node.key in self.led_groups
        doubtful = likely < 2 and node.key not in self.stated_groups
        if body and (grouped or led or doubtful or framed or node.style == "~plain"):
            strict = likely >= 2 and not framed
            if self._bare_items(node, body, (*above, token), strict=strict):
                self._mark(token, "标题行")
                return
        if self._holds_item(node, body, above, likely, grouped=grouped):
            self._emit(node, token, body, above)
            return
        self._mark(token, "标题行")
        self._prose_tokens(body)

    def _holds_item(
        self,
        node: Node,
        body: Sequence[Token],
        above: tuple[Token, ...],
        likely: float,
        *,
        grouped: bool,
    ) -> bool:
        token = node.token
        assert token is not None
        if token.line in self.layout.framing:
            return False
        if self.cues.header["no_findings"].search(token.text[:120]):
            return False
        short = len(body) == 1 and len(body[0].text) <= PROSE_LIMIT
        if short and self.cues.header["no_findings"].search(body[0].text):
            return False
        if body and token.line in self.layout.flat:
            return True
        if node.style == "~plain" or self._names_section(node):
            return False
        if not body:
            inline = self._inline_text(token)
            if inline:
                return bool(above) or likely >= 1 or node.key in self.stated_groups
            return not grouped and bool(above) and likely >= 2 and node.rank >= 3
        if likely >= 2:
            return True
        if not above:
            return False
        return not grouped or sum(len(entry.text) for entry in body) >= PROSE_LIMIT

    def _names_section(self, node: Node) -> bool:
        """一、整改情况, 三、未完成事项: a section without items, not an item."""
        token = node.token
        if token is None or token.form is not None or token.line not in self.layout.sections:
            return False
        roles = self.cues.roles
        heading = section_heading(node)
        return any(roles[name].search(heading) for name in ("rectify", "open"))

    def _inline_text(self, token: Token) -> bool:
        head = split_head(token, self.cues, body_follows=False, lead_follows=False)
        return len(token.text) - head.rest >= 4

    def _bare_items(
        self,
        node: Node,
        body: Sequence[Token],
        above: tuple[Token, ...],
        *,
        strict: bool,
    ) -> bool:
        """Items without number or form among the paragraphs below a heading."""
        topics = node.key in self.topic_groups
        starts = bare_heads(body, self.cues, strict=strict, topics=topics)
        if not starts:
            return False
        self._prose_tokens(body[: starts[0]])
        for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
            rest = list(body[start + 1 : end])
            self._add(body[start], rest, above, "~bare", 0.75 if strict else 0.65)
        return True

    def _emit(
        self, node: Node, token: Token, body: Sequence[Token], above: tuple[Token, ...]
    ) -> None:
        margin = abs(self.layout.heads.get(node.key, 1.0))
        likely = problem_like(node, self.cues)
        confidence = 0.6 + min(0.2, margin / 20) + (0.2 if likely >= 2 else 0.05)
        self._add(token, list(body), above, node.style, confidence)

    def _add(
        self,
        token: Token,
        body: list[Token],
        above: tuple[Token, ...],
        style: str,
        confidence: float,
    ) -> None:
        head = split_head(
            token, self.cues, body_follows=bool(body), lead_follows=lead_follows(body)
        )
        stretches = [
            *inline_stretches(token, head, self.cues),
            *stretches_below(body, self.cues),
        ]
        for entry in (token, *body):
            self._mark(entry, "未完成" if self._section is Section.OPEN else "案例")
        self.items.append(
            Item(
                token=token,
                head=head,
                above=above,
                stretches=stretches,
                style=style,
                confidence=round(min(1.0, confidence if stretches else confidence - 0.2), 2),
                tokens=[token, *body],
                section=self._section,
            )
        )


def _before_heads(node: Node, head: Node) -> list[Token]:
    own: list[Token] = []
    for entry in node.contents:
        if entry is head:
            break
        if isinstance(entry, Token):
            own.append(entry)
        else:
            if entry.token is not None:
                own.append(entry.token)
            own.extend(entry.tokens())
    return own

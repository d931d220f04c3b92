"""Find which domain concepts a text speaks of, whatever words it uses for them.

The groups are data (thesaurus.yaml) that a domain person edits. Knows nothing of notices,
passages or indexes; it sees one text at a time.
"""

import hashlib
import operator
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from assistant.errors import SettingsError

THESAURUS_PATH = Path(__file__).with_name("thesaurus.yaml")

GENERAL = "T00"
"""Section of concepts that belong to no one topic: actors, manners, measures."""

TOPICS = frozenset([GENERAL, *(f"T{number:02d}" for number in range(1, 41))])

GAP = "…"
"""In a term: up to GAP_CHARACTERS characters, not crossing the end of a sentence."""

GAP_CHARACTERS = 8
MAX_PIECES = 3
MIN_TERM, MAX_TERM = 2, 16
MIN_TERMS, MAX_TERMS = 2, 30
MAX_SECTIONS_OF_TERM = 2

STOPS = frozenset("。！？；!?;\n")
"""A gap holds none of these."""
_ID = re.compile(r"T\d\d-[a-z0-9]+(?:-[a-z0-9]+)*")
# 帐 and 账 are one word here; quotation marks and spaces fall inside set phrases
# (落实“三会一课”制度), so neither may keep a term from matching.
_FOLD = str.maketrans(
    {"帐": "账"}
    | {chr(0xFF01 + shift): chr(0x21 + shift) for shift in range(94) if chr(0x21 + shift).isalnum()}
    | dict.fromkeys("“”‘’「」『』\"'《》〈〉 \u3000\u00a0\t")
)

_FOLDED = re.compile(f"[{re.escape(''.join(map(chr, _FOLD)))}]")


@dataclass(frozen=True, slots=True)
class Group:
    """One concept and the ways of saying it."""

    id: str
    topic: str
    terms: tuple[str, ...]
    gloss: str = ""


@dataclass(frozen=True, slots=True)
class ConceptMatch:
    """A concept found in a text and the first of its terms that showed it."""

    group: str
    term: str


def fold(text: str) -> str:
    """Return the text as terms are compared: lower case, half width, no quotation marks."""
    return (text.translate(_FOLD) if _FOLDED.search(text) else text).lower()


def thesaurus_version(path: Path = THESAURUS_PATH) -> str:
    """Return a short hash of the file: an index built with another version is stale."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


@cache
def load_thesaurus(path: Path = THESAURUS_PATH) -> tuple[Group, ...]:
    """Return the checked groups in file order; a wrong edit is told by line and group."""
    return parse_thesaurus(path.read_text(encoding="utf-8"), name=path.name)


def parse_thesaurus(text: str, *, name: str) -> tuple[Group, ...]:
    """Return the groups written in `text`, or raise SettingsError naming the line."""
    try:
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(
            "同义词表的书写格式有误",
            where=f"{name} 第{line}行",
            todo="请检查缩进、方括号和逗号（须用英文半角），改好后重新打开",
        ) from error
    return tuple(_Reader(name).groups(root))


class _Reader:
    """Turns yaml nodes into groups; nodes, not values, because they know their lines."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.line_of_id: dict[str, int] = {}
        self.groups_of_term: dict[str, list[str]] = defaultdict(list)

    def groups(self, root: yaml.Node | None) -> Iterator[Group]:
        """Yield each group of each section."""
        if not isinstance(root, yaml.MappingNode) or not root.value:
            raise self._error("同义词表为空或不是按主题分节书写", root, "每节以 T01: 这样的行开头")
        seen: set[str] = set()
        for key, section in root.value:
            topic = str(key.value)
            if topic in seen:
                raise self._error(f"主题 {topic} 写了两节", key, "请合到一节里")
            seen.add(topic)
            if topic not in TOPICS:
                raise self._error(f"没有“{topic}”这个主题", key, "主题只能是 T00 至 T40")
            if not isinstance(section, yaml.SequenceNode):
                raise self._error(f"主题 {topic} 下没有词组", key, "每组以“- id:”开头")
            for node in section.value:
                yield self._group(topic, node)

    def _group(self, topic: str, node: yaml.Node) -> Group:
        if not isinstance(node, yaml.MappingNode):
            raise self._error("这一组不完整", node, "每组须有 id、gloss、terms 三项")
        fields = {str(key.value): value for key, value in node.value}
        if unknown := set(fields) - {"id", "gloss", "terms"}:
            raise self._error(f"不认识的项“{min(unknown)}”", node, "每组只写 id、gloss、terms")
        if missing := {"id", "gloss", "terms"} - set(fields):
            raise self._error(f"缺少“{min(missing)}”一项", node, "每组须有 id、gloss、terms 三项")
        identity = self._id(topic, fields["id"])
        gloss = fields["gloss"]
        if not isinstance(gloss, yaml.ScalarNode) or not gloss.value.strip():
            raise self._error(f"词组 {identity} 没有写 gloss（一句话说明）", gloss, "请补写")
        return Group(identity, topic, self._terms(identity, fields["terms"]), gloss.value.strip())

    def _id(self, topic: str, node: yaml.Node) -> str:
        identity = str(node.value)
        if not _ID.fullmatch(identity) or not identity.startswith(f"{topic}-"):
            raise self._error(
                f"词组编号“{identity}”不合规则",
                node,
                f"应写成 {topic}- 加小写拼音或英文，如 {topic}-xuexi",
            )
        if identity in self.line_of_id:
            raise self._error(
                f"词组编号“{identity}”重复",
                node,
                f"第{self.line_of_id[identity]}行已经用过，请换一个",
            )
        self.line_of_id[identity] = node.start_mark.line + 1
        return identity

    def _terms(self, identity: str, node: yaml.Node) -> tuple[str, ...]:
        if not isinstance(node, yaml.SequenceNode):
            raise self._error(f"词组 {identity} 的 terms 不是方括号列表", node, "写成 [词一, 词二]")
        if not MIN_TERMS <= len(node.value) <= MAX_TERMS:
            raise self._error(
                f"词组 {identity} 有 {len(node.value)} 个词",
                node,
                f"每组写 {MIN_TERMS} 至 {MAX_TERMS} 个，多了请拆成两组",
            )
        terms: list[str] = []
        for item in node.value:
            term = self._term(identity, item)
            if term in terms:
                raise self._error(f"词组 {identity} 里“{term}”写了两遍", item, "请删去一个")
            terms.append(term)
        return tuple(terms)

    def _term(self, identity: str, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self._error(f"词组 {identity} 的词里混入了括号或冒号", node, "请给这个词加引号")
        term = fold(node.value)
        pieces = term.split(GAP)
        if not MIN_TERM <= sum(map(len, pieces)) <= MAX_TERM:
            raise self._error(
                f"词组 {identity} 的“{node.value}”长短不合适",
                node,
                f"每词 {MIN_TERM} 至 {MAX_TERM} 字",
            )
        if len(pieces) > MAX_PIECES or not all(pieces) or max(map(len, pieces)) < MIN_TERM:
            raise self._error(
                f"词组 {identity} 的“{node.value}”里省略号用法不对",
                node,
                "省略号最多用两个，前后都要有字，且至少有一段是两个字以上",
            )
        users = self.groups_of_term[term]
        users.append(identity)
        if len(set(users)) > MAX_SECTIONS_OF_TERM:
            raise self._error(
                f"“{term}”同时在 {'、'.join(sorted(set(users)))} 里", node, "一个词最多放进两组"
            )
        return term

    def _error(self, what: str, node: yaml.Node | None, todo: str) -> SettingsError:
        line = node.start_mark.line + 1 if node is not None else 1
        return SettingsError(what, where=f"{self.name} 第{line}行", todo=todo)


class _Term(NamedTuple):
    """A term as it is looked for; a tuple, because it is unpacked a million times a build."""

    order: int
    length: int
    also: str
    """Another of its pairs: most texts with one lack the other."""
    pieces: tuple[str, ...]
    term: str


class ConceptFinder:
    """Matches all terms of some groups against texts, overlapping ones included.

    A term can occur only if two of its character pairs do: one set intersection leaves a handful
    of candidates to be looked for in full. Cost hardly grows with the number of terms.
    """

    def __init__(self, groups: Sequence[Group]) -> None:
        self._groups = tuple(groups)
        entries = [
            (order, fold(term)) for order, group in enumerate(groups) for term in group.terms
        ]
        common = Counter(pair for _, term in entries for pair in map(operator.add, term, term[1:]))
        self._by_pair: dict[str, list[_Term]] = defaultdict(list)
        wanted: set[str] = set()
        for order, term in entries:
            pieces = tuple(term.split(GAP))
            key, also = _tell_tales(pieces, common)
            self._by_pair[key].append(_Term(order, len(term), also, pieces, term))
            wanted.update((key, also))
        self._pairs = frozenset(wanted)

    def find(self, text: str) -> tuple[ConceptMatch, ...]:
        """Return one match per concept present, in file order."""
        folded = fold(text)
        found: dict[int, str] = {}
        present = self._pairs.intersection(map(operator.add, folded, folded[1:]))
        for pair in present & self._by_pair.keys():
            for order, length, also, pieces, term in self._by_pair[pair]:
                if also not in present or (order in found and len(found[order]) >= length):
                    continue
                if _follow(pieces, folded) if len(pieces) > 1 else term in folded:
                    found[order] = term
        return tuple(ConceptMatch(self._groups[order].id, found[order]) for order in sorted(found))


def _tell_tales(pieces: Sequence[str], common: Mapping[str, int]) -> tuple[str, str]:
    """Return the rarest pair, and the rarest of another piece or, of a single one, the next."""
    if len(pieces) == 1:
        pairs = sorted(map(operator.add, pieces[0], pieces[0][1:]), key=common.__getitem__)
        return pairs[0], pairs[1] if len(pairs) > 1 else pairs[0]
    rarest = sorted(
        (
            min(map(operator.add, piece, piece[1:]), key=common.__getitem__)
            for piece in pieces
            if len(piece) > 1
        ),
        key=common.__getitem__,
    )
    return rarest[0], rarest[min(1, len(rarest) - 1)]


def _follow(pieces: Sequence[str], folded: str) -> bool:
    """Tell whether the pieces follow one another with no gap too long or across sentences."""
    first, *rest = pieces
    at = folded.find(first)
    while at >= 0:
        if _go_on(rest, folded, at + len(first)):
            return True
        at = folded.find(first, at + 1)
    return False


def _go_on(pieces: Sequence[str], folded: str, end: int) -> bool:
    """Tell whether the pieces stand behind `end`, each at most a gap after the one before."""
    if not pieces:
        return True
    first = pieces[0]
    at = folded.find(first, end, end + GAP_CHARACTERS + len(first))
    while at >= 0 and STOPS.isdisjoint(folded[end:at]):
        if _go_on(pieces[1:], folded, at + len(first)):
            return True
        at = folded.find(first, at + 1, end + GAP_CHARACTERS + len(first))
    return False


@cache
def _finder() -> ConceptFinder:
    return ConceptFinder(load_thesaurus())


def find_concepts(text: str) -> tuple[str, ...]:
    """Return the ids of the concepts the text speaks of, each once, in file order."""
    return tuple(match.group for match in _finder().find(text))


@cache
def _spellings() -> Mapping[str, str]:
    spelt: dict[str, str] = {}
    for code, folded in _FOLD.items():
        if folded:
            for written in (chr(code), chr(code).upper()):
                spelt[folded.lower()] = spelt.get(folded.lower(), "") + written
    return spelt


def spellings(character: str) -> str:
    """Return every character that is this one folded, itself first."""
    also = (character.upper(), _spellings().get(character, ""))
    return "".join(dict.fromkeys("".join((character, *also))))


@cache
def _character_counts() -> Counter[str]:
    return Counter(c for group in load_thesaurus() for term in group.terms for c in term)


def rarest_first(characters: Iterable[str]) -> list[str]:
    """Return characters in the order in which texts of this trade can be expected to lack them."""
    counts = _character_counts()
    return sorted(characters, key=lambda character: (counts[character], character))


class ConceptTest:
    """Tells whether texts speak of one of some concepts: for many texts, in a tenth of the time.

    Says the same as looking for the concepts in what `find_concepts` returns.
    """

    def __init__(self, concepts: Iterable[str]) -> None:
        wanted = set(concepts)
        self.terms = {
            tuple(fold(term).split(GAP))
            for group in load_thesaurus()
            if group.id in wanted
            for term in group.terms
        }
        """The ways of saying them, folded, in the pieces between gaps."""

    def holds(self, text: str) -> bool:
        """Tell whether the text speaks of one."""
        folded = fold(text)
        return any(
            pieces[0] in folded and (len(pieces) == 1 or _follow(pieces, folded))
            for pieces in self.terms
        )


def find_concept_matches(text: str) -> tuple[ConceptMatch, ...]:
    """Return the concepts with the longest term that showed each, to tell why a case was hit."""
    return _finder().find(text)

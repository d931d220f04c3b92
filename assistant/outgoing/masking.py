"""Replace names and figures by placeholders before a text is sent, and put them back. Pure.

`〔人1〕` stands for one wording through all texts of one request. Whatever is replaced comes back
exactly; a placeholder the other side garbled stays visible, for `find_placeholders` to mark.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from assistant.facts import find_facts, is_general_title
from assistant.facts.persons import likely_persons
from assistant.facts.words import words_of
from assistant.models import Fact

KINDS: Mapping[str, str] = {
    "person": "人",
    "body": "单位",
    "place": "地点",
    "amount": "金额",
    "date": "日期",
    "figure": "数",
    "document": "文件",
    "number": "号码",
}
"""Kind of fact → the word that stands for it."""

Span = tuple[int, int, str]

_WORDS = "|".join(KINDS.values())
TOKEN = re.compile(rf"〔(?:{_WORDS})\d{{1,5}}〕")
_GARBLED = re.compile(
    rf"[〔［【\[（(]\s*(?:{_WORDS})\s*[\d０-９〇一二三四五六七八九十]{{1,5}}\s*[〕］】\]）)]?"
    rf"|〔(?:{_WORDS})[^〕\n]{{0,4}}(?:〕|$)"
)
_LONGEST = 12
_LITERAL_KINDS = frozenset({"person", "body", "place", "document", "number"})
"""Replaced wherever the same wording stands, also where no sign around it tells what it is."""
_SHORTEST_LITERAL = 2

_KEPT = re.compile(
    r"\[\d{1,3}\]"  # a citation
    r"|^\d{1,6}｜"  # the number of a line shown for reading
    r"|(?<=[:\[,])\s*\d{1,6}(?=\s*[,\]}])"  # a number of JSON
)
_CONTACT = re.compile(
    r"(?<![A-Za-z0-9])[\w.+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
    r"|(?<![\d０-９])[A-Za-z]{0,3}[\d０-９](?:[ \-—*]?[\d０-９*]){6,31}[xXＸ]?"
    r"(?![\d０-９]*(?:\.\d+)?[余多]?(?:[十百千万亿]|[元%％]))"
    r"|[\u4e00-\u9fff][A-Z][·-]?(?=[A-Z0-9]*\d)[A-Z0-9]{5,6}(?![A-Za-z0-9])"
)
_ISO_DATE = re.compile(r"(?:19|20)\d{2}[-—](?:0?[1-9]|1[0-2]|(?:19|20)\d{2})(?:[-—]\d{1,2})?$")
_LABELLED = re.compile(
    r"(?:联系人|经办人|承办人|填报人|填表人|举报人|反映人|当事人|负责人|责任人|姓名|签字|签名)"
    r"[：:]\s*(?P<name>[\u4e00-\u9fff]{2,4}(?:·[\u4e00-\u9fff]{2,6})?)(?![\u4e00-\u9fff])"
)
_TITLED = re.compile(
    r"(?:填报单位|责任单位|单位名称|单位)[：:]\s*(?P<name>[^\s（(，。；：:]{2,40})"
)
_STEM = re.compile(r"^(?P<stem>[\u4e00-\u9fff]{2,6}?)(?:街道|社区|[省市州县区旗镇乡村])$")
_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u([0-9a-fA-F]{4})")


class Names:
    """Wordings known beforehand, such as the units of the library; found fast in any text."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_head: dict[str, list[str]] = {}
        for name in {name.strip() for name in names}:
            if len(name) >= _SHORTEST_LITERAL:
                self._by_head.setdefault(name[:_SHORTEST_LITERAL], []).append(name)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Every place where one of them stands."""
        if not self._by_head:
            return
        for at in range(len(text) - 1):
            for name in self._by_head.get(text[at : at + _SHORTEST_LITERAL], ()):
                if text.startswith(name, at):
                    yield at, at + len(name)


class MaskTable:
    """What stands for what in one request; the same wording has the same placeholder."""

    def __init__(self, names: Names | None = None, *, avoid: str = "") -> None:
        self._names = names or Names()
        self._tokens: dict[str, str] = {}
        self._originals: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._literals: dict[str, str] = {}
        self._avoid = avoid
        """Text whose own placeholders, should it hold any, must never be taken for ours."""

    def learn(self, text: str) -> None:
        """Note the names of a text, so that they are replaced in every text of the request."""
        for line in text.splitlines():
            for start, end, kind in _facts_of(line):
                if kind in _LITERAL_KINDS and end - start >= _SHORTEST_LITERAL:
                    self._literals.setdefault(line[start:end], kind)
                    if kind == "place" and (stem := _STEM.match(line[start:end])):
                        self._literals.setdefault(stem["stem"], kind)

    def mask(self, text: str) -> str:
        """Return the text with placeholders; what was learnt before counts too."""
        self.learn(text)
        known = Names(self._literals)
        return "".join(self._mask_line(line, known) for line in text.splitlines(keepends=True))

    def restore(self, text: str, *, in_json: bool = False) -> str:
        """Put the wordings back; what is no placeholder of this table stays as it is."""
        if in_json:
            text = _ESCAPE.sub(_unescaped, text)
        return TOKEN.sub(lambda found: self._original(found.group(), in_json=in_json), text)

    def _original(self, token: str, *, in_json: bool) -> str:
        original = self._originals.get(token)
        if original is None:
            return token
        return json.dumps(original, ensure_ascii=False)[1:-1] if in_json else original

    def _mask_line(self, line: str, known: Names) -> str:
        spans: list[Span] = list(_facts_of(line))
        spans += [(a, b, self._literals.get(line[a:b], "body")) for a, b in known.spans(line)]
        spans += [(a, b, "body") for a, b in self._names.spans(line)]
        masked, end = [], 0
        for start, stop, kind in _without_overlaps(spans, line):
            masked += [line[end:start], self._token(line[start:stop], kind)]
            end = stop
        return "".join([*masked, line[end:]])

    def _token(self, original: str, kind: str) -> str:
        token = self._tokens.get(original)
        if token is None:
            word = KINDS[kind]
            while True:
                self._counts[word] = self._counts.get(word, 0) + 1
                token = f"〔{word}{self._counts[word]}〕"
                if token not in self._avoid:
                    break
            self._tokens[original], self._originals[token] = token, original
        return token


class StreamRestorer:
    """Put wordings back while pieces come in; a placeholder cut over two pieces is joined."""

    def __init__(self, table: MaskTable) -> None:
        self._table, self._held = table, ""

    def feed(self, piece: str) -> str:
        """Return what of the text held so far is certainly whole."""
        self._held += piece
        opened = self._held.rfind("〔")
        cut = len(self._held)
        if opened >= 0 and "〕" not in self._held[opened:] and cut - opened < _LONGEST:
            cut = opened
        ready, self._held = self._held[:cut], self._held[cut:]
        return self._table.restore(ready)

    def finish(self) -> str:
        """Return what was held back at the end."""
        rest, self._held = self._held, ""
        return self._table.restore(rest)


def mask_alone(text: str, names: Names | None = None) -> str:
    """Return a text with placeholders without numbers: for vectors, which nobody puts back.

    Whether it is sent today or tomorrow, alone or among others, it reads the same.
    """
    table = MaskTable(names)
    return TOKEN.sub(lambda found: f"{found.group().rstrip('〕0123456789')}〕", table.mask(text))


def find_placeholders(text: str) -> tuple[str, ...]:
    """Placeholders left in a text, whole or garbled: they stand for nothing any more."""
    return tuple(dict.fromkeys(found.group() for found in _GARBLED.finditer(text)))


@lru_cache(maxsize=8192)
def _facts_of(line: str) -> tuple[Span, ...]:
    spans: list[Span] = [
        (*found.span(), "number")
        for found in _CONTACT.finditer(line)
        if not _ISO_DATE.match(found.group())
    ]
    spans += [(*found.span("name"), "person") for found in _LABELLED.finditer(line)]
    spans += [(*found.span("name"), "body") for found in _TITLED.finditer(line)]
    facts = [*find_facts(line), *likely_persons(line, words_of(line))]
    spans += [(fact.start, fact.end, fact.kind) for fact in facts if _is_told(fact)]
    return tuple(spans)


def _is_told(fact: Fact) -> bool:
    """Whether a fact tells of somebody: the rules of the whole Party do not."""
    return fact.kind in KINDS and not (fact.kind == "document" and is_general_title(fact))


def _without_overlaps(spans: Collection[Span], line: str) -> Sequence[Span]:
    """Of spans that overlap the longest, and none over what must stay readable."""
    taken = bytearray(len(line))
    for kept in (*_KEPT.finditer(line), *TOKEN.finditer(line)):
        taken[kept.start() : kept.end()] = b"1" * len(kept.group())
    chosen: list[Span] = []
    for start, end, kind in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        if not any(taken[start:end]):
            taken[start:end] = b"1" * (end - start)
            chosen.append((start, end, kind))
    return sorted(chosen)


def _unescaped(found: re.Match[str]) -> str:
    code = int(found.group(2), 16)
    is_letter = code >= 0x2000 and not 0xD800 <= code <= 0xDFFF
    return f"{found.group(1)}{chr(code)}" if is_letter else found.group()

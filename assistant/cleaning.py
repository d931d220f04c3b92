"""Raw lines → norm text with an exact map back, and the lines that are not text at all.

Two of three layers: *raw* is cited, *norm* is searched and parsed; what may stand in our own prose
is in `display`.
Every edit is kept, so any norm offset finds its raw offset. Knows nothing of notices.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

import yaml

INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2069\ufeff\ufff9-\ufffc\ud800-\udfff]+"
)
CJK = "\u3400-\u4dbf\u4e00-\u9fff"
LONE_D = re.compile(r"(?<![A-Za-z0-9])D{1,2}(?![A-Za-z0-9])")
D_BEFORE_X = re.compile(r"(?<![A-Za-z0-9])D(?=X{1,4}(?![A-Za-z0-9]))")
MASKED_WORD = "党"
"""What compilers of these notices hide behind D."""
CHOICES = re.compile(r"[A-C][、，/][B-D]")
CONTENTS_LINE = re.compile(r"^[^\t]{2,80}\t[ \t]*\d{0,4}\s*$|^.{2,80}?[.…·．]{4,}\s*\d{1,4}\s*$")
CONTENTS_HEAD = re.compile(r"^\s*目\s*录\s*(?:\t\s*\d*)?\s*$")
SPACED_DIGITS = re.compile(r"(?<![\d.])\d(?: \d){1,3}(?= ?[年月日.．、）)]|[年月日])")
"""`2 0 2 3年`, `1 3 .`: digits drawn apart by a converter."""
PAGE_NUMBER = re.compile(
    r"^\s*(?:[-—–－―~·]{1,3}\s*\d{1,4}\s*[-—–－―~·]{1,3}|第\s*\d{1,4}\s*页(?:[，,/\s]*共\s*\d{1,4}\s*页)?"
    r"|\d{1,4}\s*/\s*\d{1,4})\s*$"
)
FURNITURE_LIMIT = 60
RUNNING_HEAD = (8, 60)
SPREAD = re.compile(rf"^\s*[（【]?(?:[{CJK}][、：）】]? ){{2,16}}[{CJK}：、]")
"""`整 改 情 况：`, a heading drawn apart for show."""
BLOCK_GAP = 12


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of raw text and what stands for it in norm."""

    start: int
    end: int
    text: str
    mark: bool = False
    """A mark or an invisible character: no word of the source, left out of quotations."""


LINES_KEPT = 2048
"""Lines whose norm is remembered: parsing and classifying a notice asks twice for each."""


@dataclass(frozen=True, slots=True)
class Norm:
    """Norm text of one line, with the edits that made it."""

    text: str
    raw: str
    edits: tuple[Edit, ...] = ()
    starts: tuple[int, ...] = ()
    """Where each edit's text starts in norm."""

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Raw offsets of `text[start:end]`; a cut edit is taken whole."""
        if end <= start:
            at = self._raw_at(start, leaning_right=1)
            return at, at
        return self._raw_at(start, leaning_right=1), self._raw_at(end, leaning_right=0)

    def _raw_at(self, offset: int, *, leaning_right: int) -> int:
        index = bisect_right(self.starts, offset) - 1
        if not leaning_right:
            while index >= 0 and self.starts[index] == offset:
                index -= 1
        if index < 0:
            return offset
        edit, start = self.edits[index], self.starts[index]
        past = offset - start - len(edit.text)
        if past >= 0:
            return edit.end + past
        if leaning_right:
            return edit.start if edit.text else edit.end
        return edit.end

    def raw_text(self, start: int, end: int) -> str:
        """The source's own words for `text[start:end]`, marks inside dropped."""
        first, last = self.raw_span(start, end)
        pieces: list[str] = []
        at = first
        for edit in self.edits:
            if not edit.mark or edit.start < first or edit.end > last:
                continue
            pieces.append(self.raw[at : edit.start])
            at = edit.end
        pieces.append(self.raw[at:last])
        return "".join(pieces)


class Noise(StrEnum):
    """Why a line is not text of the genre."""

    ADVERT = "广告"
    MARKER = "标记"
    TOC = "目录"
    BLANK = "空行"
    FURNITURE = "页面附件"


@dataclass(frozen=True, slots=True)
class CleanLine:
    """A line with its norm text; `noise` says why it is not read, if it is not."""

    number: int
    raw: str
    norm: Norm
    noise: Noise | None


@dataclass(frozen=True, slots=True)
class _Rules:
    adverts: re.Pattern[str]
    markers: re.Pattern[str]
    furniture: re.Pattern[str]
    inline_adverts: re.Pattern[str]
    replacements: tuple[tuple[str, re.Pattern[str], str], ...]
    """(what a text must hold for it to fit, pattern, text put in)."""
    d_stays_before: frozenset[str]
    d_stays_after: frozenset[str]


@cache
def _rules() -> _Rules:
    content = yaml.load(
        Path(__file__).with_name("cleaning.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader
    )
    inline = [re.escape(name) for name in content["inline_adverts"]]
    replacements = [
        (entry["holds"], re.compile(entry["pattern"]), entry["text"])
        for entry in content["lost_letters"] + content["word_masks"]
    ]
    for entry in content["formulas"]:
        unless = entry.get("unless", "")
        guard = f"(?<!{re.escape(unless)})" if unless else ""
        look = f"(?<={re.escape(entry['before'])})" if entry["before"] else ""
        pattern = f"{look}{guard}(?={re.escape(entry['after'])})"
        replacements.append((entry["after"], re.compile(pattern), entry["text"]))
    return _Rules(
        adverts=re.compile("|".join(re.escape(cue) for cue in content["advert_cues"]), re.I),
        markers=re.compile("|".join(content["marker_patterns"])),
        furniture=re.compile("|".join(content["furniture"])),
        inline_adverts=re.compile("|".join(inline)),
        replacements=tuple(replacements),
        d_stays_before=frozenset(content["d_stays_before"]),
        d_stays_after=frozenset(content["d_stays_after"]),
    )


@lru_cache(maxsize=LINES_KEPT)
def normalise(raw: str) -> Norm:
    """Undo masks, drop marks and invisible characters, fold widths; remember every edit."""
    rules = _rules()
    edits: list[Edit] = [*_folded(raw)]
    edits += [Edit(m.start(), m.end(), "", mark=True) for m in INVISIBLE.finditer(raw)]
    if "#" in raw or "[" in raw or "{" in raw or not raw.isascii():
        edits += [Edit(m.start(), m.end(), "", mark=True) for m in rules.markers.finditer(raw)]
        edits += [Edit(m.start(), m.end(), "") for m in rules.inline_adverts.finditer(raw)]
    for holds, pattern, text in rules.replacements:
        if holds in raw:
            edits += [Edit(m.start(), m.end(), text) for m in pattern.finditer(raw)]
    for match in SPACED_DIGITS.finditer(raw) if " " in raw else ():
        shift = match.start()
        edits += [
            Edit(shift + at, shift + at + 1, "")
            for at, char in enumerate(match.group())
            if char == " "
        ]
    spread = SPREAD.match(raw) if " " in raw[:6] else None
    if spread is not None:
        first = len(raw) - len(raw.lstrip())
        edits += [Edit(at, at + 1, "") for at in range(first, spread.end()) if raw[at] == " "]
    if "D" in raw:
        edits += _unmasked_d(raw, rules)
    return _applied(raw, edits)


PUNCTUATION = {
    "(": "（",
    ")": "）",
    ";": "；",
    "?": "？",
    "!": "！",
    "｜": "|",
    "\u00a0": " ",
    "\u3000": " ",
}
FOLDABLE = re.compile(
    f"[();?!｜\u00a0\u3000\u2000-\u200a\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u2e80-\u2fd5\uf900-\ufaff]"
    f"|(?<=[{CJK}”》）0-9])[:,]|[:,](?=[{CJK}“《（])"
)


EXOTIC = re.compile(
    "[\u2000-\u200a\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u2e80-\u2fd5\uf900-\ufaff]"
)


def keeps_characters(raw: str) -> bool:
    """Tell whether norm text has no character that `raw` has not, but for those of `put_in`.

    For telling that a word cannot stand in a norm text, without making the norm text.
    """
    return EXOTIC.search(raw) is None


@cache
def put_in() -> frozenset[str]:
    """Give the characters `normalise` may put into any text."""
    texts = [text for _, _, text in _rules().replacements]
    return frozenset("".join([MASKED_WORD, "：，", *PUNCTUATION.values(), *texts]))


def _folded(raw: str) -> Iterator[Edit]:
    for match in FOLDABLE.finditer(raw):
        char = match.group()
        folded = PUNCTUATION.get(char) or {":": "：", ",": "，"}.get(char)
        if folded is None:
            folded = unicodedata.normalize("NFKC", char)
        elif char in ":,":
            around = raw[max(0, match.start() - 1) : match.end() + 1]
            if not re.search(f"[{CJK}”》）“《（]", around):
                continue
        if folded != char:
            yield Edit(match.start(), match.end(), folded)


def _unmasked_d(raw: str, rules: _Rules) -> Iterator[Edit]:
    for match in D_BEFORE_X.finditer(raw):
        yield Edit(match.start(), match.end(), MASKED_WORD)
    for match in LONE_D.finditer(raw):
        before = raw[match.start() - 1 : match.start()]
        after = raw[match.end() : match.end() + 1]
        if (after and after in rules.d_stays_before) or (before and before in rules.d_stays_after):
            continue
        if CHOICES.search(raw[max(0, match.start() - 3) : match.end() + 2]):
            continue
        if not re.search(f"[{CJK}]", before + after):
            continue
        yield Edit(match.start(), match.end(), MASKED_WORD * len(match.group()))


def _applied(raw: str, edits: list[Edit]) -> Norm:
    if not edits:
        return Norm(raw, raw)
    edits.sort(key=lambda edit: (edit.start, edit.end == edit.start, -edit.end))
    kept: list[Edit] = []
    pieces: list[str] = []
    starts: list[int] = []
    at = length = 0
    for edit in edits:
        if edit.start < at:
            continue
        pieces += (raw[at : edit.start], edit.text)
        length += edit.start - at
        starts.append(length)
        length += len(edit.text)
        kept.append(edit)
        at = edit.end
    pieces.append(raw[at:])
    return Norm("".join(pieces), raw, tuple(kept), tuple(starts))


def clean_lines(lines: Sequence[str]) -> tuple[CleanLine, ...]:
    """Norm text of each line, and what kind of noise it is, if any."""
    norms = [normalise(line) for line in lines]
    noise = [_noise_of(norm) for norm in norms]
    _mark_contents(norms, noise)
    _mark_advert_blocks(norms, noise)
    _mark_running_heads(norms, noise)
    return tuple(
        CleanLine(number, norm.raw, norm, kind)
        for number, (norm, kind) in enumerate(zip(norms, noise, strict=True), 1)
    )


def _noise_of(norm: Norm) -> Noise | None:
    text = norm.text
    if not text.strip():
        return Noise.MARKER if norm.raw.strip() and norm.edits else Noise.BLANK
    if len(text) <= 300 and _rules().adverts.search(text):
        return Noise.ADVERT
    if len(text) <= FURNITURE_LIMIT and (
        PAGE_NUMBER.match(text) or _rules().furniture.search(text)
    ):
        return Noise.FURNITURE
    if "\t" in text or len(text) < 120:
        if CONTENTS_HEAD.match(text):
            return Noise.TOC
        if CONTENTS_LINE.match(text[:200]):
            return Noise.TOC
    return None


def _mark_contents(norms: list[Norm], noise: list[Noise | None]) -> None:
    """A list of titles under 目录 is a table of contents even without page numbers."""
    heads = [i for i, n in enumerate(norms) if CONTENTS_HEAD.match(n.text[:40])]
    if not heads:
        return
    later: dict[str, int] = {}
    for index, norm in enumerate(norms):
        later[norm.text.strip()] = index
    for head in heads:
        if any(noise[index] is Noise.TOC for index in range(head + 1, min(head + 4, len(norms)))):
            continue
        blanks = 0
        for index in range(head + 1, min(head + 60, len(norms))):
            text = norms[index].text.strip()
            blanks = 0 if text else blanks + 1
            if (not text and blanks < 2) or noise[index] is Noise.TOC:
                continue
            if blanks >= 2 or len(text) > 80 or later[text] <= index:
                break
            noise[index] = Noise.TOC


def _mark_advert_blocks(norms: list[Norm], noise: list[Noise | None]) -> None:
    """Short lines between two adverts close together belong to the advert."""
    adverts = [i for i, kind in enumerate(noise) if kind is Noise.ADVERT]
    for first, second in pairwise(adverts):
        if second - first > BLOCK_GAP:
            continue
        between = range(first + 1, second)
        if all(len(norms[i].text) <= 60 for i in between):
            for index in between:
                if noise[index] is None:
                    noise[index] = Noise.ADVERT


def _mark_running_heads(norms: list[Norm], noise: list[Noise | None]) -> None:
    """The notice's title printed again beside the number of each page is no text."""
    beside: dict[str, set[int]] = {}
    for index, norm in enumerate(norms):
        if noise[index] is not Noise.FURNITURE or not PAGE_NUMBER.match(norm.text):
            continue
        for near in (index - 1, index + 1):
            if 0 <= near < len(norms) and noise[near] is None:
                text = norms[near].text.strip()
                if RUNNING_HEAD[0] <= len(text) <= RUNNING_HEAD[1]:
                    beside.setdefault(text, set()).add(near)
    for found in beside.values():
        if len(found) > 1:
            for index in found:
                noise[index] = Noise.FURNITURE

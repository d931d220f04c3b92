"""Lines → typed tokens: label style and ordinal, form of a problem, lead of a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.cleaning import CleanLine
from assistant.parsing.cues import LEADS, Cues, load_cues
from assistant.parsing.flow import Flow, flow_of
from assistant.parsing.status import prefix_status
from assistant.parsing.wrapping import wrapped_lines

DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九十")}
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
ROMAN = "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ"
STEMS = "甲乙丙丁戊己庚辛"
LABEL_START = re.compile(
    r"[\dA-Za-z（〔【\[第其甲乙丙丁戊己庚辛一二三四五六七八九十问事任反存具巡整①-⑳㉑-㉟Ⅰ-Ⅻ]"
)
"""What any style of numbering in `cues.yaml` may begin with."""
UNFINISHED = re.compile(r"[，、“《（—]$")
PROBLEM_END = re.compile(r"问题(?:的?整改)?(?:落实|进展|完成)*(?:情况)?(?=[。：])")
MEASURE_MARK = re.compile(r"[，；：]\s*(?:一是|第一[，、]|①|（1）)")
HEAD_LIMIT = 600
WHOLE_LINE = 300
SENTENCES = 160
REMEDY = re.compile(
    r"整改(?:情况|措施|[：:])|一是|二是|第一[，、]|[①②]|已(?:于|经|全部|完成)|（[12]）|[12][.．、]|针对|截至|目前|20\d\d年\d{1,2}月"
)
FORM_START = re.compile(r"关于|针对|围绕|为|对|就")
"""A problem of several sentences is taken as one where it fills a line no longer than this."""
PACKED = 40
FIELDS_APART = 20
"""Lines from one 1.整改措施 to the next, at most; further apart they head sections."""
LEAD_LINE = 12
"""整改情况 alone on its line needs no colon where 反馈问题 stands so too."""
HEADING = 90
WIDEST = 60
"""Longest line of a text somebody cut at a width of his own."""
SLACK = 4
ENDINGS = "。；：！？”）】》"
JOIN_LIMIT = 12
WRAPPED_LIMIT = 400
"""Lines of one paragraph in a text cut at a fixed width."""


@dataclass(frozen=True, slots=True)
class Label:
    """Numbering at the start of a line, as written."""

    style: str
    ordinal: int
    text: str
    end: int


@dataclass(frozen=True, slots=True)
class Form:
    """A wording that announces a problem; offsets in the token's text."""

    name: str
    start: int
    end: int
    """Of the problem's own words."""
    after: int
    """Where the announcement ends."""


@dataclass(frozen=True, slots=True)
class Token:
    """A paragraph with what can be told from it alone."""

    flow: Flow
    label: Label | None
    form: Form | None
    lead: str
    """`measures`, `result`, `cause`, `duty` or empty."""
    lead_end: int

    @property
    def text(self) -> str:
        """Norm text, outer spaces dropped."""
        return self.flow.text

    @property
    def line(self) -> int:
        """Number of its first line."""
        return self.flow.first_line

    @property
    def body(self) -> int:
        """Offset after the label."""
        return self.label.end if self.label else 0


def ordinal_of(text: str) -> int:
    """Value of a Chinese, Arabic, circled or Roman numeral; 0 when unreadable."""
    if len(text) == 1 and text.isascii() and text.isalpha():
        return ord(text.lower()) - ord("a") + 1
    if text.isascii():
        digits = re.split(r"[.．]", text)[-1]
        return int(digits) if digits.isdigit() else 0
    if text[0] in CIRCLED:
        return CIRCLED.index(text[0]) + 1
    if text[0] in STEMS:
        return STEMS.index(text[0]) + 1
    if text[0] in ROMAN:
        return ROMAN.index(text[0]) + 1
    if "十" in text:
        tens, _, ones = text.partition("十")
        return DIGITS.get(tens, 1) * 10 + DIGITS.get(ones, 0)
    value = 0
    for char in text:
        value = value * 10 + DIGITS.get(char, 0)
    return value


def find_label(text: str, cues: Cues) -> Label | None:
    """The numbering a line opens with."""
    offset = 0
    bullet = cues.bullet.match(text)
    status = None if bullet else prefix_status(text, cues)
    if bullet:
        offset = bullet.end()
    elif status is not None:
        offset = status[1] + 1
    head = text[: offset + 40]
    opens = LABEL_START.match(head, offset) is not None
    for style in cues.labels if opens else ():
        match = style.pattern.match(head, offset)
        if match and match.end() > offset and not (status and style.name in ("cn", "cn_paren")):
            name = style.name
            numeral = match.group("n")
            if name == "decimal":
                name = f"decimal{len(re.split('[.．]', numeral))}"
            return Label(name, ordinal_of(numeral), head[: match.end()].strip(), match.end())
    if bullet and len(text) > offset:
        return Label("bullet", 0, head[:offset].strip(), offset)
    return None


def find_form(text: str, start: int, cues: Cues) -> Form | None:
    """The problem a line announces (关于…问题, 针对“…”, 问题：…), if it does."""
    head = text[: start + HEAD_LIMIT]
    for name, pattern in cues.forms.items():
        match = pattern.match(head, start)
        if match is None:
            continue
        if name != "tag":
            if name != "about_quoted" and _overreaches(match, text, cues):
                continue
            if _generic(name, match.group("p"), cues):
                continue
            match = _longer(head, start, match, cues) or match
        after = len(text) if name == "tag" else match.end()
        return Form(name.partition("_")[0], match.start("p"), match.end("p"), after)
    return None


def _generic(name: str, words: str, cues: Cues) -> bool:
    """Whether a form wraps no problem: 反馈意见指出的问题, 推动反馈问题整改."""
    if name == "tail" and cues.tail_generic.search(words):
        return True
    return cues.form_generic.match(words) is not None


def _overreaches(match: re.Match[str], text: str, cues: Cues) -> bool:
    """Whether a form runs over a full stop without filling its line."""
    words = match.group("p")
    if "。" not in words:
        return False
    if match.end() >= len(text.rstrip("。： ")):
        return len(text) > WHOLE_LINE
    return len(words) > SENTENCES or _tells_remedy(words, cues)


def _tells_remedy(words: str, cues: Cues) -> bool:
    """Whether a sentence after the first tells what was done: then the problem ended before."""
    first, *later = words.split("。")
    if first.endswith("问题") or REMEDY.search(words):
        return True
    return any(cues.action.match(sentence) or FORM_START.match(sentence) for sentence in later)


def _longer(head: str, start: int, match: re.Match[str], cues: Cues) -> re.Match[str] | None:
    """关于甲问题，乙不足的问题： the problem goes on past a comma."""
    if head[match.end() : match.end() + 1] not in "，；":
        return None
    stop = head.find("。", match.end())
    stretch = head[: stop + 1 if stop >= 0 else len(head)]
    ends = [found.end() for found in PROBLEM_END.finditer(stretch, match.end())]
    following = stretch[match.end() + 1 :]
    if not ends or cues.action.match(following) or MEASURE_MARK.search(stretch, match.end()):
        return None
    for end in ends:
        longer = match.re.fullmatch(head[:end], start)
        if longer is not None:
            return longer
    return None


def find_lead(text: str, start: int, cues: Cues) -> tuple[str, int]:
    """整改情况：, 整改结果：… at the start of a line: its kind and where it ends."""
    head = text[: start + 40]
    for name in LEADS:
        match = cues.leads[name].match(head, start)
        if match:
            return name, match.end()
    return "", start


def _tags(line: str, cues: Cues) -> bool:
    """Whether a line is 反馈问题 alone, with or without a bullet."""
    text = line.strip()
    bullet = cues.bullet.match(text)
    return cues.tag_line.fullmatch(text, bullet.end() if bullet else 0) is not None


def _continues(previous: CleanLine, line: CleanLine, cues: Cues, edge: int) -> bool:
    text = line.norm.text.strip()
    if _tags(previous.norm.text, cues):
        return True
    if not UNFINISHED.search(previous.norm.text.rstrip()) and not _cut_off(previous, line, edge):
        return False
    return find_label(text, cues) is None and not find_lead(text, 0, cues)[0]


def _cut_off(previous: CleanLine, line: CleanLine, edge: int) -> bool:
    """Whether a line of sentences, as long as any, ends within one that the next completes."""
    before, text = previous.norm.text.strip(), line.norm.text.strip()
    if not edge - SLACK <= len(before) <= edge <= WIDEST or "。" not in before:
        return False
    return before[-1] not in ENDINGS and text[-1:] in ("。", "；")


def _field_lines(lines: Sequence[CleanLine], cues: Cues) -> frozenset[str]:
    """Lines such as 1.制定整改措施 that come again and again: their numbers count fields.

    Where 主要问题 stands so too, the two head lists of their own.
    """
    seen: dict[str, int] = {}
    found: set[str] = set()
    for index, line in enumerate(lines):
        text = line.norm.text.strip()
        label = find_label(text, cues) if 4 <= len(text) <= LEAD_LINE + 4 else None
        if len(text) < 4 or len(text) > LEAD_LINE + 4 or text[-1] in "：。；":
            continue
        if label is not None and label.style in ("is", "first", "cn", "part"):
            continue
        name = text[label.end :] if label else text
        if label is not None and name.endswith(("问题", "意见")):
            return frozenset()
        lead, end = find_lead(f"{name}：", 0, cues)
        ahead = lead == "measures" and cues.roles["next"].search(name)
        if end != len(name) + 1 or ahead:
            continue
        if index - seen.get(text, index) in range(2, FIELDS_APART):
            found.add(text)
        seen[text] = index
    return frozenset(found)


def _token_of(
    flow: Flow, cues: Cues, *, alone: bool = False, fields: frozenset[str] = frozenset()
) -> Token:
    label = find_label(flow.text, cues)
    if flow.text in fields:
        lead, _ = find_lead(f"{flow.text[label.end if label else 0 :]}：", 0, cues)
        return Token(flow, None, None, lead, len(flow.text))
    start = label.end if label else 0
    if len(flow.parts) > 1 and _tags(flow.text[: flow.parts[1].at], cues):
        pointed = label is not None and label.style == "bullet"
        return _tagged(flow, flow.parts[1].at, None if pointed else label)
    lead, lead_end = find_lead(flow.text, start, cues)
    pointed = start == 0 or (label is not None and label.style == "bullet")
    if alone and not lead and pointed and len(flow.text) <= LEAD_LINE:
        lead, lead_end = find_lead(f"{flow.text}：", start, cues)[0], len(flow.text)
    form = None if lead else find_form(flow.text, start, cues)
    if lead and (label is None or lead == "cause") and find_form(flow.text, start, cues):
        tagged = cues.forms["tag"].match(flow.text[:HEAD_LIMIT], start)
        form = None if not tagged else find_form(flow.text, start, cues)
        lead = "" if form else lead
    return Token(flow, label, form, lead, lead_end)


def _tagged(flow: Flow, start: int, label: Label | None) -> Token:
    """反馈问题 alone on its line, and the problem below it."""
    end = len(flow.text)
    return Token(flow, label, Form("tag", start, end, end), "", start)


def _parted(token: Token, cues: Cues) -> list[Token]:
    """A paragraph that holds several announced problems, cut before each of them."""
    text = token.text
    if token.lead or len(text) < PACKED or (token.form and token.form.name == "tag"):
        return [token]
    starts = [match.start() for match in cues.packed.finditer(text, token.body)]
    run = MEASURE_MARK.search(text)
    first_run = run.start() if run else len(text)
    counted = bool(starts) and _counts_on(token, starts[0], cues)
    if len(starts) < 2 and not (starts and starts[0] > token.body and token.form is None):
        starts = starts if counted else []
    if not starts or starts[0] > first_run or (starts[0] > token.body + HEADING and not counted):
        return [token]
    bounds = sorted({0 if start <= token.body else start for start in (0, *starts)})
    pieces = zip(bounds, [*bounds[1:], len(text)], strict=True)
    return [_token_of(token.flow.cut(low, high), cues) for low, high in pieces]


def _counts_on(token: Token, at: int, cues: Cues) -> bool:
    """Whether a problem in mid-paragraph carries the number after the paragraph's own."""
    label = find_label(token.text[at : at + 40].lstrip(), cues)
    own = token.label
    return bool(own and label and own.style == label.style and own.ordinal + 1 == label.ordinal)


def tokenise(lines: Sequence[CleanLine]) -> tuple[Token, ...]:
    """Tokens of the lines that hold text; a line broken in mid-sentence joins its next."""
    cues = load_cues()
    groups: list[list[CleanLine]] = []
    alone = sum(_tags(line.norm.text, cues) for line in lines) > 1
    wrapped = wrapped_lines(lines, cues)
    edge = max((len(line.norm.text.strip()) for line in lines if line.noise is None), default=0)
    fields = _field_lines(lines, cues)
    for line in lines:
        if line.noise is not None:
            continue
        group = groups[-1] if groups else None
        if group and (
            (line.number in wrapped and len(group) < WRAPPED_LIMIT)
            or (len(group) < JOIN_LIMIT and _continues(group[-1], line, cues, edge))
        ):
            group.append(line)
        else:
            groups.append([line])
    return _without_field_numbers(
        [
            part
            for group in groups
            for part in _parted(_token_of(flow_of(group), cues, alone=alone, fields=fields), cues)
        ]
    )


def _without_field_numbers(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """（一）问题：… （二）整改：… （三）成效：…: from the second on the numbers count fields."""
    found: list[Token] = []
    last: Label | None = None
    for token in tokens:
        label = token.label
        if label is not None and label.style not in ("is", "bullet"):
            follows = last is not None and last.style == label.style
            if token.lead and follows and last is not None and last.ordinal + 1 == label.ordinal:
                found.append(Token(token.flow, None, token.form, token.lead, token.lead_end))
                last = label
                continue
            last = label if token.form is not None and token.form.name == "tag" else None
        found.append(token)
    return tuple(found)

"""Header fields of a notice, each with the place it was read from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.models import DateField, Doubt, Span
from assistant.parsing.cues import Cues, load_cues
from assistant.parsing.dates import last_year, read_date
from assistant.parsing.tokens import Token

INTRO_TOKENS = 8
SENTENCE = re.compile(r"[^。；\n]+[。；]?")
TITLE_UNIT = re.compile(
    r"^(?P<u>.{2,50}?)(?:党组织)?(?=关于|落实|巡[察视](?:组)?(?:反馈|整改|问题|发现|指出)|整改|(?:中央|[省市区县州]委)(?:第[一二三四五六七八九十\d]|巡[察视][一二三四五六七八九十]?组))"
)
TITLE_INNER = re.compile(r"关于(?P<u>[^落巡]{2,40}?)(?=(?:落实|巡[察视]|整改|党组巡|对))")
CLOSING_LIMIT = 40
CHROME_LINES, CHROME = 8, 50
PROSE = 260
"""Longest closing paragraph: 下一步，局党组将…巩固整改成果."""
GENERIC_UNIT = re.compile(
    r"(?:我|本|该)?(?:公司|集团|集团公司|分公司|局|院|校|学校|学院|医院|街道|镇|乡|村|社区|中心|银行|园区|开发区)?"
    r"(?:机关)?(?:党委|党组|党工委|党总支|党支部|工委|领导班子)$"
)


@dataclass(slots=True)
class Header:
    """What stands above and below the items of a notice."""

    title: str = ""
    unit: str | None = None
    unit_names: list[str] = field(default_factory=list)
    inspection: str | None = None
    team: str | None = None
    period: str | None = None
    feedback_date: DateField | None = None
    published_date: DateField | None = None
    evidence: list[tuple[str, Span]] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    closing: int = 0
    """How many tokens at the end are signature, date or contact."""
    roles: dict[int, str] = field(default_factory=dict)

    def note(self, name: str, token: Token, start: int, end: int) -> str:
        """Keep where a field was read; its raw words."""
        self.evidence.append((name, token.flow.span(start, end)))
        return token.flow.raw(start, end)


def closing_tokens(tokens: Sequence[Token], cues: Cues) -> int:
    """How many tokens at the end are closing lines, signature and date."""
    header = cues.header
    count = _behind_signature(tokens, cues)
    above_date = False
    for token in reversed(tokens[-CLOSING_LIMIT : len(tokens) - count]):
        text = token.text
        signed = token.label is None and not token.lead and _signs(text, cues, dated=above_date)
        above_date = header["date_line"].match(text) is not None
        dated = above_date
        closing = token.label is None and header["closing_line"].search(text[:80]) is not None
        published = len(text) <= 60 and header["publish_line"].search(text) is not None
        contact = token.label is None and len(text) <= 80 and re.search(r"@|\d{7,}", text)
        ahead = token.label is None and len(text) <= PROSE and header["closing_prose"].match(text)
        if not (signed or dated or closing or published or contact or ahead):
            break
        count += 1
    return count


def _behind_signature(tokens: Sequence[Token], cues: Cues) -> int:
    """How many short lines stand behind the signature and its date: what the web page added."""
    for count in range(min(CHROME_LINES, len(tokens) - 2)):
        token, above = tokens[-1 - count], tokens[-2 - count]
        if cues.header["date_line"].match(token.text) and _signs(above.text, cues, dated=True):
            return count
        if token.label is not None or token.lead or len(token.text) > CHROME:
            return 0
    return 0


def _signs(text: str, cues: Cues, *, dated: bool) -> bool:
    """Whether a line is a signature; a short line right above the date needs no known ending."""
    if len(text) > 40:
        return False
    if dated and text[-1] not in "。；：，！":
        return not any(mark in text for mark in "，。；：、") and len(text) <= 30
    signature = cues.header["signature"].match(text) is not None
    named = cues.header["unit_tail"].search(text) is not None or text.startswith("中共")
    return signature and named


def read_header(title: Sequence[Token], tokens: Sequence[Token], heads: int) -> Header:
    """Read all header fields; `heads` is the index of the first numbered heading."""
    cues = load_cues()
    found = Header()
    found.closing = closing_tokens(tokens, cues)
    body = tokens[: len(tokens) - found.closing]
    closing = tokens[len(tokens) - found.closing :]
    intro = list(body[: max(1, min(heads, INTRO_TOKENS))])
    _read_title(found, title)
    _read_inspection(found, title, intro, body, cues)
    _read_period(found, intro, cues)
    _read_feedback(found, intro, cues)
    _read_unit(found, title, intro, closing, cues)
    _read_published(found, title, intro, closing, cues)
    _check_order(found, intro)
    for token in title:
        _mark(found, token, "标题")
    for token in closing:
        _mark(found, token, "署名")
    return found


def _mark(found: Header, token: Token, role: str) -> None:
    for part in token.flow.parts:
        found.roles[part.line.number] = role


def _read_title(found: Header, title: Sequence[Token]) -> None:
    found.title = "".join(token.flow.raw(0, len(token.text)).strip() for token in title)
    if title:
        first, last = title[0].flow.span(0, len(title[0].text)), title[-1]
        end = last.flow.span(0, len(last.text))
        found.evidence.append(("title", Span(first.line, first.start, end.end_line, end.end)))


def _read_inspection(
    found: Header,
    title: Sequence[Token],
    intro: Sequence[Token],
    body: Sequence[Token],
    cues: Cues,
) -> None:
    for token in [*intro, *title, *body[:12]]:
        for match in cues.header["team"].finditer(token.text[:1200]):
            start, end = _team_bounds(match, cues)
            if end - start < 4 or token.text[start:end] in ("巡察工作组", "巡视工作组"):
                continue
            found.team = found.note("team", token, start, end)
            found.inspection = "巡视" if "巡视" in match.group() else "巡察"
            found.evidence.append(("inspection", token.flow.span(start, end)))
            return
    for token in [*title, *intro, *body[:12]]:
        named = re.search(r"巡[察视]", token.text)
        if named is not None:
            found.inspection = found.note("inspection", token, named.start(), named.end())
            return


def _team_bounds(match: re.Match[str], cues: Cues) -> tuple[int, int]:
    text, start = match.group(), match.start()
    while True:
        lead = cues.header["team_lead"].match(text)
        if lead is None or lead.end() == 0 or len(text) - lead.end() < 4:
            return start, match.end()
        start += lead.end()
        text = text[lead.end() :]


def _read_period(found: Header, intro: Sequence[Token], cues: Cues) -> None:
    for token in intro:
        for sentence in SENTENCE.finditer(token.text[:2000]):
            match = cues.header["period"].search(sentence.group())
            if match is None or not match.group("b"):
                match = cues.header["period_dotted"].search(sentence.group())
            if match is None:
                continue
            around = sentence.group()
            if not re.search(r"巡[察视]", around):
                continue
            if "集中整改" in around and not re.search(r"(?:进行|开展)了?.{0,10}巡[察视]", around):
                continue
            start = sentence.start() + match.start()
            found.period = found.note("period", token, start, start + len(match.group()))
            return
    _read_month(found, intro, cues)


def _read_month(found: Header, intro: Sequence[Token], cues: Cues) -> None:
    """2024年7月，县委巡察组对…开展了巡察: a period of one month."""
    for token in intro:
        match = cues.header["month"].search(token.text[:600])
        if match is not None:
            found.period = found.note("period", token, match.start("m"), match.end("m"))
            return


def _read_feedback(found: Header, intro: Sequence[Token], cues: Cues) -> None:
    for token in intro:
        text = token.text[:2000]
        for match in re.finditer(r"反馈", text):
            clause = text[: match.start()]
            dates = [
                date
                for date in cues.header["date"].finditer(clause)
                if match.start() - date.end() <= 60 and "月" in date.group()
            ]
            dates = [
                date for date in dates if not _in_period(found, text, date.start(), date.end())
            ]
            if not dates or "。" in clause[dates[-1].end() :]:
                continue
            date = dates[-1]
            raw = found.note("feedback_date", token, date.start(), date.end())
            before = found.period or ""
            after = read_date(_period_end(before)).iso
            year = last_year(clause)
            found.feedback_date = read_date(raw, year=year, after=after)
            return


def _period_end(period: str) -> str:
    parts = re.split(r"至|到|—+|－|-|–|~|～", period)
    if len(parts) < 2:
        return ""
    first, last = parts[0], parts[-1]
    if "年" not in last:
        year = re.match(r"\d{4}年", first)
        last = (year.group() if year else "") + last
    return last


def _in_period(found: Header, text: str, start: int, end: int) -> bool:
    if not found.period:
        return False
    at = text.find(found.period)
    return at >= 0 and at <= start and end <= at + len(found.period)


def _read_unit(
    found: Header,
    title: Sequence[Token],
    intro: Sequence[Token],
    closing: Sequence[Token],
    cues: Cues,
) -> None:
    names: list[tuple[Token, int, int]] = []
    names += _title_units(title)
    for token in intro:
        for match in cues.header["unit_target"].finditer(token.text[:1500]):
            name = match.group("u")
            if cues.header["unit_tail"].search(name) or len(name) >= 4:
                names.append((token, match.start("u"), match.end("u")))
    for token in [*intro, *closing]:
        told = cues.header["unit_line"].search(token.text[:120])
        if told is not None:
            names.append((token, told.start("u"), told.end("u")))
    for token in closing:
        if cues.header["unit_tail"].search(token.text) and len(token.text) <= 40:
            names.append((token, 0, len(token.text)))
    names = [entry for entry in names if _is_unit(entry[0].text[entry[1] : entry[2]], cues)]
    # 公司党委 in an intro names nobody: a fuller name in the title or signature goes first.
    names.sort(key=lambda entry: GENERIC_UNIT.match(entry[0].text[entry[1] : entry[2]]) is not None)
    for token, start, end in names[:1]:
        found.unit = found.note("unit", token, start, end)
    found.unit_names = [token.text[start:end] for token, start, end in names]
    found.unit_names += ["".join(token.text for token in title), found.team or ""]


def _title_units(title: Sequence[Token]) -> list[tuple[Token, int, int]]:
    names: list[tuple[Token, int, int]] = []
    for token in title[:2]:
        text = token.text
        match = TITLE_UNIT.match(text)
        if match and not match.group("u").startswith(("关于", "巡", "落实")):
            names.append((token, match.start("u"), match.end("u")))
        elif token is not title[-1] and not text.startswith("关于"):
            names.append((token, 0, len(text)))
        inner = TITLE_INNER.search(text)
        if inner and not match:
            names.append((token, inner.start("u"), inner.end("u")))
    return names


def _is_unit(name: str, cues: Cues) -> bool:
    if re.search(r"巡[察视]|反馈|问题|整改|意见|精神|工作情况|情况|集中", name):
        return False
    return bool(cues.header["unit_tail"].search(name) or re.search(r"[省市县区镇乡村局委]", name))


def _read_published(
    found: Header,
    title: Sequence[Token],
    intro: Sequence[Token],
    closing: Sequence[Token],
    cues: Cues,
) -> None:
    for token in reversed(closing):
        if cues.header["date_line"].match(token.text):
            text = token.text.strip("（）() ")
            start = token.text.index(text)
            raw = found.note("published_date", token, start, start + len(text))
            found.published_date = read_date(raw)
            return
    for token in [*closing, *intro[:3], *title]:
        match = cues.header["publish_line"].search(token.text[:200])
        if match:
            raw = found.note("published_date", token, match.start("d"), match.end("d"))
            found.published_date = read_date(raw)
            return
    for token in intro[:2]:
        match = cues.header["dated_bracket"].match(token.text[:60])
        if match:
            raw = found.note("published_date", token, match.start("d"), match.end("d"))
            found.published_date = read_date(raw)
            return
        if cues.header["date_line"].match(token.text):
            text = token.text.strip("（）() ")
            start = token.text.index(text)
            raw = found.note("published_date", token, start, start + len(text))
            found.published_date = read_date(raw)
            return


def _check_order(found: Header, intro: Sequence[Token]) -> None:
    line = intro[0].line if intro else 1
    if found.period:
        parts = re.split(r"至|到|—+|－|–|~|～", found.period)
        first = read_date(parts[0]).iso
        last = read_date(_period_end(found.period)).iso
        if first and last and last < first:
            message = f"巡察时间“{found.period}”前后颠倒，请核对原文。"
            found.doubts.append(Doubt(line, message))
    feedback = found.feedback_date.iso if found.feedback_date else ""
    published = found.published_date.iso if found.published_date else ""
    if feedback and published and published < feedback:
        message = "落款日期早于反馈日期，请核对原文。"
        found.doubts.append(Doubt(line, message))

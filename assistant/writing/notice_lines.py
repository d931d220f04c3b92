"""Questions about notices as such, answered from their own lines: headers, totals, prose.

Cases hold problems and measures; when a meeting was held, how long 集中整改 lasts or how many
persons were held to account often stands in the lines around them. What is said here is found
by code and cited at its line; a notice that is silent is said to be silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import yaml

from assistant.cleaning import normalise
from assistant.facts.find import find_facts
from assistant.models import Answerable, Case, Evidence, Notice, ProblemKind, Span, StatusClass
from assistant.writing.formulas import restored
from assistant.writing.masking import plain, safe_text
from assistant.writing.vocabulary import is_general
from assistant.writing.words import sentences, strip_label

PROSE = frozenset({"导语", "组织情况", "未完成", "下一步"})
LONGEST = 90
SHOWN = 12
OPEN = (StatusClass.OPEN, StatusClass.ONGOING, StatusClass.STAGED)


class LineReader(Protocol):
    """What is needed of the Library."""

    def notices(self) -> tuple[Notice, ...]:
        """Give all notices with their cases."""

    def lines(self, notice_id: str) -> tuple[str, ...]:
        """Give the raw lines of the whole file of a notice."""


@dataclass(frozen=True, slots=True)
class Looked:
    """An answer read from the lines of the notices."""

    text: str
    evidence: tuple[Evidence, ...]
    answerable: Answerable
    own: frozenset[str]
    """Sentences counted or concluded by code: they need no quotation."""


@dataclass(frozen=True, slots=True)
class _Lookup:
    asked: re.Pattern[str]
    about: re.Pattern[str]
    holds: re.Pattern[str]
    what: str
    silent: str
    note: str
    each: int
    general: bool
    """Only for questions that name no matter of their own."""
    prose: bool


class _Page:
    """Lines of an answer with their evidence, numbered as they come."""

    def __init__(self) -> None:
        self.evidence: list[Evidence] = []
        self.parts: list[str] = []
        self.own: list[str] = []

    def number(self, case: Case, notice: Notice) -> int:
        """Give the number of a case, new or known."""
        known = next((e.number for e in self.evidence if e.case.id == case.id), None)
        if known is not None:
            return known
        self.evidence.append(Evidence(len(self.evidence) + 1, case, notice))
        return len(self.evidence)

    def say(self, text: str) -> None:
        """Add what code concluded."""
        self.parts.append(text)
        self.own.append(text)

    def looked(self, band: Answerable = Answerable.YES) -> Looked:
        """Give the whole."""
        own = frozenset(_bare(line) for text in self.own for line in re.split(r"(?<=。)|\n", text))
        return Looked("\n\n".join(self.parts), tuple(self.evidence), band, own)


def _bare(text: str) -> str:
    return re.sub(r"\[\d+\]|^[-\s]+|[\s。：]+$", "", text)


def is_own(sentence: str, looked: Looked) -> bool:
    """Whether a sentence of the answer was concluded by code."""
    return _bare(sentence) in looked.own


def answer_from_lines(question: str, library: LineReader) -> Looked | None:
    """Answer a question about notices as such, or give `None` where it is not one."""
    kind = _kind(question)
    if kind is None:
        return None
    notices = tuple(notice for notice in library.notices() if notice.cases)
    named = named_notices(question, notices)
    absent = () if named else absent_names(question, notices)
    if absent:
        return _absent(absent, notices)
    if kind in _rules().lookups:
        return _look_up(_rules().lookups[kind], question, named or notices, library)
    writer = {"dates": _dates, "team": _team, "totals": _totals, "open": _open}[kind]
    return writer(question, named, notices, library)


# ------------------------------------------------------------------ what is asked, of whom


def _kind(question: str) -> str | None:
    rules = _rules()
    if len(question) > 80:
        return None
    kinds = [*rules.lookups.items(), *rules.asked.items()]
    for name, rule in kinds:
        pattern = rule.asked if isinstance(rule, _Lookup) else rule
        if pattern.search(question):
            return name
    return None


def _short_name(name: str) -> str:
    rules = _rules()
    text = plain(name)
    text = rules.lead.sub("", text)
    for long, short in rules.aliases:
        text = text.replace(long, short)
    return rules.organ.sub("", text)


def named_notices(question: str, notices: Sequence[Notice]) -> tuple[Notice, ...]:
    """Notices of the units a question names, in full, in short or by the last part."""
    asked = plain(question)
    for long, short in _rules().aliases:
        asked = asked.replace(long, short)
    found: list[tuple[int, Notice]] = []
    for notice in notices:
        core = _short_name(notice.unit or "")
        last = _rules().last.search(core)
        names = {core, plain(notice.unit or ""), last.group(1) if last else core}
        fitting = [name for name in names if len(name) > 2 and name in asked]
        if fitting:
            found.append((max(map(len, fitting)), notice))
    longest = max((length for length, _ in found), default=0)
    return tuple(notice for length, notice in found if length == longest)


def absent_names(question: str, notices: Sequence[Notice]) -> tuple[str, ...]:
    """Units or places a question names that no notice is about."""
    said = "\n".join(f"{notice.unit} {notice.title}" for notice in notices)
    return tuple(
        fact.text
        for fact in find_facts(question)
        if fact.kind in ("body", "place")
        and len(fact.text) > 2
        and not is_general(fact.text)
        and "组" not in fact.text[-2:]
        and fact.text not in said
    )


def _absent(names: Sequence[str], notices: Sequence[Notice]) -> Looked:
    page = _Page()
    said = "、".join(f"“{name}”" for name in names)
    page.say(f"案例库中没有{said}的通报，无法回答这个问题。")
    page.say("单位名称已隐去的通报，本工具不推断是不是同一单位。可以先导入该单位的通报再提问。")
    return page.looked(Answerable.NO)


# ------------------------------------------------------------------ sentences that answer


def _look_up(
    rule: _Lookup, question: str, notices: Sequence[Notice], library: LineReader
) -> Looked | None:
    if rule.general and len(notices) > 1 and not _rules().every.search(question):
        return None
    page = _Page()
    found: list[str] = []
    touching: list[tuple[Case, Notice]] = []
    for notice in notices:
        texts = list(_texts(notice, library.lines(notice.id), prose_only=rule.prose))
        held = [(case, said) for case, text in texts if (said := _held(rule, text))]
        for case, said in held[: rule.each]:
            number = page.number(case, notice)
            found.append(f"- {_unit(notice)}：{said}[{number}]。")
        if not held and rule.silent:
            touched = next((case for case, text in texts if rule.about.search(text)), None)
            touching += [(touched, notice)] if touched else []
    if not found:
        return _none_holds(rule, notices)
    units = len({line.partition("：")[0] for line in found})
    page.say(f"查阅库内{len(notices)}份通报，写明{rule.what}的如下（{len(found)}处）：")
    if units:
        page.parts[-1] += "\n" + "\n".join(found)
    for case, notice in touching:
        page.say(f"{_unit(notice)}：原文{rule.silent}[{page.number(case, notice)}]。")
    if rule.note:
        page.say(rule.note)
    return page.looked()


def _none_holds(rule: _Lookup, notices: Sequence[Notice]) -> Looked:
    page = _Page()
    whose = f"{_unit(notices[0])}的通报" if len(notices) == 1 else f"库内{len(notices)}份通报"
    page.say(f"{whose}原文没有写明{rule.what}。")
    if rule.note:
        page.say(rule.note)
    return page.looked(Answerable.NO)


def _texts(
    notice: Notice, lines: Sequence[str], *, prose_only: bool
) -> Iterator[tuple[Case, str]]:
    """Every sentence of a notice with the case it stands in, prose first."""
    prose = [line for line, role in notice.report.roles if role in PROSE]
    places = [(line, None) for line in prose]
    if not prose_only:
        for case in notice.cases:
            places += [(line, case) for line in _lines_of(case)]
    for line, owner in places:
        if not 1 <= line <= len(lines):
            continue
        for start, end in sentences(lines[line - 1]):
            raw = lines[line - 1][start:end]
            yield owner or _prose_case(notice, line, start, raw), raw


def _lines_of(case: Case) -> list[int]:
    wanted = set(range(case.line, case.end_line + 1))
    for span in case.body:
        wanted.update(range(span.line, span.end_line + 1))
    return sorted(wanted)


def _prose_case(notice: Notice, line: int, start: int, raw: str) -> Case:
    """A line outside the cases, in the form every page can show."""
    span = Span(line, start, line, start + len(raw))
    return Case(
        id=f"{notice.id}-L{line}",
        notice_id=notice.id,
        number="",
        line=line,
        end_line=line,
        category=(),
        problem=raw,
        problem_span=span,
        kind=ProblemKind.TOPIC,
        measures=(),
        status=None,
        status_class=None,
    )


def _held(rule: _Lookup, raw: str) -> str:
    """The part of a sentence that answers, or nothing."""
    text = normalise(raw).text
    match = rule.holds.search(text)
    if match is None:
        return ""
    if len(text) > LONGEST:
        first = max(text.rfind(mark, 0, match.start() + 1) for mark in "，；：") + 1
        ends = [at for mark in "，；。" if (at := text.find(mark, match.end())) >= 0]
        text = text[first : min(ends, default=len(text))]
    return restored(strip_label(safe_text(text)).strip("，；。 ")) or ""


def _unit(notice: Notice) -> str:
    return safe_text(notice.unit or notice.title or notice.unit_type or "某单位")


# ------------------------------------------------------------------ headers


def _header_case(notice: Notice, field: str, lines: Sequence[str]) -> Case:
    """The line a header field was read from; else the first line of the notice."""
    span = next((span for name, span in notice.evidence if name == field), None)
    line = span.line if span else notice.start_line
    return _prose_case(notice, line, 0, lines[line - 1] if line <= len(lines) else "")


def _dates(
    question: str, named: Sequence[Notice], notices: Sequence[Notice], library: LineReader
) -> Looked | None:
    if not named and not _rules().every.search(question):
        return None
    page = _Page()
    fields = [
        (field, label)
        for field, label in (("feedback_date", "反馈"), ("published_date", "落款"))
        if _rules().dates[field].search(question)
    ]
    lines = []
    for notice in (named or notices)[:SHOWN]:
        for field, label in fields:
            lines.append(_date_line(page, notice, field, label, library.lines(notice.id)))
    page.parts.append("\n".join(f"- {line}" for line in lines) if len(lines) > 1 else lines[0])
    return page.looked()


def _date_line(
    page: _Page, notice: Notice, field: str, label: str, lines: Sequence[str]
) -> str:
    date = notice.feedback_date if field == "feedback_date" else notice.published_date
    if date is None:
        said = f"{_unit(notice)}：原文没有写明{label}日期"
        number = page.number(_header_case(notice, "title", lines), notice)
        page.own.append(said)
        return f"{said}[{number}]。"
    number = page.number(_header_case(notice, field, lines), notice)
    known = ""
    if date.iso and "年" not in date.raw:
        known = f"（按上下文为{date.iso[:4]}年）"
    said = f"{_unit(notice)}：{label}日期为{date.raw}{known}"
    page.own.append(said)
    return f"{said}[{number}]。"


def _team(
    question: str, named: Sequence[Notice], notices: Sequence[Notice], library: LineReader
) -> Looked | None:
    if not named:
        return None
    page = _Page()
    for notice in named:
        lines = library.lines(notice.id)
        parts = [notice.team or "", f"{notice.inspection or '巡察'}时间为{notice.period}" if notice.period else ""]
        said = f"{_unit(notice)}：{'，'.join(filter(None, parts)) or '原文没有写明'}"
        page.say(f"{said}[{page.number(_header_case(notice, 'period', lines), notice)}]。")
    return page.looked()


# ------------------------------------------------------------------ totals and what is open


def _totals(
    question: str, named: Sequence[Notice], notices: Sequence[Notice], library: LineReader
) -> Looked | None:
    wanted = _rules().number.search(question)
    if wanted:
        number = int(wanted.group(1) or wanted.group(2))
        among = named or notices
        named = [n for n in among if any(_states(c.name, c.stated, number) for c in n.counts)]
        if not named:
            page = _Page()
            page.say(f"案例库中没有自述反馈{number}个问题的通报，无法回答完成了几个。")
            return page.looked(Answerable.NO)
    if not named or len(named) > 3 or _has_matter(question):
        return None
    page = _Page()
    for notice in named:
        _tell_totals(page, notice, library.lines(notice.id))
    return page.looked()


def _states(name: str, stated: int, number: int) -> bool:
    return name == "问题数" and stated == number


def _has_matter(question: str) -> bool:
    return bool(re.search(r"关于|方面|这类|类问题|领域", question))


def _tell_totals(page: _Page, notice: Notice, lines: Sequence[str]) -> None:
    told = [count for count in notice.counts if re.match(r"问题|完成|基本完成|推进|措施", count.name)]
    quotes = dict.fromkeys((count.line, count.quote) for count in told)
    for line, quote in quotes:
        case = _prose_case(notice, line, max(0, lines[line - 1].find(quote)), quote)
        said = restored(safe_text(quote)) or ""
        page.parts.append(f"{_unit(notice)}通报自述：{said.rstrip('。')}[{page.number(case, notice)}]。")
    if not quotes:
        page.say(f"{_unit(notice)}的通报没有自述总数。")
    page.say(_counted(notice))
    for count in told:
        if count.counted is not None and count.counted != count.stated:
            page.say(
                f"通报自述{count.name}为{count.stated}，逐条清点为{count.counted}，"
                "两者不一致，请以原文核对。"
            )


def _counted(notice: Notice) -> str:
    by_status = [
        f"{status.value}{number}条"
        for status in StatusClass
        if (number := sum(case.status_class == status for case in notice.cases))
    ]
    silent = sum(case.status_class is None for case in notice.cases)
    by_status += [f"未写明状态{silent}条"] if silent else []
    return f"逐条清点：正文列出{len(notice.cases)}条问题，其中{'、'.join(by_status)}。"


def _open(
    question: str, named: Sequence[Notice], notices: Sequence[Notice], library: LineReader
) -> Looked | None:
    if not named:
        return None
    page = _Page()
    for notice in named:
        pending = [case for case in notice.cases if case.status_class in OPEN]
        lines = library.lines(notice.id)
        prose = [line for line, role in notice.report.roles if role == "未完成"]
        if not pending and not prose:
            page.say(f"{_unit(notice)}的通报没有单列未完成事项，也没有哪条问题写明未完成。")
            continue
        page.say(f"{_unit(notice)}的通报写明还在推进或未完成的有{len(pending)}条：")
        page.parts[-1] += "".join(_open_line(page, case, notice) for case in pending)
        for line in prose[1:5]:
            case = _prose_case(notice, line, 0, lines[line - 1])
            said = restored(safe_text(lines[line - 1])[:LONGEST])
            if said:
                page.parts.append(f"{said.rstrip('。')}[{page.number(case, notice)}]。")
    return page.looked()


def _open_line(page: _Page, case: Case, notice: Notice) -> str:
    status = f"：{safe_text(case.status)}" if case.status else ""
    said = f"{safe_text(case.problem).rstrip('。')}{status.rstrip('。')}"
    page.own.append(said)
    return f"\n- {said}[{page.number(case, notice)}]。"


# ------------------------------------------------------------------ rules


@dataclass(frozen=True, slots=True)
class _Rules:
    lookups: dict[str, _Lookup]
    asked: dict[str, re.Pattern[str]]
    dates: dict[str, re.Pattern[str]]
    number: re.Pattern[str]
    every: re.Pattern[str]
    aliases: tuple[tuple[str, str], ...]
    lead: re.Pattern[str]
    organ: re.Pattern[str]
    last: re.Pattern[str]


def _lookup(entry: dict[str, Any]) -> _Lookup:
    return _Lookup(
        *(re.compile(entry[name]) for name in ("asked", "about", "holds")),
        entry["what"],
        entry["silent"],
        entry.get("note", ""),
        entry.get("each", 1),
        bool(entry.get("general", False)),
        bool(entry.get("prose", False)),
    )


@cache
def _rules() -> _Rules:
    held = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return _Rules(
        {name: _lookup(entry) for name, entry in held["lookups"].items()},
        {name: re.compile(held[name]["asked"]) for name in ("dates", "team", "open", "totals")},
        {
            "feedback_date": re.compile(held["dates"]["feedback"]),
            "published_date": re.compile(held["dates"]["published"]),
        },
        re.compile(held["totals"]["number"]),
        re.compile(held["every"]),
        tuple(held["aliases"].items()),
        re.compile(held["lead"]),
        re.compile(held["organ"]),
        re.compile(held["last"]),
    )

"""Questions about notices as such, answered from their own lines: headers, totals, prose.

Cases hold problems and measures; when a meeting was held, how long 集中整改 lasts or how many
persons were held to account often stands in the lines around them. What is said here is found
by code and cited at its line; a notice that is silent is said to be silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.cleaning import normalise
from assistant.followup import own_matter
from assistant.models import Answerable, Case, Notice
from assistant.query_filters import without_filters
from assistant.writing.borrow import specific_words
from assistant.writing.formulas import restored
from assistant.writing.masking import safe_text
from assistant.writing.notice_page import LineReader, Looked, Page, prose_case, unit_of
from assistant.writing.notice_rules import (
    Lookup,
    absent_names,
    in_scope,
    kind_of,
    kinds_named,
    named_notices,
    rules,
)
from assistant.writing.notice_totals import (
    tell_dates,
    tell_open,
    tell_rank,
    tell_team,
    tell_totals,
)
from assistant.writing.words import sentences, strip_label

WRITERS = {
    "rank": tell_rank,
    "dates": tell_dates,
    "team": tell_team,
    "totals": tell_totals,
    "open": tell_open,
}
PROSE = frozenset({"导语", "组织情况", "未完成", "下一步"})
LONGEST = 70
SHORTEST = 16
FEW = 3
_LEAD_IN = re.compile(r"^\s*整改(?:落实)?情况[：:]\s*")


def answer_from_lines(question: str, library: LineReader) -> Looked | None:
    """Answer a question about notices as such, or give `None` where it is not one."""
    kind = kind_of(question)
    if kind is None:
        return None
    outlines = tuple(outline for outline in library.outlines() if outline.cases)
    named = named_notices(question, outlines) or _of_few(question, kind, outlines)
    absent = () if named else absent_names(question, outlines)
    if absent:
        return _absent(absent)
    if kind in rules().lookups:
        among = named or in_scope(question, outlines)
        return _look_up(rules().lookups[kind], question, among, library)
    writer = WRITERS[kind]
    named = tuple(library.notice(outline.id) for outline in named)
    return writer(question, named, outlines, library)


def _of_few(question: str, kind: str, notices: Sequence[Notice]) -> tuple[Notice, ...]:
    """Notices of a kind of unit that has few of them, where the question is about nothing else."""
    types = kinds_named(question, leading=True)
    if kind in rules().lookups or kind == "rank" or not types:
        return ()
    if specific_words(without_filters(question)) - rules().no_matter:
        return ()
    among = tuple(notice for notice in notices if notice.unit_type in types)
    return among if len(among) <= FEW else ()


def _absent(names: Sequence[str]) -> Looked:
    page = Page()
    said = "、".join(f"“{name}”" for name in names)
    page.say(f"案例库中没有{said}的通报，无法回答这个问题。")
    page.say("单位名称已隐去的通报，本工具不推断是不是同一单位。可以先导入该单位的通报再提问。")
    return page.looked(Answerable.NO)


def _look_up(
    rule: Lookup, question: str, outlines: Sequence[Notice], library: LineReader
) -> Looked | None:
    several = len(outlines) > 1 and not rules().every.search(question)
    if rule.general and several and own_matter(without_filters(question)):
        return None
    page = Page()
    found: list[str] = []
    touching: list[tuple[tuple[Case, str], Notice]] = []
    for outline in outlines:
        notice = library.notice(outline.id)
        texts = list(_texts(notice, library.lines(notice.id), prose_only=rule.prose))
        held = [(case, said) for case, text in texts if (said := _held(rule, text))]
        for case, said in held[: rule.each]:
            number = page.number(case, notice)
            found.append(f"- {unit_of(notice)}：{said}[{number}]。")
        if not held and rule.silent:
            touching += [(one, notice) for one in texts if rule.about.search(one[1])][:1]
    if not found:
        return _none_holds(rule, outlines)
    whose = (
        f"{unit_of(outlines[0])}的通报"
        if len(outlines) == 1
        else f"查阅库内{len(outlines)}份通报，"
    )
    page.say(f"{whose}有{len(found)}处写明了{rule.what}：")
    page.parts[-1] += "\n" + "\n".join(found)
    if touching:
        page.say(f"另有{len(touching)}份{rule.silent}：")
        for (case, text), notice in touching:
            said = _around(rule.about, text)
            page.parts[-1] += f"\n- {unit_of(notice)}：{said}[{page.number(case, notice)}]。"
    if rule.note:
        page.say(rule.note)
    return page.looked()


def _none_holds(rule: Lookup, notices: Sequence[Notice]) -> Looked:
    page = Page()
    whose = f"{unit_of(notices[0])}的通报" if len(notices) == 1 else f"库内{len(notices)}份通报"
    page.say(f"{whose}原文没有写明{rule.what}。")
    if rule.note:
        page.say(rule.note)
    return page.looked(Answerable.NO)


def _texts(notice: Notice, lines: Sequence[str], *, prose_only: bool) -> Iterator[tuple[Case, str]]:
    """Every sentence of a notice with the case it stands in, prose first."""
    prose = [line for line, role in notice.report.roles if role in PROSE]
    places: list[tuple[int, Case | None]] = [(line, None) for line in prose]
    if not prose_only:
        for case in notice.cases:
            places += [(line, case) for line in _lines_of(case)]
    for line, owner in places:
        if not 1 <= line <= len(lines):
            continue
        for start, end in sentences(lines[line - 1]):
            raw = lines[line - 1][start:end]
            yield owner or prose_case(notice, line, start, raw), raw


def _lines_of(case: Case) -> list[int]:
    wanted = set(range(case.line, case.end_line + 1))
    for span in case.body:
        wanted.update(range(span.line, span.end_line + 1))
    return sorted(wanted)


def _held(rule: Lookup, raw: str) -> str:
    """The part of a sentence that answers, or nothing."""
    return _around(rule.holds, raw)


def _around(pattern: re.Pattern[str], raw: str) -> str:
    """The clauses around a match, short sentences whole; empty where nothing matches."""
    text = normalise(raw).text
    match = pattern.search(text)
    if match is None:
        return ""
    if len(text) > LONGEST:
        first = max(text.rfind(mark, 0, match.start() + 1) for mark in "，；：") + 1
        end = max(match.end(), first + SHORTEST)
        ends = [at for mark in "，；。" if (at := text.find(mark, end)) >= 0]
        text = text[first : min(ends, default=len(text))]
    text = _LEAD_IN.sub("", text)
    return restored(strip_label(safe_text(text)).strip("，；。： ")) or ""

"""A loaded document → its notices, with cases, header fields and a report of the reading."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.cleaning import CleanLine, clean_lines
from assistant.errors import ParseError
from assistant.models import Case, Document, Doubt, Notice, ParseReport
from assistant.parsing.bare import first_led
from assistant.parsing.cases import build_cases
from assistant.parsing.counts import stated_counts
from assistant.parsing.cues import load_cues
from assistant.parsing.form_tables import FormTable, find_form, form_cases
from assistant.parsing.header import read_header
from assistant.parsing.items import Gatherer, Item
from assistant.parsing.layout import Layout, choose_layout
from assistant.parsing.ledger import Ledger, find_ledger, ledger_cases
from assistant.parsing.outline import build_outline, find_first_head, headings_above
from assistant.parsing.pairing import pair_lists
from assistant.parsing.segment import Segment, split_notices
from assistant.parsing.stacked import Stacked, find_stacked, stacked_cases
from assistant.parsing.tabbed import tabbed_tables
from assistant.parsing.tokens import tokenise
from assistant.parsing.unnumbered import line_heads, line_outline
from assistant.taxonomy.units import classify_unit

GENRE = re.compile(r"整改|巡察|巡视|反馈意见")


def parse_document(document: Document) -> tuple[Notice, ...]:
    """All notices of a document in order; cases come without topics and kinds."""
    lines: Sequence[CleanLine] = clean_lines(document.lines)
    typed = [table for table in tabbed_tables(lines, document.tables) if find_ledger(table)]
    document = replace(document, tables=(*document.tables, *typed))
    lines = _with_tables(lines, document)
    ledgers = ledgers_of(document)
    taken = {number for ledger in ledgers for number in ledger.lines}
    forms = _forms_of(document, ledgers)
    taken |= {number for form in forms for number in form.lines}
    stacked = find_stacked([line for line in lines if line.number not in taken])
    taken |= {number for table in stacked for number in table.lines}
    tokens = tokenise([line for line in lines if line.number not in taken])
    if not (ledgers or forms or stacked) and not any(
        GENRE.search(token.text[:400]) for token in tokens
    ):
        raise ParseError(
            "未识别出巡视巡察整改通报的内容",
            where=document.source,
            todo="请确认文件是整改通报、整改报告或整改台账",
        )
    segments = split_notices(tokens) or (Segment((), ()),)
    notices = []
    for index, segment in enumerate(segments):
        low = 1 if index == 0 else segment.first_line
        high = segments[index + 1].first_line - 1 if index + 1 < len(segments) else len(lines)
        region = Region(document, lines, low, high, ledgers, forms, stacked)
        notices.append(_parse_segment(segment, region))
    return tuple(notices)


def cases_of(document: Document) -> tuple[Case, ...]:
    """All cases of a document, in order."""
    return tuple(case for notice in parse_document(document) for case in notice.cases)


def ledgers_of(document: Document) -> tuple[Ledger, ...]:
    """Tables of a document that are ledgers."""
    found = (find_ledger(table) for table in document.tables)
    return tuple(ledger for ledger in found if ledger is not None)


def _forms_of(document: Document, ledgers: Sequence[Ledger]) -> tuple[FormTable, ...]:
    """Tables that are forms; a ledger is none."""
    known = {ledger.table.first_line for ledger in ledgers}
    tables = (table for table in document.tables if table.first_line not in known)
    return tuple(form for form in map(find_form, tables) if form is not None)


def _with_tables(lines: Sequence[CleanLine], document: Document) -> list[CleanLine]:
    """Rows of tables are no table of contents, whatever their tabs."""
    rows = {
        number
        for table in document.tables
        for number in range(table.first_line, table.first_line + len(table.rows))
    }
    return [
        replace(line, noise=None)
        if line.number in rows and line.noise is not None and line.raw.strip()
        else line
        for line in lines
    ]


@dataclass(frozen=True, slots=True)
class Region:
    """The lines of a document that go with one notice."""

    document: Document
    lines: Sequence[CleanLine]
    low: int
    high: int
    ledgers: tuple[Ledger, ...]
    forms: tuple[FormTable, ...] = ()
    stacked: tuple[Stacked, ...] = ()

    @property
    def own(self) -> Sequence[CleanLine]:
        """Its lines."""
        return self.lines[self.low - 1 : self.high]

    def tables(self) -> list[Ledger]:
        """Its ledgers."""
        return [led for led in self.ledgers if self.low <= led.table.first_line <= self.high]


def notice_id_of(sha256: str, start_line: int) -> str:
    """Short id from the file's content and the place of the notice in it."""
    return hashlib.sha256(f"{sha256}:{start_line}".encode()).hexdigest()[:8]


def _parse_segment(segment: Segment, region: Region) -> Notice:
    document = region.document
    tables = region.tables()
    tokens = segment.tokens
    start_line = segment.first_line if segment.title or tokens else min(tables[0].lines, default=1)
    notice_id = notice_id_of(document.sha256, start_line)
    first_head = min(find_first_head(tokens), first_led(tokens, load_cues()))
    depths = line_heads(tokens) if first_head == len(tokens) else {}
    first_head = min(depths, default=first_head)
    header = read_header(segment.title, tokens, first_head)
    if not header.title:
        header.title = next((led.table.name for led in tables if led.table.name), "")
    intro = tokens[: min(first_head, len(tokens) - header.closing)]
    below = tokens[len(intro) : len(tokens) - header.closing]
    shifted = {index - len(intro): depth for index, depth in depths.items()}
    root = line_outline(below, shifted) if depths else build_outline(below)
    pair_lists(root)
    layout = choose_layout(root)
    headings = [headings_above(root, ledger.table.first_line) for ledger in tables]
    layout.framing |= {token.line for above in headings for token in above}
    gatherer = Gatherer(root, layout)
    items = gatherer.gather(root)
    cases, doubts = build_cases(items, notice_id)
    roles = dict(header.roles) | gatherer.role
    for token in intro:
        for part in token.flow.parts:
            roles.setdefault(part.line.number, "导语")
    # What stands above the first title belongs to the file, such as a compilation's own title.
    roles |= {
        line.number: "附注" for line in region.own if line.number < start_line and not line.noise
    }
    for ledger, above in zip(tables, headings, strict=True):
        names = [token.flow.raw(0, len(token.text)).strip() for token in above]
        cases += ledger_cases(ledger, region.lines, notice_id, len(cases) + 1, above=names)
        roles |= _table_roles(ledger)
    forms = [form for form in region.forms if region.low <= form.lines[0] <= region.high]
    for form in forms:
        cases += form_cases(form, region.lines, notice_id, len(cases) + 1)
        roles |= dict.fromkeys(form.lines, "案例")
    piled = [pile for pile in region.stacked if region.low <= pile.first_line <= region.high]
    for pile in piled:
        cases += stacked_cases(pile, notice_id, len(cases) + 1)
        roles |= dict.fromkeys(pile.lines, "案例")
    prose = [token for token in tokens if roles.get(token.line) in ("导语", "组织情况")]
    unit_type, unit_level = classify_unit(header.unit_names)
    report = _report(layout, items, cases, (*header.doubts, *doubts), roles, region.own)
    ends = [token.flow.last_line for token in (*segment.title, *tokens)[-1:]]
    ends += [table.lines[-1] for table in tables]
    ends += [table.lines[-1] for table in forms] + [table.lines[-1] for table in piled]
    return Notice(
        id=notice_id,
        source=document.source,
        sha256=document.sha256,
        title=header.title,
        unit=header.unit,
        unit_type=unit_type,
        unit_level=unit_level,
        inspection=header.inspection,
        team=header.team,
        period=header.period,
        feedback_date=header.feedback_date,
        published_date=header.published_date,
        start_line=start_line,
        end_line=max(ends, default=start_line),
        cases=cases,
        counts=stated_counts(prose, cases),
        report=report,
        evidence=tuple(header.evidence),
    )


def _table_roles(ledger: Ledger) -> dict[int, str]:
    return {
        number: "标题行" if index < ledger.first_row else "案例"
        for index, number in enumerate(ledger.lines)
    }


def _report(
    layout: Layout,
    items: Sequence[Item],
    cases: Sequence[Case],
    doubts: Sequence[Doubt],
    roles: dict[int, str],
    region: Sequence[CleanLine],
) -> ParseReport:
    styles = [style for style, _ in Counter(item.style for item in items).most_common()]
    table: list[tuple[int, str]] = []
    unassigned: list[int] = []
    for line in region:
        if not line.raw.strip():
            continue
        role = roles.get(line.number) or ("噪声" if line.noise is not None else "附注")
        if line.noise is None and line.number not in roles:
            unassigned.append(line.number)
        table.append((line.number, role))
    confidence = layout.confidence()
    if cases:
        confidence = round(
            (confidence + sum(case.confidence for case in cases) / len(cases)) / 2, 3
        )
    return ParseReport(
        layout=layout.name(styles) if items else "台账表格" if cases else "未读到案例",
        confidence=confidence if items else 0.9 if cases else 0.0,
        unassigned=tuple(unassigned),
        doubts=tuple(doubts),
        roles=tuple(table),
    )

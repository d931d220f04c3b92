"""Source panels: the raw lines of a cited case, opened by an anchor, with no script or rerun.

A citation `[1]` is a link to the id of an `<aside>`; the stylesheet shows the aside that is the
`:target` of the address. So it works while text is still streaming in, and Back closes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from assistant.errors import AssistantError
from assistant.models import Case, Citation, Evidence, Notice, Span
from assistant.ui.desk import ReviewDesk
from assistant.ui.kit import date_of, lines_of, status_html, unit_of, where_of
from assistant.ui.safe import marked, plain
from assistant.ui.state import lines

CONTEXT = 2
WHOLE_CASE_LINES = 14
LINE_LIMIT = 1200
PANELS = 60
"""Citations of one answer that open beside it; the rest (long lists) open in the library."""


def panels_html(desk: ReviewDesk, evidence: Sequence[Evidence], *, prefix: str) -> str:
    """Draw one aside for each piece of evidence, all hidden until called by its id."""
    panels = "".join(
        panel_html(desk, item, opened_by=f'id="{plain(prefix)}-{item.number}"') for item in evidence
    )
    return f'<div class="panels">{panels}</div>'


def targets_html(prefix: str, evidence: Sequence[Evidence]) -> str:
    """Draw the targets of citations apart from their panels.

    The panels of an answer are drawn again when it is complete and checked; a target that is
    replaced is no longer the target, so targets stand in a block of their own that never changes.
    The stylesheet opens the panel `pN` of the turn whose target `tN` is called.
    """
    spans = "".join(
        f'<span class="tgt t{item.number}" id="{plain(prefix)}-{item.number}"></span>'
        for item in evidence[:PANELS]
    )
    return f'<div class="tgts">{spans}</div>'


def answer_panels_html(
    desk: ReviewDesk, evidence: Sequence[Evidence], citations: Sequence[Citation] = ()
) -> str:
    """Draw the panels of an answer, opened by the targets of `targets_html`."""
    by_number: dict[int, list[Citation]] = {}
    for citation in citations:
        by_number.setdefault(citation.number, []).append(citation)
    panels = "".join(
        panel_html(
            desk,
            item,
            opened_by=f'data-n="{item.number}"',
            citations=by_number.get(item.number, ()),
        )
        for item in evidence[:PANELS]
    )
    return f'<div class="panels">{panels}</div>'


def citation_links(prefix: str, evidence: Sequence[Evidence]) -> dict[int, str]:
    """Give number → address: a panel of the page, or the library where there are too many."""
    links = {item.number: f"#{prefix}-{item.number}" for item in evidence[:PANELS]}
    for item in evidence[PANELS:]:
        links[item.number] = library_address(item.notice, item.case.line)
    return links


def panel_rules() -> str:
    """Write the rules that open the panel of a called target."""
    opened = ",".join(
        f'[class*="st-key-turn-"]:has(.t{n}:target) .src[data-n="{n}"]'
        for n in range(1, PANELS + 1)
    )
    return f"{opened}{{display:block}}"


def panel_html(
    desk: ReviewDesk, item: Evidence, *, opened_by: str, citations: Sequence[Citation] = ()
) -> str:
    """Draw the panel of one case with what is cited of it highlighted."""
    case, notice = item.case, item.notice
    spans = cited_spans(case, citations)
    try:
        body = excerpt_html(lines(desk, notice.id), case, notice, spans)
    except AssistantError:
        quotes = [citation.quote for citation in citations] or [case.problem]
        body = "".join(f"<p><mark>{plain(text)}</mark></p>" for text in quotes)
        body += '<p class="meta">原文件已移出案例库，以上为回答生成时保存的原文。</p>'
    first = min((line for line, _, _ in spans), default=case.line)
    return (
        f'<aside class="src" {opened_by} tabindex="-1" aria-label="引证 {item.number} 原文">'
        f'<a class="x" href="#closed" aria-label="关闭原文" title="关闭">✕</a>'
        f'<p class="eyebrow">引证原文 · {item.number}</p>'
        f"<h4>{plain(notice.title)}</h4>"
        f'<p class="meta">{plain(unit_of(notice))} · {plain(where_of(case, notice))}<br>'
        f'<span class="file">{plain(notice.source)} 第 {first} 行</span>{status_html(case)}</p>'
        f'<div class="body">{body}</div>'
        f"{link_html(notice, first, '在案例库中打开全文 ↗')}</aside>"
    )


def link_html(notice: Notice, line: int, text: str, *, css: str = "btn") -> str:
    """Link to a line of a notice in the library, in a new tab: the page at hand is not touched."""
    target = plain(library_address(notice, line))
    return f'<a class="{css}" href="{target}" target="_blank" rel="noopener">{plain(text)}</a>'


def library_address(notice: Notice, line: int) -> str:
    """Give the address of a line of a notice in 案例库."""
    return f"/library?n={quote(notice.id)}&line={line}#L{line}"


def cited_spans(case: Case, citations: Iterable[Citation] = ()) -> list[tuple[int, int, int]]:
    """Give (line, start, end) of what to highlight: what is cited, else the problem."""
    found: list[tuple[int, int, int]] = []
    for citation in citations:
        found += _by_line(Span(citation.line, citation.start, citation.end_line, citation.end))
    return found or _by_line(case.problem_span)


def _by_line(span: Span) -> list[tuple[int, int, int]]:
    if span.line == span.end_line:
        return [(span.line, span.start, span.end)]
    middle = [(line, 0, 1 << 30) for line in range(span.line + 1, span.end_line)]
    return [(span.line, span.start, 1 << 30), *middle, (span.end_line, 0, span.end)]


def excerpt_html(
    source: Sequence[str], case: Case, notice: Notice, spans: Sequence[tuple[int, int, int]]
) -> str:
    """Draw the lines of a case with a little context; long cases only around what is cited."""
    first = max(notice.start_line, case.line - 1)
    last = min(notice.end_line, case.end_line + 1, len(source))
    if last - first < WHOLE_CASE_LINES:
        shown = set(range(first, last + 1))
    else:
        around = {line + step for line, _, _ in spans for step in range(-CONTEXT, CONTEXT + 1)}
        shown = {line for line in around | {case.line} if first <= line <= last}
    parts: list[str] = []
    before = first - 1
    for line in sorted(shown):
        if line != before + 1:
            parts.append('<p class="skip" aria-hidden="true">⋯</p>')
        parts.append(
            line_html(line, source[line - 1], spans, quiet=not case.line <= line <= case.end_line)
        )
        before = line
    return "".join(parts)


def line_html(
    line: int, text: str, spans: Sequence[tuple[int, int, int]], *, quiet: bool = False
) -> str:
    """Draw one numbered source line."""
    here = [(start, end) for at, start, end in spans if at == line]
    cut = max([LINE_LIMIT, *(end for _, end in here if end < 1 << 30)])
    body = marked(text[:cut], here) + ("…" if len(text) > cut else "")
    css = "ln hit" if here else "ln quiet" if quiet else "ln"
    return f'<p class="{css}"><span class="no">{line}</span>{body}</p>' if text.strip() else ""


def evidence_card_html(item: Evidence, *, hits: Iterable[str] = (), panel_id: str = "") -> str:
    """Draw a case as a card: number, unit, place, problem, first measures."""
    case, notice = item.case, item.notice
    measures = "".join(f"<li>{plain(m.text)}</li>" for m in case.measures[:3])
    opener = f'<a class="open" href="#{plain(panel_id)}">看原文</a>' if panel_id else ""
    date = f" · {date_of(notice)}" if date_of(notice) else ""
    return (
        f'<article class="ev"><p class="who"><span class="num">{item.number}</span>'
        f"<b>{plain(unit_of(notice))}</b><small>{plain(notice.unit_type + date)}</small>"
        "</p>"
        f'<p class="what">{_marked_problem(case, hits)}</p><ul>{measures}</ul>'
        f'<p class="loc" title="{plain(where_of(case, notice))}">{lines_of(case)}'
        f"{status_html(case)}{opener}</p></article>"
    )


def _marked_problem(case: Case, hits: Iterable[str]) -> str:
    spans = []
    for word in hits:
        at = case.problem.find(word)
        if len(word) > 1 and at >= 0:
            spans.append((at, at + len(word)))
    return marked(case.problem, spans)

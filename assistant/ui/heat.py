"""The topic × unit table: a real table whose cells open their cases, with no script or rerun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.models import Case, Cell, Comparison, Notice, TopicRow
from assistant.ui.compare_unit import is_own
from assistant.ui.kit import status_html, unit_of, where_of
from assistant.ui.safe import plain, shorten
from assistant.ui.sources import link_html
from assistant.ui.state import topic_group, topic_name

DEEPEST = 6
MEASURES_SHOWN = 3
MEASURE_CHARS = 90
"""A panel is a view of many cases: the whole wording is a click away."""
UNIT_NAME = 9

Cases = Mapping[str, tuple[Case, Notice]]


def cases_of(comparison: Comparison) -> dict[str, tuple[Case, Notice]]:
    """Give id → case and notice of everything that is compared."""
    notices = (comparison.unit, *(peer.notice for peer in comparison.peers))
    return {case.id: (case, notice) for notice in notices for case in notice.cases}


def heat_html(comparison: Comparison, rows: Sequence[TopicRow]) -> str:
    """Draw the table, topics under their groups, the own unit first."""
    notices = [comparison.unit, *(peer.notice for peer in comparison.peers)]
    heads = "".join(
        f'<th scope="col"{" class=own" if place == 0 else ""} title="{plain(unit_of(notice))}">'
        f"{plain(shorten(unit_of(notice), UNIT_NAME))}</th>"
        for place, notice in enumerate(notices)
    )
    body: list[str] = []
    before = ""
    for row in rows:
        group = topic_group(row.topic)
        if group != before:
            body.append(
                f'<tr class="group"><th colspan="{len(notices) + 1}" scope="colgroup">'
                f"{plain(group)}</th></tr>"
            )
            before = group
        cells = [row.unit, *(cell for _, cell in row.peers)]
        drawn = "".join(_cell(row, place, cell) for place, cell in enumerate(cells))
        name = topic_name(row.topic)
        body.append(
            f'<tr><th scope="row" title="{plain(name)}">{plain(shorten(name, 15))}</th>{drawn}</tr>'
        )
    return (
        '<div class="heat" tabindex="0" role="region" aria-label="问题主题与单位对照表"><table>'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _cell(row: TopicRow, place: int, cell: Cell) -> str:
    own = " own" if place == 0 else ""
    if not cell.count:
        gap = " gap" if own and any(c.count for _, c in row.peers) else ""
        return f'<td class="h0{own}{gap}">{"—" if gap else "·"}</td>'
    depth = min(cell.count, DEEPEST)
    return (
        f'<td class="h{depth}{own}"><a href="#k-{plain(row.topic)}-{place}" '
        f'aria-label="{plain(topic_name(row.topic))} {cell.count} 条，查看">{cell.count}</a></td>'
    )


def panels_html(comparison: Comparison, rows: Sequence[TopicRow], cases: Cases) -> str:
    """Draw the cases behind each cell, hidden until the cell is pressed."""
    notices = [comparison.unit, *(peer.notice for peer in comparison.peers)]
    drawn = []
    for row in rows:
        for place, cell in enumerate([row.unit, *(cell for _, cell in row.peers)]):
            if cell.count:
                name = f"{topic_name(row.topic)} · {cell.count} 条"
                drawn.append(
                    panel_html(
                        f"k-{row.topic}-{place}",
                        unit_of(notices[place]),
                        name,
                        cell.case_ids,
                        cases,
                    )
                )
    return "".join(drawn)


def panel_html(
    panel_id: str, title: str, eyebrow: str, case_ids: Sequence[str], cases: Cases
) -> str:
    """Draw a panel that lists cases in the words of their sources."""
    body = "".join(_case_html(*cases[case_id]) for case_id in case_ids if case_id in cases)
    return (
        f'<aside class="src" id="{plain(panel_id)}" tabindex="-1" '
        f'aria-label="{plain(title)} 的案例">'
        '<a class="x" href="#closed" aria-label="关闭" title="关闭">✕</a>'
        f'<p class="eyebrow">{plain(eyebrow)}</p><h4>{plain(title)}</h4>{body}</aside>'
    )


def _case_html(case: Case, notice: Notice) -> str:
    shown = [f"· {shorten(m.text, MEASURE_CHARS)}" for m in case.measures[:MEASURES_SHOWN]]
    if (more := len(case.measures) - MEASURES_SHOWN) > 0:
        shown.append(f"另有 {more} 条措施")
    # a panel stands on the page for each number of the table: little markup for each case
    measures = f'<p class="did">{plain(chr(10).join(shown))}</p>' if shown else ""
    link = "" if is_own(notice) else link_html(notice, case.line, "看原文", css="open")
    return (
        f'<div class="quoted"><b>{plain(unit_of(notice))}</b>'
        f"<p><mark>{plain(case.problem)}</mark></p>{measures}"
        f'<p class="meta">{plain(notice.source)} · {plain(where_of(case, notice))} '
        f"{status_html(case)}"
        f"{link}</p></div>"
    )

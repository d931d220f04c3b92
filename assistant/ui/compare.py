"""对标: a unit beside its like, counted, every number opening its cases."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant.models import Comparison, Gap, Peer, TopicRow
from assistant.ui import library
from assistant.ui.compare_lists import progress_html, self_check
from assistant.ui.compare_more import more
from assistant.ui.compare_unit import choose_peers, choose_unit, compared, own_unit_note
from assistant.ui.desk import ReviewDesk
from assistant.ui.exporting import file_of
from assistant.ui.heat import Cases, cases_of, heat_html, panel_html, panels_html
from assistant.ui.kit import (
    block,
    empty,
    head,
    head_with_tools,
    note_html,
    section,
    section_html,
    shown_errors,
    unit_of,
)
from assistant.ui.pages import go
from assistant.ui.safe import label, plain, shorten
from assistant.ui.state import kind_name, outlines, reviewer, topic_name

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
GAPS_LISTED = 6
LEDE = "把一家单位放到同类单位的整改通报里比，看别人查出了什么、还缺哪些做法。只统计，不生成。"


def page() -> None:
    """Draw the page."""
    desk = reviewer()
    held = [outline for outline in outlines(desk) if outline.cases]
    if not held:
        head("对标", "同类单位对照", LEDE)
        empty("案例库里还没有案例", "先导入几份同类单位的通报，再来对照。")
        if st.button("去导入通报", type="primary", icon=":material/upload_file:", key="to-import"):
            go(library.page, "library", {"import": "1"})
        return
    with head_with_tools("对标", "同类单位对照", LEDE):
        tools = st.container(key="compare-tools", width="content")
    by_id = {notice.id: notice for notice in held}
    with shown_errors():
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="chosen"):
            unit = choose_unit(desk, by_id)
            comparison = choose_peers(desk, compared(desk, unit), by_id)
        own_unit_note(unit)
        _show(desk, comparison, tools)


def _peer_html(peer: Peer) -> str:
    name = unit_of(peer.notice)
    percent = round(100 * max(0.0, min(1.0, peer.similarity)))
    return (
        f'<div class="peer"><b title="{plain(name)}">{plain(shorten(name, 15))}</b>'
        f'<meter min="0" max="100" value="{percent}" aria-label="相似度">{percent}</meter>'
        f"<small>相似度 {percent}% · {plain(peer.reason)}</small></div>"
    )


def _show(
    desk: ReviewDesk, comparison: Comparison, tools: st.delta_generator.DeltaGenerator
) -> None:
    small = [text for text in comparison.notes if "样本不足" in text]
    told = "".join(note_html(text, "warn") for text in small)
    if not comparison.peers:
        if told:
            st.html(told)
        empty("没有可参照的单位", "请在上方手工选择，或先导入同类单位的通报。")
        return
    # few blocks, each of much: what a browser draws a page with is counted in blocks
    st.html(block(told, f'<div class="peers">{"".join(map(_peer_html, comparison.peers))}</div>'))
    cases = cases_of(comparison)
    left, right = st.columns([0.6, 0.4], gap="large")
    with left:
        section("问题主题 × 单位", "数字是问题条数，点开看案例原文")
        rows = _rows(comparison)
        others = [text for text in comparison.notes if text not in small]
        st.html(
            block(
                heat_html(comparison, rows),
                f'<p class="lede small">{plain(comparison.basis)}。</p>',
                progress_html(comparison),
                f'<ul class="todo">{"".join(f"<li>{plain(text)}</li>" for text in others)}</ul>',
                panels_html(comparison, rows, cases),
            )
        )
    with right:
        _gaps("同类单位查出、本单位未提", comparison.gaps, cases, key="g")
        _gaps("同类单位有、本单位少的做法", comparison.measure_gaps, cases, key="m")
        comparison = self_check(comparison)
    more(comparison, cases, again=lambda: _repeated(desk, comparison))
    with tools:
        _exports(desk, comparison)


def _repeated(desk: ReviewDesk, comparison: Comparison) -> Cases:
    """Give the cases of other notices of the unit that a repeat points at."""
    wanted = {repeat.other_case_id for repeat in comparison.repeats}
    return {
        case.id: (case, notice)
        for notice in map(desk.notice, {repeat.other_notice_id for repeat in comparison.repeats})
        for case in notice.cases
        if case.id in wanted
    }


def _rows(comparison: Comparison) -> list[TopicRow]:
    with st.container(key="heat-scope"):
        scope = st.segmented_control(
            "范围",
            ["全部主题", "只看空白点"],
            default="全部主题",
            key="scope",
            label_visibility="collapsed",
        )
    rows = [
        row for row in comparison.matrix if row.unit.count or any(c.count for _, c in row.peers)
    ]
    if scope == "只看空白点":
        missing = {gap.topic for gap in comparison.gaps}
        rows = [row for row in rows if row.topic in missing]
    return sorted(rows, key=lambda row: row.topic)


def _gaps(title: str, gaps: Sequence[Gap], cases: Cases, *, key: str) -> None:
    head_line = section_html(title, f"{len(gaps)} 项")
    if not gaps:
        st.html(block(head_line, note_html("没有发现，或可比单位太少。")))
        return
    caveat = '<p class="lede small">通报未提及，不等于不存在；请对照下面的清单自查。</p>'
    first = [
        _gap_html(gap, f"{key}-{place}", cases) for place, gap in enumerate(gaps[:GAPS_LISTED])
    ]
    st.html(block(head_line, _gap_list(first), caveat if key == "g" else ""))
    rest = gaps[GAPS_LISTED:]
    # long lists with all their cases would hold the page up: they come when asked for
    if rest and st.toggle(f"列出其余 {len(rest)} 项", key=f"rest-{key}"):
        start = GAPS_LISTED
        st.html(_gap_list([_gap_html(g, f"{key}-{at}", cases) for at, g in enumerate(rest, start)]))


def _gap_html(gap: Gap, panel_id: str, cases: Cases) -> tuple[str, str]:
    """Give the line of a gap and the panel it opens."""
    name = topic_name(gap.topic)
    what = f"{shorten(name, 12)} · {kind_name(gap.kind)}" if gap.kind else name
    line = (
        f'<li class="{"warn" if gap.kind else "bad"}"><span><b>{plain(what)}</b> '
        f"{gap.peer_total} 家中 {gap.peer_count} 家"
        f'<a class="open" href="#{panel_id}" aria-label="{plain(gap.message)}，查看案例">'
        "看案例</a></span></li>"
    )
    return line, panel_html(panel_id, gap.message, "空白点", gap.case_ids, cases)


def _gap_list(drawn: Sequence[tuple[str, str]]) -> str:
    lines, panels = zip(*drawn, strict=True)
    return f'<ul class="check">{"".join(lines)}</ul>{"".join(panels)}'


def _exports(desk: ReviewDesk, comparison: Comparison) -> None:
    name = shorten(label(unit_of(comparison.unit)), 16)
    with st.popover("导出", icon=":material/download:", type="primary", key="compare-export"):
        for text, form, mime in (
            ("对照表与自查清单 Excel", "xlsx", EXCEL),
            ("对照说明 Word", "docx", WORD),
        ):
            st.download_button(
                text,
                data=file_of(desk, "comparison", lambda: comparison, form),
                file_name=f"{name}-对标.{form}",
                mime=mime,
                key=f"compare-{form}",
                width="stretch",
                on_click="ignore",
            )

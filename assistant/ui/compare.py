"""对标: a unit beside its like, counted, every number opening its cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from assistant.models import Comparison, Gap, Notice, Peer, TopicRow
from assistant.ui import library
from assistant.ui.desk import ReviewDesk
from assistant.ui.heat import Cases, cases_of, heat_html, panel_html, panels_html
from assistant.ui.kit import (
    date_of,
    empty,
    head,
    head_with_tools,
    note,
    section,
    shown_errors,
    unit_of,
)
from assistant.ui.pages import go
from assistant.ui.safe import label, plain, shorten
from assistant.ui.state import kind_name, notices, reviewer, topic_name

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
GAPS_LISTED = 8
LEDE = "把一家单位放到同类单位的整改通报里比，看别人查出了什么、还缺哪些做法。只统计，不生成。"


def page() -> None:
    """Draw the page."""
    desk = reviewer()
    held = [notice for notice in notices(desk) if notice.cases]
    if len(held) < 2:
        head("对标", "同类单位对照", LEDE)
        empty("至少要有两份通报才能对标", f"案例库里现有 {len(held)} 份含案例的通报。")
        if st.button("去导入通报", type="primary", icon=":material/upload_file:", key="to-import"):
            go(library.page, "library", {"import": "1"})
        return
    with head_with_tools("对标", "同类单位对照", LEDE):
        tools = st.container(key="compare-tools", width="content")
    by_id = {notice.id: notice for notice in held}
    left, right = st.columns([0.36, 0.64], gap="medium")
    with left:
        unit_id = _unit(by_id)
    with shown_errors():
        comparison = desk.compare(unit_id)
        with right:
            comparison = _peers(desk, comparison, by_id)
        _show(desk, comparison, tools)


def _name(notice: Notice) -> str:
    parts = [notice.unit_type, date_of(notice), f"{len(notice.cases)} 个案例"]
    return f"{label(unit_of(notice), 26)}（{'，'.join(label(p) for p in parts if p)}）"


def _unit(by_id: dict[str, Notice]) -> str:
    ids = list(by_id)
    held, wanted = st.session_state.get("u"), st.query_params.get("u", "")
    chosen = next(one for one in (held, wanted, *ids) if one in by_id)
    if held != chosen:
        st.session_state["u"] = chosen
    if chosen != wanted:
        st.query_params["u"] = chosen
    return str(st.selectbox("本单位", ids, key="u", format_func=lambda i: _name(by_id[i])))


def _peers(desk: ReviewDesk, found: Comparison, by_id: dict[str, Notice]) -> Comparison:
    offered = [peer.notice.id for peer in found.peers]
    chosen = st.multiselect(
        "参照单位（自动选同类型、时间和层级相近的，可增减）",
        [i for i in by_id if i != found.unit.id],
        default=[i for i in offered if i in by_id],
        key=f"peers-{found.unit.id}",
        format_func=lambda i: label(unit_of(by_id[i]), 18),
        placeholder="选择参照单位",
        max_selections=8,
    )
    if chosen and set(chosen) != set(offered):
        found = desk.compare(found.unit.id, peer_ids=tuple(chosen))
    return found


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
    for text in small:
        note(text, "warn")
    if not comparison.peers:
        empty("没有可参照的单位", "请在上方手工选择，或先导入同类单位的通报。")
        return
    st.html(f'<div class="peers">{"".join(map(_peer_html, comparison.peers))}</div>')
    cases = cases_of(comparison)
    left, right = st.columns([0.6, 0.4], gap="large")
    with left:
        section("问题主题 × 单位", "数字是问题条数，点开看案例原文")
        rows = _rows(comparison)
        st.html(heat_html(comparison, rows) + panels_html(comparison, rows, cases))
        st.html(f'<p class="lede small">{plain(comparison.basis)}。</p>')
        others = [text for text in comparison.notes if text not in small]
        st.html(f'<ul class="todo">{"".join(f"<li>{plain(text)}</li>" for text in others)}</ul>')
    with right:
        _gaps("同类单位查出、本单位未提", comparison.gaps, cases, key="g")
        _gaps("同类单位有、本单位少的做法", comparison.measure_gaps, cases, key="m")
        comparison = _self_check(comparison)
    with tools:
        _exports(desk, comparison)


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
    section(title, f"{len(gaps)} 项")
    if not gaps:
        note("没有发现，或可比单位太少。")
        return
    items, panels = [], []
    for place, gap in enumerate(gaps):
        name = topic_name(gap.topic)
        what = f"{shorten(name, 12)} · {kind_name(gap.kind)}" if gap.kind else name
        items.append(
            f'<li class="{"warn" if gap.kind else "bad"}"><span><b>{plain(what)}</b> '
            f"{gap.peer_total} 家中 {gap.peer_count} 家"
            f'<a class="open" href="#{key}-{place}" aria-label="{plain(gap.message)}，查看案例">'
            "看案例</a></span></li>"
        )
        panels.append(panel_html(f"{key}-{place}", gap.message, "空白点", gap.case_ids, cases))
    shown, rest = items[:GAPS_LISTED], items[GAPS_LISTED:]
    more = (
        f'<details><summary>其余 {len(rest)} 项</summary><ul class="check">{"".join(rest)}</ul>'
        "</details>"
        if rest
        else ""
    )
    st.html(f'<ul class="check">{"".join(shown)}</ul>{more}{"".join(panels)}')
    if key == "g":
        st.html('<p class="lede small">通报未提及，不等于不存在；请对照下面的清单自查。</p>')


def _self_check(comparison: Comparison) -> Comparison:
    """Let the list be edited; what is exported is the list as edited."""
    items = comparison.self_check
    section("自查清单", f"{len(items)} 项，可修改、勾选、导出")
    if not items:
        note("没有空白点，无需自查。")
        return comparison
    rows = [
        {"存在": False, "事项": item.question, "主题": topic_name(item.topic)} for item in items
    ]
    peers = "-".join(peer.notice.id for peer in comparison.peers)
    edited = st.data_editor(
        rows,
        key=f"check-{comparison.unit.id}-{hash(peers)}",
        hide_index=True,
        column_config={
            "存在": st.column_config.CheckboxColumn(width=54, help="自查发现存在的打勾"),
            "事项": st.column_config.TextColumn(width=300),
            "主题": st.column_config.TextColumn(width=96, disabled=True),
        },
        height=min(460, 38 * (len(rows) + 1)),
    )
    questions = [str(row["事项"] or "") for row in edited]
    kept = tuple(
        replace(item, question=question)
        for item, question in zip(items, questions, strict=True)
        if question.strip()
    )
    return replace(comparison, self_check=kept)


def _exports(desk: ReviewDesk, comparison: Comparison) -> None:
    name = shorten(label(unit_of(comparison.unit)), 16)
    with st.popover("导出", icon=":material/download:", type="primary", key="compare-export"):
        for text, form, mime in (
            ("对照表与自查清单 Excel", "xlsx", EXCEL),
            ("对照说明 Word", "docx", WORD),
        ):
            st.download_button(
                text,
                data=_exported(desk, comparison, form),
                file_name=f"{name}-对标.{form}",
                mime=mime,
                key=f"compare-{form}",
                width="stretch",
                on_click="ignore",
            )


def _exported(desk: ReviewDesk, comparison: Comparison, form: str) -> Callable[[], bytes]:
    return lambda: desk.export("comparison", comparison, form)[1]

"""The lists beside the table of 对标: how far each unit is, and what to check at home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from assistant.comparing.counts import UNSAID
from assistant.export.comparison_report import RESULTS
from assistant.models import CheckItem, Comparison, CompletionRow, Notice, StatusClass
from assistant.ui.compare_unit import is_own
from assistant.ui.kit import block, note, section, section_html, unit_of
from assistant.ui.safe import plain, shorten
from assistant.ui.sources import library_address
from assistant.ui.state import session, topic_name

STATUSES = [*(status.value for status in StatusClass), UNSAID]
FOUND = "存在"
NAME = 14
LISTED = 8


def progress_html(comparison: Comparison) -> str:
    """Draw how far each unit is: counted from its items, beside what it states itself."""
    if not comparison.progress:
        return ""
    notices = {n.id: n for n in (comparison.unit, *(peer.notice for peer in comparison.peers))}
    stated: dict[str, list[CompletionRow]] = {}
    for row in comparison.completion:
        stated.setdefault(row.notice_id, []).append(row)
    used = [
        name for name in STATUSES if any(dict(r.statuses).get(name) for r in comparison.progress)
    ]
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("问题", *used))
    body = "".join(
        _progress_row(
            notices[row.notice_id],
            [row.cases, *(dict(row.statuses).get(name, 0) for name in used)],
            stated.get(row.notice_id, ()),
        )
        for row in comparison.progress
    )
    return (
        f"{section_html('完成情况', '按条目数出，与原文自称并列')}"
        '<div class="heat progress" tabindex="0" role="region" aria-label="各单位完成情况"><table>'
        f'<thead><tr><td></td>{heads}<th scope="col">原文自称</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _progress_row(notice: Notice, counts: Sequence[int], stated: Sequence[CompletionRow]) -> str:
    name = unit_of(notice)
    cells = "".join(f"<td>{count or '·'}</td>" for count in counts)
    says = "；".join(_stated_html(notice, row) for row in stated) or "<i>未写总数</i>"
    return (
        f'<tr><th scope="row" title="{plain(name)}">{plain(shorten(name, NAME))}</th>{cells}'
        f'<td class="says">{says}</td></tr>'
    )


def _stated_html(notice: Notice, row: CompletionRow) -> str:
    differs = row.counted is not None and row.counted != row.stated
    text = plain(f"{row.name} {row.stated}")
    if row.counted is not None:
        text += f" <b>≠ 实数 {row.counted}</b>" if differs else " ✓"
    if is_own(notice):
        return text
    return (
        f'<a class="open" href="{plain(library_address(notice, row.line))}" target="_blank" '
        f'rel="noopener" title="{plain(shorten(row.quote, 80))}">{text}</a>'
    )


def self_check(comparison: Comparison) -> Comparison:
    """Draw the list, to be edited on demand; what is exported is the list as edited."""
    items = comparison.self_check
    section("举一反三自查清单", f"{len(items)} 项，可勾选、修改、导出")
    if not items:
        note("没有空白点，无需自查。")
        return comparison
    peers = "-".join(peer.notice.id for peer in comparison.peers)
    key = f"check-{comparison.unit.id}-{peers}"
    state = session()
    # an editor is the heaviest thing on the page: it comes when someone means to edit
    editing = st.toggle("填写自查结果、修改事项", key=f"edit-{key}")
    if editing:
        edited: Any = _editor(key, items)
        state.checks_edited[key] = [dict(row) for row in edited]
    rows = state.checks_edited.get(key) or _fresh(items)
    done = sum(bool(row["自查结果"]) for row in rows)
    found = sum(row["自查结果"] == FOUND for row in rows)
    told = f'<p class="lede small">已自查 {done} 项，存在 {found} 项。导出的是改后的清单。</p>'
    st.html(block("" if editing else _checks_html(rows), told))
    return replace(comparison, self_check=kept_items(items, rows))


def _checks_html(rows: Sequence[dict[str, Any]]) -> str:
    drawn = [
        f'<li><span class="box">{plain(row["自查结果"] or "")}</span>'
        f"<span>{plain(row['事项'])} <small>{plain(row['主题'])}</small></span></li>"
        for row in rows
        if str(row["事项"] or "").strip()
    ]
    shown, rest = drawn[:LISTED], drawn[LISTED:]
    more = (
        f"<details><summary>其余 {len(rest)} 项</summary>"
        f'<ol class="checklist" start="{LISTED + 1}">{"".join(rest)}</ol></details>'
        if rest
        else ""
    )
    return f'<ol class="checklist">{"".join(shown)}</ol>{more}'


def _editor(key: str, items: Sequence[CheckItem]) -> object:
    return st.data_editor(
        _rows(key, items),
        key=key,
        hide_index=True,
        column_config={
            "自查结果": st.column_config.SelectboxColumn(width=84, options=["", *RESULTS]),
            "事项": st.column_config.TextColumn(width=290, help="清空一行即不列入导出"),
            "主题": st.column_config.TextColumn(width=96, disabled=True),
        },
        height=min(460, 38 * (len(items) + 1)),
    )


def _fresh(items: Sequence[CheckItem]) -> list[dict[str, Any]]:
    return [
        {"自查结果": item.result, "事项": item.question, "主题": topic_name(item.topic)}
        for item in items
    ]


def _rows(key: str, items: Sequence[CheckItem]) -> list[dict[str, Any]]:
    """Give the rows as they stood when the editor came up: it lays its own edits over them."""
    state = session()
    if key not in st.session_state:
        state.checks_shown[key] = state.checks_edited.get(key) or _fresh(items)
    return state.checks_shown[key]


def kept_items(items: Sequence[CheckItem], rows: Sequence[dict[str, Any]]) -> tuple[CheckItem, ...]:
    """Give the items as edited; a row without text is left out."""
    return tuple(
        replace(item, question=str(row["事项"]), result=row["自查结果"] or "")
        for item, row in zip(items, rows, strict=True)
        if str(row["事项"] or "").strip()
    )

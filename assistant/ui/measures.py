"""The middle of the drafting desk: the problem, its cause, and one card for each measure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from assistant.models import Draft, DraftMeasure, DraftRecord, Finding
from assistant.ui.desk import ReviewDesk
from assistant.ui.drafting import (
    EMPTY_MEASURE,
    added,
    changed,
    measure_of,
    moved,
    with_draft,
    without,
)
from assistant.ui.instructing import instruct_dialog
from assistant.ui.kit import BANDS, note, shown_errors, topics_html, working
from assistant.ui.regenerating import regenerated
from assistant.ui.safe import plain
from assistant.ui.sending import kept, of_draft
from assistant.ui.state import kind_name, redraw, session
from assistant.ui.whose import changeable

FIELDS = {
    "responsible": ("责任", "责任领导：【　】；责任部门：【　】"),
    "deadline": ("时限", "【　】年【　】月【　】日前"),
    "deliverable": ("成果", "台账、制度、清单等"),
}
LONG_PROBLEM = 600
AGAIN, INSTRUCTED = "换一种写法", "按要求重写"
FINDINGS_IN_CARD = 3


def problem_html(record: DraftRecord) -> str:
    """Draw the problem verbatim."""
    topics = topics_html(record.draft.topics) if record.draft else ""
    number = f'<span class="pn">{plain(record.number)}</span>' if record.number else ""
    body = plain(record.problem)
    if len(record.problem) > LONG_PROBLEM:
        body = (
            f"{plain(record.problem[:160])}…<details><summary>展开全文（{len(record.problem)} 字）"
            f"</summary>{body}</details>"
        )
    group = f"<small>{plain(record.group)}</small>" if record.group else ""
    return f'<div class="problem">{number}{body}</div><p class="tags">{topics}{group}</p>'


class Editor:
    """The widgets of one draft. Each change is stored as it is made."""

    def __init__(self, desk: ReviewDesk, record: DraftRecord, draft: Draft) -> None:
        self.desk, self.record, self.draft = desk, record, draft
        self.key = f"{record.id}-{session().generations.get(record.id, 0)}"
        self.locked = not changeable(desk, record)

    def save(self, draft: Draft, *, anew: bool) -> None:
        """Store a changed draft; `anew` gives the widgets new keys, so they show it."""
        with shown_errors():
            self.desk.store.save_draft(with_draft(self.record, draft))
            if anew:
                redraw(self.record.id)

    def show(self, findings: Sequence[Finding]) -> None:
        """Draw cause, goal and measures."""
        draft = self.draft
        if draft.notice:
            note(draft.notice, "warn")
        tone, band = BANDS[draft.answerable]
        writer = draft.model or "离线摘编，未用模型"
        st.html(
            f'<p class="basis"><span class="tag {tone}">{band}</span>'
            f"<span>AI 辅助草稿，须审核后使用</span><span>{plain(writer)}</span></p>"
        )
        with st.expander("原因与目标", expanded=False, key=f"why-{self.key}"):
            self._area("cause", "原因（推断，须核实后修改）", draft.cause)
            self._area("goal", "整改目标", draft.goal)
        for place, measure in enumerate(draft.measures):
            mine = [finding for finding in findings if measure_of(finding) == place]
            self._card(place, measure, mine)
        if not draft.measures:
            note("还没有措施。可在下方添加，或从右侧依据中选用。", "warn")
        if st.button(
            "添加一条措施", icon=":material/add:", key=f"add-{self.key}", disabled=self.locked
        ):
            self.save(added(draft), anew=True)
            st.rerun()
        if draft.placeholders:
            rows = "".join(f"<li>{plain(row)}</li>" for row in draft.placeholders)
            with st.expander(f"待补事项（{len(draft.placeholders)}）", expanded=False):
                st.html(f'<ul class="todo">{rows}</ul>')

    def _area(self, field: str, title: str, value: str) -> None:
        key = f"{field}-{self.key}"

        def store() -> None:
            text = str(st.session_state[key])
            changes = (
                replace(self.draft, cause=text)
                if field == "cause"
                else replace(self.draft, goal=text)
            )
            self.save(changes, anew=False)

        st.text_area(title, value, key=key, height="content", on_change=store, disabled=self.locked)

    def _card(self, place: int, measure: DraftMeasure, findings: Sequence[Finding]) -> None:
        worst = "error" if any(f.level == "error" for f in findings) else "fine"
        with st.container(border=True, key=f"measure-{worst}-{self.key}-{place}"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.html(_measure_head(place, measure))
                st.space("stretch")
                self._menu(place)
            self._field(place, "text", measure.text)
            self._short(place, "responsible", measure.responsible)
            left, right = st.columns(2, gap="small")
            with left:
                self._short(place, "deadline", measure.deadline)
            with right:
                self._short(place, "deliverable", measure.deliverable)
            if findings:
                rows = "".join(
                    f'<li class="{_mark(finding)}">{plain(finding.message)}</li>'
                    for finding in findings[:FINDINGS_IN_CARD]
                )
                st.html(f'<ul class="check inside">{rows}</ul>')

    def _store(self, place: int, field: str, key: str) -> Callable[[], None]:
        def store() -> None:
            self.save(changed(self.draft, place, field, str(st.session_state[key])), anew=False)

        return store

    def _field(self, place: int, field: str, value: str) -> None:
        key = f"{field}-{self.key}-{place}"
        st.text_area(
            f"措施 {place + 1} 内容",
            value,
            key=key,
            height="content",
            label_visibility="collapsed",
            placeholder="写明做什么、谁来做、做到什么程度",
            on_change=self._store(place, field, key),
            disabled=self.locked,
        )

    def _short(self, place: int, field: str, value: str) -> None:
        title, hint = FIELDS[field]
        key = f"{field}-{self.key}-{place}"
        st.text_input(
            title,
            value,
            key=key,
            placeholder=hint,
            on_change=self._store(place, field, key),
            disabled=self.locked,
        )

    def write_again(self, place: int) -> None:
        """Put another wording of the same step in place; the other measures stay."""
        old = self.draft
        with shown_errors(), working("正在重写这条措施…"):
            profile = self.desk.store.profile()
            with kept(self.desk, of_draft(self.record.id)):
                fresh = self.desk.draft(old.problem, profile=profile, cause=old.cause)
            draft = regenerated(old, place, fresh, profile)
            if draft is None:
                st.toast("相近案例中没有这一步的其他写法")
                return
            self.put(draft)

    def put(self, draft: Draft) -> None:
        """Store a draft with one measure replaced and show it."""
        self.save(draft, anew=True)
        st.toast("已替换，原来的写法在“历史版本”中")
        st.rerun()

    def _menu(self, place: int) -> None:
        choice = st.menu_button(
            "⋯",
            [AGAIN, INSTRUCTED, "上移", "下移", "在后面插入", "删除"],
            key=f"menu-{self.key}-{place}",
            type="tertiary",
            help=f"重写、移动、插入或删除措施 {place + 1}",
            disabled=self.locked,
        )
        if not choice:
            return
        if choice == INSTRUCTED:
            instruct_dialog(self.desk, self.record, place, self.put)
            return
        if choice == AGAIN:
            self.write_again(place)
            return
        if choice == "删除":
            draft = without(self.draft, place)
            st.toast("已删除，可在“历史版本”中恢复")
        elif choice == "在后面插入":
            after = place + 1
            measures = (*self.draft.measures[:after], EMPTY_MEASURE, *self.draft.measures[after:])
            draft = replace(self.draft, measures=measures)
        else:
            draft = moved(self.draft, place, -1 if choice == "上移" else 1)
        self.save(draft, anew=True)
        st.rerun()


def _mark(finding: Finding) -> str:
    return {"error": "bad", "warn": "warn"}.get(finding.level, "info")


def _measure_head(place: int, measure: DraftMeasure) -> str:
    parts = [f"<b>措施 {place + 1}</b>"]
    if measure.step:
        parts.append(f'<span class="tag">{plain(measure.step)}</span>')
    elif measure.kind:
        parts.append(f'<span class="tag">{plain(kind_name(measure.kind))}</span>')
    if measure.evidence:
        links = "".join(
            f'<a class="cite" href="#e-{number}" aria-label="查看依据 {number} 的原文">{number}</a>'
            for number in sorted(measure.evidence)
        )
        parts.append(f"<small>依据{links}</small>")
    else:
        parts.append("<small>通用写法，无依据</small>")
    if measure.used_by > 1:
        parts.append(f"<small>{measure.used_by} 家用过</small>")
    return f'<p class="mh">{"".join(parts)}</p>'

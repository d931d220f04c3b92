"""The middle of the drafting desk: cause and goal, and the measures, one of them open to edit.

A field costs the server far more than a line of text, and there are dozens: so a measure stands as
a card to be read until it is opened. Every change is made to the draft as it is stored at that
moment, never to what was drawn: two changes may reach the server together.
"""

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
from assistant.ui.kit import BANDS, note, shown_errors, working
from assistant.ui.measure_html import FIELDS, findings_html, measure_html
from assistant.ui.regenerating import regenerated
from assistant.ui.safe import plain
from assistant.ui.sending import kept, of_draft
from assistant.ui.state import redraw, session
from assistant.ui.whose import changeable

AGAIN, INSTRUCTED = "换一种写法", "按要求重写"
UP, DOWN, AFTER, DROP = "上移", "下移", "在后面插入", "删除"
NONE_OPEN = -1
ALL_OPEN = "all-open"
Change = Callable[[Draft], Draft]


def change(desk: ReviewDesk, record_id: str, made: Change, *, anew: bool) -> None:
    """Change a draft as it is stored now; `anew` gives its widgets new keys, so they show it."""
    with shown_errors():
        record = desk.store.draft_record(record_id)
        if record.draft is None or not changeable(desk, record):
            return
        draft = made(record.draft)
        if draft != record.draft:
            desk.store.save_draft(with_draft(record, draft))
        if anew:
            redraw(record_id)


class Editor:
    """The widgets of one draft. Each change is stored as it is made."""

    def __init__(self, desk: ReviewDesk, record: DraftRecord, draft: Draft) -> None:
        self.desk, self.record, self.draft = desk, record, draft
        self.key = f"{record.id}-{session().generations.get(record.id, 0)}"
        self.locked = not changeable(desk, record)

    def show(self, findings: Sequence[Finding]) -> None:
        """Draw cause, goal and measures."""
        draft = self.draft
        if draft.notice:
            note(draft.notice, "warn")
        self._basis()
        self._why()
        opened = self._opened()
        for place, measure in enumerate(draft.measures):
            mine = [finding for finding in findings if measure_of(finding) == place]
            self._card(place, measure, mine, opened=place in opened)
        if not draft.measures:
            note("还没有措施。可在下方添加，或从右侧依据中选用。", "warn")
        st.button(
            "添加一条措施",
            icon=":material/add:",
            key=f"add-{self.key}",
            disabled=self.locked,
            on_click=self._add,
        )
        if draft.placeholders:
            rows = "".join(f"<li>{plain(row)}</li>" for row in draft.placeholders)
            with st.expander(f"待补事项（{len(draft.placeholders)}）", expanded=False):
                st.html(f'<ul class="todo">{rows}</ul>')

    # ------------------------------------------------------------------ parts

    def _basis(self) -> None:
        tone, band = BANDS[self.draft.answerable]
        writer = self.draft.model or "离线摘编，未用模型"
        told = (
            f'<p class="basis"><span class="tag {tone}">{band}</span>'
            f"<span>AI 辅助草稿，须审核后使用</span><span>{plain(writer)}</span></p>"
        )
        if self.locked or len(self.draft.measures) < 2:
            st.html(told)
            return
        with st.container(
            horizontal=True, vertical_alignment="center", wrap=False, key="draft-basis"
        ):
            st.html(told)
            st.toggle("全部展开", key=ALL_OPEN, persist_state="session")

    def _why(self) -> None:
        drawer = st.expander(
            "原因与目标", expanded=False, key=f"why-{self.record.id}", on_change="rerun"
        )
        if drawer.open:
            with drawer:
                self._area("cause", "原因（推断，须核实后修改）", self.draft.cause)
                self._area("goal", "整改目标", self.draft.goal)

    def _area(self, field: str, title: str, value: str) -> None:
        key = f"{field}-{self.key}"

        def store() -> None:
            text = str(st.session_state[key])
            self._change(
                lambda d: replace(d, cause=text) if field == "cause" else replace(d, goal=text)
            )

        st.text_area(title, value, key=key, height="content", on_change=store, disabled=self.locked)

    def _card(
        self, place: int, measure: DraftMeasure, findings: Sequence[Finding], *, opened: bool
    ) -> None:
        with st.container(border=True, key=f"measure-{self.key}-{place}"):
            st.html(measure_html(place, measure, findings, opened=opened))
            if self.locked:
                return
            # one button under one key, opened or not: who opens a card with the keyboard stays
            # on it, and the next key leads into its first field
            st.button(
                f"收起措施 {place + 1}" if opened else f"修改措施 {place + 1}",
                key=f"open-{self.key}-{place}",
                type="tertiary",
                on_click=self._open,
                args=(NONE_OPEN if opened else place,),
                disabled=bool(st.session_state.get(ALL_OPEN)),
            )
            if opened:
                self._fields(place, measure)
                if findings:
                    st.html(findings_html(findings))
                self._menu(place)

    def _fields(self, place: int, measure: DraftMeasure) -> None:
        key = f"text-{self.key}-{place}"
        st.text_area(
            f"措施 {place + 1} 内容",
            measure.text,
            key=key,
            height="content",
            label_visibility="collapsed",
            placeholder="写明做什么、谁来做、做到什么程度",
            on_change=self._store,
            args=(place, "text", key),
        )
        self._short(place, "responsible", measure.responsible)
        with st.container(horizontal=True, gap="small"):
            self._short(place, "deadline", measure.deadline)
            self._short(place, "deliverable", measure.deliverable)

    def _short(self, place: int, field: str, value: str) -> None:
        title, hint = FIELDS[field]
        key = f"{field}-{self.key}-{place}"
        st.text_input(
            title,
            value,
            key=key,
            placeholder=hint,
            on_change=self._store,
            args=(place, field, key),
        )

    # ------------------------------------------------------------------ what is open

    def _opened(self) -> range | tuple[int, ...]:
        if self.locked:
            return ()
        if st.session_state.get(ALL_OPEN):
            return range(len(self.draft.measures))
        return (session().opened_measures.get(self.record.id, 0),)

    def _open(self, place: int) -> None:
        session().opened_measures[self.record.id] = place

    # ------------------------------------------------------------------ changes

    def _change(self, made: Change, *, anew: bool = False) -> None:
        change(self.desk, self.record.id, made, anew=anew)

    def _store(self, place: int, field: str, key: str) -> None:
        text = str(st.session_state[key])
        self._change(lambda d: changed(d, place, field, text) if place < len(d.measures) else d)

    def _add(self) -> None:
        self._change(added, anew=True)
        self._open(len(self.draft.measures))

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
        self._change(lambda _: draft, anew=True)
        st.toast("已替换，原来的写法在“历史版本”中")
        st.rerun()

    def _menu(self, place: int) -> None:
        key = f"menu-{self.key}-{place}"
        choice = st.menu_button(
            "⋯",
            [AGAIN, INSTRUCTED, UP, DOWN, AFTER, DROP],
            key=key,
            type="tertiary",
            help=f"重写、移动、插入或删除措施 {place + 1}",
            on_click=self._rearranged,
            args=(place, key),
        )
        if choice == INSTRUCTED:
            instruct_dialog(self.desk, self.record, place, self.put)
        elif choice == AGAIN:
            self.write_again(place)

    def _rearranged(self, place: int, key: str) -> None:
        """Move, insert or delete; what is open goes along."""
        choice = st.session_state[key]
        if choice == DROP:
            self._change(lambda d: without(d, place), anew=True)
            self._open(NONE_OPEN)
            st.toast("已删除，可在“历史版本”中恢复")
        elif choice == AFTER:
            self._change(lambda d: _inserted(d, place + 1), anew=True)
            self._open(place + 1)
        elif choice in (UP, DOWN):
            by = -1 if choice == UP else 1
            self._change(lambda d: moved(d, place, by), anew=True)
            if 0 <= place + by < len(self.draft.measures):
                self._open(place + by)


def _inserted(draft: Draft, place: int) -> Draft:
    measures = (*draft.measures[:place], EMPTY_MEASURE, *draft.measures[place:])
    return replace(draft, measures=measures)

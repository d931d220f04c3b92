"""Correcting how a notice was read: case by case, beside the text, each change undone at will."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant.corrections import Action, Correction
from assistant.models import Case, Notice, StatusClass
from assistant.ui.desk import ReviewDesk
from assistant.ui.kit import empty, note, shown_errors
from assistant.ui.safe import label, told_apart

UNSAID = "原文未写明"
ACTIONS = {
    Action.PROBLEM: "改问题表述",
    Action.STATUS: "改完成状态",
    Action.DROP: "去掉一条案例",
    Action.MERGE: "并入上一条",
    Action.SPLIT: "拆成两条",
    Action.MOVE: "移动措施",
}


def correcting(desk: ReviewDesk, notice: Notice, line: int) -> None:
    """Draw the corrections made so far and the means to make another."""
    made = desk.corrections(notice.id)
    if made:
        _undo(desk, notice, made)
    if not notice.cases:
        empty("没有案例", "这份通报没有读出案例，或案例都已去掉。")
        return
    Corrector(desk, notice, generation=len(made)).show(line)


def _undo(desk: ReviewDesk, notice: Notice, made: Sequence[Correction]) -> None:
    last = made[-1]
    note(f"已更正 {len(made)} 处，最近：{ACTIONS[last.action]}（“{label(last.anchor, 20)}”）", "ok")
    if st.button("撤销最近一处", key=f"undo-{notice.id}", icon=":material/undo:"):
        with shown_errors(), st.spinner("正在撤销…"):
            desk.undo_correction(notice.id)
            st.rerun()


class Corrector:
    """The widgets for one case; they are made anew after every correction."""

    def __init__(self, desk: ReviewDesk, notice: Notice, *, generation: int) -> None:
        self.desk, self.notice = desk, notice
        self.key = f"{notice.id}-{generation}"

    def show(self, line: int) -> None:
        """Let a case be chosen, the one at `line` first, and changed."""
        cases = self.notice.cases
        names = _names(cases)
        at_line = (i for i, case in enumerate(cases) if case.line <= line <= case.end_line)
        place = st.selectbox(
            "更正哪一条",
            range(len(cases)),
            index=next(at_line, 0),
            key=f"correct-{self.key}-{line}",
            format_func=lambda i: names[i],
        )
        case = cases[place]
        self._problem(case)
        self._status(case)
        self._measures(place, case)
        with st.container(horizontal=True, gap="small"):
            if st.button(
                "并入上一条",
                key=f"merge-{self.key}",
                disabled=place == 0,
                help="这一条其实是上一条的一部分：措施并过去",
            ):
                self._make(case, Action.MERGE)
            if st.button(
                "不是案例", key=f"drop-case-{self.key}", help="去掉这一条，检索和统计不再用到"
            ):
                self._make(case, Action.DROP)

    def _problem(self, case: Case) -> None:
        text = st.text_area(
            "问题", case.problem, key=f"problem-{self.key}-{case.id}", height="content"
        ).strip()
        if text and text != case.problem and st.button("保存问题", key=f"problem-ok-{self.key}"):
            self._make(case, Action.PROBLEM, value=text)

    def _status(self, case: Case) -> None:
        held = case.status_class.value if case.status_class else ""
        chosen = st.selectbox(
            "完成状态",
            ["", *(status.value for status in StatusClass)],
            index=["", *(status.value for status in StatusClass)].index(held),
            key=f"status-{self.key}-{case.id}",
            format_func=lambda value: value or UNSAID,
        )
        if chosen != held and st.button("保存状态", key=f"status-ok-{self.key}"):
            self._make(case, Action.STATUS, value=chosen)

    def _measures(self, place: int, case: Case) -> None:
        if not case.measures:
            st.caption("这一条没有读出措施。")
            return
        at = st.selectbox(
            f"措施（共 {len(case.measures)} 条）",
            range(len(case.measures)),
            key=f"which-measure-{self.key}-{case.id}",
            format_func=lambda i: f"{i + 1}. {label(case.measures[i].text, 40)}",
        )
        with st.popover("移动或拆分这条措施", key=f"do-measure-{self.key}", width="stretch"):
            self._move(place, case, at)
            self._split(case, at)

    def _move(self, place: int, case: Case, at: int) -> None:
        others = [i for i in range(len(self.notice.cases)) if i != place]
        if not others:
            return
        names = _names(self.notice.cases)
        near = others.index(place - 1 if place else 1)
        to = st.selectbox(
            "移到",
            others,
            index=near,
            key=f"move-to-{self.key}-{case.id}",
            format_func=lambda i: names[i],
        )
        if st.button("移过去", key=f"move-{self.key}"):
            self._make(case, Action.MOVE, value=self.notice.cases[to].id, position=at)

    def _split(self, case: Case, at: int) -> None:
        if at == 0:
            st.caption("从第 2 条措施起可拆成两条案例。")
            return
        problem = st.text_input(
            "拆出的案例的问题",
            key=f"split-problem-{self.key}-{case.id}",
            placeholder="留空则与本条相同",
        )
        if st.button(f"从第 {at + 1} 条措施起拆成新案例", key=f"split-{self.key}"):
            self._make(case, Action.SPLIT, value=problem.strip(), position=at)

    def _make(self, case: Case, action: Action, *, value: str = "", position: int = 0) -> None:
        correction = Correction(case.id, action, case.problem, value, position)
        with shown_errors(), st.spinner("正在更正并更新索引…"):
            self.desk.correct(self.notice.id, correction)
            st.toast(f"{ACTIONS[action]}：已更正，可撤销")
            st.query_params["line"] = str(case.line)
            st.rerun()


def _names(cases: Sequence[Case]) -> dict[int, str]:
    rows = (f"{label(case.number)} {label(case.problem, 40)}".strip() for case in cases)
    return told_apart(dict(enumerate(rows)))

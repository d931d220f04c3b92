"""The right of 起草: quality check first, then the cases a draft rests on."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant.models import Case, Draft, DraftRecord, Evidence, Finding, Measure, UnitProfile
from assistant.ui.adopting import adopted
from assistant.ui.desk import ReviewDesk
from assistant.ui.draft_work import findings_of
from assistant.ui.drafting import (
    added,
    completed_by_profile,
    fixed,
    grouped,
    measure_of,
    told,
)
from assistant.ui.kit import empty, section
from assistant.ui.measure_html import mark_of
from assistant.ui.measures import Change, change
from assistant.ui.safe import label, plain
from assistant.ui.sources import evidence_card_html, panels_html
from assistant.ui.state import session
from assistant.ui.whose import changeable

CHECKS_LISTED = 10


def side(desk: ReviewDesk, record: DraftRecord, profile: UnitProfile) -> None:
    """Draw what is wrong with the draft and what it rests on."""
    draft = record.draft
    if draft is None:
        section("借鉴依据")
        empty("起草后显示", "相近案例会列在这里，可逐条查看原文、选用做法。")
        return
    _checks(desk, record, draft, profile)
    section("借鉴依据", f"{len(draft.evidence)} 个相近案例")
    if not draft.evidence:
        empty("没有找到相近案例", "以上措施为通用写法，请结合实际修改。")
        return
    panels, cards = _evidence(desk, draft)
    st.html(panels)
    with st.container(key="evidence-cards", gap=None):
        for item, card in zip(draft.evidence, cards, strict=True):
            st.html(card)
            _adopt(desk, record, item)


def _evidence(desk: ReviewDesk, draft: Draft) -> tuple[str, tuple[str, ...]]:
    """Write panels and cards, anew only when the cases or the library are others."""
    state = session()
    ids = tuple((item.number, item.case.id, item.notice.id) for item in draft.evidence)
    what = (draft.problem, ids, desk.library.revision())
    if state.evidence_drawn is None or state.evidence_drawn[0] != what:
        hits = _hits(draft.problem)
        cards = tuple(
            evidence_card_html(item, hits=hits, panel_id=f"e-{item.number}")
            for item in draft.evidence
        )
        panels = panels_html(desk, draft.evidence, prefix="e")
        state.evidence_drawn = (what, (panels, cards))
    return state.evidence_drawn[1]


def _hits(problem: str) -> list[str]:
    grams = [problem[at : at + 4] for at in range(max(0, min(len(problem), 120) - 3))]
    return [gram for gram in grams if gram.isalnum()]


def _checks(desk: ReviewDesk, record: DraftRecord, draft: Draft, profile: UnitProfile) -> None:
    findings = findings_of(desk, record, profile)
    errors = sum(finding.level == "error" for finding in findings)
    warns = sum(finding.level == "warn" for finding in findings)
    section("质量检查", f"{errors} 处须改 · {warns} 处建议" if findings else "全部通过")
    if not findings:
        st.html('<p class="passed">✓ 责任、时限、可核查、无外单位事实等各项均已通过</p>')
        return
    groups = grouped(findings)
    with st.container(key="checks", gap=None):
        listed: list[str] = []
        for place, group in enumerate(groups[:CHECKS_LISTED]):
            listed.append(_check_html(group))
            if group[0].fix is not None:
                _list(listed[:-1])
                _fixable(desk, record, draft, group[0], place, listed[-1])
                listed.clear()
        _list(listed)
        completed = completed_by_profile(draft, profile)
        if completed != draft:
            st.button(
                "按单位信息补齐责任和时限",
                key=f"fill-{record.id}-{record.version}",
                icon=":material/auto_fix_high:",
                type="tertiary",
                disabled=not changeable(desk, record),
                on_click=_put,
                args=(desk, record.id, lambda d: completed_by_profile(d, profile)),
            )
    if len(groups) > CHECKS_LISTED:
        st.caption(f"其余 {len(groups) - CHECKS_LISTED} 项改完后再看")


def _check_html(group: Sequence[Finding]) -> str:
    message = told(group)
    numbers = [str(at + 1) for f in group if (at := measure_of(f)) is not None]
    # most messages name their measures themselves
    where = f"<small>措施 {'、'.join(numbers)}</small>" if numbers and "第" not in message else ""
    return f'<li class="{mark_of(group[0])}"><span>{plain(message)}{where}</span></li>'


def _list(rows: Sequence[str]) -> None:
    if rows:
        st.html(f'<ul class="check">{"".join(rows)}</ul>')


def _fixable(
    desk: ReviewDesk, record: DraftRecord, draft: Draft, finding: Finding, place: int, row: str
) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="top", wrap=False):
        _list([row])
        st.button(
            "修正",
            key=f"fix-{record.id}-{record.version}-{place}",
            type="tertiary",
            help=f"改为：{label(finding.fix or '', 60)}" if finding.fix else "删去这一处",
            disabled=not changeable(desk, record),
            on_click=_put,
            # a finding is of the text it was found in
            args=(desk, record.id, lambda d: fixed(d, finding) if d == draft else d),
        )


def _put(desk: ReviewDesk, record_id: str, made: Change) -> None:
    change(desk, record_id, made, anew=True)


def _adopt(desk: ReviewDesk, record: DraftRecord, item: Evidence) -> None:
    case: Case = item.case
    if not case.measures:
        return
    drawer = st.popover(
        "用这条做法",
        type="tertiary",
        key=f"use-{record.id}-{item.number}",
        on_change="rerun",
        disabled=not changeable(desk, record),
    )
    if not drawer.open:
        return
    with drawer:
        st.caption("选一条加入草稿；外单位的名称、数字不带入，带不掉的会在质量检查中标出。")
        for place, measure in enumerate(case.measures[:8]):
            st.button(
                label(measure.text, 70),
                key=f"use-{record.id}-{item.number}-{place}",
                width="stretch",
                on_click=_take,
                args=(desk, record, item, measure),
            )


def _take(desk: ReviewDesk, record: DraftRecord, item: Evidence, measure: Measure) -> None:
    taken = adopted(item, measure, problem=record.problem, profile=desk.store.profile())
    _put(desk, record.id, lambda d: added(d, taken))

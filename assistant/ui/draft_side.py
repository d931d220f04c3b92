"""The right of 起草: quality check first, then the cases a draft rests on."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant.models import Case, Draft, DraftRecord, Evidence, Finding, UnitProfile
from assistant.ui.adopting import adopted
from assistant.ui.desk import ReviewDesk
from assistant.ui.drafting import (
    added,
    completed_by_profile,
    fixed,
    grouped,
    measure_of,
    with_draft,
)
from assistant.ui.kit import empty, section
from assistant.ui.safe import label, plain
from assistant.ui.sources import evidence_card_html, panels_html
from assistant.ui.state import redraw
from assistant.ui.whose import changeable

CHECKS_LISTED = 10


def side(
    desk: ReviewDesk, record: DraftRecord, findings: Sequence[Finding], profile: UnitProfile
) -> None:
    """Draw what is wrong with the draft and what it rests on."""
    draft = record.draft
    if draft is None:
        section("借鉴依据")
        empty("起草后显示", "相近案例会列在这里，可逐条查看原文、选用做法。")
        return
    _checks(desk, record, draft, findings, profile)
    section("借鉴依据", f"{len(draft.evidence)} 个相近案例")
    if not draft.evidence:
        empty("没有找到相近案例", "以上措施为通用写法，请结合实际修改。")
        return
    hits = _hits(draft.problem)
    st.html(panels_html(desk, draft.evidence, prefix="e"))
    for item in draft.evidence:
        with st.container(key=f"evidence-{item.number}", gap=None):
            st.html(evidence_card_html(item, hits=hits, panel_id=f"e-{item.number}"))
            _adopt(desk, record, draft, item)


def _hits(problem: str) -> list[str]:
    grams = [problem[at : at + 4] for at in range(max(0, min(len(problem), 120) - 3))]
    return [gram for gram in grams if gram.isalnum()]


def _checks(
    desk: ReviewDesk,
    record: DraftRecord,
    draft: Draft,
    findings: Sequence[Finding],
    profile: UnitProfile,
) -> None:
    errors = sum(finding.level == "error" for finding in findings)
    warns = sum(finding.level == "warn" for finding in findings)
    section("质量检查", f"{errors} 处须改 · {warns} 处建议" if findings else "全部通过")
    if not findings:
        st.html('<p class="passed">✓ 责任、时限、可核查、无外单位事实等各项均已通过</p>')
        return
    groups = grouped(findings)
    with st.container(key="checks", gap=None):
        for place, group in enumerate(groups[:CHECKS_LISTED]):
            _check(desk, record, draft, group, place)
        completed = completed_by_profile(draft, profile)
        if completed != draft and st.button(
            "按单位信息补齐责任和时限",
            key=f"fill-{record.id}-{record.version}",
            icon=":material/auto_fix_high:",
            type="tertiary",
            disabled=not changeable(desk, record),
        ):
            _put(desk, record, completed)
    if len(groups) > CHECKS_LISTED:
        st.caption(f"其余 {len(groups) - CHECKS_LISTED} 项改完后再看")


def _check(
    desk: ReviewDesk, record: DraftRecord, draft: Draft, group: Sequence[Finding], place: int
) -> None:
    finding = group[0]
    numbers = [str(at + 1) for f in group if (at := measure_of(f)) is not None]
    where = f"<small>措施 {'、'.join(numbers)}</small>" if numbers else ""
    mark = {"error": "bad", "warn": "warn"}.get(finding.level, "info")
    with st.container(horizontal=True, gap="small", vertical_alignment="top", wrap=False):
        st.html(
            f'<ul class="check"><li class="{mark}"><span>{plain(finding.message)}{where}'
            "</span></li></ul>"
        )
        if finding.fix is not None and st.button(
            "修正",
            key=f"fix-{record.id}-{record.version}-{place}",
            type="tertiary",
            help=f"改为：{label(finding.fix, 60)}" if finding.fix else "删去这一处",
            disabled=not changeable(desk, record),
        ):
            _put(desk, record, fixed(draft, finding))


def _put(desk: ReviewDesk, record: DraftRecord, draft: Draft) -> None:
    desk.store.save_draft(with_draft(record, draft))
    redraw(record.id)
    st.rerun()


def _adopt(desk: ReviewDesk, record: DraftRecord, draft: Draft, item: Evidence) -> None:
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
            if st.button(
                label(measure.text, 70),
                key=f"use-{record.id}-{item.number}-{place}",
                width="stretch",
            ):
                taken = adopted(item, measure, problem=record.problem, profile=desk.store.profile())
                _put(desk, record, added(draft, taken))

"""Below the table of 对标: practices, problem by problem, what comes again, shared wording."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

import streamlit as st

from assistant.comparison import SAME_MOULD, SMALL_SAMPLE
from assistant.models import Case, Comparison, Notice, Overlap, Practice, ProblemMatch, Repeat
from assistant.ui.compare_unit import is_own
from assistant.ui.heat import Cases, panel_html
from assistant.ui.kit import block, empty, note, note_html, unit_of
from assistant.ui.safe import plain, shorten
from assistant.ui.sources import link_html
from assistant.ui.state import kind_name, topic_name

TOPICS_OPEN = 2
"""Topics whose practices are unfolded as the page comes."""
TOPICS_LISTED = 3
"""Topics that come with the page; the others hold it up and come when asked for."""
PROBLEMS_LISTED = 30
SAMPLES_LISTED = 3
TABS = ("同类做法", "逐题对照", "重复指出", "文字重合")


def more(comparison: Comparison, cases: Cases, *, again: Callable[[], Cases]) -> None:
    """Draw the tabs; only the one in view, since each is long.

    `again` gives the cases of other notices of the unit, read when its tab is opened.
    """
    names = dict(
        zip(
            TABS,
            (
                f"同类做法（{len({p.topic for p in comparison.practices})} 个主题）",
                f"逐题对照（{len(comparison.problem_matches)} 个问题）",
                f"重复被指出（{len(comparison.repeats)}）",
                f"文字重合（{sum(o.share >= SAME_MOULD for o in comparison.overlaps)}）",
            ),
            strict=True,
        )
    )
    tabs = st.tabs(list(names.values()), key=f"more-{comparison.unit.id}", on_change="rerun")
    drawers = (_practices, _matches, _repeats, _overlaps)
    opened = next((at for at, tab in enumerate(tabs) if tab.open), 0)
    if drawers[opened] is _repeats:
        cases = {**again(), **cases}
    with tabs[opened]:
        drawers[opened](comparison, cases)


def _small_html(comparison: Comparison) -> str:
    if len(comparison.peers) > SMALL_SAMPLE:
        return ""
    told = f"可比单位只有 {len(comparison.peers)} 家，样本不足，以下只作线索。"
    return note_html(told, "warn")


# ---------------------------------------------------------------------- practices


def _practices(comparison: Comparison, cases: Cases) -> None:
    if not comparison.practices:
        empty("没有可列的做法", "参照单位在本单位涉及的主题下没有写明措施，换几家参照单位再看。")
        return
    by_topic = groupby(comparison.practices, key=lambda practice: practice.topic)
    groups = [(topic, list(group)) for topic, group in by_topic]
    counted = '<p class="lede small">按家数计，一家多次采用只算一次；例句为原文摘录。</p>'
    listed = _groups_html(groups[:TOPICS_LISTED], cases)
    st.html(block(_small_html(comparison), counted, listed))
    left = len(groups) - TOPICS_LISTED
    if left > 0 and st.toggle(f"列出其余 {left} 个主题的做法", key="rest-practices"):
        st.html(_groups_html(groups[TOPICS_LISTED:], cases, start=TOPICS_LISTED))


def _groups_html(
    groups: Sequence[tuple[str, list[Practice]]], cases: Cases, *, start: int = 0
) -> str:
    parts, panels = [], []
    for place, (topic, practices) in enumerate(groups, start):
        rows = "".join(
            _practice_html(practice, f"pr-{place}-{at}", cases)
            for at, practice in enumerate(practices)
        )
        panels += [
            panel_html(
                f"pr-{place}-{at}",
                kind_name(practice.kind),
                f"{topic_name(topic)} · {practice.peer_total} 家中 {practice.peer_count} 家",
                practice.case_ids,
                cases,
            )
            for at, practice in enumerate(practices)
        ]
        unused = sum(not practice.unit_uses for practice in practices)
        told = f"{len(practices)} 类做法" + (f"，本单位未见 {unused} 类" if unused else "")
        parts.append(
            f'<details class="fold"{" open" if place < TOPICS_OPEN else ""}>'
            f"<summary>{plain(topic_name(topic))} <small>{told}</small></summary>"
            f'<ul class="practices">{rows}</ul></details>'
        )
    return "".join([*parts, *panels])


def _practice_html(practice: Practice, panel_id: str, cases: Cases) -> str:
    used = (
        '<span class="tag ok">本单位已有</span>'
        if practice.unit_uses
        else '<span class="tag warn">本单位未见</span>'
    )
    example = ""
    if practice.examples and practice.examples[0].case_id in cases:
        first = practice.examples[0]
        notice = cases[first.case_id][1]
        example = (
            f"<q>{plain(shorten(first.text, 110))}</q> "
            f"<small>{plain(unit_of(notice))}，第 {first.line} 行</small>"
        )
    return (
        f"<li><p><b>{plain(kind_name(practice.kind))}</b>"
        f"<small>{practice.peer_total} 家中 {practice.peer_count} 家</small>{used}"
        f'<a class="open" href="#{panel_id}" '
        f'aria-label="{plain(kind_name(practice.kind))}，查看案例">看案例</a></p>{example}</li>'
    )


# ---------------------------------------------------------------------- problem by problem


def _matches(comparison: Comparison, cases: Cases) -> None:
    listed = comparison.problem_matches[:PROBLEMS_LISTED]
    if not any(match.matches for match in listed):
        empty("没有相近的问题", "参照单位中没有与本单位问题写法或主题相近、又写明措施的案例。")
        return
    rows = "".join(_match_html(match, f"pm-{at}", cases) for at, match in enumerate(listed))
    panels = "".join(
        panel_html(
            f"pm-{at}",
            shorten(cases[match.case_id][0].problem, 40),
            "相近问题的整改",
            match.matches,
            cases,
        )
        for at, match in enumerate(listed)
        if match.matches and match.case_id in cases
    )
    left = len(comparison.problem_matches) - len(listed)
    rest = f'<p class="lede small">其余 {left} 个问题见导出的文件。</p>' if left else ""
    st.html(block(_small_html(comparison), f'<ol class="pairs">{rows}</ol>', rest, panels))


def _match_html(match: ProblemMatch, panel_id: str, cases: Cases) -> str:
    if match.case_id not in cases:
        return ""
    case, _ = cases[match.case_id]
    units = list(dict.fromkeys(_units(match.matches, cases)))
    if not units:
        return f"<li>{plain(shorten(case.problem, 90))}<p><i>没有相近的案例</i></p></li>"
    kinds = "、".join(f"{kind_name(kind)}（{count}）" for kind, count in match.kinds[:4])
    return (
        f"<li>{plain(shorten(case.problem, 90))}"
        f"<p>相近案例 {len(match.matches)} 个：{plain('、'.join(units[:3]))}。"
        f"{f'多用 {plain(kinds)}。' if kinds else ''}"
        f'<a class="open" href="#{panel_id}" aria-label="查看相近案例">看案例</a></p></li>'
    )


def _units(case_ids: Iterable[str], cases: Cases) -> Iterable[str]:
    return (unit_of(cases[case_id][1]) for case_id in case_ids if case_id in cases)


# ---------------------------------------------------------------------- what comes again


def _repeats(comparison: Comparison, cases: Cases) -> None:
    if not comparison.repeats:
        note("案例库里没有本单位的其他通报，或没有同一问题再次被指出的情形。")
        return
    note("同一单位在不同通报里被指出的相近问题，可能是屡改屡犯，也可能是两份通报说同一件事。")
    rows, panels = [], []
    for at, repeat in enumerate(comparison.repeats):
        rows.append(
            f'<li class="bad"><span>{plain(repeat.message)}'
            f"<small>文字相近 {repeat.likeness:.0%}</small>"
            f'<a class="open" href="#rp-{at}" aria-label="查看两处原文">看两处原文</a></span></li>'
        )
        panels.append(_pair_panel(f"rp-{at}", repeat, cases))
    st.html(f'<ul class="check">{"".join(rows)}</ul>{"".join(panels)}')


def _pair_panel(panel_id: str, repeat: Repeat, cases: Cases) -> str:
    ids = (repeat.case_id, repeat.other_case_id)
    return panel_html(panel_id, "同一问题的两处原文", "重复被指出", ids, cases)


# ---------------------------------------------------------------------- shared wording


def _overlaps(comparison: Comparison, cases: Cases) -> None:
    shared = [overlap for overlap in comparison.overlaps if overlap.share > 0]
    if not shared:
        note("与参照单位没有成段相同的文字。", "ok")
        return
    note("只数相同的文字，不作定性：套话、引用文件名也会重合。三成以上的请人工核对是否套用。")
    notices = {peer.notice.id: peer.notice for peer in comparison.peers}
    st.html("".join(_overlap_html(overlap, notices, cases) for overlap in shared))


def _overlap_html(overlap: Overlap, notices: dict[str, Notice], cases: Cases) -> str:
    notice = notices.get(overlap.notice_id)
    if notice is None:
        return ""
    tone = "warn" if overlap.share >= SAME_MOULD else "quiet"
    samples = "".join(
        f"<li><q>{plain(shorten(text, 80))}</q>{_links((mine, other), cases)}</li>"
        for text, mine, other in overlap.samples[:SAMPLES_LISTED]
    )
    return (
        f'<details class="fold"{" open" if overlap.share >= SAME_MOULD else ""}><summary>'
        f'{plain(unit_of(notice))} <span class="tag {tone}">重合 {overlap.share:.0%}</span>'
        f"<small>以较短的一份 {overlap.grams} 段文字计</small></summary>"
        f'<ul class="practices">{samples or "<li>没有成句相同的文字</li>"}</ul></details>'
    )


def _links(case_ids: Sequence[str], cases: Cases) -> str:
    found: list[tuple[Case, Notice]] = [cases[i] for i in case_ids if i in cases]
    return "".join(
        link_html(
            notice, case.line, f"{shorten(unit_of(notice), 10)} 第 {case.line} 行", css="open"
        )
        for case, notice in found
        if not is_own(notice)
    )

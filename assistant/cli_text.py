"""What the command line prints for people. Pure: values in, Chinese text out."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from assistant.labels import LEVEL_NAMES, full_label, place_label, unit_label
from assistant.models import (
    Answer,
    Answerable,
    Comparison,
    Draft,
    Evidence,
    IngestResult,
    IngestState,
    Notice,
    SearchResult,
)
from assistant.taxonomy.classify import load_taxonomy

WIDTH = 46
"""Chinese characters a line."""


def _wrap(words: str, indent: str = "") -> str:
    return "\n".join(
        textwrap.fill(line, WIDTH, initial_indent=indent, subsequent_indent=indent)
        if line.strip()
        else ""
        for line in words.splitlines()
    )


def topic_names(topics: Sequence[str]) -> str:
    """Give the Chinese names of topics."""
    known = load_taxonomy().topics
    return "、".join(known[topic].name if topic in known else topic for topic in topics)


def parsed(notice: Notice) -> str:
    """Describe one notice with its cases."""
    lines = [
        f"【{notice.title}】 编号 {notice.id}",
        f"  来源：{notice.source} 第{notice.start_line}–{notice.end_line}行",
        f"  单位：{notice.unit or '未写明'}（{notice.unit_type}）"
        f"  {notice.inspection or '巡察/巡视未写明'}：{notice.team or '未写明'}",
        f"  时间：{notice.period or '未写明'}"
        f"  反馈：{notice.feedback_date.raw if notice.feedback_date else '未写明'}"
        f"  落款：{notice.published_date.raw if notice.published_date else '未写明'}",
        f"  问题 {len(notice.cases)} 条，"
        f"措施 {sum(len(case.measures) for case in notice.cases)} 条",
    ]
    for count in notice.counts:
        if count.counted is not None and count.counted != count.stated:
            lines.append(
                f"  注意：原文称{count.name}{count.stated}，实数{count.counted}（第{count.line}行）"
            )
    if not notice.cases:
        lines.append("  未识别到问题条目")
    for case in notice.cases:
        status = f"  〔{case.status_class}〕" if case.status_class else ""
        lines.append(f"  · {case.id}  第{case.line}行  {case.number}{case.problem}{status}")
        lines.extend(_wrap(measure.text, "      ") for measure in case.measures)
    lines.extend(f"  存疑：第{doubt.line}行 {doubt.message}" for doubt in notice.report.doubts)
    return "\n".join(lines) + "\n"


def ingested(results: Sequence[IngestResult]) -> str:
    """Tell what became of each file, failures last, then the sums."""
    ordered = sorted(results, key=lambda result: result.state is IngestState.FAILED)
    lines = []
    for result in ordered:
        size = f"{result.notices}份通报 {result.cases}条案例" if result.notices else ""
        lines.append(
            "  ".join(p for p in (str(result.state), result.source, size, result.message) if p)
        )
    states = Counter(result.state for result in results)
    sums = "，".join(f"{state}{states[state]}" for state in IngestState if states[state])
    return "\n".join([*lines, f"共{len(results)}个文件：{sums or '无'}"])


def listed(notices: Sequence[Notice]) -> str:
    """List notices, one a line."""
    if not notices:
        return "案例库是空的。请用 zhenggai ingest 导入通报，或用 zhenggai demo 载入示例。"
    lines = [
        f"{notice.id}  {notice.unit_type}  {full_label(notice)}  "
        f"{len(notice.cases)}条  {notice.source} 第{notice.start_line}行"
        for notice in notices
    ]
    return "\n".join([*lines, f"共{len(notices)}份通报"])


_BANDS = {
    Answerable.WEAK: "（相近但不充分，以下仅供参考）",
    Answerable.NO: "（库中没有相近案例，以下仅供参考）",
}


def found(result: SearchResult) -> str:
    """List the cases found."""
    if not result.hits:
        return "没有找到相近案例。"
    lines = [_BANDS[result.answerable]] if result.answerable in _BANDS else []
    for number, hit in enumerate(result.hits, 1):
        lines.append(f"{number}. {hit.case.problem}")
        lines.append(
            f"   {full_label(hit.notice)}  {hit.notice.source} 第{hit.case.line}行  {hit.case.id}"
        )
        if hit.reasons:
            lines.append(f"   相近之处：{'、'.join(hit.reasons)}")
    return "\n".join(lines)


def answered(answer: Answer) -> str:
    """Print an answer with the places it cites."""
    lines = [_wrap(answer.text)]
    if answer.rewritten:
        lines.insert(0, f"（按“{answer.rewritten}”检索）")
    if answer.notice:
        lines.append(f"提示：{answer.notice}")
    if answer.unsupported:
        lines.append("以下句子未找到依据：")
        lines.extend(f"  ！{sentence}" for sentence in answer.unsupported)
    if answer.citations:
        lines.append("\n出处：")
        lines.extend(
            f"[{c.number}] {c.source} 第{c.line}行：{_clip(c.quote)}" for c in answer.citations
        )
    return "\n".join(lines)


def drafted(draft: Draft) -> str:
    """Print a draft in the order of a plan item."""
    names = load_taxonomy().kinds
    lines = [
        "AI辅助草稿，须经审核后使用；【　】处须填写。",
        f"问题：{draft.problem}",
        f"主题：{topic_names(draft.topics) or '未归类'}",
        f"原因：{draft.cause}",
        f"目标：{draft.goal}",
        "措施：",
    ]
    for number, measure in enumerate(draft.measures, 1):
        marks = "".join(f"[{n}]" for n in measure.evidence) or "（通用写法）"
        lines.append(_wrap(f"{number}. {measure.text}{marks}", "  "))
        kind = names[measure.kind].name if measure.kind in names else measure.kind
        lines.append(
            f"     〔{kind}〕{measure.responsible}；{measure.deadline}；{measure.deliverable}"
        )
    if draft.placeholders:
        lines.append("待补事项：")
        lines.extend(f"  □ {item}" for item in draft.placeholders)
    if draft.findings:
        lines.append("核查意见：")
        lines.extend(f"  {LEVEL_NAMES[f.level]} {f.rule} {f.message}" for f in draft.findings)
    if draft.notice:
        lines.append(f"提示：{draft.notice}")
    if draft.evidence:
        lines.append("依据：")
        lines.extend(_evidence_line(evidence) for evidence in draft.evidence)
    return "\n".join(lines) + "\n"


def _evidence_line(evidence: Evidence) -> str:
    case, notice = evidence.case, evidence.notice
    place = place_label(notice, case.line)
    return f"[{evidence.number}] {unit_label(notice)}：{case.problem}（{place}）"


def compared(comparison: Comparison) -> str:
    """Print a comparison: basis, peers, matrix, gaps, notes."""
    lines = [comparison.basis, "", "可比单位："]
    lines.extend(f"  {p.notice.id}  {full_label(p.notice)}  {p.reason}" for p in comparison.peers)
    lines.append("\n主题（本单位｜各可比单位）：")
    for row in comparison.matrix:
        counts = " ".join(f"{cell.count:>3}" for _, cell in row.peers)
        lines.append(f"  {row.unit.count:>3} ｜{counts}  {topic_names([row.topic])}")
    for title, gaps in (("差异", comparison.gaps), ("措施差异", comparison.measure_gaps)):
        lines.append(f"\n{title}：")
        lines.extend(f"  {gap.message}（{'、'.join(gap.case_ids[:4])}）" for gap in gaps)
        if not gaps:
            lines.append("  无")
    lines.extend(_practices(comparison))
    lines.extend(_likenesses(comparison))
    lines.append("\n自查清单：")
    lines.extend(
        f"  □ {item.question}（{'、'.join(item.case_ids)}）" for item in comparison.self_check
    )
    lines.append("\n说明：")
    lines.extend(f"  {note}" for note in comparison.notes)
    return "\n".join(lines)


def _practices(comparison: Comparison) -> Iterator[str]:
    kinds = load_taxonomy().kinds
    yield "\n同类单位的做法（采用家数/有该主题措施的家数）："
    if not comparison.practices:
        yield "  无"
    for practice in comparison.practices:
        name = kinds[practice.kind].name if practice.kind in kinds else practice.kind
        mark = "" if practice.unit_uses else "，本单位未见"
        example = practice.examples[0]
        yield (
            f"  {topic_names([practice.topic])}｜{name} {practice.peer_count}/"
            f"{practice.peer_total}{mark}  {_clip(example.text, 40)}"
            f"（{example.case_id} 第{example.line}行）"
        )


def _likenesses(comparison: Comparison) -> Iterator[str]:
    names = {peer.notice.id: full_label(peer.notice) for peer in comparison.peers}
    if comparison.repeats:
        yield "\n同一单位再次被指出："
        yield from (f"  {repeat.message}" for repeat in comparison.repeats)
    if comparison.completion:
        yield "\n完成情况（原文自述｜按条目实数）："
        for row in comparison.completion:
            counted = "未能统计" if row.counted is None else str(row.counted)
            unit = names.get(row.notice_id, "本单位")
            yield f"  {unit} {row.name} {row.stated}｜{counted}（第{row.line}行）"
    if comparison.overlaps:
        yield "\n文字重合率："
        yield from (
            f"  {overlap.share:>6.1%}  {names.get(overlap.notice_id, overlap.notice_id)}"
            for overlap in comparison.overlaps
        )


def figures(values: Mapping[str, object], indent: str = "") -> str:
    """Print nested figures, one a line."""
    lines = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            lines.append(f"{indent}{key}：")
            lines.append(figures(value, indent + "  "))
        else:
            lines.append(f"{indent}{key}：{value}")
    return "\n".join(lines)


def _clip(words: str, most: int = 60) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"

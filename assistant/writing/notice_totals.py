"""What a notice says of itself: dates, team, totals and what is still open."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.models import Answerable, Case, Notice, StatedCount, StatusClass
from assistant.writing.formulas import restored
from assistant.writing.masking import safe_text
from assistant.writing.notice_page import LineReader, Looked, Page, prose_case, unit_of
from assistant.writing.notice_rules import in_scope, rules

SHOWN = 12
LONGEST = 90
FINISHED = (StatusClass.DONE, StatusClass.MOSTLY)
OPEN = (StatusClass.OPEN, StatusClass.ONGOING, StatusClass.STAGED)


def _header_case(notice: Notice, field: str, lines: Sequence[str]) -> Case:
    """The line a header field was read from; else the first line of the notice."""
    span = next((span for name, span in notice.evidence if name == field), None)
    line = span.line if span else notice.start_line
    return prose_case(notice, line, 0, lines[line - 1] if line <= len(lines) else "")


def tell_dates(
    question: str, named: Sequence[Notice], outlines: Sequence[Notice], library: LineReader
) -> Looked | None:
    """When notices were fed back and published."""
    if not named and not rules().every.search(question):
        return None
    page = Page()
    fields = [
        (field, label)
        for field, label in (("feedback_date", "反馈"), ("published_date", "落款"))
        if rules().dates[field].search(question)
    ]
    lines = []
    for outline in (named or outlines)[:SHOWN]:
        notice = library.notice(outline.id)
        for field, label in fields:
            lines.append(_date_line(page, notice, field, label, library.lines(notice.id)))
    page.parts.append("\n".join(f"- {line}" for line in lines) if len(lines) > 1 else lines[0])
    return page.looked()


def _date_line(page: Page, notice: Notice, field: str, label: str, lines: Sequence[str]) -> str:
    date = notice.feedback_date if field == "feedback_date" else notice.published_date
    if date is None:
        said = f"{unit_of(notice)}：原文没有写明{label}日期"
        number = page.number(_header_case(notice, "title", lines), notice)
        page.own.append(said)
        return f"{said}[{number}]。"
    number = page.number(_header_case(notice, field, lines), notice)
    known = ""
    if date.iso and "年" not in date.raw:
        known = f"（按上下文为{date.iso[:4]}年）"
    said = f"{unit_of(notice)}：{label}日期为{date.raw}{known}"
    page.own.append(said)
    return f"{said}[{number}]。"


def tell_team(
    question: str, named: Sequence[Notice], outlines: Sequence[Notice], library: LineReader
) -> Looked | None:
    """Who inspected, and when."""
    if not named:
        return None
    page = Page()
    for notice in named:
        lines = library.lines(notice.id)
        parts = [
            notice.team or "",
            f"{notice.inspection or '巡察'}时间为{notice.period}" if notice.period else "",
        ]
        said = f"{unit_of(notice)}：{'，'.join(filter(None, parts)) or '原文没有写明'}"
        page.say(f"{said}[{page.number(_header_case(notice, 'period', lines), notice)}]。")
    return page.looked()


def tell_totals(
    question: str, named: Sequence[Notice], outlines: Sequence[Notice], library: LineReader
) -> Looked | None:
    """Totals as stated beside what is counted; both numbers where they differ."""
    wanted = rules().number.search(question)
    if wanted:
        number = int(wanted.group(1) or wanted.group(2))
        among = (library.notice(outline.id) for outline in named or outlines)
        named = [n for n in among if any(_states(c.name, c.stated, number) for c in n.counts)]
        if not named:
            page = Page()
            page.say(f"案例库中没有自述反馈{number}个问题的通报，无法回答完成了几个。")
            return page.looked(Answerable.NO)
    if not named or len(named) > 3 or _has_matter(question):
        return None
    page = Page()
    for notice in named:
        _tell_totals(page, notice, library.lines(notice.id))
    return page.looked()


def _states(name: str, stated: int, number: int) -> bool:
    return name == "问题数" and stated == number


def _has_matter(question: str) -> bool:
    return bool(re.search(r"关于|方面|这类|类问题|领域", question))


def _tell_totals(page: Page, notice: Notice, lines: Sequence[str]) -> None:
    told = [
        count for count in notice.counts if re.match(r"问题|完成|基本完成|推进|措施", count.name)
    ]
    quotes = dict.fromkeys((count.line, count.quote) for count in told)
    for line, quote in quotes:
        case = prose_case(notice, line, max(0, lines[line - 1].find(quote)), quote)
        said = restored(safe_text(quote)) or ""
        page.parts.append(
            f"{unit_of(notice)}通报自述：{said.rstrip('。')}[{page.number(case, notice)}]。"
        )
    if not quotes:
        page.say(f"{unit_of(notice)}的通报没有自述总数。")
    page.say(_counted(notice))
    for count in told:
        if differs(notice, count):
            page.say(
                f"通报自述{count.name}为{count.stated}，逐条清点为{count.counted}，"
                "两者不一致，请以原文核对。"
            )


def differs(notice: Notice, count: StatedCount) -> bool:
    """Whether a stated total contradicts what is counted; a doubtful reading does not."""
    if count.counted is None or count.counted == count.stated:
        return False
    if count.name == "问题数":
        told = rf"(?:反馈|指出|提出|梳理|列出|自查)[^，。；]{{0,16}}?{count.stated}(?:个|条|项)"
        return bool(re.search(told, count.quote))
    if count.name.endswith("完成数") or count.name.startswith("推进"):
        silent = sum(case.status_class is None for case in notice.cases)
        return count.counted > count.stated or silent * 2 < len(notice.cases)
    return True


def _counted(notice: Notice) -> str:
    by_status = [
        f"{status.value}{number}条"
        for status in StatusClass
        if (number := sum(case.status_class == status for case in notice.cases))
    ]
    silent = sum(case.status_class is None for case in notice.cases)
    by_status += [f"未写明状态{silent}条"] if silent else []
    return f"逐条清点：正文列出{len(notice.cases)}条问题，其中{'、'.join(by_status)}。"


def tell_rank(
    question: str, named: Sequence[Notice], outlines: Sequence[Notice], library: LineReader
) -> Looked | None:
    """Notices in the order of a count: problems listed, or the share finished."""
    among = named or in_scope(question, outlines)
    asked = rules().rank
    by_share = bool(asked["done"].search(question))
    silent = [one for one in among if by_share and 2 * _silent(one) >= len(one.cases)]
    among = tuple(one for one in among if one not in silent)
    ranked = sorted(among, key=_share if by_share else (lambda one: len(one.cases)))
    if not asked["least"].search(question):
        ranked.reverse()
    if not ranked:
        return None
    page = Page()
    what = "写明完成或基本完成的占比" if by_share else "逐条清点的问题数"
    page.say(f"库内{len(ranked)}份通报按{what}排列：")
    for outline in ranked[:SHOWN]:
        notice = library.notice(outline.id)
        number = page.number(notice.cases[0], notice)
        said = f"{unit_of(notice)}：{_rank_text(notice, by_share=by_share)}"
        page.own.append(said)
        page.parts[-1] += f"\n- {said}[{number}]。"
    if silent:
        names = "、".join(unit_of(one) for one in silent)
        page.say(f"另有{len(silent)}份通报大多没有写明完成状态，不能比较：{names}。")
    if by_share:
        page.say(
            "完成按原文对整条问题的表述认定，未写明状态的不算完成，各单位写法不同，不宜直接评比。"
        )
    return page.looked()


def _finished(notice: Notice) -> int:
    return sum(case.status_class in FINISHED for case in notice.cases)


def _silent(notice: Notice) -> int:
    return sum(case.status_class is None for case in notice.cases)


def _share(notice: Notice) -> float:
    return _finished(notice) / len(notice.cases)


def _rank_text(notice: Notice, *, by_share: bool) -> str:
    if not by_share:
        return f"{len(notice.cases)}条"
    told = f"，未写明状态{_silent(notice)}条" if _silent(notice) else ""
    return f"{len(notice.cases)}条中完成{_finished(notice)}条，占{100 * _share(notice):.1f}%{told}"


def tell_open(
    question: str, named: Sequence[Notice], outlines: Sequence[Notice], library: LineReader
) -> Looked | None:
    """What is still under way."""
    if not named:
        return None
    page = Page()
    for notice in named:
        pending = [case for case in notice.cases if case.status_class in OPEN]
        lines = library.lines(notice.id)
        prose = [line for line, role in notice.report.roles if role == "未完成"]
        if not pending and not prose:
            page.say(f"{unit_of(notice)}的通报没有单列未完成事项，也没有哪条问题写明未完成。")
            continue
        page.say(f"{unit_of(notice)}的通报写明还在推进或未完成的有{len(pending)}条：")
        page.parts[-1] += "".join(_open_line(page, case, notice) for case in pending)
        for line in prose[1:5]:
            case = prose_case(notice, line, 0, lines[line - 1])
            said = restored(safe_text(lines[line - 1])[:LONGEST])
            if said:
                page.parts.append(f"{said.rstrip('。')}[{page.number(case, notice)}]。")
    return page.looked()


def _open_line(page: Page, case: Case, notice: Notice) -> str:
    status = f"（{safe_text(case.status).rstrip('。')}）" if case.status else ""
    said = f"{safe_text(case.problem).rstrip('。')}{status}"
    page.own.append(said)
    return f"\n- {said}[{page.number(case, notice)}]。"

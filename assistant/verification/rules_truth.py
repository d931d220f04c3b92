"""R15–R22: nothing claimed, nothing foreign, nothing invented."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.cleaning import normalise
from assistant.facts.compare import is_general_title
from assistant.models import DraftMeasure, Fact, Finding
from assistant.verification.copied import copied_runs
from assistant.verification.draft_check import DraftCheck, cue
from assistant.verification.regulations import find_regulation
from assistant.writing.deadlines import end_of_period, parse_date
from assistant.writing.guard import BLANK, foreign_facts
from assistant.writing.tense import completion_claims, to_plan
from assistant.writing.words import likeness

_TITLE = re.compile(r"《([^》\n]{1,60})》")
_TOTAL = re.compile(r"(?:合计|共计|总计)(\d+(?:\.\d+)?)(万元|元|个|项|条)")
_COUNTS = re.compile(
    r"(?<!\d)(\d+)(?:个|项|条)问题[^。]{0,20}?(?:已)?完成(?:整改)?(\d+)(?:个|项|条)"
    r"[^。]{0,20}?(?:未完成|正在(?:整改|推进)|持续推进)(\d+)(?:个|项|条)"
)
_SETS_UP = re.compile(r"(?:制定|修订|建立|出台|完善|形成|拟定|编制|健全|填写|印发)[^，。；]{0,6}$")
ALIKE = 0.8


def check_tense(check: DraftCheck) -> Iterator[Finding]:
    """R15: a plan claims nothing as done."""
    for where, text in check.parts():
        for start, end in completion_claims(text):
            first = max(text.rfind(mark, 0, start) for mark in "，。；：") + 1
            stop = re.search(r"[，。；]", text[end:])
            last = end + stop.start() if stop else len(text)
            yield Finding(
                "R15",
                "error",
                f"“{text[start:end]}”是完成性表述，方案中请改为拟采取的措施和时限。",
                where,
                first,
                last,
                to_plan(text[first:last]) or None,
            )


def check_residue(check: DraftCheck) -> Iterator[Finding]:
    """R16: no mask, marker or advert is left."""
    for where, text in (*check.parts(), ("problem", check.draft.problem)):
        for match in cue("residue").finditer(text):
            mended = normalise(match.group()).text
            yield Finding(
                "R16",
                "warn" if where == "problem" else "error",
                f"“{match.group()}”是隐名符号或残留标记，请改为正式表述。",
                where,
                match.start(),
                match.end(),
                mended if mended != match.group() else BLANK,
            )


def check_foreign(check: DraftCheck) -> Iterator[Finding]:
    """R17: every figure, date, amount, title, body, person and place is the user's own."""
    for where, text in check.parts():
        for fact in foreign_facts(text, check.owned):
            if fact.kind in ("document", "mask"):
                continue
            yield Finding(
                "R17",
                "error",
                f"“{fact.text}”不在本单位提供的材料中，疑似他单位信息，请核实后填写。",
                where,
                fact.start,
                fact.end,
                BLANK,
            )


def check_regulations(check: DraftCheck) -> Iterator[Finding]:
    """R18: each 《》 is on the dated list or the user's own."""
    for where, text in check.parts():
        for match in _TITLE.finditer(text):
            title = match.group(1)
            known = find_regulation(title)
            if known and known.gone:
                message = f"《{title}》已由《{known.gone}》取代，请改用现行规定。"
                yield Finding(
                    "R18", "error", message, where, match.start(), match.end(), f"《{known.gone}》"
                )
            elif known:
                yield from _old_year(text, match, known.year, where)
            elif not _to_be_written(text, match):
                yield _unverified(title, match, where, own=title in check.owned)


def _to_be_written(text: str, match: re.Match[str]) -> bool:
    """A plain title the plan itself sets up: `制定《采购管理办法》` cites no rule."""
    before = text[max(0, match.start() - 10) : match.start()]
    title = Fact("document", match.group(), match.start(), match.end(), match.group(1))
    return bool(_SETS_UP.search(before)) and is_general_title(title)


def _unverified(title: str, match: re.Match[str], where: str, *, own: bool) -> Finding:
    return Finding(
        "R18",
        "info" if own else "error",
        f"《{title}》未核验："
        + ("请确认名称和有效性。" if own else "不在法规清单内，也不是本单位材料，请核实或删去。"),
        where,
        match.start(),
        match.end(),
        None if own else "有关规定",
    )


def _old_year(text: str, match: re.Match[str], year: int, where: str) -> Iterator[Finding]:
    written = re.match(r"[（(](\d{4})年", text[match.end() : match.end() + 7])
    if written and int(written.group(1)) < year:
        yield Finding(
            "R18",
            "warn",
            f"《{match.group(1)}》现行版本为{year}年，请核对所引年份。",
            where,
            match.start(),
            match.end(),
        )


def check_dates(check: DraftCheck) -> Iterator[Finding]:
    """R19: deadlines lie between feedback and the end of the period."""
    start, end = parse_date(check.profile.feedback_date), end_of_period(check.profile)
    if start and end and start > end:
        yield Finding("R19", "error", "集中整改期截止日早于反馈日期，请核对。", "draft")
    for at, measure in enumerate(check.draft.measures):
        day = parse_date(measure.deadline)
        if day and start and day < start:
            yield Finding(
                "R19", "error", f"第{at + 1}条时限早于反馈日期，请改正。", f"measure:{at}"
            )
        if day and end and day > end and "长期" not in measure.deadline:
            yield Finding(
                "R19", "error", f"第{at + 1}条时限晚于集中整改期截止日，请改正。", f"measure:{at}"
            )


def check_sums(check: DraftCheck) -> Iterator[Finding]:
    """R20: stated totals agree with their parts."""
    for where, text in (("problem", check.draft.problem), *check.parts()):
        for match in _COUNTS.finditer(text):
            whole, done, undone = (int(part) for part in match.groups())
            if whole != done + undone:
                yield _sum_finding(where, match)
        for match in _TOTAL.finditer(text):
            unit = match.group(2)
            before = text[max(0, match.start() - 80) : match.start()]
            parts = [float(part) for part in re.findall(rf"(\d+(?:\.\d+)?){unit}", before)]
            if len(parts) >= 2 and abs(sum(parts) - float(match.group(1))) > 0.005:
                yield _sum_finding(where, match)


def _sum_finding(where: str, match: re.Match[str]) -> Finding:
    level = "warn" if where == "problem" else "error"
    message = f"“{match.group()}”与分项合计不一致，请核对数字。"
    return Finding("R20", level, message, where, match.start(), match.end())


def check_copied(check: DraftCheck) -> Iterator[Finding]:
    """R21: no measure repeats another item's, nor long runs of a source."""
    for at, measure in enumerate(check.draft.measures):
        for other in check.others:
            if other is check.draft or other.problem == check.draft.problem:
                continue
            if any(_alike(measure, one) for one in other.measures):
                yield Finding(
                    "R21",
                    "warn",
                    f"第{at + 1}条与另一问题的措施基本相同，请结合本问题改写。",
                    f"measure:{at}",
                )
                break
        yield from _copied(measure.text, at, check)
    yield from _missing_items(check)


def _alike(one: DraftMeasure, other: DraftMeasure) -> bool:
    """Holding people to account is worded alike everywhere: there only the same text counts."""
    if one.step == other.step == "追责问责":
        return one.text == other.text
    return likeness(one.text, other.text) > ALIKE


def _copied(text: str, at: int, check: DraftCheck) -> Iterator[Finding]:
    sources = [measure.text for item in check.draft.evidence for measure in item.case.measures]
    for start, end in copied_runs(text, sources, owned=check.draft.problem):
        yield Finding(
            "R21",
            "warn",
            f"第{at + 1}条有{end - start}字与他单位通报原文相同，请改写。",
            f"measure:{at}",
            start,
            end,
        )


def _missing_items(check: DraftCheck) -> Iterator[Finding]:
    if not check.feedback or not check.others:
        return
    answered = {draft.problem for draft in (*check.others, check.draft)}
    missing = [item for item in check.feedback if item not in answered]
    if missing:
        yield Finding("R21", "warn", f"还有{len(missing)}个反馈问题没有措施，请逐条回应。", "draft")


def check_discipline(check: DraftCheck) -> Iterator[Finding]:
    """R22: no disciplinary decision is made up."""
    for where, text in check.parts():
        for match in cue("discipline").finditer(text):
            term = cue("sanction").search(match.group())
            if term and term.group() in f"{check.draft.problem}{check.profile.facts}":
                continue
            yield Finding(
                "R22",
                "error",
                f"“{match.group()}”属于处分决定，草稿不得代作，请改为依规依纪处理。",
                where,
                match.start(),
                match.end(),
                "按照干部管理权限依规依纪处理",
            )

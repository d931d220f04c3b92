"""R01–R06 and R10–R12: whether an item has what reviewers look for first."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.models import DraftMeasure, Finding
from assistant.verification.draft_check import (
    DraftCheck,
    any_measure,
    cue,
    listed,
    measures_where,
)

_ROLES = ("责任领导", "责任单位")


def _blank_role(measure: DraftMeasure) -> bool:
    return "【" in measure.responsible


def _no_role(measure: DraftMeasure) -> bool:
    return not all(role in measure.responsible for role in _ROLES)


def check_responsible(check: DraftCheck) -> Iterator[Finding]:
    """R01: 责任领导 and 责任单位 are named; blanks are for the user to fill."""
    for at, _ in measures_where(check, _no_role):
        yield Finding(
            "R01", "error", f"第{at + 1}条没有写明责任领导和责任单位，请补充。", f"measure:{at}"
        )
    blank = [at for at, one in measures_where(check, _blank_role) if not _no_role(one)]
    if blank:
        yield Finding(
            "R01", "warn", f"{listed(blank)}的责任领导、责任单位、责任人待填写。", "draft"
        )


def check_deadline(check: DraftCheck) -> Iterator[Finding]:
    """R02: each measure has a date or 立行立改; blanks are for the user to fill."""
    blank = []
    for at, measure in enumerate(check.draft.measures):
        if cue("date").search(measure.deadline):
            continue
        if cue("blank_date").search(measure.deadline):
            blank.append(at)
        else:
            yield Finding(
                "R02",
                "error",
                f"第{at + 1}条没有完成时限，请写明日期或“立行立改”。",
                f"measure:{at}",
            )
    if blank:
        yield Finding("R02", "warn", f"{listed(blank)}的完成时限待填写。", "draft")


def check_milestone(check: DraftCheck) -> Iterator[Finding]:
    """R03: 长期坚持 also has a dated milestone."""
    for at, measure in enumerate(check.draft.measures):
        dated = cue("date").search(measure.deadline) or cue("blank_date").search(measure.deadline)
        if cue("lasting_deadline").search(measure.deadline) and not dated:
            yield Finding(
                "R03",
                "warn",
                f"第{at + 1}条只写长期坚持，请补充一个有日期的阶段目标。",
                f"measure:{at}",
            )


def check_output(check: DraftCheck) -> Iterator[Finding]:
    """R04: each measure leaves something that can be looked at."""
    for at, measure in enumerate(check.draft.measures):
        if not measure.deliverable.strip() and not cue("output").search(measure.text):
            yield Finding(
                "R04",
                "error",
                f"第{at + 1}条没有可核验的成果，请写明台账、清单、办法或记录。",
                f"measure:{at}",
            )


def check_institution(check: DraftCheck) -> Iterator[Finding]:
    """R05: something is put into a rule."""
    if not any_measure(check, kinds=("M03",), pattern="institution"):
        yield Finding("R05", "warn", "没有建章立制的措施，请补充要修订或制定的制度。", "draft")


def check_act(check: DraftCheck) -> Iterator[Finding]:
    """R06: an act mends the fact itself."""
    if not cue("act").search(check.plan):
        yield Finding(
            "R06", "error", "没有直接纠正问题本身的措施，请写明核查、清理、补缴等动作。", "draft"
        )


def check_lasting(check: DraftCheck) -> Iterator[Finding]:
    """R10: the loop is closed by regular checks."""
    if not cue("lasting").search(check.plan):
        yield Finding("R10", "warn", "缺少长效监督措施，请写明抽查频次或纳入考核。", "draft")


def _only_talk(measure: DraftMeasure) -> bool:
    talk = cue("meeting").search(measure.text) or cue("paper").search(measure.text)
    return (
        bool(talk)
        and not cue("act").search(measure.text)
        and not cue("output").search(measure.text)
    )


def check_only_talk(check: DraftCheck) -> Iterator[Finding]:
    """R11: meetings, study and papers are not all there is."""
    talk = [at for at, _ in measures_where(check, _only_talk)]
    if talk and len(talk) == len(check.draft.measures):
        yield Finding(
            "R11", "error", "措施只有开会、学习或发文，请补充纠正问题的具体动作和成果。", "draft"
        )


def _only_empty(measure: DraftMeasure) -> bool:
    return bool(cue("empty").search(measure.text)) and not cue("output").search(measure.text)


def check_empty_words(check: DraftCheck) -> Iterator[Finding]:
    """R12: not mostly empty words."""
    empty = [at for at, _ in measures_where(check, _only_empty)]
    if check.draft.measures and len(empty) * 2 > len(check.draft.measures):
        yield Finding(
            "R12", "warn", f"{listed(empty)}多为“进一步、切实”等空泛表述，请换成具体做法。", "draft"
        )

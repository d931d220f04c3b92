"""R07–R09, R13 and R14: whether the plan answers this problem."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.models import Finding
from assistant.verification.draft_check import DraftCheck, any_measure, cue
from assistant.writing.choosing import playbook_for
from assistant.writing.nature import is_money
from assistant.writing.words import content_words

_AMOUNT = re.compile(r"\d+(?:\.\d+)?(?:余|多)?(?:亿|万|千)?元|【[^】]*】\s*(?:亿|万)?元|金额")


def check_recovery(check: DraftCheck) -> Iterator[Finding]:
    """R07: a money problem has recovery, an amount and a basis."""
    if not is_money(check.draft.problem):
        return
    texts = [one.text for one in check.draft.measures]
    recovering = [text for text in texts if cue("recovery").search(text)]
    if not recovering:
        yield Finding(
            "R07", "error", "问题涉及资金，缺少追缴、清退、补缴或收回的措施，请补充。", "draft"
        )
        return
    if not any(_AMOUNT.search(text) for text in recovering):
        yield Finding("R07", "error", "追缴清退措施没有写明金额，请填写或留出空白。", "draft")
    if not any(cue("basis").search(text) for text in recovering):
        yield Finding("R07", "error", "追缴清退措施没有写明依据，请补充认定依据。", "draft")


def check_accountability(check: DraftCheck) -> Iterator[Finding]:
    """R08: responsibility is looked into, unless the topic is one of capability."""
    if playbook_for(check.draft.topics, check.draft.problem, check.draft.evidence).mild:
        return
    if not any_measure(check, kinds=("M06",), pattern="accountability"):
        yield Finding("R08", "warn", "没有追责问责措施，请视情写明谈话提醒或责任倒查。", "draft")


def check_widening(check: DraftCheck) -> Iterator[Finding]:
    """R09: like problems elsewhere are looked for."""
    if not any(
        one.step == "举一反三" or cue("widening").search(one.text) for one in check.draft.measures
    ):
        yield Finding("R09", "warn", "没有举一反三，请补充对同类问题的排查自查。", "draft")


def check_cause(check: DraftCheck) -> Iterator[Finding]:
    """R13: the cause is named and answered by a measure."""
    cause = check.draft.cause.split("（推测")[0].strip()
    if not cause:
        yield Finding("R13", "warn", "没有原因分析，请填写问题产生的原因。", "cause")
    elif not content_words(cause) & content_words(check.plan):
        yield Finding("R13", "warn", "没有措施对应所列原因，请补充针对原因的措施。", "cause")


def _same(text: str) -> str:
    return re.sub(r"[\s，。；、,.;]", "", text)


def check_problem_text(check: DraftCheck) -> Iterator[Finding]:
    """R14: the problem stands as in the feedback, not softened, merged or dropped."""
    if check.draft.problem.strip() == "":
        yield Finding("R14", "error", "没有问题原文，请照录反馈意见。", "problem")
        return
    if not check.feedback:
        return
    own = _same(check.draft.problem)
    if own not in {_same(item) for item in check.feedback}:
        close = max(check.feedback, key=lambda item: len(content_words(item) & content_words(own)))
        yield Finding(
            "R14",
            "error",
            "问题表述与反馈意见原文不一致，不得弱化、合并或删减，请照录原文。",
            "problem",
            0,
            len(check.draft.problem),
            close,
        )

"""Checking a draft against every rule. Pure: the same draft gives the same findings."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.models import Draft, Finding, UnitProfile
from assistant.verification import rules_content as content
from assistant.verification import rules_extra as extra
from assistant.verification import rules_form as form
from assistant.verification import rules_personal as personal
from assistant.verification import rules_truth as truth
from assistant.verification.draft_check import DraftCheck, Rule

RULES: tuple[tuple[str, Rule], ...] = (
    ("R01", form.check_responsible),
    ("R02", form.check_deadline),
    ("R03", form.check_milestone),
    ("R04", form.check_output),
    ("R05", form.check_institution),
    ("R06", form.check_act),
    ("R07", content.check_recovery),
    ("R08", content.check_accountability),
    ("R09", content.check_widening),
    ("R10", form.check_lasting),
    ("R11", form.check_only_talk),
    ("R12", form.check_empty_words),
    ("R13", content.check_cause),
    ("R14", content.check_problem_text),
    ("R15", truth.check_tense),
    ("R16", truth.check_residue),
    ("R17", truth.check_foreign),
    ("R18", truth.check_regulations),
    ("R19", truth.check_dates),
    ("R20", truth.check_sums),
    ("R21", truth.check_copied),
    ("R22", truth.check_discipline),
    ("formula", extra.check_formulas),
    ("fabrication", extra.check_fabrication),
    ("instruction", extra.check_instructions),
    ("contact", extra.check_contact),
    ("personal", personal.check_personal),
    ("placeholder", extra.check_placeholders),
    ("citation", extra.check_evidence),
    ("empty", extra.check_measures),
)
"""Rule code → the function that checks it, in the order findings are shown."""

_LEVELS = {"error": 0, "warn": 1, "info": 2}


def check_draft(
    draft: Draft,
    *,
    profile: UnitProfile,
    others: Sequence[Draft] = (),
    feedback: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """Findings of every rule, errors first."""
    check = DraftCheck(draft, profile, tuple(others), tuple(feedback))
    found = [finding for _, rule in RULES for finding in rule(check)]
    return tuple(sorted(found, key=lambda finding: _LEVELS[finding.level]))

"""Numbers of persons typed or read back: told, mended by a click, masked in every file."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import pytest

from assistant.export.bundle import _WRITERS, export_noted
from assistant.export.masked import masked, masked_note, texts_of
from assistant.ledger_merging import merge_ledger
from assistant.ledger_reading import read_ledger
from assistant.models import Draft, DraftRecord, Finding, LedgerRow, UnitProfile
from assistant.ui.drafting import fixed
from assistant.verification.drafts import check_draft
from tests.fakes_export import PROFILE, make_draft, make_records

ID, PHONE, SPACED, CARD = (
    "110105199912310021",
    "13812345678",
    "139 1234 5678",
    "6222021234567890128",
)
OPEN = (ID, PHONE, SPACED, CARD)
HIDDEN = ("110105************", "138****5678", "6222***********0128")


def with_numbers(draft: Draft) -> Draft:
    first, *rest = draft.measures
    first = replace(
        first,
        text=f"{first.text}清退王某（身份证号{ID}）领取的补贴，转入{CARD}。",
        responsible=f"责任人：张三 {PHONE}；责任领导：【　】",
        deliverable=f"清退单（联系{SPACED}）",
    )
    return replace(draft, measures=(first, *rest), cause=f"由李四（{PHONE}）经办（推测，请核实）")


def findings(draft: Draft, profile: UnitProfile = PROFILE) -> list[Finding]:
    return [found for found in check_draft(draft, profile=profile) if found.rule == "personal"]


# ---------------------------------------------------------------------- told


def test_every_part_of_a_draft_that_holds_a_number_is_told_without_repeating_it() -> None:
    found = findings(with_numbers(make_draft()))
    assert {one.where for one in found} == {"cause", "measure:0", "responsible:0", "deliverable:0"}
    assert {one.level for one in found if "手机号" in one.message} == {"warn"}
    assert {one.level for one in found if "身份证号" in one.message} == {"error"}
    assert len([one for one in found if "银行卡号" in one.message]) == 1
    assert not [one for one in found for number in OPEN if number in one.message]
    assert findings(make_draft()) == []


def test_each_is_mended_by_one_click_and_nothing_else_changes() -> None:
    draft = before = with_numbers(make_draft())
    while found := findings(draft):
        draft = fixed(draft, found[0])
    text = "".join(texts_of(draft))
    assert not [number for number in OPEN if number in text]
    assert all(hidden in text for hidden in HIDDEN)
    plain = re.compile(r"[\d* ]{11,}")
    for old, new in zip(texts_of(before), texts_of(draft), strict=True):
        assert plain.sub("", old) == plain.sub("", new)


def test_part_of_an_identity_number_is_not_taken_for_a_telephone() -> None:
    first, *rest = make_draft().measures
    draft = replace(make_draft(), measures=(replace(first, text=f"核查{ID}。"), *rest))
    rules = [one.rule for one in check_draft(draft, profile=PROFILE) if one.where == "measure:0"]
    assert "contact" not in rules
    assert "personal" in rules


# ---------------------------------------------------------------------- masked in files


def records() -> list[DraftRecord]:
    row = LedgerRow(
        "第1类事项台账不全", progress=f"已找{PHONE}核实，{ID}已清退", state="基本完成", note=CARD
    )
    made = make_records(2)
    return [replace(made[0], draft=with_numbers(make_draft(made[0].problem)), ledger=row), made[1]]


def all_text(content: bytes) -> str:
    """Give the text of every part of a file, of files in it too."""
    if not content.startswith(b"PK"):
        return content.decode("utf-8", errors="replace")
    with zipfile.ZipFile(io.BytesIO(content)) as held:
        parts = [all_text(held.read(name)) for name in held.namelist()]
    return re.sub(r"<[^>]+>", "", "\n".join(parts))


@pytest.mark.parametrize(
    ("kind", "form"),
    sorted(key for key in _WRITERS if key[0] not in ("answer", "comparison", "cases", "draft")),
)
def test_no_file_of_drafts_shows_a_number(kind: str, form: str) -> None:
    held = records()
    profile = replace(PROFILE, facts=f"联系人手机{PHONE}")
    made = export_noted(kind, held, form, profile=profile)
    text = all_text(made.content)
    assert not [number for number in OPEN if number in text]
    assert any("文件中已遮盖" in note for note in made.notes)
    assert held == records()  # what is stored stays as it was typed


@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_no_file_of_one_draft_shows_a_number(form: str) -> None:
    made = export_noted("draft", with_numbers(make_draft()), form, profile=PROFILE)
    text = all_text(made.content)
    assert not [number for number in OPEN if number in text]
    assert HIDDEN[1] in text


def test_a_file_without_such_numbers_has_no_note() -> None:
    made = export_noted("plan", make_records(1), "docx", profile=PROFILE)
    assert not [note for note in made.notes if "遮盖" in note]


def test_a_masked_ledger_read_back_unmasks_and_overwrites_nothing() -> None:
    held = records()
    _, content = (made := export_noted("plan", held, "xlsx", profile=PROFILE)).name, made.content
    result = merge_ledger(held, read_ledger("台账.xlsx", content), profile=PROFILE)
    assert result.changes == ()
    assert result.conflicts == ()
    assert result.updated == ()


# ---------------------------------------------------------------------- the walk


def test_what_has_nothing_to_mask_is_the_very_same_object() -> None:
    held = make_records(2)
    assert masked(held) is held
    assert masked_note(held, PROFILE) == ""


def test_names_of_records_are_never_masked() -> None:
    record = replace(make_records(1)[0], id=PHONE, problem=f"电话{PHONE}")
    assert masked(record).id == PHONE
    assert masked(record).problem == "电话138****5678"
    assert masked_note(record) == "含手机号1个，文件中已遮盖"

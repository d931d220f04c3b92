"""ID, mobile and card numbers: found, masked in place, told; figures and file numbers are left."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.personal_data import Kind, find_numbers, mask, mask_document, told
from assistant.reading import load_upload, read_file


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("身份证11010519491231002X。", "身份证110105************。"),
        ("身份证号：110105199912310021，", "身份证号：110105************，"),
        ("１１０１０５１９４９１２３１００２Ｘ", "１１０１０５************"),
        ("电话13812345678。", "电话138****5678。"),
        ("电话138-1234-5678", "电话138******5678"),
        ("手机：１３８１２３４５６７８", "手机：１３８****５６７８"),
        ("卡号6222021234567890128", "卡号6222***********0128"),
    ],
)
def test_numbers_of_persons_are_masked_in_their_own_length(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert len(mask(text)) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "整改资金13812345678元",
        "合计13812345678.50元",
        "文号：〔2023〕138号",
        "统一社会信用代码91110105MA01ABCD2X",
        "联系电话：0771-1234567",
        "2023年12月31日至2024年1月2日",
        "编号110105199913310021",
        "订单20231231123456789012345",
        "银行账号6222021234567890127",
    ],
)
def test_figures_dates_and_file_numbers_are_left(text: str) -> None:
    assert mask(text) == text


@given(st.text())
def test_masking_keeps_the_length_and_leaves_nothing_to_mask(text: str) -> None:
    once = mask(text)
    assert len(once) == len(text)
    assert mask(once) == once


@given(st.text(alphabet="0123456789Xx １３- 卡元"))
def test_found_numbers_do_not_overlap(text: str) -> None:
    found = find_numbers(text)
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_what_was_found_is_told_by_kind() -> None:
    assert told(["11010519491231002X和13812345678", "13912345678"]) == "身份证号1个、手机号2个"
    assert told(["没有"]) == ""
    assert [kind.value for kind in Kind] == ["身份证号", "手机号", "银行卡号"]


TEXT = "关于整改情况的通报\n一是清退王某（110105199912310021，13812345678）补贴。\n"


def test_an_upload_is_read_masked_with_a_warning_and_its_own_hash() -> None:
    plain = load_upload("甲.txt", "甲\n乙".encode())
    assert plain.warnings == ()
    document = load_upload("甲.txt", TEXT.encode())
    assert "110105************，138****5678" in document.lines[1]
    assert any("身份证号1个、手机号1个" in warning for warning in document.warnings)
    assert mask_document(document) == document


def test_a_file_goes_into_the_library_masked(tmp_path: Path) -> None:
    source = Path(__file__).parent / "data" / "shimen_town.txt"
    text = source.read_text(encoding="utf-8")
    path = tmp_path / "甲.txt"
    path.write_text(f"{text}\n联系人手机13812345678\n", encoding="utf-8")
    reading = read_file(path)
    assert "138****5678" in reading.document.lines[-1]
    assert reading.notices

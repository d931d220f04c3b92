"""A ledger the office filled in comes back: changes taken over, conflicts shown, nothing lost."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import openpyxl
import pytest

from assistant.errors import ParseError
from assistant.export.bundle import export
from assistant.export.ledger import HIDDEN_COLUMN
from assistant.ledger_changing import measure_texts
from assistant.ledger_merging import MergeResult, merge_ledger, settled
from assistant.ledger_reading import read_ledger
from assistant.models import DraftRecord, LedgerRow
from tests.fakes_export import PROFILE, make_records

Edits = Mapping[tuple[int, str], object]


def exported(
    records: Sequence[DraftRecord], edits: Edits | None = None, *, drop: str = ""
) -> bytes:
    """Export a ledger and edit it as an office would: (row from 0, column) → value."""
    content = export("plan", records, "xlsx", profile=PROFILE)[1]
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet: Any = book["整改台账"]
    columns = {cell.value: cell.column for cell in sheet[2]}
    for (row, column), value in (edits or {}).items():
        sheet.cell(row + 3, columns[column]).value = value
    if drop:
        sheet.delete_cols(columns[drop])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def merged(records: Sequence[DraftRecord], edits: Edits, *, drop: str = "") -> MergeResult:
    rows = read_ledger("台账.xlsx", exported(records, edits, drop=drop))
    return merge_ledger(records, rows, profile=PROFILE)


def test_a_ledger_nobody_touched_changes_nothing() -> None:
    result = merged(make_records(), {})
    assert result == MergeResult((), ())


def test_states_owners_and_days_update_the_drafts() -> None:
    records = make_records()
    result = merged(
        records,
        {
            (0, "完成情况"): "已完成",
            (0, "进展情况"): "已核查。\n并退回。",
            (0, "挽回损失（万元）"): 1.25,
            (1, "责任人"): "采购专员",
            (2, "完成时限"): date(2025, 8, 20),
        },
    )
    assert result.conflicts == ()
    first, second, third = result.updated
    assert first.ledger is not None
    assert (first.ledger.state, first.ledger.recovered) == ("已完成", "1.25")
    assert first.ledger.progress == "已核查。\n并退回。"
    assert second.draft is not None
    assert "责任人：采购专员" in second.draft.measures[0].responsible
    assert third.draft is not None
    # the last step moves to the new day; the earlier one keeps its own
    assert [m.deadline for m in third.draft.measures] == ["2025年7月5日前", "2025年8月20日前"]
    assert len(result.changes) == 5


def test_a_day_brought_forward_takes_the_later_steps_with_it() -> None:
    [record] = merged(make_records(1), {(0, "完成时限"): date(2025, 6, 1)}).updated
    assert record.draft is not None
    assert {m.deadline for m in record.draft.measures} == {"2025年6月1日前"}


def test_where_both_sides_changed_the_draft_stands_and_the_difference_is_shown() -> None:
    records = make_records(1)
    content = exported(records, {(0, "责任单位"): "财政所"})
    draft = records[0].draft
    assert draft is not None
    edited = tuple(
        replace(m, responsible="责任领导：【　】；责任单位：纪委；责任人：【　】")
        for m in draft.measures
    )
    changed = replace(records[0], draft=replace(draft, measures=edited), version=2)
    result = merge_ledger([changed], read_ledger("台账.xlsx", content), profile=PROFILE)
    assert result.updated == ()
    [conflict] = result.conflicts
    assert (conflict.column, conflict.kept, conflict.offered) == ("责任单位", "纪委", "财政所")


def both_changed(field: str, ours: str, column: str, theirs: str) -> MergeResult:
    records = make_records(1)
    content = exported(records, {(0, column): theirs})
    held = replace(records[0].ledger or LedgerRow(records[0].problem), **{field: ours})
    changed = replace(records[0], ledger=held, version=2)
    return merge_ledger([changed], read_ledger("台账.xlsx", content), profile=PROFILE)


def test_a_chosen_difference_is_taken_over_and_no_other() -> None:
    result = both_changed("progress", "已开会。", "进展情况", "已退款。")
    assert settled(result, ()) == ()
    [record] = settled(result, result.conflicts)
    assert record.ledger is not None
    assert record.ledger.progress == "已退款。"
    [before] = result.matched
    assert replace(record, ledger=before.ledger) == before


def test_a_responsible_office_is_taken_over_when_chosen() -> None:
    records = make_records(1)
    content = exported(records, {(0, "责任单位"): "财政所", (0, "整改目标"): ""})
    draft = records[0].draft
    assert draft is not None
    edited = tuple(replace(m, responsible="责任单位：纪委") for m in draft.measures)
    changed = replace(records[0], draft=replace(draft, measures=edited))
    result = merge_ledger([changed], read_ledger("台账.xlsx", content), profile=PROFILE)
    [record] = settled(result, result.conflicts)
    assert record.draft is not None
    assert {m.responsible for m in record.draft.measures} == {"责任单位：财政所"}
    # an emptied cell is taken only by choice, too
    assert record.draft.goal == ""


def test_the_wording_of_the_problem_is_never_taken_over() -> None:
    result = merged(make_records(1), {(0, "反馈问题（原文）"): "台账不够规范"})
    assert settled(result, result.conflicts) == ()


@pytest.mark.parametrize(
    ("cell", "texts"),
    [
        ("1.甲\n2.乙", ["甲", "乙"]),
        ("1．甲\n续行\n2、乙", ["甲\n续行", "乙"]),
        ("1.甲 2.乙", ["甲 2.乙"]),
        ("甲\n1.乙", []),
        ("2.甲", []),
        ("", []),
    ],
)
def test_a_cell_of_measures_is_split_by_its_numbers(cell: str, texts: list[str]) -> None:
    assert measure_texts(cell) == texts


@pytest.mark.parametrize(
    "cell",
    [
        "1.甲" + "\n" * 400_000 + "2.乙",
        "1" + " " * 2_000_000 + "甲",
        " " * 2_000_000 + "1.甲",
        "1.甲\n" + "2\u3000" * 400_000,
    ],
    ids=["empty lines", "spaces behind a number", "spaces before it", "numbers without a mark"],
)
def test_a_cell_of_nothing_but_spaces_is_split_in_one_pass(cell: str) -> None:
    before = time.process_time()
    measure_texts(cell)
    # one pass takes a tenth of a second; adding line to line took twenty
    assert time.process_time() - before < 5


def test_what_only_the_draft_changed_stays_without_a_conflict() -> None:
    records = make_records(1)
    content = exported(records)
    draft = records[0].draft
    assert draft is not None
    changed = replace(records[0], draft=replace(draft, goal="全部规范"))
    result = merge_ledger([changed], read_ledger("台账.xlsx", content), profile=PROFILE)
    assert result == MergeResult((), ())


def test_wording_of_problems_and_measures_is_not_taken_from_the_ledger() -> None:
    records = make_records(2)
    result = merged(
        records, {(0, "反馈问题（原文）"): "台账不够规范", (1, "整改措施"): "1.改一改。"}
    )
    assert result.updated == ()
    assert [conflict.column for conflict in result.conflicts] == ["反馈问题（原文）", "整改措施"]


def test_without_the_hidden_column_blanks_are_filled_and_the_rest_is_asked() -> None:
    result = merged(
        make_records(1),
        {(0, "责任人"): "采购专员", (0, "责任单位"): "财政所", (0, "完成情况"): "已完成"},
        drop=HIDDEN_COLUMN,
    )
    [record] = result.updated
    assert record.draft is not None
    assert "责任人：采购专员" in record.draft.measures[0].responsible
    assert record.ledger is not None
    assert record.ledger.state == "已完成"
    assert [conflict.column for conflict in result.conflicts] == ["责任单位"]


def test_rows_may_be_sorted_added_and_taken_out() -> None:
    records = make_records(3)
    rows = read_ledger("台账.xlsx", exported(records, {(2, "完成情况"): "基本完成"}))
    strange = replace(rows[0], problem="另一个问题", base="")
    result = merge_ledger(records, [rows[2], strange, rows[0]], profile=PROFILE)
    assert [record.id for record in result.updated] == [records[2].id]
    assert result.unmatched == (strange,)
    assert result.missing == (records[1].problem,)


def test_a_broken_hidden_cell_is_no_base() -> None:
    records = make_records(1)
    for broken in ("{", '{"cells": 3}', "[]"):
        rows = read_ledger("台账.xlsx", exported(records, {(0, HIDDEN_COLUMN): broken}))
        assert merge_ledger(records, rows, profile=PROFILE).updated == ()


def test_other_headings_for_the_same_columns_are_understood() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (
        ["清溪镇整改台账"],
        ["序号", "存在问题", "责任科室", "整改时限", "整改进展", "完成状态"],
        [1, "第1类事项台账不全", "财政所", "2025年09月30日前", "已补齐", "已整改"],
    ):
        sheet.append(cells)
    stream = io.BytesIO()
    book.save(stream)
    [row] = read_ledger("我们的台账.xlsx", stream.getvalue())
    assert (row.office, row.deadline, row.progress) == ("财政所", "2025年9月30日", "已补齐")
    assert row.state == "已完成"


def test_a_csv_is_read_as_well() -> None:
    content = "序号,反馈问题,责任人,完成情况\n1,账目不清,会计,未完成\n".encode()
    [row] = read_ledger("台账.csv", content)
    assert (row.problem, row.person, row.state) == ("账目不清", "会计", "未完成")


def test_a_sheet_that_is_no_ledger_is_a_named_error() -> None:
    with pytest.raises(ParseError, match="未识别到台账"):
        read_ledger("名单.csv", "姓名,电话\n甲,1\n".encode())


def test_what_was_read_back_goes_out_again_with_the_next_ledger() -> None:
    records = make_records(2)
    edits: Edits = {(0, "进展情况"): "已核查", (0, "销号时间及验收人"): "2025年9月1日 巡察办"}
    result = merged(records, edits)
    held = [*result.updated, records[1]]
    rows = read_ledger("台账.xlsx", exported(held))
    assert (rows[0].progress, rows[0].closed) == ("已核查", "2025年9月1日 巡察办")

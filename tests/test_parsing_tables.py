"""Tables that are not ledgers in rows: forms, cells on lines, rows by bars; and paired lists."""

from __future__ import annotations

import hashlib

import pytest

from assistant.models import Case, Document, StatusClass, Table
from assistant.parsing.parse import parse_document

INTRO = "2024年3月4日至4月12日，县委第二巡察组对县档案馆党支部进行了巡察，5月20日反馈意见。"
TITLE = "县档案馆党支部巡察整改情况公示表"


def _read(lines: list[str], tables: tuple[Table, ...] = ()) -> tuple[Case, ...]:
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    (notice,) = parse_document(Document("表.docx", digest, "docx", tuple(lines), tables))
    return notice.cases


def _with_table(rows: list[tuple[str, ...]]) -> tuple[Case, ...]:
    lines = [TITLE, INTRO, *("\t".join(row) for row in rows), "县档案馆党支部", "2024年9月2日"]
    return _read(lines, (Table(3, tuple(rows)),))


FORM: list[tuple[str, ...]] = [
    ("序号", "1"),
    ("问题类别", "主业方面"),
    ("反馈问题", "馆藏档案数字化率低"),
    ("整改措施", "1.扫描馆藏档案12万页。 2.建立查档预约平台。"),
    ("责任领导", "副馆长"),
    ("完成时限", "2024年8月底前"),
    ("完成情况", "已完成"),
    ("序号", "2"),
    ("问题类别", "作风方面"),
    ("反馈问题", "查档窗口午间无人值守"),
    ("整改措施", "1.实行午间轮班。"),
    ("责任领导", "副馆长"),
    ("完成时限", "立行立改"),
    ("完成情况", "持续推进"),
]


def test_forms_below_each_other_give_a_case_each() -> None:
    first, second = _with_table(FORM)
    assert first.problem == "馆藏档案数字化率低"
    assert first.category == ("主业方面",)
    assert [measure.text for measure in first.measures] == [
        "1.扫描馆藏档案12万页。",
        "2.建立查档预约平台。",
    ]
    assert first.status_class is StatusClass.DONE
    assert second.status_class is StatusClass.ONGOING
    assert second.line == first.line + 7


def test_names_and_values_may_alternate_along_a_row() -> None:
    (case,) = _with_table(
        [
            ("问题类别", "作风方面", "完成情况", "已完成"),
            ("反馈问题", "库房温湿度长期无记录", "反馈问题", "库房温湿度长期无记录"),
            ("整改措施", "配备温湿度仪6台，专人每日登记。", "责任人", "库管员"),
        ]
    )
    assert case.problem == "库房温湿度长期无记录"
    assert case.category == ("作风方面",)
    assert case.status_class is StatusClass.DONE


def test_a_table_of_names_and_numbers_is_no_form() -> None:
    lines = [
        TITLE,
        INTRO,
        "1.档案借出不登记。",
        "整改情况：补登借出档案42卷。",
        "姓名\t电话",
        "王某\t123",
    ]
    cases = _read(lines, (Table(5, (("姓名", "电话"), ("王某", "123"))),))
    assert [case.problem for case in cases] == ["档案借出不登记"]


@pytest.mark.parametrize("mark", ["\t", "|"])
def test_rows_typed_with_tabs_or_bars_are_a_ledger(mark: str) -> None:
    rows = [
        ("序号", "存在问题", "整改措施", "是否完成"),
        ("1", "档案鉴定销毁程序不全", "一是补齐鉴定小组签字。二是公示销毁清册。", "是"),
        ("2", "征集经费使用不公开", "每季度公开征集经费。", "否"),
    ]
    typed = [mark.join(row) for row in rows]
    if mark == "|":
        typed = [f"|{row}|" for row in typed]
    first, second = _read([TITLE, INTRO, *typed])
    assert first.problem == "档案鉴定销毁程序不全"
    assert [measure.text for measure in first.measures] == [
        "一是补齐鉴定小组签字。",
        "二是公示销毁清册。",
    ]
    assert first.status_class is StatusClass.DONE
    assert second.status_class is StatusClass.OPEN


def test_what_was_done_is_no_second_count_of_what_was_to_be_done() -> None:
    (one, two, three) = _with_table(
        [
            ("序号", "反馈问题", "整改措施", "整改落实情况"),
            (
                "1",
                "旧库房漏雨",
                "一是报修屋面。二是转移档案。",
                "屋面已修缮320平方米，档案已转移。",
            ),
            ("2", "消防器材过期", "更换灭火器。", "已完成整改"),
            ("3", "台账缺页", "", "一是补登台账42页。二是逐页编号。"),
        ]
    )
    assert [measure.text for measure in one.measures] == ["一是报修屋面。", "二是转移档案。"]
    assert [measure.text for measure in two.measures] == ["更换灭火器。"]
    assert two.status_class is StatusClass.DONE
    # where nothing was planned, what was done is all there is
    assert [measure.text for measure in three.measures] == ["一是补登台账42页。", "二是逐页编号。"]


def test_without_a_column_of_plans_what_was_done_is_the_measures() -> None:
    (case, _) = _with_table(
        [
            ("序号", "反馈问题", "整改落实情况", "完成时限"),
            ("1", "旧库房漏雨", "一是修缮屋面。二是转移档案。", "2024年9月"),
            ("2", "消防器材过期", "更换灭火器18具。", "2024年9月"),
        ]
    )
    assert [measure.text for measure in case.measures] == ["一是修缮屋面。", "二是转移档案。"]


def test_numbers_that_begin_anew_behind_the_lead_answer_the_problems_above() -> None:
    cases = _read(
        [
            "县档案馆党支部关于巡察整改情况的报告",
            INTRO,
            "一、业务工作方面",
            "1.立卷归档不及时。",
            "2.涉密档案与普通档案混放。",
            "整改情况：",
            "1.催收应归档文件860件。",
            "2.设专柜存放涉密档案，双人双锁。",
            "县档案馆党支部",
            "2024年9月2日",
        ]
    )
    found = [(case.problem, [measure.text for measure in case.measures]) for case in cases]
    assert found == [
        ("立卷归档不及时", ["催收应归档文件860件。"]),
        ("涉密档案与普通档案混放", ["设专柜存放涉密档案，双人双锁。"]),
    ]


def test_page_furniture_is_no_text_of_the_notice() -> None:
    cases = _read(
        [
            "首页 > 党务公开 > 正文",
            "县档案馆党支部关于巡察整改情况的报告",
            INTRO,
            "1.立卷归档不及时。",
            "— 1 —",
            "整改情况：催收应归档文件860件。",
            "县档案馆党支部",
            "2024年9月2日",
            "扫一扫在手机打开当前页",
            "【打印本页】【关闭窗口】",
        ]
    )
    assert [measure.text for measure in cases[0].measures] == ["催收应归档文件860件。"]

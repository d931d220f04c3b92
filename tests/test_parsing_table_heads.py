"""What stands around a table: headings above it, heads of two rows, unit and date lines."""

from __future__ import annotations

import hashlib

import pytest

from assistant.models import Document, Notice, StatusClass, Table
from assistant.parsing.parse import parse_document

HEAD = ("反馈问题", "整改情况", "结果")


def _read(lines: list[str], *tables: Table) -> Notice:
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    (notice,) = parse_document(Document("表.docx", digest, "docx", tuple(lines), tables))
    return notice


def _rows(*rows: tuple[str, ...]) -> list[str]:
    return ["\t".join(row) for row in rows]


def test_headings_right_above_tables_are_their_categories_and_no_problems() -> None:
    first = (HEAD, ("党外干部储备不足", "一是建立数据库。二是推荐3人。", "完成"))
    second = (HEAD, ("派车审批不严", "一是补办派车单19份。", "长期坚持"))
    lines = [
        "中共柳河县委统战部关于巡察反馈问题整改情况的通报",
        "2024年7月至8月，县委第四巡察组对县委统战部开展巡察，10月12日反馈了意见。",
        "一、统战工作落实不到位",
        *_rows(*first),
        "二、机关管理方面",
        *_rows(*second),
        "中共柳河县委统战部",
        "2025年3月7日",
    ]
    notice = _read(lines, Table(4, first), Table(7, second))
    assert [case.problem for case in notice.cases] == ["党外干部储备不足", "派车审批不严"]
    assert [case.category for case in notice.cases] == [
        ("一、统战工作落实不到位",),
        ("二、机关管理方面",),
    ]
    assert [case.status_class for case in notice.cases] == [StatusClass.DONE, StatusClass.ONGOING]


def test_a_second_row_of_names_goes_by_the_name_that_spans_it() -> None:
    rows = (
        ("反馈问题", "反馈问题", "整改情况", "整改情况", "整改情况"),
        ("问题类型", "具体内容", "整改措施", "整改进展", "状态"),
        ("思想建设", "学习笔记互相抄袭", "重写笔记。", "已组织补课2次。", "完成"),
        ("思想建设", "宣讲场次造假", "核减场次9场。", "通报1人。", "基本完成"),
    )
    notice = _read(["东城税源中心支部巡察问题整改情况汇总", *_rows(*rows)], Table(2, rows))
    assert notice.title == "东城税源中心支部巡察问题整改情况汇总"
    assert [case.problem for case in notice.cases] == ["学习笔记互相抄袭", "宣讲场次造假"]
    assert notice.cases[0].category == ("思想建设",)
    assert [m.text for m in notice.cases[1].measures] == ["核减场次9场。"]


def test_the_column_that_says_how_far_is_the_status() -> None:
    rows = (
        ("具体问题", "整改举措", "整改成效", "是否完成"),
        ("村级债务底数不清", "锁定债务126万元。", "已减少23万元", "否"),
        ("驻村干部走读", "随机抽查23次。", "在岗率提高", "是"),
    )
    notice = _read(["河口镇党委巡察问题整改情况一览表", *_rows(*rows)], Table(2, rows))
    assert [case.status_class for case in notice.cases] == [StatusClass.OPEN, StatusClass.DONE]


@pytest.mark.parametrize(
    ("line", "unit", "day"),
    [
        ("填报单位：石门县供销社党组　　填报日期：2024年10月", "石门县供销社党组", "2024年10月"),
        ("单位：石门县供销社党组　　　时间：2024年10月", "石门县供销社党组", "2024年10月"),
        ("（县委第二巡察组，2024年11月12日）", None, "2024年11月12日"),
    ],
)
def test_unit_and_day_are_read_from_the_line_between_title_and_table(
    line: str, unit: str | None, day: str
) -> None:
    rows = (
        ("反馈问题", "整改措施", "完成情况"),
        ("社有资产低价出租", "解除合同2份。", "已完成"),
    )
    notice = _read(["巡察整改事项完成情况登记表", line, *_rows(*rows)], Table(3, rows))
    assert notice.title == "巡察整改事项完成情况登记表"
    assert notice.unit == unit
    assert notice.published_date is not None
    assert notice.published_date.raw == day

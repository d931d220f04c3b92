"""Layouts of the genre beyond the usual one, each told by how such notices number and label."""

from __future__ import annotations

import pytest

from assistant.models import Case, Document, Notice
from assistant.parsing.parse import parse_document

TITLE = "中共苇塘县粮食局党组关于巡察整改情况的通报"
INTRO = "2024年3月4日至4月26日，县委第一巡察组对县粮食局党组开展了巡察，6月3日反馈意见。"
CLOSING = "中共苇塘县粮食局党组\n2024年12月2日"


def _read(body: str, *, closing: str = CLOSING, intro: str = INTRO) -> Notice:
    text = f"{TITLE}\n{intro}\n{body}\n{closing}"
    (notice,) = parse_document(Document("通报.txt", "0" * 64, "txt", tuple(text.split("\n"))))
    return notice


def _pairs(notice: Notice) -> list[tuple[str, list[str]]]:
    return [(case.problem, [measure.text for measure in case.measures]) for case in notice.cases]


def _statuses(notice: Notice) -> list[str | None]:
    return [case.status_class.value if case.status_class else None for case in notice.cases]


def test_numbers_that_run_on_across_headings_count_problems_even_where_they_name_actions() -> None:
    notice = _read(
        "二、坚持问题导向，把反馈问题整改到位\n（一）学懂弄通创新理论\n"
        "1.抓实中心组学习。补学规定篇目4次。\n2.守好宣传阵地。停用账号3个。\n"
        "（二）管好用好库存粮食\n3.严查亏库短库。盘点库点12处。补齐短少12吨。"
    )
    problems = [case.problem for case in notice.cases]
    assert problems == ["抓实中心组学习", "守好宣传阵地", "严查亏库短库"]
    assert [len(case.measures) for case in notice.cases] == [1, 1, 2]


def test_an_oddly_worded_item_in_a_list_of_problems_is_one_as_well() -> None:
    notice = _read(
        "1.会议记录不完整。补记4份。\n2.夜间值守打瞌睡。通报2人。\n3.派车单缺失。补办9张。\n"
        "4.账目公开不及时。每月公示一次。\n5.食堂泔水外卖。终止合同。"
    )
    assert [case.number for case in notice.cases] == ["1.", "2.", "3.", "4.", "5."]
    assert notice.cases[4].problem == "食堂泔水外卖"


def test_feedback_told_by_a_tag_without_number_is_the_item_below_a_field_of_work() -> None:
    notice = _read(
        "二、整改情况\n（一）履行职能责任方面\n巡察反馈指出：仓容维修拖延。\n维修仓房6座。\n"
        "巡察反馈指出：轮换计划执行走样。\n重新编制计划。"
    )
    assert _pairs(notice) == [
        ("仓容维修拖延", ["维修仓房6座。"]),
        ("轮换计划执行走样", ["重新编制计划。"]),
    ]


def test_a_dashed_detail_and_a_dashed_remedy_belong_to_the_numbered_problem_above() -> None:
    notice = _read(
        "一、政治建设方面\n1.学习制度不系统\n——巡察反馈：全年只学2次。\n"
        "——整改情况：制定计划。专题学习9次。\n2.换届考察不严\n——巡察反馈：材料雷同。\n"
        "——整改情况：重新考察12人。"
    )
    assert _pairs(notice) == [
        ("学习制度不系统", ["制定计划。", "专题学习9次。"]),
        ("换届考察不严", ["重新考察12人。"]),
    ]


def test_a_heading_that_names_the_completion_of_work_tells_no_status() -> None:
    notice = _read("二、整改完成情况\n（一）仓储管理方面\n1.仓房漏雨失修。\n修缮仓房5座。")
    assert _statuses(notice) == [None]


def test_fields_in_brackets_behind_a_problem_are_read_and_no_part_of_it() -> None:
    notice = _read(
        "一、管理方面\n1.议事规则执行不严。【整改类型：立行立改】【整改进度：80%】\n一是修订规则。\n"
        "2.库存账实不符（责任领导：局长；完成时限：2024年9月）\n【整改状态：已完成】\n一是盘点3次。"
    )
    assert _pairs(notice) == [
        ("议事规则执行不严", ["一是修订规则。"]),
        ("库存账实不符", ["一是盘点3次。"]),
    ]
    assert _statuses(notice) == ["持续推进", "完成"]


def test_brackets_that_name_no_field_stay_in_the_problem() -> None:
    notice = _read("一、管理方面\n1.三处库点（其中：两处在建）长期闲置\n一是盘活2处。")
    assert notice.cases[0].problem == "三处库点（其中：两处在建）长期闲置"


def test_numbers_may_count_fields_whatever_their_names() -> None:
    notice = _read(
        "一、管理方面\n1.出入库登记不全\n（1）整改任务：补齐登记。\n（2）整改措施：一是补记86笔。"
        "二是启用系统。\n（3）完成情况：已完成。\n2.熏蒸作业违规\n（1）整改落实情况：处罚2人。\n"
        "（2）长效机制建设情况：作业实行双人复核。"
    )
    assert _pairs(notice) == [
        ("出入库登记不全", ["一是补记86笔。", "二是启用系统。"]),
        ("熏蒸作业违规", ["处罚2人。", "作业实行双人复核。"]),
    ]
    assert _statuses(notice)[0] == "完成"


def test_what_stands_behind_a_lead_of_its_own_is_no_rest_of_a_short_measure() -> None:
    notice = _read(
        "一、管理方面\n1.存在问题：收购现场秩序混乱。\n整改情况：一是增设通道。二是聘请引导员12名。\n"
        "下一步打算：收购前统一演练。"
    )
    assert [m.text for m in notice.cases[0].measures] == [
        "一是增设通道。",
        "二是聘请引导员12名。",
        "收购前统一演练。",
    ]


TABLE = (
    "序号  反馈问题  整改落实情况  责任领导  完成情况\n"
    "1  走访农户不深入  走访4300户。解决难题17个。  副局长  已完成\n"
    "2  仓房闲置  出租3处。  局长  正在推进\n"
    "3  账目混乱  重新建账。  总会计师  基本完成"
)


def test_a_table_whose_cells_only_wide_gaps_keep_apart_is_a_ledger() -> None:
    notice = _read(TABLE)
    assert _pairs(notice)[0] == ("走访农户不深入", ["走访4300户。", "解决难题17个。"])
    assert _statuses(notice) == ["完成", "持续推进", "基本完成"]
    assert [case.line for case in notice.cases] == [4, 5, 6]


def test_without_any_number_the_last_short_line_above_a_paragraph_is_the_problem() -> None:
    notice = _read(
        "关于落实决策部署不到位\n服务体系有形无效\n服务站人员流动快、兼职多，专职缺位\n"
        "配齐专职24名。培训3期。\n信息更新不及时\n核查对象6100名。\n"
        "关于从严治党不力\n资金使用不规范\n采购未询价\n退回差价1.2万元。\n"
        "下一步工作\n局党组将坚持标本兼治，巩固整改成果。"
    )
    assert [case.problem for case in notice.cases] == [
        "服务站人员流动快、兼职多，专职缺位",
        "信息更新不及时",
        "采购未询价",
    ]
    above: list[tuple[str, ...]] = [case.category for case in notice.cases]
    assert above[1] == ("关于落实决策部署不到位", "服务体系有形无效")
    assert above[2] == ("关于从严治党不力", "资金使用不规范")


def test_a_problem_in_mid_paragraph_that_carries_the_next_number_begins_an_item() -> None:
    notice = _read(
        "一、管理方面\n4.关于采购监管缺位问题。"
        + "开展专项整治，处理处罚供应商5家、代理机构3家，并对全县采购项目逐一复核，追回多付款项。"
        * 2
        + "5.关于内控制度不严问题。修订手册。"
    )
    assert [case.problem for case in notice.cases] == ["采购监管缺位", "内控制度不严"]


def test_a_field_that_names_a_duty_holds_items_all_the_same() -> None:
    notice = _read(
        "一、关于履行粮食管护职责方面\n（一）关于库点巡查流于形式的问题\n（1）整改落实情况：巡查19次。\n"
        "（二）关于水分检测不准的问题\n（1）整改落实情况：更换仪器4台。"
    )
    assert [case.problem for case in notice.cases] == ["库点巡查流于形式", "水分检测不准"]


def _first(body: str, *, closing: str = CLOSING, intro: str = INTRO) -> Case:
    return _read(f"一、管理方面\n{body}", closing=closing, intro=intro).cases[-1]


def test_lines_of_the_web_page_behind_the_signature_are_no_measures() -> None:
    chrome = "（编辑：综合科  审核：办公室）\n相关推荐"
    case = _first("1.仓房失修。一是修缮5座。二是落实专人。", closing=f"{CLOSING}\n{chrome}")
    assert [m.text for m in case.measures] == ["一是修缮5座。", "二是落实专人。"]


def test_the_date_line_of_a_web_page_is_when_it_was_published_and_no_period() -> None:
    dated = f"2024-12-06 09:15 来源：巡察办\n{INTRO}"
    notice = _read("1.仓房失修。修缮5座。", closing="", intro=dated)
    assert notice.published_date is not None
    assert notice.published_date.raw == "2024-12-06"
    assert notice.period == "2024年3月4日至4月26日"


def test_a_closing_sentence_on_all_problems_is_no_measure_of_the_last() -> None:
    closing = f"以上问题局党组将持续跟踪问效，严防反弹。\n{CLOSING}"
    case = _first("（一）仓房失修。整改情况：修缮5座。", closing=closing)
    assert [m.text for m in case.measures] == ["修缮5座。"]


@pytest.mark.parametrize("dash", ["—", "-"])
def test_a_scanned_dash_where_a_first_point_begins_is_read_as_one(dash: str) -> None:
    case = _first(f"1.仓房失修。整改情况：{dash}是修缮5座。落实专人。二是验收。")
    assert [m.text for m in case.measures] == [f"{dash}是修缮5座。落实专人。", "二是验收。"]


def test_names_in_lenticular_brackets_part_a_line_into_fields() -> None:
    notice = _read(
        "【问题】中介机构参审管理粗放【整改】遴选机构12家。扣减服务费9万元。【结果】已完成\n"
        "【问题】账簿设置混乱【整改】重新建账。【结果】持续推进"
    )
    assert _pairs(notice) == [
        ("中介机构参审管理粗放", ["遴选机构12家。", "扣减服务费9万元。"]),
        ("账簿设置混乱", ["重新建账。"]),
    ]
    assert _statuses(notice) == ["完成", "持续推进"]


def test_a_pasted_table_without_numbers_ends_each_row_with_its_status() -> None:
    notice = _read(
        "反馈问题\n整改措施\n完成情况\n账簿设置混乱\n1.重新建账。\n2.培训会计。\n已完成\n"
        "仓房闲置\n出租3处。\n正在推进"
    )
    assert _pairs(notice) == [
        ("账簿设置混乱", ["1.重新建账。", "2.培训会计。"]),
        ("仓房闲置", ["出租3处。"]),
    ]
    assert _statuses(notice) == ["完成", "持续推进"]


def test_stems_and_first_of_them_are_numbering() -> None:
    notice = _read(
        "甲、政治责任方面\n其一，学习制度不系统。整改情况：制定计划。\n其二，换届考察不严。"
        "整改情况：重新考察12人。\n乙、作风方面\n其一，走访打卡拍照。整改情况：抽查日志。"
    )
    assert [(case.number, case.problem) for case in notice.cases] == [
        ("其一，", "学习制度不系统"),
        ("其二，", "换届考察不严"),
        ("其一，", "走访打卡拍照"),
    ]
    assert notice.cases[2].category == ("乙、作风方面",)


def test_remedies_listed_after_under_the_same_headings_go_to_their_problems() -> None:
    notice = _read(
        "一、巡察反馈的主要问题\n（一）责任落实方面\n1.仓房失修。\n2.库存账实不符。\n"
        "（二）资金管理方面\n3.补贴拨付滞后。\n二、整改落实情况\n（一）责任落实方面\n"
        "1.修缮5座。\n2.盘点3次。\n（二）资金管理方面\n3.拨付284万元。"
    )
    assert _pairs(notice) == [
        ("仓房失修", ["修缮5座。"]),
        ("库存账实不符", ["盘点3次。"]),
        ("补贴拨付滞后", ["拨付284万元。"]),
    ]


def test_bars_of_full_width_and_a_row_of_dashes_are_a_ledger_too() -> None:
    notice = _read(
        "｜序号｜反馈问题｜整改措施｜整改结果｜\n｜---｜---｜---｜---｜\n"
        "｜1｜租金减免随意｜追补租金27万元。｜已完成｜\n｜2｜担保未报批｜解除担保2笔。｜正在推进｜"
    )
    assert _pairs(notice) == [
        ("租金减免随意", ["追补租金27万元。"]),
        ("担保未报批", ["解除担保2笔。"]),
    ]
    assert [case.category for case in notice.cases] == [(), ()]


def test_numbers_behind_a_numbered_tag_count_its_fields() -> None:
    notice = _read(
        "一、政治建设方面\n（一）问题：学习记录代签补签\n（二）整改：通报4人。\n（三）成效：制度落实。\n"
        "二、业务方面\n（一）问题：评定把关不严\n（二）整改：复核326本。约谈2人。\n（三）成效：更规范。"
    )
    assert _pairs(notice) == [
        ("学习记录代签补签", ["通报4人。"]),
        ("评定把关不严", ["复核326本。", "约谈2人。"]),
    ]


def test_duties_between_a_problem_and_its_remedy_hide_neither() -> None:
    notice = _read(
        "整改事项一：保养记录造假\n责任领导：大队长\n整改举措：\n1.逐台检测37台。\n"
        "整改事项二：训练考核“放水”\n责任领导：教导员\n整改举措：\n1.交叉考核。\n2.淘汰4名。"
    )
    assert _pairs(notice) == [
        ("保养记录造假", ["1.逐台检测37台。"]),
        ("训练考核“放水”", ["1.交叉考核。", "2.淘汰4名。"]),
    ]

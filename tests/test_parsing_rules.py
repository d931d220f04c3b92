"""Single rules of the reading: kinds, totals, statuses, doubts, ledgers, levels."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from assistant.models import Document, Notice, Table
from assistant.parsing.kind import problem_kind
from assistant.parsing.parse import parse_document
from assistant.taxonomy.units import classify_unit

STATED = [
    "惠民补贴兑付拖沓，两批资金逾期未拨",
    "征地安置久拖不决",
    "库房管理失守，5台仪器去向不明",
    "学习记录由文书代抄",
    "议事会多年未召开",
    "年租金仅0.8万元",
    "加强党员教育不够",
    "落实安全责任制不到位",
    "整治形式主义不力",
    "着力解决入园难问题成效不明显",
    "机关食堂由一家供应商供货",
    "规范化建设滞后",
]
TOPICS = [
    "压实债务风险防控责任",
    "整治工程领域突出问题",
    "严肃整治违规吃喝",
    "盘活闲置房产，规范对外出租",
    "深化内部改革，退出低效无效投资",
    "着力解决执法不规范问题",
    "整治不担当不作为",
    "意识形态工作",
]


def _read(text: str) -> Notice:
    document = Document("通报.txt", "0" * 64, "txt", tuple(text.split("\n")))
    (notice,) = parse_document(document)
    return notice


def _notice(intro: str = "", items: str = "") -> Notice:
    return _read(
        "中共云畔县水利局党组关于巡察整改情况的通报\n"
        "2024年3月4日至4月26日，县委第一巡察组对县水利局党组开展了巡察，6月3日反馈意见。"
        f"{intro}\n一、整改落实情况\n{items}"
    )


@pytest.mark.parametrize("text", STATED)
def test_a_verdict_or_a_bare_fact_states_a_deficiency(text: str) -> None:
    assert problem_kind(text).value == "stated"


@pytest.mark.parametrize("text", TOPICS)
def test_an_opening_verb_names_an_action_even_where_it_names_the_vice(text: str) -> None:
    assert problem_kind(text).value == "topic"


ITEM = "1.关于河道保洁不到位的问题。增设保洁员9名。"


@pytest.mark.parametrize(
    ("intro", "wanted"),
    [
        ("书记领办疑难问题6个。反馈的18个问题已完成整改15个。", {"问题数": 18, "完成数": 15}),
        ("自查发现问题230个。反馈问题共计12个，均已整改完成。", {"问题数": 12}),
        ("制定的9项整改措施，已完成落实9项；反馈的3个问题，已完成整改2个。", {"完成数": 2}),
        ("反馈的4个方面21个问题，已完成整改19个，基本完成2个。", {"问题数": 21, "基本完成数": 2}),
    ],
)
def test_the_noun_and_verb_that_govern_a_number_tell_what_it_counts(
    intro: str, wanted: dict[str, int]
) -> None:
    counts = {count.name: count.stated for count in _notice(intro, ITEM).counts}
    assert {name: counts.get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("ending", "wanted"),
    [
        ("该问题正在持续整改。", "持续推进"),
        ("剩余管线预计明年贯通，该问题正在持续整改。", "持续推进"),
        ("该问题已整改完成，转入常态化坚持。", "完成"),
        ("落实每月巡查。", None),
    ],
)
def test_a_closing_clause_on_the_whole_problem_is_its_status(
    ending: str, wanted: str | None
) -> None:
    (case,) = _notice(items=f"{ITEM}修订巡河办法。{ending}").cases
    assert (case.status_class.value if case.status_class else None) == wanted
    assert len(case.measures) == (2 if ending.startswith("该问题") else 3)


@pytest.mark.parametrize(
    ("words", "doubted"),
    [
        ("未完成学习的议题不进入下一环节。", False),
        ("已抽查5次，未发现新的问题。", False),
        ("对上轮未整改到位的7个问题重新建账，已全部整改完成。", False),
        ("剩余2处尚未完成。", True),
    ],
)
def test_only_what_is_left_undone_contradicts_a_finished_problem(words: str, doubted: bool) -> None:
    items = f"1.关于河道保洁不到位的问题（已完成）\n一是增设保洁员。二是{words}"
    found = [doubt.message for doubt in _notice(items=items).report.doubts]
    assert any("两处不一致" in message for message in found) is doubted


def test_the_files_own_title_above_the_first_notice_is_a_note() -> None:
    notice = _read(
        "巡察整改材料选编\n\n\n中共云畔县水利局党组关于巡察整改情况的通报\n"
        "2024年3月4日至4月26日，县委第一巡察组对县水利局党组开展了巡察，6月3日反馈意见。\n"
        f"一、整改落实情况\n{ITEM}"
    )
    assert notice.report.unassigned == ()
    assert dict(notice.report.roles)[1] == "附注"


def _ledger(rows: Sequence[Sequence[str]]) -> Notice:
    lines = ("整改任务落实情况表", *("\t".join(row) for row in rows))
    table = Table(2, tuple(map(tuple, rows)))
    (notice,) = parse_document(Document("表.docx", "0" * 64, "docx", lines, (table,)))
    return notice


def test_answers_and_words_in_the_columns_of_a_ledger_tell_the_status() -> None:
    notice = _ledger(
        [
            ["具体问题", "整改举措", "进展情况", "是否完成"],
            ["一、河湖“四乱”反弹", "拆除违建4处。", "", "是"],
            ["二、水价调整久拖不决", "提交听证。", "", "否"],
            ["三、水费收缴宽松", "一是清欠3万元。二是逐户催收。", "已完成并长期坚持", ""],
        ]
    )
    statuses = [case.status_class.value for case in notice.cases if case.status_class]
    assert statuses == ["完成", "未完成", "完成"]
    assert [len(case.measures) for case in notice.cases] == [1, 1, 2]
    assert notice.title == "整改任务落实情况表"


@pytest.mark.parametrize(
    ("names", "level"),
    [
        (("中共云畔市城市建设投资集团有限公司委员会", "市委第二巡察组"), "市"),
        (("附属中心医院党委", "市委第五巡察组"), "市"),
        (("中共云畔经济开发区工作委员会", "市委第一巡察组"), "县区"),
        (("国家级云畔高新技术产业开发区党工委", "省委第三巡视组"), "市"),
        (("云畔市青苇县市场监督管理局党组", "县委第三巡察组"), "县区"),
    ],
)
def test_a_units_level_follows_its_name_then_its_inspectors(
    names: tuple[str, ...], level: str
) -> None:
    assert classify_unit(names)[1] == level

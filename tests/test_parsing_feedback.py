"""Problems of a feedback document, a list or a ledger: order and wording kept."""

from __future__ import annotations

from assistant.models import Document, Table
from assistant.parsing.feedback import find_problems
from assistant.parsing.parse import parse_document


def _document(text: str, tables: tuple[Table, ...] = ()) -> Document:
    return Document("反馈.txt", "0" * 64, "txt", tuple(text.strip("\n").split("\n")), tables)


FEEDBACK = """
关于对云岭市柳湖街道党工委巡察情况的反馈意见
柳湖街道党工委：
根据市委统一部署，市委第八巡察组于2023年3月13日至5月12日对你街道进行了巡察。现将有关情况反馈如下：
一、巡察工作基本情况
巡察组认真履行职责，广泛听取意见。
二、发现的主要问题
（一）贯彻落实党的路线方针政策有差距
1.理论学习不深入。2022年中心组学习仅完成计划的一半，研讨材料多为下载。
2.网格治理机制不健全，网格员流动性大。
（二）群众身边不正之风仍有发生
1.物业监管缺位。一是对物业企业考核流于形式，全年未开展检查。二是维修资金使用把关不严，超范围支出4.6万元。
2.公务接待不规范
部分接待无公函，陪餐人数超标准。
三、意见建议
（一）提高政治站位。加强党的领导。
（二）压实整改责任。
市委第八巡察组
2023年6月28日
"""


def test_numbered_and_nested_problems_keep_their_order_and_words() -> None:
    items = find_problems(_document(FEEDBACK))
    assert [(item.number, item.text) for item in items] == [
        ("1.", "理论学习不深入。2022年中心组学习仅完成计划的一半，研讨材料多为下载"),
        ("2.", "网格治理机制不健全，网格员流动性大"),
        ("一是", "对物业企业考核流于形式，全年未开展检查"),
        ("二是", "维修资金使用把关不严，超范围支出4.6万元"),
        ("2.", "公务接待不规范。部分接待无公函，陪餐人数超标准"),
    ]
    assert items[0].line == 8
    assert items[0].category == (
        "二、发现的主要问题",
        "（一）贯彻落实党的路线方针政策有差距",
    )
    assert items[2].category[-1] == "1.物业监管缺位"


def test_a_list_without_numbers_gives_one_problem_a_line() -> None:
    text = "党费收缴不及时\n公车派车单填写不规范\n固定资产账实不符，3台电脑去向不明。"
    assert [item.text for item in find_problems(_document(text))] == [
        "党费收缴不及时",
        "公车派车单填写不规范",
        "固定资产账实不符，3台电脑去向不明",
    ]


def test_paragraphs_under_headings_are_problems() -> None:
    text = (
        "一、落实主体责任方面\n党委会研究党建工作少，全年仅2次。\n述责述廉走过场。\n"
        "二、选人用人方面\n干部交流轮岗不够，2名科长任职超过十年。"
    )
    items = find_problems(_document(text))
    assert [item.text for item in items] == [
        "党委会研究党建工作少，全年仅2次",
        "述责述廉走过场",
        "干部交流轮岗不够，2名科长任职超过十年",
    ]
    assert items[2].category == ("二、选人用人方面",)


ROWS = (
    ("序号", "反馈类别", "反馈问题", "整改措施", "责任单位", "完成时限", "完成情况"),
    ("1", "党建", "1.党费收缴不及时", "一是核定基数。二是补缴党费860元。", "党办", "6月", "已完成"),
    ("2", "财务管理", "往来款长期挂账", "逐笔核对。收回欠款3万元。", "财政所", "长期", "正在推进"),
    ("2", "财务管理", "往来款长期挂账", "修订往来款管理办法。", "财政所", "长期", "正在推进"),
    ("合计", "", "2", "", "", "", ""),
)  # fmt: skip


def _ledger() -> Document:
    lines = ["石桥镇党委巡察整改台账", *("\t".join(row) for row in ROWS)]
    return Document("台账.xlsx", "1" * 64, "xlsx", tuple(lines), (Table(2, ROWS, "台账"),))


def test_a_ledger_gives_its_problems_and_skips_the_total() -> None:
    items = find_problems(_ledger())
    assert [(item.number, item.text, item.line) for item in items] == [
        ("1", "党费收缴不及时", 3),
        ("2", "往来款长期挂账", 4),
    ]


def test_a_ledger_is_a_notice_with_measures_status_and_places() -> None:
    document = _ledger()
    (notice,) = parse_document(document)
    assert notice.title == "石桥镇党委巡察整改台账"
    assert notice.unit == "石桥镇党委"
    assert notice.report.layout == "台账表格"
    first, second = notice.cases
    assert first.category == ("党建",)
    assert [measure.text for measure in first.measures] == ["一是核定基数。", "二是补缴党费860元。"]
    assert [measure.text for measure in second.measures] == [
        "逐笔核对。",
        "收回欠款3万元。",
        "修订往来款管理办法。",
    ]
    assert (first.status_class, second.status_class) == ("完成", "持续推进")
    span = first.problem_span
    assert document.lines[span.line - 1][span.start : span.end] == first.problem
    place = second.measures[-1].span
    assert document.lines[place.line - 1][place.start : place.end] == "修订往来款管理办法。"
    assert [role for _, role in notice.report.roles] == ["标题", "标题行", *["案例"] * 4]


def test_a_notice_given_as_feedback_yields_its_problems() -> None:
    text = (
        "1.账目不清。\n整改情况：补账。\n2.管理混乱。\n整改情况：建章立制。\n"
        "以上为巡察反馈问题整改情况"
    )
    assert [item.text for item in find_problems(_document(text))] == ["账目不清", "管理混乱"]

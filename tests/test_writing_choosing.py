"""Plans fit the fault a problem names, its other matters, and cite only acts on the same matter."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from assistant.models import UnitProfile
from assistant.taxonomy.classify import load_taxonomy
from assistant.taxonomy.thesaurus import load_thesaurus
from assistant.verification.drafts import check_draft
from assistant.writing import practice
from assistant.writing.borrow import Taken, borrowed_clauses, supporters, taken_steps
from assistant.writing.choosing import clause_of, playbook_for
from assistant.writing.draft import ExtractiveDraftWriter
from assistant.writing.practice import Practice, load_playbooks, slots_of
from assistant.writing.words import compiled
from tests.fakes_writing import Source

FOLDER = Path(practice.__file__).parent


def topics_of(problem: str) -> tuple[str, ...]:
    return tuple(load_taxonomy().topics_of(problem))


def texts(problem: str, step: str = "") -> list[str]:
    draft = ExtractiveDraftWriter().write(
        problem, (), topics=topics_of(problem), profile=UnitProfile()
    )
    return [one.text for one in draft.measures if step in ("", one.step)]


@pytest.mark.parametrize(
    ("problem", "fault"),
    [
        ("对辖区加油站监管不到位，群众举报后才去检查", "F32"),
        ("田长制责任人挂名不履职，多数不清楚自己的责任田块", "F33"),
        ("社保扩面不力，劳务公司未给员工参保", "F34"),
        ("健身房卷款跑路，会员预付卡退费无门", "F35"),
        ("档案库房消防设施过期，钥匙一人保管", "F36"),
        ("智慧停车平台闲置，与交管系统数据不共享", "F37"),
        ("对参股的物流公司长期未分红不闻不问", "F38"),
        ("整改避重就轻，销号材料不实", "F39"),
        ("机关在职党员下沉社区只签到不服务", "F40"),
        ("教师横向课题经费用虚假合同报销", "F42"),
        ("农家书屋被改成小卖部", "F43"),
        ("物业公司拖欠场地占用费三年无人催收", "F45"),
        ("企业上报数据造假，由园区代报", "F46"),
        ("入库小麦检测不合格仍按二等收购", "F47"),
        ("面向乡镇的报表过多过滥，干部疲于填表", "F48"),
        ("负面舆情回应迟缓，网评员队伍未培训", "F49"),
        ("慈善捐款使用情况多年没有公布", "F50"),
        ("内部审计形同虚设，审计人员是财务科长亲属", "F51"),
        ("护林员私自变卖木材，把钱装进自己口袋", "F52"),
        ("教师生活补助被中心校扣着不发，抵扣了水电费", "F53"),
        ("涉案财物保管混乱，案件超期办理", "F54"),
        ("向关联企业发放贷款，贷后管理缺位", "F55"),
        ("窗口人员态度生硬，对来办事的老人爱答不理", "F56"),
        ("顶岗实习学生被安排到与专业无关的岗位", "F58"),
        ("移交的问题线索办理拖拉，核查报告内容简单", "F59"),
        ("产业基金投资前未经尽职调查，本金收不回来", "F60"),
    ],
)
def test_a_kind_of_fault_is_told_by_its_wording(problem: str, fault: str) -> None:
    assert playbook_for(topics_of(problem), problem).topic == fault


@pytest.mark.parametrize(
    ("problem", "fault"),
    [
        ("库存救灾帐篷多年没盘点，账面数和实物差了一截", "F03"),
        ("村医培训走形式，签到由一人统一填写", "F06"),
        ("养殖场未批先建，越界开采山石无人制止", "F16"),
    ],
)
def test_other_ways_of_saying_a_fault_are_known(problem: str, fault: str) -> None:
    assert playbook_for(topics_of(problem), problem).topic == fault


def test_concepts_that_show_a_fault_exist_on_both_sides() -> None:
    held = yaml.load((FOLDER / "fault_concepts.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    known = {group.id for group in load_thesaurus()}
    for fault, concepts in held.items():
        assert load_playbooks()[fault].faults
        assert set(concepts) <= known, fault
    manners = yaml.load((FOLDER / "guard.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    assert set(manners["manners"]) <= known


def test_every_pattern_of_the_practices_can_be_read() -> None:
    for book in load_playbooks().values():
        for word in book.wording:
            assert compiled(word).search("") is None, (book.topic, word)


def test_a_citys_contract_is_no_village_matter() -> None:
    plan = "".join(texts("公园游船外包公司拖欠承包费12万元，一直没有催收"))
    assert "村" not in plan
    assert "12万元" in plan


def test_three_matters_of_a_sentence_are_each_put_right() -> None:
    problem = "活动中心被改成茶室出租，消防设施过期未换，值班人员经常脱岗"
    corrections = texts(problem, "纠正处置")
    assert len(corrections) == 3
    plan = "".join(corrections)
    assert "恢复功能" in plan
    assert "隐患" in plan
    assert "值班" in plan
    checked = texts(problem, "查清")[0]
    assert "“活动中心被改成茶室出租”" in checked
    assert "“值班人员经常脱岗”" in checked


def test_another_matters_sum_is_not_asked_back() -> None:
    problem = "冷库项目验收走过场，部分站点改作仓库，项目资金520万元拨付与进度不符"
    assert "520万元" not in "".join(texts(problem, "纠正处置"))


def test_the_clause_that_speaks_of_a_matter_is_found() -> None:
    book = load_playbooks()["F09"]
    assert clause_of(book, "账目不清，值班人员经常脱岗") == "值班人员经常脱岗"
    assert clause_of(book, "账目不清") == ""


def test_a_fault_of_the_name_is_not_said_twice() -> None:
    book = load_playbooks()["F05"]
    text = practice.fill("制定{o}管护办法", slots_of("高标准农田管护缺失，沟渠淤塞", book))
    assert "管护管护" not in text


def test_the_wider_plan_stays_without_errors() -> None:
    problem = "活动中心被改成茶室出租，消防设施过期未换，值班人员经常脱岗"
    draft = ExtractiveDraftWriter().write(
        problem, (), topics=topics_of(problem), profile=UnitProfile()
    )
    assert len(draft.measures) <= 8
    found = check_draft(draft, profile=UnitProfile())
    assert [one for one in found if one.level == "error"] == []


RULE = Practice("建章立制", "修订公务接待管理办法，先审批后接待，没有公函不予报销。", "M03", "")


def taken_from(
    problem: str, measure: str, *, case_problem: str, topic: str = "T08"
) -> tuple[Taken, ...]:
    source = Source()
    source.add(case_problem, measure, topics=(topic,), kinds=[("M03",)])
    return taken_steps(problem, ("T08",), source.evidence())


def test_an_act_on_the_same_matter_supports_a_measure() -> None:
    taken = taken_from(
        "公务接待没有公函，超标准陪餐",
        "修订公务接待办法，严格接待审批和公函管理。",
        case_problem="公务接待无公函、超标准",
    )
    assert supporters(RULE, RULE.text, taken) == (1,)


def test_sharing_only_a_manner_supports_nothing() -> None:
    taken = taken_from(
        "公务接待审核把关不严",
        "修订工程项目结算管理办法，结算不予报销的退回。",
        case_problem="工程结算审核把关不严",
        topic="T15",
    )
    assert supporters(RULE, RULE.text, taken) == ()


@pytest.mark.parametrize(
    "measure",
    [
        "由经手人退回村集体账户，清退承包费。",
        "加强对承包费的管理。",
        "对承包费收缴的有关情况。",
        "督促承包人缴纳承包费。",
    ],
)
def test_what_is_no_act_to_check_is_not_borrowed(measure: str) -> None:
    source = Source()
    source.add("鱼塘承包费拖欠", measure, topics=("T25",), kinds=[("M05",)])
    problem = "鱼塘承包费三年未收"
    taken = taken_steps(problem, ("T25",), source.evidence())
    assert borrowed_clauses(problem, taken, owned=problem) == ()

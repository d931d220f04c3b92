"""Plans for what no practice foresaw: natures of clauses, the trade, matters above topics."""

from __future__ import annotations

import pytest

from assistant.models import Draft, UnitProfile
from assistant.taxonomy.classify import load_taxonomy
from assistant.verification.drafts import check_draft
from assistant.writing.borrow import Taken, matters_of, supporters
from assistant.writing.choosing import playbook_for
from assistant.writing.clause_natures import clause_natures, natures_told
from assistant.writing.draft import ExtractiveDraftWriter
from assistant.writing.guard import foreign_facts
from assistant.writing.plain_steps import told_in
from assistant.writing.practice import Practice, fitting, load_playbooks
from assistant.writing.surroundings import surroundings_of
from assistant.writing.tense import completion_claims


def draft_of(problem: str) -> Draft:
    topics = load_taxonomy().topics_of(problem)
    return ExtractiveDraftWriter().write(problem, (), topics=topics, profile=UnitProfile())


def step(problem: str, name: str) -> str:
    return "".join(one.text for one in draft_of(problem).measures if one.step == name)


def chosen(problem: str) -> str:
    return playbook_for(load_taxonomy().topics_of(problem), problem).topic


@pytest.mark.parametrize(
    ("problem", "topic"),
    [
        ("剧院党支部把方向作用弱，演出项目由艺术委员会说了算", "G02"),
        ("研究院合唱社团活动没有备案，外请讲师未审核", "G03"),
        ("中学德育课被挤占，心理健康教育没有专职教师", "G06"),
        ("畜牧站主业弱化，只靠出租兽医楼维持", "G07"),
        ("驾校校长长期独自决定车辆维修，权力缺乏监督", "G10"),
        ("副站长违规操办升学宴收受下属礼金", "G11"),
        ("检验员利用职务便利换取好处", "G17"),
        ("支部书记抓党建第一责任人意识不强，党课由他人代讲", "G20"),
        ("民办养老院党组织负责人由老板指定，党员不过组织生活", "G21"),
        ("整改方案照抄兄弟单位，班子成员没有认领问题", "G30"),
        ("门诊分解住院，医保基金违规使用", "H04"),
        ("仲裁院案件积压，超审限办理", "H06"),
        ("防汛大喇叭损坏，应急预案照抄", "H0D"),
        ("小卖部交由副校长亲属经营", "H0E"),
        ("人才工作领导小组两年没有碰头", "L01"),
        ("驻村干部派出后无人看望，管理缺位", "L02"),
        ("离任会计账册公章交接手续缺失", "L03"),
        ("候选人由书记指定，选举程序不规范", "L05"),
        ("养殖场粪污直排河沟", "L0B"),
    ],
)
def test_a_matter_named_outright_outweighs_the_topic(problem: str, topic: str) -> None:
    assert chosen(problem) == topic


def test_a_topic_read_from_something_else_does_not_lend_its_plan() -> None:
    problem = "出租车管理处大厅叫号屏坏了无人更换"
    book = load_playbooks()["T09"]
    assert playbook_for(("T09",), problem).topic != book.topic
    assert playbook_for(("T09",), "公务车辆管理不严").topic == book.topic


def test_every_clause_of_an_unforeseen_problem_is_answered_by_its_nature() -> None:
    text = step("岩画保护站巡检表千篇一律，观景台栏杆老化，站长与商贩勾连", "纠正处置")
    assert "“岩画保护站巡检表千篇一律”，走形式" in text
    assert "“观景台栏杆老化”，逐处检查" in text
    assert "“站长与商贩勾连”，立即停止" in text


def test_cause_rule_and_look_of_an_unforeseen_problem_are_those_of_the_gravest_nature() -> None:
    draft = draft_of("岩画保护站巡检表千篇一律，站长与商贩勾连")
    grave, form = (one for one in clause_natures() if one.name in ("谋取私利", "走形式"))
    assert draft.cause.startswith(grave.cause)
    assert grave.rule in step(draft.problem, "建章立制")
    assert grave.look in step(draft.problem, "查清")
    assert form.look in step(draft.problem, "查清")


def test_graver_natures_come_first_and_clauses_of_one_nature_stand_together() -> None:
    told = natures_told(("摊位被倒卖给熟人", "摊位又被管理员变卖", "没有台账可查"), at_most=3)
    assert [one.nature.name for one in told] == ["谋取私利", "应做未做"]
    assert told[0].quoted == "“摊位被倒卖给熟人”“摊位又被管理员变卖”"


def test_marks_within_a_clause_become_single_ones() -> None:
    (told,) = natures_told(("“双随机”检查走过场",), at_most=3)
    assert told.quoted == "“‘双随机’检查走过场”"


def test_a_clause_that_a_book_leaves_out_is_answered_too() -> None:
    problem = "养殖场粪污直排河沟，环保台账一字不差"
    assert "“环保台账一字不差”" in step(problem, "纠正处置")


def test_a_sum_of_another_clause_is_not_quoted_in_a_correction() -> None:
    book = load_playbooks()["L0B"]
    assert told_in("养殖场粪污直排河沟，维修款38万元手续不符", book, ()) == ()


def test_natures_name_no_facts_and_claim_nothing() -> None:
    for nature in clause_natures():
        for text in (nature.fix.replace("{c}", ""), nature.rule, nature.cause, nature.goal):
            bare = text.replace("{w}", "群众")
            assert not foreign_facts(bare, ""), bare
            assert not completion_claims(bare), bare


@pytest.mark.parametrize(
    "problem",
    [
        "岩画保护站先干后补合同，造价高出预算",
        "渔政站执法快艇坏了没有更换，补记的航行日志前后矛盾",
    ],
)
def test_the_users_own_account_of_a_fault_is_no_made_up_record(problem: str) -> None:
    findings = check_draft(draft_of(problem), profile=UnitProfile())
    assert not [one for one in findings if one.rule == "fabrication"]


def test_the_trade_is_read_from_the_beginning_of_a_problem() -> None:
    assert "病历" in surroundings_of("卫生院收费清单不清").records
    assert "案卷" in surroundings_of("法院送达拖延").records
    late = "某中心会议室长期被周边单位借用，使用方为一所医院"
    assert surroundings_of(late) == surroundings_of("有关工作不规范")


def test_records_of_the_trade_stand_in_the_fact_finding() -> None:
    assert "水质检测数据" in step("水厂抄表员与商户勾连", "查清")


def test_what_comes_on_top_does_not_drive_out_the_general_step() -> None:
    book = load_playbooks()["G10"]
    texts = [one.text for one in fitting(book, "纠正处置", "对“一把手”监督缺位")]
    assert len(texts) == 2
    assert "停止由一人决定" in texts[0]
    assert "专题民主生活会" in texts[1]
    assert len(fitting(book, "纠正处置", "库管员一人决定领用")) == 1


def taken(text: str, **values: object) -> Taken:
    shared: dict[str, object] = {
        "step": "建章立制",
        "kinds": ("M03",),
        "number": 4,
        "near": 0.3,
        "about": 0,
        "same_topic": True,
        "alike": 0.0,
        **values,
    }
    return Taken(text=text, **shared)  # type: ignore[arg-type]


RULE = Practice("建章立制", "修订议事规则，写明议题征集和表决办法。", "M03", "议事规则")


def test_a_measure_that_sets_the_same_rule_supports_though_its_problem_is_worded_otherwise() -> (
    None
):
    text = "修订议事规则，明确议题征集要求。"
    assert supporters(RULE, RULE.text, (taken(text, matters=matters_of(RULE.text)),)) == (4,)
    assert supporters(RULE, RULE.text, (taken(text),)) == ()


def test_words_the_user_is_quoted_with_support_nothing() -> None:
    text = "对反馈指出的“议事规则和议题征集走过场”，作废重办。"
    same = taken("修订议事规则，明确议题征集要求。", matters=matters_of(RULE.text))
    assert supporters(RULE, text, (same,)) == ()

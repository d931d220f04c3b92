"""Tense, deadlines, generalising, natures of problems, practices."""

from __future__ import annotations

import re

import pytest

from assistant.models import UnitProfile
from assistant.verification.regulations import find_regulation
from assistant.writing.choosing import playbook_for
from assistant.writing.deadlines import BLANK_DEADLINE, deadline_for, end_of_period, parse_date
from assistant.writing.generalise import general_runs
from assistant.writing.guard import foreign_facts, local_facts
from assistant.writing.nature import asks_fabrication, is_money, is_serious
from assistant.writing.practice import (
    STEPS,
    load_playbooks,
    slots_of,
)
from assistant.writing.tense import completion_claims, to_plan
from assistant.writing.vocabulary import trade_words
from assistant.writing.words import coverage, strip_label


@pytest.mark.parametrize(
    ("done", "planned"),
    [
        ("目前已修订完善报销制度", "修订完善报销制度"),
        ("制定了采购管理办法", "制定采购管理办法"),
        ("正在对合同逐份清理", "对合同逐份清理"),
        ("2031年7月，组织财务培训", "组织财务培训"),
        ("并建立资产台账", "建立资产台账"),
        ("已全部补缴到位", ""),
        ("目前已整改到位", ""),
        ("均已完成", ""),
    ],
)
def test_a_finished_step_becomes_an_intention(done: str, planned: str) -> None:
    assert to_plan(done) == planned


@pytest.mark.parametrize(
    "claim",
    [
        "已全部补缴到位",
        "目前已印发办法",
        "建立了台账",
        "款项清退完毕",
        "截至目前共追回3笔",
        "制度已修订并落实",
        "取得了明显成效",
        "己整改到位",
        "均已收回",
    ],
)
def test_completion_wording_is_seen(claim: str) -> None:
    text = claim if claim != "款项清退完毕" else "目前款项清退完毕"
    assert completion_claims(text)


@pytest.mark.parametrize(
    "plan",
    [
        "对已发放的补助逐笔核对",
        "限期足额补缴少缴部分",
        "对已销号的问题每半年抽查一次",
        "修订管理办法，明确责任人",
        "查清已支付款项的去向",
        "拟于年底前完成清退",
    ],
)
def test_plans_are_not_taken_for_claims(plan: str) -> None:
    assert not completion_claims(plan)


def test_deadlines_lie_in_order_within_the_period() -> None:
    profile = UnitProfile(deadline="2031年9月30日", feedback_date="2031-04-01")
    days = [parse_date(deadline_for(step, profile)) for step in STEPS]
    known = [day for day in days if day]
    assert len(known) == len(STEPS)
    assert known == sorted(known)
    assert known[-1] == end_of_period(profile)
    assert "0" not in deadline_for("查清", profile).split("年")[1][:1]


def test_deadlines_without_a_feedback_date_count_back_from_the_end() -> None:
    profile = UnitProfile(deadline="2031年9月底")
    assert deadline_for("监督长效", profile).startswith("2031年9月30日前")
    assert parse_date(deadline_for("查清", profile)) < parse_date("2031年9月30日")  # type: ignore[operator]


def test_a_period_in_months_runs_from_the_feedback_date() -> None:
    profile = UnitProfile(deadline="集中整改期3个月", feedback_date="2031年11月30日")
    assert str(end_of_period(profile)) == "2032-02-29"


@pytest.mark.parametrize("deadline", ["", "年底", "2031年13月40日", "尽快"])
def test_an_unknown_period_leaves_blanks(deadline: str) -> None:
    assert deadline_for("查清", UnitProfile(deadline=deadline)) == BLANK_DEADLINE


@pytest.mark.parametrize(
    "measure",
    [
        "一是退回多报销差旅费1350元。",
        "二是制定《青禾县水务局采购管理办法》，印发青水〔2031〕12号。",
        "周文斌同志作出书面检查。",
        "与鑫泰物业公司解除协议。",
        "东岭村的收割机已搬至新阵地。",
        "对梅林镇3个村开展检查。",
    ],
)
def test_no_fact_of_another_unit_passes_the_generaliser(measure: str) -> None:
    runs = general_runs(measure, owned="财务报销不规范", vocabulary=trade_words())
    for run in runs:
        assert not foreign_facts(run, "财务报销不规范")
        for name in ("青禾", "周文斌", "鑫泰", "东岭", "梅林", "1350", "2031"):
            assert name not in run


def test_the_action_of_a_measure_is_kept_in_the_future_tense() -> None:
    text = "一是成立了专项工作小组，对承包人发放催收函，目前已收回欠款8.2万元。"
    runs = general_runs(text, owned="承包费未收", vocabulary=trade_words())
    assert runs == ("成立专项工作小组，对承包人发放催收函",)


def test_facts_are_seen_by_form() -> None:
    kinds = {
        fact.kind for fact in local_facts("2031年5月退回3.2万元，印发《某某办法》，涉及12人。")
    }
    assert {"date", "amount", "document", "figure"} <= kinds


@pytest.mark.parametrize(
    "text", ["每半年抽查一次", "近三年全面自查", "落实“三重一大”要求", "双人验收"]
)
def test_wording_of_the_genre_is_no_fact(text: str) -> None:
    assert not foreign_facts(text, "")


@pytest.mark.parametrize(
    "problem",
    [
        "以“驻点补贴”名义给职工发钱共9.6万元",
        "门面租金应收未收",
        "少缴党费1200元",
        "结算多计工程款",
        "食堂结余30万元长期未用",
    ],
)
def test_money_problems_are_known(problem: str) -> None:
    assert is_money(problem)


@pytest.mark.parametrize("problem", ["结余药品没有台账", "办事指南没更新", "干部年龄老化"])
def test_other_problems_are_not_money_problems(problem: str) -> None:
    assert not is_money(problem)


@pytest.mark.parametrize(
    "request_text",
    [
        "帮我补一份去年的会议记录",
        "请把学习笔记日期写到三月份",
        "怎么把制度的落款时间提前到去年",
        "替我编几条谈话记录内容",
    ],
)
def test_requests_to_make_up_records_are_known(request_text: str) -> None:
    assert asks_fabrication(request_text)


@pytest.mark.parametrize("text", ["会议记录是后补的", "三会一课记录造假怎么整改", "补齐报销凭证"])
def test_describing_made_up_records_is_no_request(text: str) -> None:
    assert not asks_fabrication(text)
    assert isinstance(is_serious(text), bool)


def test_every_topic_has_every_step() -> None:
    books = load_playbooks()
    for number in range(1, 41):
        book = books[f"T{number:02d}"]
        steps = {one.step for one in book.practices if not one.when}
        assert {step for step in STEPS if step != "追责问责"} <= steps | {"追责问责"}, book.topic


def test_practices_claim_nothing_and_hold_no_facts() -> None:
    for book in load_playbooks().values():
        for practice in book.practices:
            text = practice.text.replace("{amount}", "【　】元").replace("{period}", "近三年")
            text = text.replace("{o}", book.noun).replace("{s}", book.scope)
            assert not completion_claims(text), text
            assert all(fact.kind == "document" for fact in foreign_facts(text, "")), text
            assert all(find_regulation(title) for title in re.findall("《([^《》]+)》", text)), text


def test_the_users_own_words_name_the_object() -> None:
    problem = "砂石场2029年以来租金未收，涉及5.5万元"
    slots = slots_of(problem, playbook_for(("T25",), problem))
    assert slots.object == "砂石场租金"
    assert slots.period == "2029年以来"
    assert slots.amount == "5.5万元"


def test_plain_words_beat_a_wrong_topic() -> None:
    assert playbook_for(("T40",), "三会一刻记录是后补的").topic == "T18"
    assert playbook_for((), "天气不好").topic == "general"


@pytest.mark.parametrize(
    ("labelled", "bare"),
    [("一是核对账目。", "核对账目。"), ("（2）建立台账。", "建立台账。"), ("①约谈。", "约谈。")],
)
def test_labels_are_stripped(labelled: str, bare: str) -> None:
    assert strip_label(labelled) == bare


def test_coverage_runs_from_none_to_all() -> None:
    assert coverage("建立采购台账", "建立采购台账并公示") == 1.0
    assert coverage("建立采购台账", "开展党课教育") < 0.2

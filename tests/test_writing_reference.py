"""Drafts and answers over the judged notices: nothing foreign, nothing claimed, quotes exact."""

from __future__ import annotations

import random
import time
from functools import cache
from pathlib import Path

import pytest

from assistant.cleaning import normalise
from assistant.models import Answerable, Notice, UnitProfile
from assistant.taxonomy.classify import load_taxonomy
from assistant.verification.answers import check_answer
from assistant.verification.drafts import check_draft
from assistant.writing.answer import ExtractiveAnswerWriter
from assistant.writing.draft import ExtractiveDraftWriter, owned_text
from assistant.writing.generalise import general_runs
from assistant.writing.guard import foreign_facts
from assistant.writing.tense import completion_claims
from assistant.writing.vocabulary import trade_words
from tests.fakes_writing import find_evidence, judged_notices

pytestmark = pytest.mark.reference

PROFILE = UnitProfile(deadline="2031年9月30日", feedback_date="2031年4月1日")

# Twenty problems as users type them: mistypes, masks, money and none.
PROBLEMS = (
    "机关食堂前年起米面油都从一家店拿货，没比过价，收货单只有采购员签字。",
    "2029年至2030年以“驻点补助”名义给干部发钱，没有文件依据，合计9.8万元。",
    "村里水库2022年包出去，承包费四年没收，合同到期没有重签。",
    "党组理论学习中心组2030年只学了4次，2篇研讨材料是网上抄的。",
    "学校食堂结余36万元挂在往来账上，没用到学生身上。",
    "结余药品放在科室，没有台账；耗材议价会议记录不全。",
    "三级子公司借给外单位650万元，逾期没收回，没经党委前置研究。",
    "招商项目履约没人管，7个项目拿了扶持政策没达产。",
    "三会一刻记录是后补的，笔迹都一样",
    "公车加油卡一卡多车，派车单缺失，节假日有加油记录。",
    "编外人员52人，超核定11人，没有考核办法。",
    "干部人事档案“三龄两历一身份”有9卷材料缺失。",
    "低保对象去世4个月没核减，多发2880元。",
    "老旧小区改造结算比实际工程量多出15.3万元。",
    "2件信访积案包案领导一年没接访。",
    "固定资厂账实不符，盘亏打印机7台，去向说不清。",
    "上轮巡察反馈的财务制度执行不严，本轮又发现，属于屡改屡犯。",
    "单位公众号外包运营，发了商业广告，半年没人审核。",
    "D费2027年以来没按工资基数调整，少交2.7万元。",
    "窗口办事指南没更新，群众跑三趟；“一次办好”没落实。",
)


@cache
def judged(folder: Path) -> tuple[tuple[Notice, tuple[str, ...]], ...]:
    return judged_notices(folder)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_drafts_hold_nothing_foreign_and_claim_nothing(shared: Path, problem: str) -> None:
    notices = [notice for notice, _ in judged(shared)]
    topics = load_taxonomy().topics_of(normalise(problem).text)
    evidence = find_evidence(notices, problem, topics)
    draft = ExtractiveDraftWriter().write(problem, evidence, topics=topics, profile=PROFILE)
    assert 4 <= len(draft.measures) <= 7
    for one in draft.measures:
        assert not completion_claims(one.text), one.text
        foreign = foreign_facts(one.text, owned_text(problem, PROFILE))
        assert [fact for fact in foreign if fact.kind != "document"] == [], one.text
    errors = [one for one in check_draft(draft, profile=PROFILE) if one.level == "error"]
    assert errors == []


def test_no_clause_of_any_measure_carries_a_fact(shared: Path) -> None:
    clauses = [
        run
        for notice, _ in judged(shared)
        for case in notice.cases
        for measure in case.measures
        for run in general_runs(normalise(measure.text).text, owned="", vocabulary=trade_words())
    ]
    assert len(clauses) > 200
    for clause in clauses:
        assert not foreign_facts(clause, ""), clause
        assert not completion_claims(clause), clause
        assert not any(char.isdigit() for char in clause), clause
        assert "X" not in clause
        assert "《" not in clause


def test_every_quote_of_every_answer_is_exact_and_answers_are_supported(shared: Path) -> None:
    lines = {notice.id: text for notice, text in judged(shared)}
    notices = [notice for notice, _ in judged(shared)]
    chosen = random.Random(7).sample(
        [case.problem for notice in notices for case in notice.cases], 40
    )
    writer = ExtractiveAnswerWriter()
    said = unsupported = 0
    for problem in chosen:
        question = f"{problem}怎么整改"
        evidence = find_evidence(notices, question, load_taxonomy().topics_of(problem))
        text = "".join(writer.stream(question, evidence, answerable=Answerable.YES))
        checked = check_answer(question, text, evidence, lambda notice: lines[notice.id])
        said += text.count("。")
        unsupported += len(checked.unsupported)
        assert checked.citations
        for one in checked.citations:
            assert lines[one.notice_id][one.line - 1][one.start : one.end] == one.quote
    assert unsupported / said <= 0.02


def test_checking_a_draft_takes_no_more_than_fifty_milliseconds(shared: Path) -> None:
    notices = [notice for notice, _ in judged(shared)]
    drafts = [
        ExtractiveDraftWriter().write(
            problem, find_evidence(notices, problem), topics=(), profile=PROFILE
        )
        for problem in PROBLEMS
    ]
    times = []
    for draft in drafts:
        started = time.process_time()
        check_draft(draft, profile=PROFILE)
        times.append(time.process_time() - started)
    assert sorted(times)[len(times) // 2] <= 0.05

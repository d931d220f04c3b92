"""Topics, measure kinds and unit types read the genre, not one set of notices."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.cleaning import normalise
from assistant.models import Case, Measure, Notice, ProblemKind, Span
from assistant.taxonomy.classify import classify, classify_unit, load_taxonomy

LABELLED = Path(__file__).with_name("data") / "labelled.yaml"
STEPS = ("查清", "纠正处置", "追责问责", "建章立制", "举一反三", "监督长效")


@cache
def labelled(part: str) -> list[tuple[set[str], str]]:
    rows = yaml.safe_load(LABELLED.read_text(encoding="utf-8"))[part]
    return [(set(label.split("/")), text) for label, text in rows]


# ------------------------------------------------------------------ unit types


@pytest.mark.parametrize(
    ("names", "unit_type", "level"),
    [
        (["XX街道D工委关于巡察整改进展情况的通报"], "街道", "乡镇街道"),
        (["中共青禾县云溪街道工作委员会"], "街道", "乡镇街道"),
        (["XX镇XX村D委关于巡察整改的通报"], "村社区", "村社区"),
        (["XX镇XX社区支部委员会"], "村社区", "村社区"),
        (["中共青禾县云溪街道枫林社区总支部委员会"], "村社区", "村社区"),
        (["中共青禾县柳泉镇委员会"], "乡镇", "乡镇街道"),
        (["关于巡察整改进展情况的通报", "XX乡D委员会"], "乡镇", "乡镇街道"),
        (["临河产业集聚区党工委关于县委第二巡察组反馈意见的整改报告"], "开发区", "县区"),
        (["青禾高新技术产业开发区工委"], "开发区", "县区"),
        (["云湖新区党工委"], "开发区", "县区"),
        (["共青团XX区委员会"], "群团", "县区"),
        (["州社科联D组"], "群团", "市"),
        (["市国资委D委"], "国资国企", "市"),
        (["青禾市交通发展集团有限公司党委"], "国资国企", "市"),
        (["青禾县人民医院党委"], "学校医院", "县区"),
        (["青禾县柳泉镇中心小学党支部"], "学校医院", "县区"),
        (["XX县县委关于巡视整改进展情况的通报"], "县区党委", "县区"),
        (["XX市XX区委"], "县区党委", "县区"),
        (["DXX县委员会"], "县区党委", "县区"),
        (["青禾市委"], "县区党委", "市"),
        (["青禾县委组织部"], "党政部门", "县区"),
        (["中共青禾县卫生健康委员会党组"], "党政部门", "县区"),
        (["区财政局D组"], "党政部门", "县区"),
        (["青禾县委党校"], "党政部门", "县区"),
        (["巡察整改进展情况的通报"], "其他", ""),
    ],
)
def test_a_unit_is_told_by_its_name(names: list[str], unit_type: str, level: str) -> None:
    assert classify_unit(names) == (unit_type, level)


def test_the_inspected_unit_is_read_from_an_intro_sentence_not_the_inspector() -> None:
    intro = (
        "根据市委统一部署，2023年2月22日至4月19日，市委第三巡察组对县住房和城乡建设局党组"
        "开展了巡察，6月1日反馈了巡察意见。"
    )
    assert classify_unit(["关于巡察整改进展情况的通报", intro]) == ("党政部门", "县区")


def test_no_name_gives_the_last_type() -> None:
    assert classify_unit([]) == ("其他", "")
    assert classify_unit(["", "　"]) == ("其他", "")


# ------------------------------------------------------------------ the tables


def test_there_are_forty_topics_in_nine_groups_and_eighteen_kinds_in_eight() -> None:
    taxonomy = load_taxonomy()
    assert list(taxonomy.topics) == [f"T{number:02d}" for number in range(1, 41)]
    assert list(taxonomy.kinds) == [f"M{number:02d}" for number in range(1, 19)]
    assert {topic.group for topic in taxonomy.topics.values()} == set(taxonomy.groups)
    assert {kind.group for kind in taxonomy.kinds.values()} == set(taxonomy.kind_groups)
    assert (len(taxonomy.groups), len(taxonomy.kind_groups)) == (9, 8)
    assert taxonomy.steps == STEPS
    assert {kind.step for kind in taxonomy.kinds.values()} <= set(STEPS)
    assert [kind.id for kind in taxonomy.kinds.values() if kind.catch_all] == ["M13", "M16"]


# ------------------------------------------------------------------ topics and kinds


@pytest.mark.parametrize(
    ("text", "not_topic"),
    [
        ("信访接待有欠缺，接访场所不规范", "T08"),
        ("违反规定不刷公务卡", "T09"),
        ("报销出差补助不附说明", "T10"),
        ("廉政教育开展不经常", "T30"),
        ("党费收缴不及时", "T18"),
        ("三会一课记录不全", "T19"),
        ("生态环境治理不力", "T33"),
        ("网格化管理不到位", "T03"),
    ],
)
def test_words_that_look_alike_do_not_mislead(text: str, not_topic: str) -> None:
    assert not_topic not in load_taxonomy().topics_of(text)


@pytest.mark.parametrize("part", ["problems", "fresh"])
def test_cue_words_carry_to_statements_of_other_units(part: str) -> None:
    taxonomy = load_taxonomy()
    wrong = [
        (text, taxonomy.topics_of(text))
        for labels, text in labelled(part)
        if taxonomy.topics_of(text)[0] not in labels
    ]
    accuracy = 1 - len(wrong) / len(labelled(part))
    assert accuracy >= 0.85, wrong


def test_the_kind_of_a_plain_measure_comes_first() -> None:
    taxonomy = load_taxonomy()
    wrong = [
        (text, taxonomy.kinds_of(text))
        for labels, text in labelled("measures")
        if taxonomy.kinds_of(text)[:1] != tuple(labels)
    ]
    assert len(wrong) <= 0.15 * len(labelled("measures")), wrong


def test_a_title_does_not_make_the_measure_what_the_title_is_about() -> None:
    kinds = load_taxonomy().kinds_of("印发《工作人员年度考核与培训办法》。")
    assert kinds == ("M03",)


def test_measures_help_where_the_problem_says_nothing() -> None:
    taxonomy = load_taxonomy()
    measures = ["修订固定资产管理办法，对闲置资产进行盘点。"]
    assert taxonomy.topics_of("个别方面有差距", measures=measures)[0] == "T13"
    assert taxonomy.topics_of("") == ("T40",)


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("粮食安全责任制落实打折扣", "T28 T29"),
        ("储备粮轮换监管失守", "T29"),
        ("对“一把手”和领导班子监督乏力", "T05"),
        ("农村饮水工程无人管护，夏季供水中断", "T29 T30"),
        ("值班加班补助发放缺少文件依据", "T10"),
        ("保交楼进度慢，逾期交房投诉集中", "T30"),
        ("为基层减负走形式，报表多、挂牌多", "T07"),
        ("职工疗休养承办机构选择不透明", "T14"),
        ("坐支现金，场地费收取后未及时缴存", "T11"),
        ("深化内部改革，清理低效无效企业", "T39"),
        ("学习笔记由他人代抄", "T01"),
        ("社区食堂账目不公开", "T26 T30"),
        ("竞聘上岗程序走过场", "T21"),
        ("借用下属单位人员逾期未归还", "T24"),
        ("租用社会车辆长期供个人使用", "T09"),
        ("大额支出由主要负责人一人说了算", "T04"),
        ("城区内涝反复，积水点治理滞后", "T38"),
        ("渣土车带泥上路久治不愈", "T32"),
        ("医院病区设备长期闲置，账物不符", "T13"),
        ("附属医院以院长办公会代替党委会研究采购", "T04 T14"),
        ("家庭医生签约服务质量不高", "T30"),
        ("超限车辆治理宽松，治超站人员不足", "T32"),
        ("社区矫正对象管理脱节", "T32"),
        ("科研成果转化率连年偏低", "T37"),
        ("高层次人才引得进、留不住", "T22"),
        ("监考费、课时费标准随意", "T10"),
        ("林长巡林记录造假", "T34 T07"),
        ("直达资金支出进度缓慢", "T12"),
        ("国有资本收益少缴漏缴", "T39"),
        ("退休人员返聘手续不全", "T24"),
        ("发展对象政审走程序", "T20"),
        ("农民工讨薪无人受理", "T30 T31"),
    ],
)
def test_problems_in_everyday_wording_get_their_primary_topic(text: str, accepted: str) -> None:
    assert load_taxonomy().topics_of(text)[0] in accepted.split()


def test_classify_fills_topics_and_kinds_and_keeps_corrected_topics() -> None:
    span = Span(1, 0, 1, 5)
    measure = Measure("一是修订D费收缴管理制度。", span)
    case = Case(
        "n-01",
        "n",
        "1.",
        1,
        1,
        (),
        "D费收缴不及时",
        span,
        ProblemKind.STATED,
        (measure,),
        None,
        None,
    )
    corrected = Case(
        "n-02",
        "n",
        "2.",
        2,
        2,
        (),
        "D费收缴不及时",
        span,
        ProblemKind.STATED,
        (measure,),
        None,
        None,
        topics=("T18",),
        corrected=True,
    )
    notice = Notice(
        "n",
        "a.txt",
        "0",
        "题",
        None,
        "其他",
        "",
        None,
        None,
        None,
        None,
        None,
        1,
        2,
        (case, corrected),
    )
    first, second = classify(notice, load_taxonomy()).cases
    assert first.topics == ("T19",)
    assert first.measures[0].kinds[0] == "M03"
    assert second.topics == ("T18",)


def test_labels_do_not_depend_on_the_seed_of_the_run() -> None:
    """Sets are walked in the look-up; their order changes from run to run."""
    text = (
        "召开会议学习制度，开展年终考核评分细则培训，会议记录检查并建立巡查记录台账，责令书面检查。"
    )
    program = (
        "from assistant.taxonomy.classify import load_taxonomy as load;"
        f"print(load().kinds_of({text!r}), load().topics_of({text!r}))"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            cwd=Path(__file__).parent.parent,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(answers) == 1


def test_classification_is_quick_and_linear() -> None:
    taxonomy = load_taxonomy()
    text = "修订财务管理制度，开展专项检查，" * 2_000
    started = time.thread_time()
    taxonomy.topics_of(text, measures=[text])
    taxonomy.kinds_of(text)
    assert time.thread_time() - started < 3


# ------------------------------------------------------------------ the judged corpus


def judged(shared: Path) -> list[tuple[Mapping[str, Any], Mapping[str, Any], str]]:
    """(topic labels, parsed problem, unit) for each case of the judged corpus."""
    folder = shared / "gold"
    problems = {}
    for line in (folder / "notices.jsonl").read_text(encoding="utf-8").splitlines():
        notice = json.loads(line)
        for problem in notice["problems"]:
            problems[notice["file"], problem["line"], problem["problem"]] = (
                problem,
                notice["unit"],
            )
    rows = []
    for line in (folder / "topics.jsonl").read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        rows.append((label, *problems[label["file"], label["line"], label["problem"]]))
    return rows


def norm(text: str) -> str:
    return normalise(text).text


@pytest.mark.reference
def test_primary_topics_of_the_judged_corpus(shared: Path) -> None:
    taxonomy = load_taxonomy()
    right: dict[bool, list[bool]] = {True: [], False: []}
    for label, problem, unit in judged(shared):
        topics = taxonomy.topics_of(
            norm(problem["problem"]),
            category=[norm(heading) for heading in problem["category"]],
            measures=[norm(measure) for measure in problem["measures"]],
        )
        accepted = {label["primary"], *label["alt"]}
        right[re.search("国资委", unit) is not None].append(topics[0] in accepted)
    assert sum(right[False]) / len(right[False]) >= 0.85
    assert sum(right[True]) / len(right[True]) >= 0.75


@pytest.mark.reference
def test_measure_kinds_of_the_judged_corpus(shared: Path) -> None:
    taxonomy = load_taxonomy()
    hit = named = wanted = 0
    for label, problem, _ in judged(shared):
        for text, kinds in zip(problem["measures"], label.get("measure_kinds", ()), strict=False):
            found = set(taxonomy.kinds_of(norm(text)))
            hit, named, wanted = (
                hit + len(found & set(kinds)),
                named + len(found),
                wanted + len(kinds),
            )
    assert 2 * hit / (named + wanted) >= 0.75

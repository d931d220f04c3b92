"""Facts are found in every form, told apart from figures of speech, compared and blanked."""

from __future__ import annotations

import re
import time
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.facts import BLANK, blank_facts, find_facts, is_general_title, owned
from assistant.models import Fact

DATA = Path(__file__).with_name("data") / "leaks.yaml"
PLANTED = re.compile(r"\[(\w+):([^\]]+)\]")


@cache
def sentences(part: str) -> list[str]:
    return list(yaml.safe_load(DATA.read_text(encoding="utf-8"))[part])


def planted(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """The bare sentence and the spans of its planted facts."""
    text, spans, at = "", [], 0
    for match in PLANTED.finditer(marked):
        text += marked[at : match.start()]
        spans.append((len(text), len(text) + len(match[2])))
        text += match[2]
        at = match.end()
    return text + marked[at:], spans


def missed(marked: str) -> tuple[int, int]:
    """(facts not wholly covered by what was found, facts planted); 至 between dates may stay."""
    text, spans = planted(marked)
    covered = {at for fact in find_facts(text) for at in range(fact.start, fact.end)}
    gaps = [any(at not in covered and text[at] != "至" for at in range(*span)) for span in spans]
    return sum(gaps), len(gaps)


@pytest.mark.parametrize("part", ["made", "plain"])
def test_at_least_98_in_100_planted_facts_are_found(part: str) -> None:
    counts = [missed(marked) for marked in sentences(part)]
    recall = 1 - sum(lost for lost, _ in counts) / sum(total for _, total in counts)
    assert recall >= 0.98, f"recall {recall:.4f}"


def test_the_leak_set_is_large_enough_to_measure() -> None:
    assert len(sentences("made")) + len(sentences("plain")) >= 300
    assert len(sentences("clean")) >= 150


def test_at_most_5_in_100_clean_sentences_raise_an_alarm() -> None:
    alarms = [
        (text, fact.text)
        for text in sentences("clean")
        for fact in find_facts(text)
        if not owned(fact, ())
    ]
    rate = len({text for text, _ in alarms}) / len(sentences("clean"))
    assert rate <= 0.05, alarms


def test_blanking_leaves_no_planted_fact_behind() -> None:
    left = 0
    total = 0
    for marked in sentences("made") + sentences("plain"):
        blanked = blank_facts(planted(marked)[0], ())
        facts = [match[2] for match in PLANTED.finditer(marked)]
        left += sum(fact in blanked for fact in facts)
        total += len(facts)
    assert left / total <= 0.01


def test_blanking_keeps_every_fact_the_owner_states() -> None:
    for marked in sentences("plain"):
        text = planted(marked)[0]
        assert blank_facts(text, find_facts(text)) == text


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("补缴党费26,854元。", "amount", "26854"),
        ("合计2.6854万元。", "amount", "26854"),
        ("共二万六千八百五十四元。", "amount", "26854"),
        ("投资一亿二千万元。", "amount", "120000000"),
        ("外资3.95亿美元。", "amount", "395000000美元"),
        ("处理十二名干部。", "figure", "12"),
        ("完成率百分之九十五点五。", "figure", "95.5"),
        ("惠及2.3万户群众。", "figure", "23000"),
        ("于2023年8月11日公布。", "date", "2023-08-11"),
        ("于二〇二二年三月五日召开。", "date", "2022-03-05"),
        ("于9月30日反馈。", "date", "--09-30"),
        ("于2022年底完成。", "date", "2022"),
        ("落印于2024.3.15。", "date", "2024-03-15"),
        ("印发《云岭县差旅费管理办法》。", "document", "云岭县差旅费管理办法"),
    ],
)
def test_values_are_normalised(text: str, kind: str, value: str) -> None:
    assert (kind, value) in {(fact.kind, fact.value) for fact in find_facts(text)}


@pytest.mark.parametrize(
    ("mine", "theirs", "same"),
    [
        ("26,854元", "2.6854万元", True),
        ("26854元", "二万六千八百五十四元", True),
        ("26854元", "26584元", False),
        ("12人", "十二名", True),
        ("12人", "12户", False),
        ("95.5%", "百分之九十五点五", True),
        ("9月30日", "2022年9月30日", True),
        ("2022年9月30日", "9月30日", False),
        ("2022年", "2022年5月", True),
        ("5月", "2022年5月6日", True),
        ("云岭县", "云岭县财政局", True),
        ("云岭县财政局", "云岭县", False),
        ("《云岭县差旅费管理办法》", "《石桥镇差旅费管理办法》", False),
        ("3.2万元", "欠款3.2万", True),
    ],
)
def test_a_fact_in_another_form_is_the_same_fact(mine: str, theirs: str, same: bool) -> None:
    (fact,) = find_facts(mine)
    assert owned(fact, find_facts(theirs)) is same


@pytest.mark.parametrize(
    ("title", "general"),
    [
        ("财务管理制度", True),
        ("公务接待管理办法（试行）", True),
        ("中国共产党纪律处分条例", True),
        ("云岭县财务管理制度", False),
        ("2023年度工作计划", False),
        ("XX镇议事规则", False),
        ("关于进一步规范工程变更的通知", False),
    ],
)
def test_general_titles_belong_to_everyone(title: str, general: bool) -> None:
    assert is_general_title(Fact("document", f"《{title}》", 0, len(title) + 2, title)) is general


@pytest.mark.parametrize(
    ("text", "blanked"),
    [
        ("修订《石桥镇财务管理办法》。", f"修订《{BLANK}财务管理办法》。"),
        ("追回资金7.13万元。", f"追回资金{BLANK}万元。"),
        ("培训三百二十人次。", f"培训{BLANK}人次。"),
        ("盘活38个项目。", f"盘活{BLANK}个项目。"),
        ("对赵某某进行约谈。", "对相关责任人进行约谈。"),
        ("会计赵明辉重复报销。", "会计重复报销。"),
        ("对青禾县柳泉镇枫林村开展核查。", "对相关村开展核查。"),
        ("与青柚智能科技有限公司解除合同。", "与相关企业解除合同。"),
        ("XX镇追回X万元。", f"本地追回{BLANK}万元。"),
        ("2020年X月X日完成。", f"{BLANK}完成。"),
    ],
)
def test_foreign_facts_become_blanks_or_general_words(text: str, blanked: str) -> None:
    assert blank_facts(text, ()) == blanked


@pytest.mark.parametrize("text", ["XX镇", "XX县XX村党委", "X万元", "某单位", "XX公司"])
def test_masks_are_placeholders_and_no_facts(text: str) -> None:
    assert find_facts(text) == ()


@given(
    st.text(alphabet="二三千万元县镇村李明公司《》2023年月日%，。、对由X某〔〕号 第", max_size=80)
)
@settings(deadline=None, max_examples=300)
def test_facts_stand_where_they_say_and_never_overlap(text: str) -> None:
    facts = find_facts(text)
    assert all(text[fact.start : fact.end] == fact.text for fact in facts)
    assert all(a.end <= b.start for a, b in pairwise(facts))
    assert find_facts(text) == facts
    blank_facts(text, ())


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=200)
def test_any_text_is_read_without_error(text: str) -> None:
    blank_facts(text, find_facts(text))


def test_a_sentence_takes_about_a_millisecond() -> None:
    texts = [planted(marked)[0] for marked in sentences("made")]
    find_facts(texts[0])
    started = time.thread_time()
    for text in texts:
        find_facts(text)
    assert (time.thread_time() - started) / len(texts) < 0.003


@pytest.mark.timeout(60)
@pytest.mark.parametrize("part", ["1", "一", "《", "村", "、李明等人", "1,", "百分之", "有限公司"])
def test_a_hostile_line_costs_no_more_than_its_length(part: str) -> None:
    started = time.thread_time()
    find_facts(part * (20_000 // len(part)))
    assert time.thread_time() - started < 3


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("村支书覃海棠长期占用林地。", "覃海棠"),
        ("对出纳冼巧玲进行诫勉谈话。", "冼巧玲"),
        ("承包人佴长河拖欠承包费。", "佴长河"),
        ("将多付的工程款向呼延庆追回。", "呼延庆"),
        ("给予医生付晓岚批评教育。", "付晓岚"),
        ("责任人：戈建英。", "戈建英"),
        ("驻村干部昝丽丽走访不实。", "昝丽丽"),
        ("低保户阿依木·热合曼去世后仍领取。", "阿依木·热合曼"),
    ],
)
def test_rare_surnames_and_dotted_names_are_seen(sentence: str, name: str) -> None:
    assert name in [fact.text for fact in find_facts(sentence) if fact.kind == "person"]


@pytest.mark.parametrize(
    "sentence",
    [
        "会计付款未经审批，书记从思想上不重视。",
        "工作人员应及时答复群众。",
        "打造“江南文化·旅游节”品牌。",
        "负责人查明情况后满足群众需求。",
        "驻村干部文明用语不够。",
        "滑坡隐患点无人看守，覃家坡道路损毁。",
    ],
)
def test_ordinary_words_are_no_persons(sentence: str) -> None:
    assert [fact for fact in find_facts(sentence) if fact.kind == "person"] == []

"""The thesaurus: the file itself is sound, wrong edits are told plainly, matching is exact."""

import re
import time
from collections import Counter
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.taxonomy.thesaurus import (
    GENERAL,
    THESAURUS_PATH,
    TOPICS,
    ConceptFinder,
    Group,
    find_concept_matches,
    find_concepts,
    load_thesaurus,
    parse_thesaurus,
    thesaurus_version,
)


def _yaml(terms: str, *, identity: str = "T19-shi", topic: str = "T19") -> str:
    return f"{topic}:\n  - id: {identity}\n    gloss: 试验\n    terms: [{terms}]\n"


def _finder(*terms: str) -> ConceptFinder:
    return ConceptFinder([Group("T19-shi", "T19", terms)])


def test_the_file_holds_at_least_nine_hundred_groups_and_every_topic_twelve() -> None:
    groups = load_thesaurus()
    per_topic = Counter(group.topic for group in groups)
    assert len(groups) >= 900
    assert set(per_topic) == set(TOPICS)
    assert {topic for topic, count in per_topic.items() if count < 12} == set()


def test_most_groups_hold_several_ways_of_saying_it() -> None:
    sizes = sorted(len(group.terms) for group in load_thesaurus())
    assert sizes[len(sizes) // 2] >= 8
    assert sizes[0] >= 4


def test_no_two_groups_hold_the_same_terms() -> None:
    groups = load_thesaurus()
    assert len({frozenset(group.terms) for group in groups}) == len(groups)


def test_the_version_is_a_hash_that_changes_with_the_file(tmp_path: Path) -> None:
    copy = tmp_path / "thesaurus.yaml"
    copy.write_bytes(THESAURUS_PATH.read_bytes())
    assert thesaurus_version(copy) == thesaurus_version()
    copy.write_bytes(THESAURUS_PATH.read_bytes() + "# 改\n".encode())
    assert thesaurus_version(copy) != thesaurus_version()


@pytest.mark.parametrize(
    ("colloquial", "official"),
    [
        ("几个支部的党费到年底才一次性补收", "党费收缴不及时"),
        ("书记周末把公家的车开回家", "存在公车私用现象"),
        ("账上有东西找不着", "固定资产账实不符"),
        ("会议签到都是一个人的笔迹", "会议记录造假"),
        ("拿白纸条子报账", "存在白条列支"),
        ("书记一个人说了算", "一言堂现象突出"),
        ("村里的鱼塘承包费没收上来", "应收未收承包费"),
        ("人死了还在领低保", "死亡人员未及时核减"),
        ("医生收红包", "医德医风建设不到位"),
        ("食堂的钱没用到学生身上，结余一直挂账", "学校食堂结余资金管理不规范"),
        ("打12345没人理", "热线办理质量不高"),
        ("把公司的业务给亲戚做", "靠企吃企问题"),
        ("钱借给私人老板收不回来", "违规出借资金"),
        ("村里管账的不会记账", "财务人员业务不精"),
        ("班子里没人接班", "干部年龄结构不合理"),
        ("有的干部不干活光喊累", "干部不作为、缺乏担当作为"),
        ("安置房交不了房，群众租房好几年", "安置房建设滞后"),
        ("请财务顾问费花了不少", "综合融资成本偏高"),
        ("会计出纳一个人干", "不相容岗位未分离"),
    ],
)
def test_the_plain_and_the_official_wording_share_a_concept(colloquial: str, official: str) -> None:
    shared = set(find_concepts(colloquial)) & set(find_concepts(official))
    assert {concept for concept in shared if not concept.startswith(GENERAL)}


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("财务工作疏于监管", "T30-zufang-shangye"),
        ("公司法人治理", "T32-sifa"),
        ("深入学习贯彻", "T30-jiaoyu-shoufei"),
        ("施工单位已退回", "T32-re-xian"),
        ("出差补助不附说明", "T10-jintie"),
        ("不刷公务卡", "T09-gongche"),
        ("信访接待场所", "T08-jiedai-buguifan"),
        ("水务公司水费收缴率低", "T39-gongyi-fuwu"),
    ],
)
def test_a_word_across_word_borders_is_not_a_concept(text: str, absent: str) -> None:
    assert absent in {group.id for group in load_thesaurus()}
    assert absent not in find_concepts(text)


def test_overlapping_terms_all_count() -> None:
    groups = [Group("T18-a", "T18", ("三会一课",)), Group("T18-b", "T18", ("一课制度",))]
    matches = ConceptFinder(groups).find("三会一课制度")
    assert [match.group for match in matches] == ["T18-a", "T18-b"]


def test_the_longest_term_tells_why() -> None:
    matches = _finder("党费", "少缴党费").find("有人少缴党费")
    assert [match.term for match in matches] == ["少缴党费"]


def test_matches_of_the_real_file_name_terms_that_occur() -> None:
    matches = find_concept_matches("党费收缴不及时")
    assert matches
    assert all(piece in "党费收缴不及时" for match in matches for piece in match.term.split("…"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("党费补收", True),
        ("党费到年底才想起来补收", True),
        ("党费一二三四五六七八补收", True),
        ("党费一二三四五六七八九补收", False),
        ("党费按月收。后来补收", False),
        ("补收了党费", False),
    ],
)
def test_a_gap_spans_up_to_eight_characters_within_a_sentence(text: str, found: bool) -> None:
    assert bool(_finder("党费…补收", "别的").find(text)) is found


@pytest.mark.parametrize(
    "text", ["落实“三会一课”制度", "落实三会 一课制度", "落实《三会一课》制度"]
)
def test_quotation_marks_and_spaces_do_not_hide_a_term(text: str) -> None:
    assert _finder("三会一课制度", "别的").find(text)


def test_the_two_ways_to_write_account_and_letter_case_and_width_are_one() -> None:
    assert _finder("账实不符", "别的").find("帐实不符")
    assert _finder("PPP项目", "别的").find("ppp项目")
    assert _finder("12345热线", "别的").find("１２３４５热线")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "为空"),
        ("- a\n", "主题分节"),
        (_yaml("党费, 收党费", topic="T41", identity="T41-a"), "没有“T41”"),
        ("T19: 党费\n", "没有词组"),
        ("T19:\n  - 党费\n", "不完整"),
        ("T19:\n  - id: T19-a\n    terms: [党费, 收党费]\n", "缺少“gloss”"),
        (_yaml("党费, 收党费").replace("gloss", "note"), "不认识的项“note”"),
        (_yaml("党费, 收党费").replace("试验", "''"), "没有写 gloss"),
        (_yaml("党费, 收党费", identity="T18-a"), "不合规则"),
        (_yaml("党费, 收党费", identity="T19-党费"), "不合规则"),
        (_yaml("党费"), "有 1 个词"),
        (_yaml(", ".join(f"词语{n:02d}" for n in range(60))), "有 60 个词"),
        (_yaml("党费, 收党费, 党费"), "写了两遍"),
        (_yaml("对帐, 对账"), "写了两遍"),
        (_yaml("党费, 费"), "长短不合适"),
        (_yaml("党费, 一二三四五六七八九十一二三四五六七"), "长短不合适"),
        (_yaml("党费, 党费…"), "省略号用法"),
        (_yaml("党费, 党…费"), "省略号用法"),
        (_yaml("党费, 党费…补…收…缴"), "省略号用法"),
        (_yaml("党费, {补收: 补缴}"), "括号或冒号"),
        (_yaml("党费, 收党费").replace("]", ""), "书写格式"),
        ("T19:\n  - id: T19-a\n    gloss: 试验\n    terms: 党费\n", "不是方括号列表"),
    ],
)
def test_a_wrong_edit_is_told_in_chinese_with_its_line(text: str, what: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(what)) as caught:
        parse_thesaurus(text, name="表.yaml")
    assert re.match(r"表\.yaml 第\d+行：", str(caught.value))


def test_a_repeated_id_names_the_line_that_had_it_first() -> None:
    text = _yaml("党费, 收党费") + _yaml("公车, 私车").removeprefix("T19:\n")
    with pytest.raises(SettingsError, match=r"第5行：词组编号“T19-shi”重复。第2行已经用过"):
        parse_thesaurus(text, name="表.yaml")


def test_a_section_written_twice_is_refused() -> None:
    text = _yaml("党费, 收党费") + _yaml("公车, 私车", identity="T19-che")
    with pytest.raises(SettingsError, match="T19 写了两节"):
        parse_thesaurus(text, name="表.yaml")


def test_a_term_may_sit_in_two_groups_but_not_three() -> None:
    def text(names: str) -> str:
        body = "".join(
            _yaml("党费, 收党费", identity=f"T19-{name}").removeprefix("T19:\n") for name in names
        )
        return "T19:\n" + body

    assert len(parse_thesaurus(text("ab"), name="表.yaml")) == 2
    with pytest.raises(SettingsError, match="T19-a、T19-b、T19-c"):
        parse_thesaurus(text("abc"), name="表.yaml")


def test_matching_is_fast_enough_for_a_hundred_thousand_cases() -> None:
    case = "关于党费收缴标准执行不到位问题的整改情况：一是逐人核定缴费基数，补缴到位。" * 15
    find_concepts(case)
    start = time.thread_time()
    for number in range(300):
        find_concepts(f"{number}{case}")
    assert (time.thread_time() - start) / 300 < 0.003


@pytest.mark.reference
def test_no_term_is_so_general_that_it_is_in_a_seventh_of_all_lines(shared: Path) -> None:
    texts = [path.read_text(encoding="utf-8-sig") for path in (shared / "corpus").glob("*.txt")]
    lines = [line for text in texts for line in text.splitlines() if len(line) > 20]
    terms = {term for group in load_thesaurus() for term in group.terms if "…" not in term}
    finder = ConceptFinder([Group(term, "T00", (term,)) for term in sorted(terms)])
    counts = Counter(match.term for line in lines for match in finder.find(line))
    assert {term for term, count in counts.items() if count > len(lines) * 0.15} == set()


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("县水务局未按规定公示执法结果", "T30-yongshui-yongre"),
        ("落实流域防控措施，搭建交流平台", "T30-yiqing"),
        ("搭建银企交流平台", "T28-weijian"),
        ("群众反映渠道不畅通", "T29-gaobiaonongtian"),
        ("巡察组进驻后立行立改", "T35-yizhanshi"),
        ("事故易发多发路段未设标志", "T27-duoling"),
        ("整治公款旅游", "T37-fuwuye"),
        ("开展走访慰问老党员活动", "T20-tuixiu-dangyuan"),
        ("美化村容村貌", "T07-baogao-xu"),
    ],
)
def test_words_that_commonly_mean_another_thing_show_no_concept(text: str, group: str) -> None:
    assert group not in find_concepts(text)

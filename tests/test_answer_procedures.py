"""Questions on the course of rectification: what notices show, and where the rule stands."""

from __future__ import annotations

import pytest

from assistant.models import Answerable
from assistant.writing.notice_lines import answer_from_lines
from assistant.writing.notice_rules import kind_of
from tests.test_writing_notice_lines import Shelf, notice_with_prose

PROSE = (
    "镇党委书记担任整改工作领导小组组长，研究制定整改方案，列出问题清单和任务清单。",
    "建立问题整改台账，逐条对账销号，整改进展情况每月报送区委巡察办。",
    "县纪委会同组织部对整改情况开展评估，对虚假整改的严肃追责。",
    "按照党务公开原则，现将整改情况予以公布，适时开展“回头看”。",
    "一时改不了的列为需长期推进的事项，逐月调度。",
    "给予党内警告处分2人，清退资金1.8万元。",
)


@pytest.fixture
def shelf() -> Shelf:
    silent = ("班子召开了工作例会。",)
    return Shelf(
        (
            notice_with_prose("a1a1a1a1", "中共清溪镇委员会", PROSE),
            notice_with_prose("b2b2b2b2", "云桥街道党工委", silent),
        )
    )


@pytest.mark.parametrize(
    ("question", "said", "note"),
    [
        ("整改方案要写哪些内容", "研究制定整改方案", "不规定方案的格式"),
        ("整改责任人怎么写", "研究制定整改方案", "责任领导"),
        ("整改台账怎么建", "建立问题整改台账", "格式请以本级要求为准"),
        ("整改完了谁来验收", "对整改情况开展评估", "请以本级文件为准"),
        ("销号要什么材料", "对账销号", "请以本级巡视巡察机构的要求为准"),
        ("整改报告要不要公开", "现将整改情况予以公布", "涉密"),
        ("一把手在整改里要干啥", "书记担任整改工作领导小组组长", "第一责任人责任"),
        ("整改不到位会被追责吗", "对虚假整改的严肃追责", "不对具体的人和事作判断"),
        ("多久上报一次整改进展", "每月报送", "没有统一写法"),
        ("回头看查什么", "开展“回头看”", "有没有反弹"),
        ("整改期内完不成怎么申请延期", "需长期推进的事项", "说明原因"),
        ("谁被处分了", "党内警告处分2人", "不推断具体是谁"),
        ("处理了多少人", "党内警告处分2人", "隐名"),
        ("退了几笔钱", "清退资金1.8万元", ""),
    ],
)
def test_the_course_of_things_is_read_from_the_notices(
    shelf: Shelf, question: str, said: str, note: str
) -> None:
    looked = answer_from_lines(question, shelf)
    assert looked is not None
    assert said in looked.text
    assert note in looked.text
    assert "清溪镇" in looked.text
    assert looked.answerable is Answerable.YES


@pytest.mark.parametrize(
    "question",
    [
        "监管不到位怎么追责",
        "工程结算由谁审核",
        "财务报销怎么建台账",
        "村干部截留补助处理了多少人",
        "招商方案怎么写",
    ],
)
def test_a_matter_of_its_own_is_left_to_search(shelf: Shelf, question: str) -> None:
    assert answer_from_lines(question, shelf) is None


def test_a_course_no_notice_tells_is_said_to_be_untold() -> None:
    bare = Shelf((notice_with_prose("c3c3c3c3", "中共石溪镇委员会", ("班子召开了例会。",)),))
    looked = answer_from_lines("销号要什么材料", bare)
    assert looked is not None
    assert "没有写明对账销号的做法" in looked.text
    assert looked.answerable is Answerable.NO


def test_when_a_meeting_must_be_held_is_asked_in_days_too() -> None:
    assert kind_of("反馈后几天内要开专题民主生活会") == "meeting"

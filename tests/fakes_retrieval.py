"""A small invented library for the tests of indexing, retrieval and counting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from assistant.errors import NotFound
from assistant.library import Changes, Reading
from assistant.models import (
    Case,
    DateField,
    Measure,
    Notice,
    ProblemKind,
    Span,
    StatusClass,
)
from assistant.record.rows import (
    CaseText,
    read_outline,
    read_texts,
    write_notice,
    write_outline,
)

Item = tuple[str, Sequence[str], StatusClass | None]


class FakeLibrary:
    """Notices in memory, with the revision that every change raises."""

    def __init__(self, notices: Sequence[Notice] = ()) -> None:
        self.held = {notice.id: notice for notice in notices}
        self.revised = 1
        self.reads = 0
        """Notices read other than one by one."""
        self._changed = dict.fromkeys(self.held, 1)

    def revision(self) -> int:
        return self.revised

    def identity(self) -> str:
        return "fake"

    def notices(self) -> tuple[Notice, ...]:
        self.reads += len(self.held)
        return tuple(self.held.values())

    def outlines(self) -> tuple[Notice, ...]:
        return tuple(read_outline(write_outline(notice)) for notice in self.held.values())

    def texts(self, ids: Iterable[str]) -> Iterator[tuple[str, tuple[CaseText, ...]]]:
        for notice_id in ids:
            yield notice_id, read_texts(write_notice(self.held[notice_id]))

    def changes(self, since: int) -> Changes:
        changed = tuple(n for n in self.held.values() if self._changed[n.id] > since)
        self.reads += len(changed)
        return Changes(self.identity(), self.revised, tuple(self.held), changed)

    @contextmanager
    def streaming(self) -> Iterator[Reading]:
        self.reads += len(self.held)
        yield Reading(self.identity(), self.revised, iter(tuple(self.held.values())))

    def notice(self, notice_id: str) -> Notice:
        if notice_id not in self.held:
            raise NotFound("没有这份通报", where=notice_id)
        return self.held[notice_id]

    def put(self, *notices: Notice) -> None:
        self.revised += 1
        self.held |= {notice.id: notice for notice in notices}
        self._changed |= dict.fromkeys([notice.id for notice in notices], self.revised)

    def remove(self, notice_id: str) -> None:
        del self.held[notice_id]
        self.revised += 1


def make_notice(
    notice_id: str,
    unit: str,
    unit_type: str,
    items: Sequence[Item],
    *,
    inspection: str = "巡察",
    year: int = 2024,
    category: str = "（一）全面从严治党方面",
) -> Notice:
    """Make a notice whose cases stand on consecutive lines."""
    cases = tuple(_case(notice_id, number, item, category) for number, item in enumerate(items, 1))
    date = DateField(f"{year}年3月1日", f"{year}-03-01")
    return Notice(
        notice_id, f"{notice_id}.txt", f"sha-{notice_id}", f"关于{unit}整改进展情况的通报", unit,
        unit_type, "", inspection, "第二巡察组", None, date, None, 1, 99, cases,
    )  # fmt: skip


def _case(notice_id: str, number: int, item: Item, category: str) -> Case:
    problem, measures, status = item
    span = Span(number, 0, number, len(problem))
    return Case(
        f"{notice_id}-{number:02d}", notice_id, f"{number}.", number, number, (category,), problem,
        span, ProblemKind.STATED, tuple(Measure(text, span) for text in measures),
        status.value if status else None, status, ("T19",) if "党费" in problem else ("T02",),
    )  # fmt: skip


def with_problem(notice: Notice, number: int, problem: str) -> Notice:
    """Return the notice with another wording of its `number`-th problem (from 1)."""
    cases = list(notice.cases)
    cases[number - 1] = replace(cases[number - 1], problem=problem)
    return replace(notice, cases=tuple(cases))


DONE, ONGOING = StatusClass.DONE, StatusClass.ONGOING

NOTICES = (
    make_notice(
        "a1a1a1a1",
        "青禾镇党委",
        "乡镇",
        [
            ("党费收缴基数核定不准", ["重新核定全镇党员党费基数，补缴差额并登记台账。"], DONE),
            ("村级合同管理混乱", ["对集体土地承包合同逐份清理，与承包户重签规范文本。"], ONGOING),
            ("信访积案化解不及时", ["领导班子成员包案接访，逐件约谈信访人，签订化解协议。"], None),
            ("环境整治成果反弹", ["组织保洁员清理河道垃圾，建立月评比制度。"], DONE),
        ],
    ),
    make_notice(
        "b2b2b2b2",
        "望江街道党工委",
        "街道",
        [
            ("小区物业服务监管缺位", ["约谈物业企业负责人，把业主评价纳入信用考核。"], DONE),
            ("党员学习平台使用率低", ["每周通报各支部积分，安排专人上门教老党员操作。"], DONE),
            ("财务报销附件不全", ["退回不合规票据，补齐审批单和明细，开展报账员培训。"], None),
            ("议事决策会议记录过于简单", ["指定专人记录，逐人写明发言和表决意见。"], ONGOING),
        ],
        year=2023,
    ),
    make_notice(
        "c3c3c3c3",
        "临湖经济开发区党工委",
        "开发区",
        [
            ("招商项目履约监管不严", ["建立履约台账，对逾期未开工企业收回土地。"], ONGOING),
            ("闲置厂房盘活缓慢", ["引进标准厂房运营商，采取租赁、回购方式盘活低效资产。"], ONGOING),
            ("债务化解压力大", ["制定化债方案，置换高息融资，压减一般性支出。"], None),
            ("企业安全隐患排查走过场", ["聘请第三方逐厂检查，整改销号一百二十条隐患。"], DONE),
        ],
        inspection="巡视",
        year=2022,
    ),
    make_notice(
        "d4d4d4d4",
        "云溪县国有资产投资集团",
        "国资国企",
        [
            ("公务接待无公函", ["修订接待管理细则，无公函一律不予报销。"], DONE),
            ("选人用人程序不规范", ["补做任前公示，组织人事干部学习选拔任用条例。"], DONE),
            ("对外担保风险失控", ["起诉追偿代偿款，停止为民营企业提供新增担保。"], ONGOING),
            ("固定资产账实不符", ["聘请会计师事务所全面盘点，盘盈资产补录入账。"], None),
        ],
    ),
)

"""What every office is told of, in the headline words of the field, gets the plan of its matter."""

from __future__ import annotations

import pytest

from assistant.taxonomy.classify import load_taxonomy
from assistant.writing.choosing import playbook_for

HEADLINES = {
    "固定资产账物不一致，新购设备没有登记入账。": "T13",
    "固定资产多年未盘点。": "T13",
    "国有房产出租未公开招租，部分租金拖欠。": "F11",
    "专项资金使用率低，部分资金闲置。": "T12",
    "预算编制粗放，预算执行率偏低。": "T12",
    "政府采购不规范，应招标未招标。": "T14",
    "化整为零规避政府采购。": "T14",
    "政府购买服务把关不严，服务考核流于形式。": "T14",
    "工程项目管理不严，未批先建，随意变更。": "T15",
    "票据审核不严，发票内容与业务不符。": "T11",
    "财务审核把关不严，内控制度不健全。": "T11",
    "干部选拔任用不严谨，民主推荐走过场。": "T21",
    "形式主义官僚主义依然存在，调研走过场。": "T07",
    "机关作风不实，庸懒散现象存在。": "T07",
    "安全生产责任悬空，隐患排查走过场。": "T33",
    "落实中央八项规定精神有差距，节日期间违规收受礼金。": "F08",
    "党委书记履行第一责任人责任不力。": "T05",
    "法治建设第一责任人职责履行不力，败诉案件多。": "N04",
    "行政复议被纠错多，规范性文件未清理。": "N04",
    "重大事项决策不充分，集体讨论流于形式。": "T04",
    "班子凝聚力不够，成员之间沟通少。": "N01",
    "支部规范化建设滞后，支部书记能力不足。": "T17",
    "印章管理不严，用印没有登记。": "N02",
    "发文照搬照抄，公文质量不高。": "N03",
    "文书档案未归档，资料散落。": "N05",
    "干部人事档案材料缺失，未及时归档。": "T23",
    "下属企业管理松散，亏损企业清理慢。": "T39",
    "学会脱钩不彻底，违规收取会费。": "G16",
    "离退休干部工作薄弱。": "L02",
    "机构编制纪律执行不严，超编进人。": "T24",
    "党费收缴不及时。": "T19",
    "三会一课制度坚持不好，记录补记。": "T18",
    "公务接待无公函。": "T08",
    "公车加油卡一卡多车。": "T09",
    "违规发放值班补贴。": "T10",
    "信访积案化解慢。": "T31",
    "意识形态阵地管理有漏洞。": "T03",
}


@pytest.mark.parametrize("problem", HEADLINES)
def test_a_headline_problem_gets_the_plan_of_its_matter(problem: str) -> None:
    topics = load_taxonomy().topics_of(problem)
    assert playbook_for(topics, problem).topic == HEADLINES[problem]

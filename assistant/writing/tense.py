"""From the past tense of notices to the future tense of plans. Pure: patterns only."""

from __future__ import annotations

import re

_DONE_VERBS = (
    "完成|补缴|补交|补发|清退|退回|退还|追回|收回|追缴|上缴|缴纳|整改|纠正|修订|制定|出台|印发|建立|健全|完善|"
    "落实|调整|拆除|归还|入账|补录|补齐|归档|核销|销号|召开|开展|组织|成立|签订|重签|处理|处分|约谈|批评|移交|"
    "立案|明确|形成|实现|取得|得到|解决|结清|兑现|办结|化解|核减|停发|停止|注销|解除|公示|公开|更新|下发|执行|"
    "列入|纳入|配备|配齐|选举|换届|达到|消除|恢复|清理|盘活|发放|收缴|到位|完毕"
)
# 已发放的补助, 已销号的问题: there 已 describes a thing and claims nothing about the plan.
_ATTRIBUTE = r"(?![^，。；！？\n]{0,12}的[\u4e00-\u9fff“])"
_CLAIMS = re.compile(
    rf"(?:目前|截至目前|截止目前|现)?(?:均|都|也)?[已己](?:经)?(?:全部|全面|基本|均|陆续|按要求|按规定|"
    rf"相继|于[^，。；]{{1,14}})?(?:{_DONE_VERBS}){_ATTRIBUTE}"
    r"|(?:整改|清退|补缴|退还|收缴|落实|执行|拆除|追缴|发放)(?:完毕|完成|到位)了"
    r"|目前[^，。；]{0,20}(?:到位|完毕|完成)"
    rf"|(?:{_DONE_VERBS})了(?!解|事|之)"
    r"|(?:取得|收到)(?:了)?(?:明显|显著|阶段性|良好|较好|初步)?(?:成效|成果|效果)"
    r"|(?:已|均)(?:整改|补缴|清退|执行|落实)?(?:到位|完毕)"
    r"|[已己](?:全部|全面|均)"
    r"|截至目前|截止目前|全部完成整改|整改完毕|完成率达?\d"
    r"|得到(?:了)?(?:明显|显著|有效|进一步)?(?:提升|提高|改善|加强|增强|解决)"
)
_DROP = re.compile(
    r"^(?:目前|现|截至目前|截止目前|下一步|下步|近期|近日|随后|接着|紧接着|当即|同时|另外|此外|并且|并(?!联)|"
    r"为此|对此|针对(?:该|此|上述)问题|经(?:研究|核查|调查|排查|摸排|摸底|核实)|巡察反馈后|反馈后)[，、]?"
)
_AUXILIARY = re.compile(r"(?<![自而])[已己](?:经)?(?:全部|全面|陆续|相继|均)?(?!知)")
_PERFECT = re.compile(
    rf"({_DONE_VERBS}|采取|加强|进行|提出|补充|规范|设立|强化|建成|撰写|学习|查阅|学|查|补)了"
)
_BY_DATE = re.compile(r"于?\d{2,4}年(?:\d{1,2}月)?(?:\d{1,2}日)?(?:以来|底前|前|起)?[，、]?")
_CONTINUE = re.compile(r"正在(?:积极|有序|稳步|抓紧)?|仍在|还在")


def completion_claims(text: str) -> tuple[tuple[int, int], ...]:
    """Offsets of wording that says something is already done."""
    return tuple((match.start(), match.end()) for match in _CLAIMS.finditer(text))


def to_plan(clause: str) -> str:
    """The clause as an intention: no 已, 了, 目前. Empty when it only claims completion."""
    planned = clause.strip()
    for _ in range(3):
        planned = _DROP.sub("", planned)
    planned = _BY_DATE.sub("", planned)
    planned = _CONTINUE.sub("", planned)
    planned = _AUXILIARY.sub("", planned)
    planned = _PERFECT.sub(r"\1", planned)
    planned = re.sub(r"(?:均|都)(?=完成|到位)", "", planned).strip("，、 ")
    if re.fullmatch(
        r"[^，]{0,10}(?:整改|清退|补缴|执行|落实|调整|拆除|修订)?(?:完成|完毕|到位|整改)", planned
    ):
        return ""
    return "" if completion_claims(planned) else planned

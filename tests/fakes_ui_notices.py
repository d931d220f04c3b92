"""Invented notices for the pages: source lines and their reading, spans and all."""

from __future__ import annotations

import hashlib

from assistant.models import (
    Case,
    DateField,
    Document,
    Measure,
    Notice,
    ParseReport,
    ProblemKind,
    Span,
    StatusClass,
)

HOSTILE = (
    "<script>document.title='hacked'</script> ![x](https://evil.example/?q=1) "
    "[点我](https://evil.example) ~~删~~ 5~10万元，时限3~5天 :red[红] :smile: $x^2$ "
    "<img src=x onerror=alert(1)>"
)
UNITS: list[tuple[str, str, str, str, str]] = [
    ("东岭经济开发区党工委", "开发区", "县区", "巡察", "2023-04-18"),
    ("西川经济开发区党工委", "开发区", "县区", "巡察", "2023-11-02"),
    ("北桥街道党工委", "街道", "乡镇街道", "巡察", "2022-12-20"),
    ("南湾镇党委", "乡镇", "乡镇街道", "巡察", "2022-09-08"),
    ("清河县财政局党组", "党政部门", "县区", "巡察", "2023-07-11"),
    ("临江街道党工委", "街道", "乡镇街道", "巡察", "2024-01-15"),
    ("江州城市投资集团党委", "国资国企", "市", "巡视", "2024-03-06"),
    ("青石镇石埠村党总支", "村社区", "村社区", "巡察", "2023-03-28"),
]
PROBLEMS: list[tuple[str, str, str, list[str]]] = [
    (
        "（一）落实党的理论和路线方针政策方面",
        "T01",
        "“第一议题”学习结合实际不够，以会议传达代替研讨",
        [
            "一是修订“第一议题”学习制度，列出年度学习清单，每季度组织一次专题研讨",
            "二是把学习情况纳入班子成员年度述职，由组织办按季通报",
        ],
    ),
    (
        "（一）落实党的理论和路线方针政策方面",
        "T03",
        "意识形态阵地管理有漏洞，个别公众号长期无人审核",
        [
            "一是对所属网站、公众号、工作群逐一登记，关停3个僵尸账号",
            "二是实行信息发布“三审三校”，每月抽查一次",
        ],
    ),
    (
        "（二）群众身边腐败和不正之风方面",
        "T08",
        "公务接待审批手续不全，先接待后补单",
        [
            "一是对2020年以来的接待单据全面清查，退回超标准费用1.26万元",
            "二是修订公务接待管理细则，未经审批一律不予报销",
            "三是对2名经办人员批评教育",
        ],
    ),
    (
        "（二）群众身边腐败和不正之风方面",
        "T11",
        "财务报销审核不严，部分凭证附件不全",
        [
            "一是补齐凭证附件47份，退回不合规票据6张",
            "二是组织财务人员业务培训2次，实行报销双人复核",
        ],
    ),
    (
        "（二）群众身边腐败和不正之风方面",
        "T13",
        "固定资产账实不符，部分设备购置后未登记入账",
        [
            "一是组织财政、办公室开展拉网式清查，共盘点资产1246件，补登漏记固定资产23件",
            "二是修订《固定资产管理办法》，明确采购、登记、领用、处置四个环节责任人",
            "三是每年6月、12月各开展一次账实核对，核对结果报党工委会议",
        ],
    ),
    (
        "（二）群众身边腐败和不正之风方面",
        "T15",
        "工程招投标把关不严，存在化整为零规避招标的情形",
        [
            "一是对近三年工程项目逐个倒查，约谈相关责任人4人",
            "二是出台小型工程管理办法，限额以下项目一律进平台随机抽取",
        ],
    ),
    (
        "（三）基层党组织建设方面",
        "T18",
        "组织生活会批评意见辣味不足，整改清单流于形式",
        ["一是列席指导8个支部重新召开组织生活会", "二是建立问题清单季度销号制度"],
    ),
    (
        "（三）基层党组织建设方面",
        "T19",
        "党费一次性补收，缴纳基数多年未核定",
        ["一是逐人核定缴纳基数，建立党费收缴台账", "二是每月在公开栏公示收缴情况，补缴差额3.2万元"],
    ),
    (
        "（三）基层党组织建设方面",
        "T22",
        "年轻干部储备不足，轮岗交流不及时",
        ["一是制定年轻干部三年培养计划，选派5人到一线锻炼", "二是对任职满五年的中层岗位进行轮岗"],
    ),
    (
        "（四）主责主业方面",
        "T36",
        "招商协议履约监管不到位，未建立台账",
        ["一是对已签约项目逐个建立履约台账，发出催告函11份", "二是成立项目服务专班，每月调度"],
    ),
]
STATUSES = [StatusClass.DONE, StatusClass.DONE, StatusClass.ONGOING, None, StatusClass.STAGED]


def make_notice(place: int, *, hostile: bool = False) -> tuple[Document, Notice]:
    """Build the source lines of an invented notice and its reading, spans and all."""
    unit, unit_type, level, inspection, date = UNITS[place]
    title = f"{unit}关于{inspection}整改进展情况的通报"
    lines = [
        title,
        "",
        f"根据统一部署，{inspection}组对{unit}开展了常规{inspection}并反馈了意见。现将整改情况予以公布。",
        "一、整改工作组织情况",
        "成立整改工作领导小组，逐项明确责任领导、牵头部门和完成时限。",
        "二、反馈问题整改情况",
    ]
    roles = [(1, "标题"), (3, "导语"), (4, "标题行"), (5, "组织情况"), (6, "标题行")]
    source = f"{place + 1:02d}-{unit[:6]}整改通报.docx"
    sha = hashlib.sha256(f"{title}{hostile}".encode()).hexdigest()
    notice_id = sha[:8]
    cases: list[Case] = []
    heading = ""
    chosen = [p for at, p in enumerate(PROBLEMS) if (at * 7 + place * 3) % 10 < 7]
    if hostile:
        chosen = [(chosen[0][0], "T40", HOSTILE, [HOSTILE, "长" * 3000]), *chosen]
    for number, (head, topic, problem, measures) in enumerate(chosen, 1):
        if head != heading:
            lines.append(head)
            roles.append((len(lines), "标题行"))
            heading = head
        label = f"{number}."
        lines.append(f"{label}{problem}。")
        first = len(lines)
        taken = []
        for text in measures:
            lines.append(f"{text}。")
            taken.append(
                Measure(f"{text}。", Span(len(lines), 0, len(lines), len(text) + 1), ("M03",))
            )
        status = STATUSES[(number + place) % len(STATUSES)]
        said = None
        if status is not None:
            said = f"整改进展：{status.value}"
            lines.append(f"{said}。")
        cases.append(
            Case(
                id=f"{notice_id}-{number:02d}",
                notice_id=notice_id,
                number=label,
                line=first,
                end_line=len(lines),
                category=("二、反馈问题整改情况", head),
                problem=problem,
                problem_span=Span(first, len(label), first, len(label) + len(problem)),
                kind=ProblemKind.STATED,
                measures=tuple(taken),
                status=said,
                status_class=status,
                topics=(topic,),
                confidence=0.5 if number == 4 and place == 3 else 0.96,
            )
        )
        roles += [(at, "案例") for at in range(first, len(lines) + 1)]
    lines += [
        "三、下一步打算",
        "持续巩固整改成果，防止问题反弹。",
        f"联系电话：0000-1234567　{date}",
    ]
    roles += [(len(lines) - 2, "标题行"), (len(lines) - 1, "下一步"), (len(lines), "署名")]
    notice = Notice(
        id=notice_id,
        source=source,
        sha256=sha,
        title=title,
        unit=unit,
        unit_type=unit_type,
        unit_level=level,
        inspection=inspection,
        team="第三巡察组",
        period=None,
        feedback_date=None,
        published_date=DateField(date, date),
        start_line=1,
        end_line=len(lines),
        cases=tuple(cases),
        report=ParseReport("numbered", 0.94, (3,) if place == 3 else (), (), tuple(roles)),
    )
    return Document(source, sha, "docx", tuple(lines)), notice

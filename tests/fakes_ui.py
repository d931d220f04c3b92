"""A whole desk for the pages with invented notices: real records, made-up search and writing."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from assistant.corrections import Correction
from assistant.errors import LoadError, ParseError
from assistant.export.bundle import export
from assistant.library import Library
from assistant.library_desk import Desk
from assistant.models import (
    Answer,
    Answerable,
    Case,
    Cell,
    CheckItem,
    Citation,
    Comparison,
    CompletionRow,
    DateField,
    Document,
    Draft,
    DraftMeasure,
    Evidence,
    FeedbackItem,
    Filters,
    Finding,
    Gap,
    Hit,
    IngestResult,
    IngestState,
    Measure,
    Notice,
    Overview,
    ParseReport,
    Peer,
    ProblemKind,
    ProgressRow,
    SearchResult,
    Span,
    StatusClass,
    TopicRow,
    UnitProfile,
)
from assistant.settings import Settings

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


@dataclass
class FakeStream:
    """An answer that comes piece by piece."""

    question: str
    result: SearchResult
    pause: float = 0.0
    rewritten: str = ""
    text: str = ""
    stopped: bool = False

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return tuple(
            Evidence(n, h.case, h.notice, h.score) for n, h in enumerate(self.result.hits, 1)
        )

    def __iter__(self) -> Iterator[str]:
        whole = self.whole()
        for at in range(0, len(whole), 4):
            if self.stopped:
                return
            if self.pause:
                time.sleep(self.pause)
            self.text += whole[at : at + 4]
            yield whole[at : at + 4]

    def whole(self) -> str:
        if not self.evidence:
            return "库中没有找到相近案例。"
        parts = ["各单位的做法可归纳为**先摸清、再补齐、后立规**三步。"]
        for title, items in (
            ("摸清底数，限期补齐", self.evidence[:3]),
            ("立规建制，定期核对", self.evidence[3:5]),
        ):
            said = "；".join(
                f"{item.notice.unit}{item.case.measures[0].text.rstrip('。').removeprefix('一是')}[{item.number}]"
                for item in items
            )
            parts.append(f"**{title}。**{said}。")
        parts.append("上述做法普遍见效较快。")
        return "\n\n".join(parts)

    def stop(self) -> None:
        self.stopped = True

    @property
    def answer(self) -> Answer:
        cited = []
        for item in self.evidence:
            if f"[{item.number}]" in self.text:
                measure = item.case.measures[0]
                span = measure.span
                cited.append(
                    Citation(
                        item.number,
                        item.case.id,
                        item.notice.id,
                        item.notice.source,
                        span.line,
                        span.end_line,
                        span.start,
                        span.end,
                        measure.text,
                    )
                )
        vague = "上述做法普遍见效较快。"
        return Answer(
            question=self.question,
            text=self.text,
            citations=tuple(cited),
            evidence=self.evidence,
            answerable=self.result.answerable,
            unsupported=(vague,) if vague in self.text else (),
            notice="已停止，以上为停止前的内容。" if self.stopped else "",
            rewritten=self.rewritten,
            followups=("这些单位建了哪些制度？", "还有哪些单位没有整改完？")
            if self.evidence
            else (),
        )


@dataclass(frozen=True)
class FakeReport:
    ok: bool
    message: str


@dataclass
class FakeReviewer:
    """The whole surface of the pages, on a real Library in a temporary folder."""

    home: Path
    notices_count: int = len(UNITS)
    pause: float = 0.0
    hostile: bool = False
    settings: Settings = field(init=False)
    library: Library = field(init=False)
    store: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.settings = Settings(home=self.home)
        self.library = Library(self.home / "library.sqlite")
        self.store = Desk(self.library)
        for place in range(self.notices_count):
            document, notice = make_notice(place, hostile=self.hostile and place == 0)
            self.library.put(document, [notice])

    def overview(self) -> Overview:
        return self.library.overview()

    def notices(self) -> tuple[Notice, ...]:
        return self.library.notices()

    def notice(self, notice_id: str) -> Notice:
        return self.library.notice(notice_id)

    def lines(self, notice_id: str) -> tuple[str, ...]:
        return self.library.lines(notice_id)

    def case(self, case_id: str) -> Case:
        return self.library.case(case_id)

    def search(self, query: str, *, filters: Filters = Filters(), limit: int = 10) -> SearchResult:
        scored = []
        for notice in self.notices():
            if filters.unit_types and notice.unit_type not in filters.unit_types:
                continue
            for case in notice.cases:
                shared = set(query) & set(case.problem + "".join(m.text for m in case.measures))
                close = set(query) & set(case.problem)
                scored.append(Hit(case, notice, len(shared) + 2 * len(close), tuple(sorted(close))))
        scored.sort(key=lambda hit: -hit.score)
        hits = tuple(scored[: min(limit, 6)]) if "量子" not in query else ()
        suggested = Filters(unit_types=("开发区",)) if "开发区" in query else Filters()
        band = Answerable.YES if hits else Answerable.NO
        return SearchResult(query, hits, band, 0.8, suggested)

    def stream_answer(
        self, question: str, *, filters: Filters = Filters(), history: Sequence[Answer] = ()
    ) -> FakeStream:
        rewritten = f"{history[-1].question}，{question}" if history else ""
        result = self.search(question, filters=filters)
        return FakeStream(question, result, self.pause, rewritten)

    def draft(
        self, problem: str, *, profile: UnitProfile = UnitProfile(), cause: str = ""
    ) -> Draft:
        result = self.search(problem)
        evidence = tuple(
            Evidence(n, h.case, h.notice, h.score) for n, h in enumerate(result.hits, 1)
        )
        end = f"{profile.deadline}前" if profile.deadline else "【　】年【　】月【　】日前"
        leaders = "；".join(f"{role}：{who}" for role, who in profile.leaders)
        rows = [
            (
                "查清",
                "M04",
                "对相关事项开展一次全面清查，逐项核对账册与实物，列出问题清单和差异清单。",
                "问题清单、差异清单",
            ),
            (
                "纠正处置",
                "M12",
                "对清查发现的问题限期纠正，应补登的补登，应退缴的退缴【　】万元。",
                "补登凭证、退缴票据",
            ),
            (
                "建章立制",
                "M03",
                "修订《【　】管理办法》，明确登记、领用、核对、处置责任人，会议审定后印发。",
                "制度文件",
            ),
            (
                "监督长效",
                "M08",
                "每半年开展一次核对和抽查，结果向党委会议报告，长期坚持。",
                "抽查记录",
            ),
        ]
        measures = tuple(
            DraftMeasure(text, kind, step, (1, 2) if n < 2 else (3,), leaders, end, made, 4 - n)
            for n, (step, kind, text, made) in enumerate(rows)
        )
        return Draft(
            problem=problem,
            topics=result.hits[0].case.topics if result.hits else (),
            cause=cause or "制度不健全，日常核对缺位，责任没有落实到人。",
            goal="问题全部纠正，长效机制建立并运行。",
            measures=measures,
            evidence=evidence,
            placeholders=("退缴金额以核查结果为准", "制度名称由本单位确定"),
            answerable=result.answerable,
        )

    def check(self, draft: Draft, *, profile: UnitProfile) -> tuple[Finding, ...]:
        found = []
        for place, measure in enumerate(draft.measures):
            if not measure.responsible:
                found.append(
                    Finding("R01", "error", "没有写明责任领导和责任部门。", f"measure:{place}")
                )
            at = measure.text.find("长期坚持")
            if at >= 0 and "首次" not in measure.text:
                found.append(
                    Finding(
                        "R03",
                        "warn",
                        "“长期坚持”还应有一个首次完成的时点。",
                        f"measure:{place}",
                        at,
                        at + 4,
                        "【　】月底前完成首次核对，长期坚持",
                    )
                )
        if not any(m.step == "追责问责" for m in draft.measures):
            found.append(
                Finding("R08", "warn", "没有追责问责的措施；确无需要的，请写明理由。", "draft")
            )
        return tuple(found)

    def find_problems(self, name: str, content: bytes) -> tuple[FeedbackItem, ...]:
        if not content.strip():
            raise LoadError("文件里没有文字", where=name, todo="请换一个文件")
        text = content.decode(errors="replace")
        rows = [(at, row.strip()) for at, row in enumerate(text.splitlines(), 1) if row.strip()]
        if not rows:
            raise ParseError("未识别到问题条目", where=name)
        return tuple(
            FeedbackItem(f"{n}.", row, at, ("二、存在的主要问题",))
            for n, (at, row) in enumerate(rows, 1)
        )

    def compare(self, notice_id: str, *, peer_ids: Sequence[str] = ()) -> Comparison:
        return self.compare_notice(self.notice(notice_id), peer_ids=peer_ids)

    def read_unit(self, name: str, content: bytes) -> Notice:
        items = self.find_problems(name, content)
        _, model = make_notice(0)
        cases = tuple(
            replace(
                model.cases[0],
                id=f"own-{n:02d}",
                notice_id="own",
                line=item.line,
                end_line=item.line,
                problem=item.text,
                measures=(),
                status=None,
                status_class=None,
            )
            for n, item in enumerate(items, 1)
        )
        return replace(model, id="own", source=name, title=name, unit=None, cases=cases)

    def compare_notice(self, unit: Notice, *, peer_ids: Sequence[str] = ()) -> Comparison:
        others = [n for n in self.notices() if n.id != unit.id]
        chosen = [n for n in others if n.id in peer_ids] if peer_ids else others[:5]
        peers = tuple(
            Peer(
                n,
                0.9 - 0.08 * k,
                f"{'类型相同' if n.unit_type == unit.unit_type else '层级相同'}，主题近 {7 - k}/10",
            )
            for k, n in enumerate(chosen)
        )

        def cell(notice: Notice, topic: str) -> Cell:
            ids = tuple(c.id for c in notice.cases if topic in c.topics)
            return Cell(len(ids), ids)

        topics = sorted({t for n in (unit, *chosen) for c in n.cases for t in c.topics})
        matrix = tuple(
            TopicRow(t, cell(unit, t), tuple((n.id, cell(n, t)) for n in chosen)) for t in topics
        )
        gaps = []
        for row in matrix:
            having = [c for _, c in row.peers if c.count]
            if not row.unit.count and having:
                ids = tuple(i for c in having for i in c.case_ids)
                gaps.append(
                    Gap(
                        row.topic,
                        "",
                        len(having),
                        len(chosen),
                        ids,
                        f"同类单位查出 {row.topic}，本单位未提",
                    )
                )
        checks = tuple(
            CheckItem(
                g.topic, f"本单位是否存在“{self.case(g.case_ids[0]).problem}”一类问题？", g.case_ids
            )
            for g in gaps
        )
        small = (
            ("样本不足：可比单位仅1家，以下差异只能作线索，不能作结论",) if len(chosen) < 2 else ()
        )
        return Comparison(
            unit,
            peers,
            f"以{unit.unit}与{len(chosen)}家单位相比，按问题主题有无计",
            matrix,
            tuple(gaps),
            tuple(replace(g, kind="M03") for g in gaps[:2]),
            checks,
            (*small, "各通报对问题的拆分粗细不一，不宜比较问题个数多少"),
            tuple(
                ProgressRow(
                    n.id,
                    len(n.cases),
                    tuple(Counter(c.status_class or "未写明" for c in n.cases).items()),
                    (),
                )
                for n in (unit, *chosen)
            ),
            completion=tuple(
                CompletionRow(n.id, "问题数", 9, len(n.cases), 3, "共9个问题")
                for n in (unit, *chosen)
            ),
        )

    def ingest(
        self,
        files: Sequence[tuple[str, bytes] | Path],
        *,
        on_progress: Callable[[int, int, IngestResult], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> tuple[IngestResult, ...]:
        results = []
        for done, file in enumerate(files, 1):
            if should_stop and should_stop():
                break
            name = file[0] if isinstance(file, tuple) else file.name
            content = file[1] if isinstance(file, tuple) else file.read_bytes()
            time.sleep(self.pause * 10)
            result = self._ingest_one(name, content)
            results.append(result)
            if on_progress:
                on_progress(done, len(files), result)
        return tuple(results)

    def _ingest_one(self, name: str, content: bytes) -> IngestResult:
        if not content.strip():
            return IngestResult(name, IngestState.FAILED, message="文件里没有文字。请换一个文件")
        held = len(self.notices())
        if held >= len(UNITS):
            return IngestResult(name, IngestState.UNCHANGED, 1, 7)
        document, notice = make_notice(held)
        return self.library.put(replace(document, source=name), [replace(notice, source=name)])

    def remove(self, notice_id: str) -> None:
        self.library.remove(notice_id)

    def correct(self, notice_id: str, correction: Correction) -> None:
        self.library.correct(notice_id, correction)

    def undo_correction(self, notice_id: str) -> bool:
        return self.library.undo_correction(notice_id)

    def corrections(self, notice_id: str) -> tuple[Correction, ...]:
        return self.library.corrections(notice_id)

    def reindex(self) -> None:
        return None

    def export(self, kind: str, payload: object, form: str) -> tuple[str, bytes]:
        if kind == "plan" and form == "docx":
            return export(kind, payload, form, profile=self.store.profile())  # type: ignore[arg-type]
        return f"{kind}.{form}", f"{kind}:{type(payload).__name__}".encode()

    def save_settings(self, changes: Mapping[str, object]) -> None:
        self.settings = Settings(**{**self.settings.model_dump(), **changes})

    def check_endpoint(self) -> FakeReport:
        return FakeReport(ok=False, message="连接不上模型服务（连接被拒绝）。请检查地址和端口")


def topic_counts(notices: Sequence[Notice]) -> Counter[str]:
    return Counter(topic for notice in notices for case in notice.cases for topic in case.topics)

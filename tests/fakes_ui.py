"""A whole desk for the pages with invented notices: real records, made-up search and writing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from assistant.corrections import Correction
from assistant.errors import LoadError, ParseError, Refused
from assistant.export.bundle import Exported, export
from assistant.export.masked import masked_note
from assistant.ledger_merging import MergeResult, merge_ledger
from assistant.ledger_reading import read_ledger
from assistant.library import Library
from assistant.models import (
    Answer,
    Answerable,
    Case,
    Cell,
    CheckItem,
    Citation,
    Comparison,
    CompletionRow,
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
    Notice,
    Overview,
    Peer,
    ProgressRow,
    SearchResult,
    TopicRow,
    UnitProfile,
)
from assistant.outgoing.sent import Sent
from assistant.record.desk import Desk
from assistant.settings import Settings
from tests.fakes_ui_notices import UNITS, make_notice
from tests.waiting import LONG_S


@dataclass
class FakeStream:
    """An answer that comes piece by piece."""

    question: str
    result: SearchResult
    pause: float = 0.0
    rewritten: str = ""
    text: str = ""
    stopped: bool = False
    until: Path | None = None
    """A file the rest waits for once the first sources are cited: let go by being made."""

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
            if self.until is not None and "[2]" in self.text:
                self._held(self.until)

    def _held(self, until: Path) -> None:
        deadline = time.monotonic() + LONG_S
        while not (until.exists() or self.stopped) and time.monotonic() < deadline:
            time.sleep(0.02)

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
    until: Path | None = None
    hostile: bool = False
    sent_requests: tuple[Sent, ...] = ()
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

    def outlines(self) -> tuple[Notice, ...]:
        return self.library.outlines()

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
        return FakeStream(question, result, self.pause, rewritten, until=self.until)

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

    def rewrite_measure(
        self, draft: Draft, place: int, instruction: str, *, profile: UnitProfile = UnitProfile()
    ) -> DraftMeasure:
        if self.settings.chat_config() is None:
            raise Refused("没有配置模型，不能按要求另写")
        return replace(draft.measures[place], text=f"将按要求重写：{instruction}。")

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

    def merge_ledger(self, name: str, content: bytes) -> MergeResult:
        return merge_ledger(
            self.store.drafts(), read_ledger(name, content), profile=self.store.profile()
        )

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

    def export_noted(self, kind: str, payload: object, form: str) -> Exported:
        name, content = self.export(kind, payload, form)
        note = masked_note(payload, self.store.profile())
        return Exported(name, content, (note,) if note else ())

    def save_settings(self, changes: Mapping[str, object]) -> None:
        self.settings = Settings(**{**self.settings.model_dump(), **changes})

    def sent(self) -> tuple[Sent, ...]:
        return self.sent_requests

    def check_endpoint(self) -> FakeReport:
        return FakeReport(ok=False, message="连接不上模型服务（连接被拒绝）。请检查地址和端口")


def topic_counts(notices: Sequence[Notice]) -> Counter[str]:
    return Counter(topic for notice in notices for case in notice.cases for topic in case.topics)

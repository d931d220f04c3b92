"""The words of the domain as frozen data. Imports nothing of ours.

Every text comes in up to three layers: *raw* (as it stands in the source, cited with line and
character span), *norm* (masks undone, for search and classification) and *display* (safe to put
into a document). Unless a field says otherwise, strings here are raw.

Lines are 1-based numbers in `Document.lines`; character offsets are 0-based in that line, end
exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

# --------------------------------------------------------------------------- sources


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a source: a ledger sheet, a Word or HTML table."""

    first_line: int
    """Line of the first row; each row is exactly one line of the document, cells joined by TAB."""
    rows: tuple[tuple[str, ...], ...]
    """Cells as text, merged cells filled; all rows equally long."""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A loaded file: its text as lines, one paragraph a line, nothing dropped but layout."""

    source: str
    """File name as the user knows it, without folders."""
    sha256: str
    """Of the file's bytes: the same file loaded twice is the same document."""
    format: str
    """`txt`, `docx`, `pdf`, `html`, `xlsx`, `doc`, `odt`, `rtf`, `ofd`."""
    lines: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    warnings: tuple[str, ...] = ()
    """Chinese sentences: what the reader should know (guessed encoding, hidden rows…)."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source, within one line or over several."""

    line: int
    start: int
    end_line: int
    end: int


# --------------------------------------------------------------------------- notices


class StatusClass(StrEnum):
    """How far a whole problem's rectification has come, from wording about the whole problem."""

    DONE = "完成"
    MOSTLY = "基本完成"
    STAGED = "阶段性完成"
    ONGOING = "持续推进"
    OPEN = "未完成"


class ProblemKind(StrEnum):
    """Whether a heading states a deficiency or only names the action."""

    STATED = "stated"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure, date, amount, document title, body, person or place and whose text it stands in."""

    kind: str
    """`figure`, `amount`, `date`, `document`, `body`, `person`, `place`."""
    text: str
    start: int
    end: int
    value: str = ""
    """Normalised: amounts in 元, dates ISO, figures as digits; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One step taken, with its label and final punctuation."""

    text: str
    span: Span
    kinds: tuple[str, ...] = ()
    """Measure kinds `M01`…`M18`, most specific first."""


@dataclass(frozen=True, slots=True)
class Case:
    """One problem with its measures: what is retrieved and cited."""

    id: str
    """From notice and place, e.g. `3f9a1c2b-07`; the same file gives the same ids."""
    notice_id: str
    number: str
    """Label as written, e.g. `1.` or `（一）`; empty where there is none."""
    line: int
    end_line: int
    category: tuple[str, ...]
    """Headings above, outermost first, verbatim."""
    problem: str
    """Verbatim, boilerplate dropped (label, 关于, 问题的整改…, outer quotes)."""
    problem_span: Span
    kind: ProblemKind
    measures: tuple[Measure, ...]
    status: str | None
    """Wording about the whole problem, verbatim; `None` where the text says nothing."""
    status_class: StatusClass | None
    topics: tuple[str, ...] = ()
    """One to three of `T01`…`T40`, primary first."""
    body: tuple[Span, ...] = ()
    """Every stretch that belongs to the case, lead-ins and results included."""
    confidence: float = 1.0
    """0…1: how well the layout explains this item; below 0.6 the parse report lists it."""
    corrected: bool = False
    """A person changed it; the change survives re-parsing."""


@dataclass(frozen=True, slots=True)
class DateField:
    """A date as written and as ISO (`2023-08-11`); ISO is empty where masked or incomplete."""

    raw: str
    iso: str = ""


@dataclass(frozen=True, slots=True)
class StatedCount:
    """A total the notice states beside what was counted in it."""

    name: str
    """`问题数`, `措施数`, `完成数`…"""
    stated: int
    counted: int | None
    quote: str
    line: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something the parser was not sure of, for a person to look at."""

    line: int
    message: str
    """A Chinese sentence."""


@dataclass(frozen=True, slots=True)
class ParseReport:
    """What was read, what belongs to no case, and what is doubtful."""

    layout: str
    """Name of the item layout that explained the notice best."""
    confidence: float
    unassigned: tuple[int, ...] = ()
    """Lines with text that belong to no case, header, heading or prose section."""
    doubts: tuple[Doubt, ...] = ()
    roles: tuple[tuple[int, str], ...] = ()
    """(line, role) for each non-blank line:
    `标题 导语 组织情况 标题行 案例 未完成 下一步 署名 附注 噪声`."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One published notice or report of one organisation."""

    id: str
    source: str
    sha256: str
    title: str
    unit: str | None
    unit_type: str
    """One of the types of `taxonomy/units.yaml`."""
    unit_level: str
    """`村社区 乡镇街道 县区 市 省 中央`, or empty."""
    inspection: str | None
    """`巡察` or `巡视`."""
    team: str | None
    period: str | None
    feedback_date: DateField | None
    published_date: DateField | None
    start_line: int
    end_line: int
    cases: tuple[Case, ...]
    counts: tuple[StatedCount, ...] = ()
    report: ParseReport = field(default_factory=lambda: ParseReport("", 0.0))
    evidence: tuple[tuple[str, Span], ...] = ()
    """(field name, where it was read) for each header field."""


# --------------------------------------------------------------------------- retrieval


@dataclass(frozen=True, slots=True)
class Passage:
    """What is embedded and searched: norm text of a case or a part of it."""

    id: str
    case_id: str
    kind: str
    """`problem`, `case` or `measure`."""
    text: str


@dataclass(frozen=True, slots=True)
class Filters:
    """Constraints of a search; empty tuples constrain nothing."""

    unit_types: tuple[str, ...] = ()
    inspections: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    notice_ids: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    years: tuple[int, ...] = ()


class Answerable(StrEnum):
    """How far the library can answer: the three bands shown to users."""

    YES = "有依据"
    WEAK = "相近但不充分"
    NO = "没有"


@dataclass(frozen=True, slots=True)
class Hit:
    """A case found, with why."""

    case: Case
    notice: Notice
    score: float
    reasons: tuple[str, ...] = ()
    """Words or concepts of the question that matched, for display."""
    similar: tuple[str, ...] = ()
    """Ids of near-duplicates folded into this hit."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    query: str
    hits: tuple[Hit, ...]
    answerable: Answerable
    confidence: float
    suggested: Filters = field(default_factory=Filters)
    """Filters read from the question: offered, never applied silently."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A case shown to a writer, under the number it is cited by (from 1)."""

    number: int
    case: Case
    notice: Notice
    score: float = 0.0


# --------------------------------------------------------------------------- writing


@dataclass(frozen=True, slots=True)
class Citation:
    """A number in an answer and the source stretch it stands for."""

    number: int
    case_id: str
    notice_id: str
    source: str
    line: int
    end_line: int
    start: int
    end: int
    """Offsets of the quote in `line` … `end_line`."""
    quote: str
    """Raw text, found at exactly this place."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: a rule, how bad, where, and a fix where there is one."""

    rule: str
    """`R01`…`R22`, or a named check such as `citation`, `foreign-fact`, `unsupported`."""
    level: str
    """`error`, `warn` or `info`."""
    message: str
    """A Chinese sentence: what is wrong and what to do."""
    where: str = ""
    """`measure:2`, `sentence:0`, `draft`…: the part it is about (counted from 0)."""
    start: int = 0
    end: int = 0
    fix: str | None = None
    """Text to put in place of `[start:end]` of that part, when one click can mend it."""


@dataclass(frozen=True, slots=True)
class Answer:
    question: str
    text: str
    """Chinese, paragraphs apart by blank lines, citations as `[1]`; checked already."""
    citations: tuple[Citation, ...]
    evidence: tuple[Evidence, ...]
    answerable: Answerable
    unsupported: tuple[str, ...] = ()
    """Sentences of `text` no citation supports: marked on the page, not hidden."""
    findings: tuple[Finding, ...] = ()
    model: str = ""
    """Model name, or empty when the extractive writer wrote it."""
    notice: str = ""
    """A Chinese sentence for the user: why the extractive answer stands in, stopped early…"""
    rewritten: str = ""
    """The question as searched, when it was rewritten."""
    followups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitProfile:
    """What the user says of their own unit; blanks stay blanks in drafts."""

    name: str = ""
    unit_type: str = ""
    deadline: str = ""
    """End of 集中整改期 as the user writes it, e.g. `2025年9月30日`."""
    feedback_date: str = ""
    leaders: tuple[tuple[str, str], ...] = ()
    """(role, name), e.g. (`责任领导`, `张三`)."""
    facts: str = ""
    """Further text of the user whose facts drafts may use."""


@dataclass(frozen=True, slots=True)
class DraftMeasure:
    text: str
    kind: str
    """Primary measure kind, `M01`…`M18`."""
    step: str
    """`查清 纠正处置 追责问责 建章立制 举一反三 监督长效`."""
    evidence: tuple[int, ...]
    """Evidence numbers; empty means 通用写法."""
    responsible: str
    deadline: str
    deliverable: str
    used_by: int = 0
    """How many of the similar cases took this step."""


@dataclass(frozen=True, slots=True)
class Draft:
    problem: str
    """Verbatim as the user gave it: never softened."""
    topics: tuple[str, ...]
    cause: str
    """An assumption to confirm, marked as such."""
    goal: str
    measures: tuple[DraftMeasure, ...]
    evidence: tuple[Evidence, ...]
    findings: tuple[Finding, ...] = ()
    placeholders: tuple[str, ...] = ()
    """待补事项: what only the user knows, one sentence each."""
    answerable: Answerable = Answerable.YES
    model: str = ""
    notice: str = ""
    category: tuple[str, ...] = ()
    """Headings above the problem in the document it came from, outermost first."""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One problem of a 整改台账 as the office filled it in: texts as they stand, blanks empty."""

    problem: str
    number: str = ""
    category: str = ""
    details: str = ""
    cause: str = ""
    goal: str = ""
    measures: str = ""
    leader: str = ""
    office: str = ""
    person: str = ""
    deadline: str = ""
    """A day as `2025年9月30日`, or the wording of the office."""
    type: str = ""
    progress: str = ""
    """What the office says was done, in its own words."""
    state: str = ""
    """`未完成`, `基本完成`, `已完成`, or empty."""
    systems: str = ""
    recovered: str = ""
    """挽回损失 in 万元, as written."""
    accountable: str = ""
    """追责问责 in persons, as written."""
    generalised: str = ""
    proof: str = ""
    closed: str = ""
    withheld: str = ""
    """拟不公开内容及理由; empty where the item may be published."""
    note: str = ""
    base: str = ""
    """JSON of the row as exported, kept in a hidden column: tells an edit from an old value."""


# --------------------------------------------------------------------------- comparison


@dataclass(frozen=True, slots=True)
class Peer:
    notice: Notice
    similarity: float
    reason: str


@dataclass(frozen=True, slots=True)
class Cell:
    """Cases of one unit under one topic."""

    count: int
    case_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TopicRow:
    topic: str
    unit: Cell
    peers: tuple[tuple[str, Cell], ...]
    """(notice id, cell) in the order of `Comparison.peers`."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something peers show and the unit does not."""

    topic: str
    kind: str
    """Measure kind for a measure gap, empty for a topic gap."""
    peer_count: int
    peer_total: int
    case_ids: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class CheckItem:
    topic: str
    question: str
    case_ids: tuple[str, ...]
    result: str = ""
    """What the office found when it looked: `存在`, `不存在`, `待核实`, or empty."""


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """How far one unit says it is, counted from its cases, with what it states itself."""

    notice_id: str
    cases: int
    """Distinct problems, repeats within the notice folded."""
    statuses: tuple[tuple[str, int], ...]
    """(status class, distinct problems); `未写明` where the text says nothing."""
    stated: tuple[StatedCount, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One measure of a case, as it stands in its source."""

    case_id: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Practice:
    """A kind of measure peers answer a topic with, and how many of them."""

    topic: str
    kind: str
    peer_count: int
    peer_total: int
    """Peers with a measured case under the topic: the denominator."""
    case_ids: tuple[str, ...]
    """Every case counted."""
    examples: tuple[Example, ...]
    unit_uses: bool


@dataclass(frozen=True, slots=True)
class ProblemMatch:
    """A problem of the unit and the peers' cases most like it."""

    case_id: str
    matches: tuple[str, ...]
    kinds: tuple[tuple[str, int], ...]
    """(measure kind, how many of `matches` use it), most used first."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """One problem of the unit that another notice of the same unit lists too."""

    case_id: str
    other_case_id: str
    other_notice_id: str
    likeness: float
    message: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much wording two notices share: a mould, not a judgement."""

    notice_id: str
    share: float
    """Shared n-grams over those of the shorter text."""
    grams: int
    """n-grams of the shorter text: the denominator."""
    samples: tuple[tuple[str, str, str], ...]
    """(shared wording, case of the unit, case of the other), longest first."""


@dataclass(frozen=True, slots=True)
class CompletionRow:
    """A total a notice states beside what its items add up to."""

    notice_id: str
    name: str
    stated: int
    counted: int | None
    line: int
    quote: str


@dataclass(frozen=True, slots=True)
class Comparison:
    unit: Notice
    peers: tuple[Peer, ...]
    basis: str
    """What was counted and how, with n."""
    matrix: tuple[TopicRow, ...]
    gaps: tuple[Gap, ...]
    measure_gaps: tuple[Gap, ...]
    self_check: tuple[CheckItem, ...]
    notes: tuple[str, ...]
    """Caveats: sample size, granularity, contradicted totals."""
    progress: tuple[ProgressRow, ...] = ()
    """The unit first, then its peers."""
    practices: tuple[Practice, ...] = ()
    """For the topics of the unit and of its gaps."""
    problem_matches: tuple[ProblemMatch, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    """One for each peer, most shared first."""
    completion: tuple[CompletionRow, ...] = ()


# --------------------------------------------------------------------------- ingest


class IngestState(StrEnum):
    ADDED = "新增"
    UPDATED = "更新"
    UNCHANGED = "未变"
    FAILED = "失败"


@dataclass(frozen=True, slots=True)
class IngestResult:
    source: str
    state: IngestState
    notices: int = 0
    cases: int = 0
    message: str = ""
    """Why it failed, or what to look at; Chinese."""


@dataclass(frozen=True, slots=True)
class FeedbackItem:
    """A problem found in a 反馈意见, a problem list or a ledger, in its own words and order."""

    number: str
    text: str
    line: int
    category: tuple[str, ...] = ()


# --------------------------------------------------------------------------- desk


@dataclass(frozen=True, slots=True)
class Overview:
    """The library at a glance, for coverage lines and start screens."""

    notices: int
    cases: int
    units: int
    first_year: int | None
    last_year: int | None
    revision: int


@dataclass(frozen=True, slots=True)
class Turn:
    question: str
    answer: Answer
    score: int | None = None
    """Feedback: 1 helpful, 0 not, `None` none given."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    id: str
    title: str
    updated: str
    """ISO time, local zone."""
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """A drafting task of the user as stored: every save is a version."""

    id: str
    problem: str
    state: str
    """`待拟`, `在拟` or `定稿`."""
    draft: Draft | None
    profile: UnitProfile
    updated: str = ""
    version: int = 0
    number: str = ""
    """Label in the feedback document it came from."""
    group: str = ""
    """Name of the feedback document it came from, or empty."""
    ledger: LedgerRow | None = None
    """What the office filled into the ledger last read back: progress, figures, proof."""
    owner: str = ""
    """Account it belongs to; empty without access control."""
    category: tuple[str, ...] = ()
    """Headings above the problem in that document, outermost first."""

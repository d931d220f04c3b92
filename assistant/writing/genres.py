"""One record, several renderings: ledger row, progress report, public notice. Pure.

Progress is past tense only for what the user says is done; the public wording carries no names,
leads or sums under investigation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.cleaning import display_text
from assistant.models import Draft, DraftMeasure
from assistant.taxonomy.classify import load_taxonomy
from assistant.writing.guard import BLANK
from assistant.writing.placeholders import ROLES

LEDGER_COLUMNS = (
    "反馈问题",
    "原因分析",
    "整改目标",
    "整改措施",
    "责任领导",
    "责任单位",
    "责任人",
    "完成时限",
    "整改类型",
    "进展情况",
    "完成情况",
    "佐证材料",
)
_ROLE = re.compile(r"(责任领导|责任单位|责任人)：([^；]*)")
_WITHHELD = re.compile(
    r"[^。；]*(?:问题线索|立案|初核|留置|移送纪检|移交纪检|涉嫌|信访人|举报人)[^。；]*[。；]?"
)
_CONTACT = re.compile(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|[\w.]+@[\w.]+\.\w+")


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row of the 整改台账, in the order of `LEDGER_COLUMNS`."""

    cells: tuple[str, ...]

    def as_pairs(self) -> Iterator[tuple[str, str]]:
        """(column, cell)."""
        yield from zip(LEDGER_COLUMNS, self.cells, strict=True)


def _roles(measures: tuple[DraftMeasure, ...]) -> dict[str, str]:
    found: dict[str, list[str]] = {role: [] for role in ROLES}
    for measure in measures:
        for role, name in _ROLE.findall(measure.responsible):
            if name.strip() and name.strip() not in found[role]:
                found[role].append(name.strip())
    return {role: "、".join(names) or BLANK for role, names in found.items()}


def ledger_row(draft: Draft) -> LedgerRow:
    """The draft as one row of the ledger; progress and completion stay for the user."""
    measures = draft.measures
    roles = _roles(measures)
    lasting = any("长期坚持" in one.deadline for one in measures)
    numbered = [f"{at}. {one.text}" for at, one in enumerate(measures, 1)]
    deadlines = [f"{at}. {one.deadline}" for at, one in enumerate(measures, 1)]
    proofs = [f"{at}. {one.deliverable}" for at, one in enumerate(measures, 1) if one.deliverable]
    return LedgerRow(
        (
            draft.problem,
            draft.cause,
            draft.goal,
            "\n".join(numbered),
            roles["责任领导"],
            roles["责任单位"],
            roles["责任人"],
            "\n".join(deadlines),
            "集中整改、长期坚持" if lasting else "集中整改",
            BLANK,
            "未完成",
            "\n".join(proofs),
        )
    )


def progress_wording(item: DraftMeasure, done_text: str = "") -> str:
    """Progress of a measure: past tense only for what the user says is done."""
    done = done_text.strip().rstrip("。")
    if not done:
        plan = item.text.rstrip("。")
        return f"正在推进：{plan}，时限为{item.deadline}。进展由责任单位填写：{BLANK}。"
    proof = f"佐证材料：{item.deliverable}。" if item.deliverable else ""
    return f"{done}。{proof}"


def _public(text: str) -> str:
    bare = _CONTACT.sub("", _WITHHELD.sub("", display_text(text)))
    return re.sub(r"[；，]+$", "", bare.strip()).rstrip("。")


def publication_wording(draft: Draft, done_texts: tuple[str, ...] = ()) -> str:
    """Wording for the public notice: problem, then what was done or is being done.

    `done_texts` stand in the order of the measures; an empty one leaves its measure as a plan.
    Leads, cases under investigation and contact data are left out; a person still approves it.
    """
    names = load_taxonomy().topics
    topic = next((names[one].name for one in draft.topics if one in names), "")
    parts = []
    for at, measure in enumerate(draft.measures):
        done = done_texts[at].strip() if at < len(done_texts) else ""
        said = _public(done or measure.text)
        if said:
            parts.append(said if done else f"下一步，{said}")
    head = f"关于“{draft.problem.rstrip('。')}”问题的整改情况"
    about = f"（{topic}）" if topic else ""
    return f"{head}{about}：" + "".join(f"{part}。" for part in parts)

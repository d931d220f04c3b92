"""Writes docs/DRAFTS.md: three drafts over the sample library, without a model, as they come out.

python -m benchmarks.example_drafts > docs/DRAFTS.md
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from assistant.models import Draft, DraftMeasure, UnitProfile
from assistant.review import build_reviewer
from assistant.settings import load_settings

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
HEAD = """# 起草示例

以下三份草稿由不接模型的起草器在示例案例库上生成，问题和案例均为虚构。重新生成：
`python -m benchmarks.example_drafts > docs/DRAFTS.md`。

依据栏的编号是所列相近案例，没有相近做法的标“通用写法”。空白【　】只有本单位能填，草稿不代填；
原因是推测，须核实。
"""
EXAMPLES = (
    (
        "村集体水库2026年发包，承包款连续三年没收上来，合同到期后一直没有重签。",
        UnitProfile(feedback_date="2031年4月30日", deadline="2031年9月30日"),
    ),
    (
        "学校食堂2029年以来蔬菜采购一直由一家供应商供货，没有比价记录，收货单只有采购员签字。",
        UnitProfile(feedback_date="2031年4月30日", deadline="2031年6月30日"),
    ),
    (
        "12345热线工单答复千篇一律，群众反映没解决却按办结上报，上半年满意率排在全区末位。",
        UnitProfile(),
    ),
)


def row(number: int, measure: DraftMeasure) -> str:
    """Write one measure as a row."""
    cited = "、".join(f"[{place}]" for place in measure.evidence) or "通用写法"
    cells = (
        measure.step,
        f"{number}. {measure.text}",
        measure.deliverable,
        measure.deadline,
        cited,
    )
    return f"| {' | '.join(cells)} |"


def markdown(number: int, draft: Draft) -> str:
    """Write one draft."""
    used = {place for measure in draft.measures for place in measure.evidence}
    cases = [
        f"- [{item.number}] {item.notice.unit}：{item.case.problem}"
        for item in draft.evidence
        if item.number in used
    ]
    parts = [
        f"## 示例{number}",
        f"**问题**：{draft.problem}",
        f"**原因**：{draft.cause}",
        f"**目标**：{draft.goal}",
        "\n".join(
            [
                "| 步骤 | 措施 | 成果 | 时限 | 依据 |",
                "|---|---|---|---|---|",
                *(row(place, measure) for place, measure in enumerate(draft.measures, 1)),
            ]
        ),
    ]
    if cases:
        parts.append("\n".join(["**相近案例**：", "", *cases]))
    if draft.placeholders:
        parts.append(
            "\n".join(["**待补事项**：", "", *(f"- {text}" for text in draft.placeholders)])
        )
    return "\n\n".join(parts)


def page() -> str:
    """Read the samples, draft, give the page."""
    with tempfile.TemporaryDirectory() as place:
        reviewer = build_reviewer(load_settings(Path(place)))
        reviewer.ingest([path for path in sorted(SAMPLES.iterdir()) if path.suffix != ".md"])
        parts = [
            markdown(number, reviewer.draft(problem, profile=profile))
            for number, (problem, profile) in enumerate(EXAMPLES, 1)
        ]
        reviewer.library.close()
    return HEAD + "\n" + "\n\n".join(parts)


if __name__ == "__main__":
    print(page())

"""An answer as a Word document with its sources."""

from __future__ import annotations

import re

from assistant.export.docx import OfficialDocument
from assistant.export.text import printable
from assistant.models import Answer
from assistant.writing.masking import safe_text

_PARAGRAPHS = re.compile(r"\n\s*\n|\n")
_MARKS = "-*#> "
_STRONG = re.compile(r"\*\*(.+?)\*\*")
_QUOTE = 200
TITLE_CHARS = 60


def answer_document(answer: Answer, *, template: bytes | None = None) -> bytes:
    """Write an answer with its sources; sentences nothing supports are marked in place."""
    document = OfficialDocument(template)
    document.paragraph("讨论稿　须经人工审核", "mark")
    document.title(_title(answer.question))
    document.paragraph("依据案例库整理，引用处附出处，须经人工审核。", "note")
    document.blank_line()
    for paragraph in _PARAGRAPHS.split(answer.text):
        words = _STRONG.sub(r"\1", paragraph.strip().lstrip(_MARKS))
        if words:
            document.paragraph(words)
    if answer.notice:
        document.paragraph(f"说明：{answer.notice}")
    if answer.unsupported:
        document.paragraph("以下句子未找到依据，使用前请核实：", "level3")
        for sentence in answer.unsupported:
            document.paragraph(sentence, alarm=True)
    document.attachment(1, "出处", landscape=True)
    names = {evidence.case.id: evidence.notice for evidence in answer.evidence}
    rows = []
    for citation in answer.citations:
        notice = names.get(citation.case_id)
        unit = (notice.unit or notice.title) if notice else ""
        rows.append(
            [
                f"[{citation.number}]",
                unit,
                _clip(safe_text(citation.quote)),
                f"{citation.source} 第{citation.line}行",
            ]
        )
    document.table(("编号", "单位", "原文", "位置"), rows, widths=(1, 3.2, 9, 3.4))
    return document.save()


def _title(question: str) -> str:
    """A question as a title: one line, its mark dropped."""
    words = " ".join(printable(question).split()).rstrip("？?。")
    return words if len(words) <= TITLE_CHARS else words[: TITLE_CHARS - 1] + "…"


def _clip(words: str) -> str:
    return words if len(words) <= _QUOTE else words[:_QUOTE] + "…"

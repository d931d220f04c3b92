"""Cases of the Library as a sheet or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from assistant.export.xlsx import Book, Look, Value
from assistant.labels import full_label
from assistant.models import Notice
from assistant.parsing.export_json import notice_json
from assistant.taxonomy.classify import load_taxonomy

COLUMNS = (
    "编号",
    "单位",
    "单位类型",
    "所属标题",
    "问题",
    "整改措施",
    "完成状态",
    "主题",
    "来源",
    "行号",
)
WIDTHS = {
    "编号": 13,
    "单位": 24,
    "单位类型": 10,
    "所属标题": 24,
    "问题": 36,
    "整改措施": 80,
    "完成状态": 10,
    "主题": 18,
    "来源": 20,
    "行号": 7,
}


def cases_workbook(notices: Sequence[Notice]) -> bytes:
    """Write the cases of notices, one a row."""
    topics = load_taxonomy().topics
    rows: list[tuple[Value, ...]] = []
    for notice in notices:
        for case in notice.cases:
            names = [topics[topic].name for topic in case.topics if topic in topics]
            rows.append(
                (
                    case.id,
                    full_label(notice),
                    notice.unit_type,
                    " / ".join(case.category),
                    case.problem,
                    "\n".join(measure.text for measure in case.measures),
                    str(case.status_class or "未写明"),
                    "、".join(names),
                    notice.source,
                    case.line,
                )
            )
    book = Book()
    book.sheet("案例", COLUMNS, rows, Look(widths=WIDTHS))
    return book.save()


def cases_json(notices: Sequence[Notice]) -> bytes:
    """Write notices with their cases as JSON, keys as the command line prints them."""
    return json.dumps(
        [notice_json(notice) for notice in notices], ensure_ascii=False, indent=1
    ).encode()

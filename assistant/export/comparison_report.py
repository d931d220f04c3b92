"""A comparison as a Word report and as a workbook."""

from __future__ import annotations

from collections.abc import Callable

from assistant.export.comparison_tables import (
    Table,
    cases_of,
    kind_name,
    matrix_table,
    overlap_table,
    place_of,
    practice_table,
    progress_table,
    repeat_table,
    topic_name,
)
from assistant.export.docx import OfficialDocument
from assistant.export.text import chinese_number
from assistant.export.xlsx import Book, Look, Value
from assistant.labels import full_label, unit_label
from assistant.models import Comparison, Gap
from assistant.writing.masking import safe_text

RESULTS = ("不存在", "存在", "待核实")
PLACES_SHOWN = 3
LEAST_UNITS = 2
Place = Callable[[str], str]


def comparison_document(comparison: Comparison, *, template: bytes | None = None) -> bytes:
    """Write a comparison as a report; its tables are attachments."""
    document = OfficialDocument(template)
    document.paragraph("讨论稿　须经人工审核", "mark")
    document.title(f"{unit_label(comparison.unit)}巡察整改对标分析")
    document.paragraph("由案例库逐条统计得出，须经人工审核。", "note")
    document.blank_line()
    document.paragraph(comparison.basis + "。")
    place = place_of(comparison)
    sections: tuple[tuple[str, list[str]], ...] = (
        ("可比单位", [f"{full_label(p.notice)}。{p.reason}。" for p in comparison.peers]),
        ("问题主题差异", [_gap(gap, place) for gap in comparison.gaps]),
        ("整改措施差异", _measure_gaps(comparison, place)),
        ("再次被指出的问题", [f"{repeat.message}。" for repeat in comparison.repeats]),
        ("自查清单", [safe_text(item.question) for item in comparison.self_check]),
        ("说明", [f"{note}。" for note in comparison.notes]),
    )
    for number, (heading, lines) in enumerate(sections, 1):
        document.paragraph(f"{chinese_number(number)}、{heading}", "level1")
        for item, line in enumerate(lines, 1):
            document.paragraph(f"{item}.{line}" if len(lines) > 1 else line)
        if not lines:
            document.paragraph("无。")
    _attachments(document, comparison)
    return document.save()


def _measure_gaps(comparison: Comparison, place: Place) -> list[str]:
    """What one unit alone did is no pattern: it is left to the attachment."""
    shared = [gap for gap in comparison.measure_gaps if gap.peer_count >= LEAST_UNITS]
    lines = [_gap(gap, place) for gap in shared]
    alone = len(comparison.measure_gaps) - len(shared)
    if alone:
        lines.append(f"另有{alone}类做法仅1家采用、本单位未见，见附件“同类单位做法”。")
    return lines


def _gap(gap: Gap, place: Place) -> str:
    shown = [place(case_id) for case_id in gap.case_ids[:PLACES_SHOWN]]
    more = f"等{len(gap.case_ids)}处" if len(gap.case_ids) > PLACES_SHOWN else ""
    return f"{gap.message}（见{'、'.join(shown)}{more}）。"


def _attachments(document: OfficialDocument, comparison: Comparison) -> None:
    matrix = matrix_table(comparison)
    parts: tuple[tuple[str, Table, tuple[float, ...]], ...] = (
        ("问题主题对照表", matrix, (3.2, *(1.6,) * (len(matrix.header) - 1))),
        ("同类单位做法", practice_table(comparison), (2.4, 1.8, 1.1, 1.1, 7, 3)),
        ("完成情况对照", progress_table(comparison), (3, 1.4, 3.4, 6)),
        ("文字重合情况", overlap_table(comparison), (3, 1.4, 1.4, 8)),
    )
    for number, (name, table, widths) in enumerate(parts, 1):
        document.attachment(number, name, landscape=True)
        document.table(
            table.header, [[str(value) for value in row] for row in table.rows], widths=widths
        )


def comparison_workbook(comparison: Comparison) -> bytes:
    """Write a comparison as sheets: matrix, gaps, practices, self-check, progress, notes."""
    book = Book()
    matrix = matrix_table(comparison)
    widths = {"主题": 30.0, **dict.fromkeys(matrix.header[1:], 16.0)}
    look = Look(
        title=f"{unit_label(comparison.unit)}问题主题对照", note=comparison.basis, widths=widths
    )
    book.sheet("主题对照", matrix.header, matrix.rows, look)
    _gap_sheet(book, comparison)
    _check_sheet(book, comparison)
    for name, table, shape in (
        ("同类做法", practice_table(comparison), {"主题": 20, "例（原文）": 70, "出处": 26}),
        (
            "完成情况",
            progress_table(comparison),
            {"单位": 36, "按条目统计": 36, "原文自述": 60},
        ),
        (
            "再次指出",
            repeat_table(comparison),
            {"本次问题": 40, "另一次": 60, "案例编号": 28},
        ),
        ("文字重合", overlap_table(comparison), {"参照单位": 40, "重合最长的文字": 70}),
    ):
        book.sheet(name, table.header, table.rows, Look(widths=shape))
    _place_sheet(book, comparison)
    notes: list[tuple[Value, ...]] = [(note,) for note in comparison.notes]
    book.sheet("说明", ("说明",), notes, Look(widths={"说明": 90}))
    return book.save()


def _gap_sheet(book: Book, comparison: Comparison) -> None:
    place = place_of(comparison)
    rows = [
        (
            topic_name(gap.topic),
            kind_name(gap.kind) if gap.kind else "（问题主题）",
            gap.message,
            f"{gap.peer_count}/{gap.peer_total}",
            "\n".join(f"{case_id} {place(case_id)}" for case_id in gap.case_ids),
        )
        for gap in (*comparison.gaps, *comparison.measure_gaps)
    ]
    header = ("主题", "措施类型", "差异", "同类单位", "案例及出处")
    book.sheet("差异", header, rows, Look(widths={"主题": 20, "差异": 52, "案例及出处": 52}))


def _check_sheet(book: Book, comparison: Comparison) -> None:
    place = place_of(comparison)
    rows = [
        (
            number,
            topic_name(item.topic),
            safe_text(item.question),
            item.result,
            "",
            "",
            "\n".join(f"{case_id} {place(case_id)}" for case_id in item.case_ids),
        )
        for number, item in enumerate(comparison.self_check, 1)
    ]
    header = ("序号", "主题", "自查内容", "自查结果", "发现的问题", "整改打算", "参考案例")
    widths = {"序号": 6, "主题": 16, "自查内容": 46, "发现的问题": 20, "整改打算": 20}
    look = Look(
        title=f"{unit_label(comparison.unit)}举一反三自查表",
        widths={**widths, "参考案例": 30},
        choices={"自查结果": RESULTS},
    )
    book.sheet("举一反三自查表", header, rows, look)


def _place_sheet(book: Book, comparison: Comparison) -> None:
    """List the cases behind every number of the matrix, so that each can be opened."""
    cases = cases_of(comparison)
    rows = []
    for row in comparison.matrix:
        for cell in (row.unit, *(cell for _, cell in row.peers)):
            for case_id in cell.case_ids:
                notice, case = cases[case_id]
                rows.append(
                    (
                        topic_name(row.topic),
                        full_label(notice),
                        safe_text(case.problem),
                        notice.source,
                        case.line,
                        case_id,
                    )
                )
    header = ("主题", "单位", "问题", "来源", "行号", "案例编号")
    widths = {"主题": 20, "单位": 34, "问题": 50, "来源": 26, "行号": 8, "案例编号": 14}
    book.sheet("数字出处", header, rows, Look(widths=widths))

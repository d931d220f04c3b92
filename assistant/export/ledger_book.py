"""The 整改台账 as a workbook: the ledger, the three lists, the self-check, what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.export.entries import Entry, entries_of
from assistant.export.ledger import (
    HIDDEN_COLUMN,
    LEDGER_COLUMNS,
    STATES,
    TYPES,
    Value,
    base_of,
    cells_of,
    ledger_row,
    load_ledger_format,
    roles_of,
)
from assistant.export.text import EMPTY, parse_day
from assistant.export.xlsx import Book, Look, tall_enough
from assistant.models import Draft, DraftRecord, UnitProfile

LISTS: tuple[tuple[str, tuple[str, ...], dict[str, float]], ...] = (
    (
        "问题清单",
        ("序号", "反馈类别", "反馈问题（原文）", "具体表现", "整改类型"),
        {"反馈类别": 16, "反馈问题（原文）": 46, "具体表现": 24, "整改类型": 10},
    ),
    (
        "任务清单",
        ("序号", "反馈问题（原文）", "整改目标", "整改措施", "佐证材料", "完成时限"),
        {"反馈问题（原文）": 34, "整改目标": 24, "整改措施": 76, "佐证材料": 26, "完成时限": 14},
    ),
    (
        "责任清单",
        ("序号", "反馈问题（原文）", "责任领导", "责任单位", "责任人", "完成时限"),
        {"反馈问题（原文）": 40, "责任领导": 12, "责任单位": 14, "责任人": 12, "完成时限": 14},
    ),
)
SELF_CHECK_COLUMNS = (
    *("序号", "反馈问题（原文）", "自查内容", "自查范围", "自查结果", "发现的问题"),
    *("整改打算", "责任人", "完成时限"),
)
SELF_CHECK_RESULTS = ("不存在", "存在", "待核实")


def ledger_workbook(payload: Sequence[Draft | DraftRecord], profile: UnitProfile) -> bytes:
    """Write the ledger; a hidden column keeps each row as exported, for reading back."""
    entries = entries_of(payload)
    rows = [ledger_row(entry, profile) for entry in entries]
    cells = [cells_of(row) for row in rows]
    bases = [base_of(entry, row) for entry, row in zip(entries, rows, strict=True)]
    name = profile.name or EMPTY
    book = Book()
    book.sheet(
        "整改台账",
        (*LEDGER_COLUMNS, HIDDEN_COLUMN),
        [(*row, base) for row, base in zip(cells, bases, strict=True)],
        _ledger_look(f"{name}巡察整改台账", [row.measures for row in rows]),
    )
    for title, columns, widths in LISTS:
        places = [LEDGER_COLUMNS.index(column) for column in columns]
        look = Look(title=f"{name}{title}", widths={"序号": 6, **widths})
        book.sheet(title, columns, [[row[place] for place in places] for row in cells], look)
    _self_check(book, entries, profile)
    _pending(book, entries)
    return book.save()


def _ledger_look(title: str, measures: Sequence[str]) -> Look:
    table = load_ledger_format()
    widths = {column["name"]: column["width"] for column in table["columns"]}
    widths["整改措施"] = tall_enough(measures, widths["整改措施"])
    return Look(
        title=title,
        footer=table["legend"],
        widths=widths,
        choices={"整改类型": TYPES, "完成情况": STATES},
        colours=_warnings(table["colours"], table["warning_days"]),
        hidden=(HIDDEN_COLUMN,),
        breaks_after=table["first_page_ends"],
        repeated=3,
    )


def _warnings(colours: dict[str, str], days: int) -> tuple[tuple[str, str, str], ...]:
    """三色预警 on the deadline: done green, over red, near yellow; text that is no date none."""
    due = f"${_letter('完成时限')}{{row}}"
    state = f"${_letter('完成情况')}{{row}}"
    rules = (
        (f'{state}="已完成"', colours["green"]),
        (f"AND(ISNUMBER({due}),{due}<TODAY())", colours["red"]),
        (f"AND(ISNUMBER({due}),{due}<=TODAY()+{days})", colours["yellow"]),
    )
    return tuple(
        (column, formula, colour)
        for column in ("完成时限", "完成情况")
        for formula, colour in rules
    )


def _letter(column: str) -> str:
    return chr(ord("A") + LEDGER_COLUMNS.index(column))


def _self_check(book: Book, entries: Sequence[Entry], profile: UnitProfile) -> None:
    rows: list[list[Value]] = []
    for entry in entries:
        for measure in entry.draft.measures:
            if measure.step != "举一反三":
                continue
            person = roles_of(entry.draft, profile)["责任人"]
            due: Value = parse_day(measure.deadline) or measure.deadline
            rows.append(
                [entry.position, entry.draft.problem, measure.text, EMPTY, "", "", "", person, due]
            )
    widths = {"序号": 6, "反馈问题（原文）": 28, "自查内容": 40, "发现的问题": 22, "整改打算": 22}
    look = Look(
        title="举一反三自查表",
        widths={**widths, "完成时限": 14},
        choices={"自查结果": SELF_CHECK_RESULTS},
    )
    book.sheet("举一反三自查表", SELF_CHECK_COLUMNS, rows, look)


def _pending(book: Book, entries: Sequence[Entry]) -> None:
    header = ("问题序号", "反馈问题（原文）", "须由本单位填写或核实的事项")
    rows = [
        (entry.position, entry.draft.problem, item)
        for entry in entries
        for item in entry.draft.placeholders
    ]
    widths = {"问题序号": 8, "反馈问题（原文）": 34, "须由本单位填写或核实的事项": 56}
    book.sheet("待补事项", header, rows, Look(widths=widths))

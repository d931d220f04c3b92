"""Bringing problems to the drafting desk: pasted or read from a 反馈意见."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant.errors import AssistantError, ParseError
from assistant.models import DraftRecord, FeedbackItem
from assistant.ui.desk import ReviewDesk
from assistant.ui.drafting import WAITING
from assistant.ui.kit import note, shown_errors
from assistant.ui.ledger import filled_ledger
from assistant.ui.personal import tell_of_numbers
from assistant.ui.safe import label
from assistant.ui.state import session

UPLOADS = ["docx", "doc", "pdf", "txt", "xlsx", "xls", "odt", "html", "htm", "rtf"]
PASTED = "粘贴的反馈意见"
NOTHING = "没有认出问题条目。可改用“粘贴问题”，一行一个。"


def intake(desk: ReviewDesk, *, key: str, dialog: bool = False) -> None:
    """Draw the ways in, then what was read."""
    # what was read takes the place of the ways in at once: no second run, no closed dialog
    place = st.empty()
    if not session().found:
        with place.container():
            _ways(desk, key=key, dialog=dialog)
    if session().found:
        with place.container():
            _confirm(desk, key=key)


def _ways(desk: ReviewDesk, *, key: str, dialog: bool) -> None:
    if said := session().notes.pop("intake", ""):
        note(said, "warn")
    paste, upload, ledger = st.tabs(["粘贴问题", "上传反馈意见", "回填台账"])
    with paste:
        handed = session().handed_problem
        field = f"paste-{key}-{hash(handed)}"
        text = st.text_area(
            "反馈的问题",
            value=handed,
            key=field,
            height=150,
            placeholder="一行一个问题，或整段粘贴反馈意见。\n例如：固定资产账实不符，部分设备购置后未登记入账。",
        )
        st.button(
            "加入问题清单",
            type="primary",
            key=f"add-{key}",
            disabled=not text.strip(),
            on_click=_pasted,
            args=(desk, field),
            kwargs={"dialog": dialog},
        )
    with upload:
        file = st.file_uploader("选择反馈意见或问题清单", type=UPLOADS, key=f"upload-{key}")
        st.caption("支持 Word、PDF、文本、Excel、网页，单个不超过 50 MB。只在本机读取。")
        if file is not None and st.button("读取问题", type="primary", key=f"read-{key}"):
            with shown_errors(), st.spinner("正在读取…"):
                _offer(desk.find_problems(file.name, file.getvalue()), file.name)
                if not session().found:
                    note(NOTHING, "warn")
    with ledger:
        filled_ledger(desk, key=key)


def _pasted(desk: ReviewDesk, field: str, *, dialog: bool) -> None:
    text = str(st.session_state[field])
    rows = [row.strip() for row in text.splitlines() if row.strip()]
    session().handed_problem = ""
    tell_of_numbers(text)
    try:
        if len(rows) == 1:
            store(desk, [FeedbackItem("", rows[0], 1)], "")
        else:
            found = desk.find_problems("粘贴.txt", text.encode())
            _offer(found or _by_line(rows), PASTED)
    except ParseError:
        _offer(_by_line(rows), PASTED)
    except AssistantError as error:
        session().notes["intake"] = str(error)
        return
    if dialog and not session().found:
        st.rerun()


def _by_line(rows: Sequence[str]) -> list[FeedbackItem]:
    return [FeedbackItem("", row, at) for at, row in enumerate(rows, 1)]


def _offer(found: Sequence[FeedbackItem], name: str) -> None:
    """Keep what was read, to be chosen from."""
    session().found, session().found_in = tuple(found), name


def _confirm(desk: ReviewDesk, *, key: str) -> None:
    state = session()
    note(f"从“{state.found_in}”中认出 {len(state.found)} 个问题，去掉不需要的，再加入清单。", "ok")
    rows = [
        {
            "加入": True,
            "序号": item.number,
            "问题（原文）": item.text,
            "所属方面": " › ".join(item.category),
            "行": item.line,
        }
        for item in state.found
    ]
    edited = st.data_editor(
        rows,
        key=f"found-{key}",
        hide_index=True,
        disabled=["序号", "问题（原文）", "所属方面", "行"],
        column_config={
            "加入": st.column_config.CheckboxColumn(width=56),
            "序号": st.column_config.TextColumn(width=70),
            "所属方面": st.column_config.TextColumn(width="small"),
            "行": st.column_config.NumberColumn(width=56),
        },
        height=min(420, 38 * (len(rows) + 1)),
    )
    chosen = [item for item, row in zip(state.found, edited, strict=True) if dict(row).get("加入")]
    with st.container(horizontal=True):
        if st.button(
            f"加入 {len(chosen)} 个问题", type="primary", key=f"take-{key}", disabled=not chosen
        ):
            store(desk, chosen, "" if state.found_in == PASTED else state.found_in)
            st.rerun()
        st.button("重新选择", key=f"again-{key}", on_click=_offer, args=((), ""))


def store(desk: ReviewDesk, items: Sequence[FeedbackItem], group: str) -> None:
    """Make a record of each problem, in order, and open the first."""
    profile = desk.store.profile()
    first = ""
    for item in items:
        record = DraftRecord(
            "",
            item.text,
            WAITING,
            None,
            profile,
            number=label(item.number),
            group=group,
            category=item.category,
        )
        stored = desk.store.save_draft(record)
        first = first or stored.id
    session().found = ()
    session().opened_draft = first

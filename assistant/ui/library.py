"""案例库: the notices themselves, how they were read, searching, importing, removing."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from assistant.access.policy import Act
from assistant.models import Answerable, Filters, Notice
from assistant.ui import draft
from assistant.ui import filters as filter_bar
from assistant.ui.correcting import correcting
from assistant.ui.desk import ReviewDesk
from assistant.ui.exporting import file_of
from assistant.ui.importing import import_dialog, progress_panel
from assistant.ui.kit import (
    coverage,
    empty,
    head_with_tools,
    note,
    shown_errors,
    working,
    year_of,
)
from assistant.ui.notice_list import notice_list
from assistant.ui.pages import go
from assistant.ui.reader import case_row_html, facts, outline, paper, report
from assistant.ui.safe import shorten
from assistant.ui.state import lines, outlines, overview, reviewer, session

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS = {"xlsx": "Excel", "json": "JSON"}
SEARCH_LIMIT = 30
ABOUT = ("目录", "解析", "更正")


def page() -> None:
    """Draw the page."""
    desk = reviewer()
    held = outlines(desk)
    _head(desk, held)
    progress_panel()
    if st.query_params.pop("import", ""):
        import_dialog(desk)
    if not held:
        _nothing(desk)
        return
    query, chosen = _search_bar(held)
    shown = [notice for notice in held if passes(notice, chosen)]
    left, middle, right = st.columns([0.27, 0.5, 0.23], gap="medium")
    notice = _opened(desk, held, shown)
    with left:
        if query:
            _results(desk, query, chosen)
        else:
            notice_list(shown, notice.id if notice else "", lambda i: _open(i, 0))
    if notice is None:
        with middle:
            empty("没有选中的通报", "在左侧选择一份，或放宽筛选。")
        return
    line = _line()
    with middle, shown_errors():
        paper(notice, lines(desk, notice.id), line=line, words=_words(query))
    with right:
        _about(desk, notice, line)


def _head(desk: ReviewDesk, held: Sequence[Notice]) -> None:
    lede = "公开的整改通报放进来，逐条拆成“问题—措施—进展”。"
    with head_with_tools("案例库", "整改通报", coverage(overview(desk)) if held else lede):
        if held:
            with st.popover("导出案例", icon=":material/download:", key="export-cases"):
                for form, mime in (("xlsx", EXCEL), ("json", "application/json")):
                    st.download_button(
                        f"全部案例 {FORMS[form]}",
                        data=file_of(desk, "cases", desk.notices, form),
                        file_name=f"案例.{form}",
                        mime=mime,
                        key=f"cases-{form}",
                        width="stretch",
                        on_click="ignore",
                    )
        if st.button("导入通报", type="primary", icon=":material/upload_file:", key="import"):
            import_dialog(desk)


def _nothing(desk: ReviewDesk) -> None:
    empty("案例库还是空的", "导入几份公开的整改通报，马上就能提问、起草、对标。")
    if st.button("导入第一批通报", type="primary", key="first-import"):
        import_dialog(desk)


# ---------------------------------------------------------------------- finding


def _search_bar(held: Sequence[Notice]) -> tuple[str, Filters]:
    state = session()
    with st.container(horizontal=True, vertical_alignment="center", key="library-search"):
        query = st.text_input(
            "全文检索",
            key="q",
            bind="query-params",
            placeholder="检索问题、措施、单位，口语也可以",
            label_visibility="collapsed",
            icon=":material/search:",
            width=420,
        )
        chosen = filter_bar.bar(state.library_filters, Filters(), held, key="library")
    if chosen != state.library_filters:
        state.library_filters = chosen
        st.rerun()
    return (query or "").strip(), chosen


def passes(notice: Notice, chosen: Filters) -> bool:
    """Tell whether a notice meets the filters; topic and status are of its cases."""
    cases = notice.cases
    return all(
        (
            not chosen.unit_types or notice.unit_type in chosen.unit_types,
            not chosen.inspections or notice.inspection in chosen.inspections,
            not chosen.levels or notice.unit_level in chosen.levels,
            not chosen.years or year_of(notice) in chosen.years,
            not chosen.topics or any(set(c.topics) & set(chosen.topics) for c in cases),
            not chosen.statuses
            or any(c.status_class and c.status_class.value in chosen.statuses for c in cases),
        )
    )


def _results(desk: ReviewDesk, query: str, chosen: Filters) -> None:
    with shown_errors():
        with working("正在检索…"):
            result = desk.search(query, filters=chosen, limit=SEARCH_LIMIT)
        if not result.hits:
            empty("没有找到", "换个说法，或去掉筛选条件。")
            return
        if result.answerable is Answerable.NO:
            note("库中没有相近案例，以下只是最接近的。", "warn")
        st.html(f'<p class="lede small">{len(result.hits)} 个案例，按相近程度排列</p>')
        with st.container(height=640, border=False, key="hits"):
            for place, hit in enumerate(result.hits):
                with st.container(key=f"hit-{place}", gap=None):
                    st.html(
                        case_row_html(
                            hit.case, hit.notice, words=_words(query), reasons=hit.reasons
                        )
                    )
                    with st.container(horizontal=True, gap="small"):
                        if st.button("看原文", key=f"see-{place}-{hit.case.id}", type="tertiary"):
                            _open(hit.notice.id, hit.case.line)
                        if st.button("据此起草", key=f"use-{place}-{hit.case.id}", type="tertiary"):
                            session().handed_problem = hit.case.problem
                            go(draft.page, "draft")


def _words(query: str) -> list[str]:
    return [word for word in query.replace("，", " ").split() if len(word) > 1]


# ---------------------------------------------------------------------- reading


def _open(notice_id: str, line: int) -> None:
    st.query_params["n"] = notice_id
    if line:
        st.query_params["line"] = str(line)
    elif "line" in st.query_params:
        del st.query_params["line"]


def _opened(desk: ReviewDesk, held: Sequence[Notice], shown: Sequence[Notice]) -> Notice | None:
    wanted = st.query_params.get("n", "")
    found = next((notice for notice in held if notice.id == wanted), None)
    if wanted and found is None:
        note("地址中的通报不在案例库，可能已被移除或文件已更新。", "warn")
    found = found or next((n for n in shown if n.cases), shown[0] if shown else None)
    return desk.notice(found.id) if found else None


def _line() -> int:
    asked = st.query_params.get("line", "")
    return int(asked) if asked.isdigit() else 0


def _about(desk: ReviewDesk, notice: Notice, line: int) -> None:
    # only the tab in view is drawn: the others are many elements that few look at
    read, checked, corrected = st.tabs(ABOUT, key="about", on_change="rerun")
    if checked.open:
        with checked:
            facts(notice)
            report(notice)
            _manage(desk, notice)
    elif corrected.open:
        with corrected:
            if desk.may(Act.CORRECT):
                correcting(desk, notice, line)
            else:
                note("更正由审核人员办理；发现读错的地方请告诉审核人员。")
    else:
        with read:
            outline(notice)


def _manage(desk: ReviewDesk, notice: Notice) -> None:
    if not desk.may(Act.REMOVE):
        return
    with st.container(horizontal=True):
        if st.button("移出案例库", key=f"remove-{notice.id}", icon=":material/delete:"):
            remove_dialog(desk, notice)


@st.dialog("移出案例库")
def remove_dialog(desk: ReviewDesk, notice: Notice) -> None:
    """Ask before a notice is removed."""
    remove_body(desk, notice)


def remove_body(desk: ReviewDesk, notice: Notice) -> None:
    """Draw the inside of the dialog."""
    note(
        f"“{shorten(notice.title, 50)}”及其 {len(notice.cases)} 个案例将被移出，"
        "检索和起草不再用到；"
        "已保存的问答中的引文仍在。原文件不受影响，可重新导入。",
        "warn",
    )
    if st.button("确认移出", type="primary", key=f"sure-{notice.id}"):
        with shown_errors(), st.spinner("正在移出并更新索引…"):
            desk.remove(notice.id)
            st.query_params.pop("n", None)
            st.rerun()

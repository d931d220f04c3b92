"""The five pages on an invented library, without a browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import assistant.ui.state as state
from assistant.errors import LibraryError
from assistant.models import DraftRecord, UnitProfile
from tests.fakes_ui import FakeReviewer
from tests.fakes_ui_notices import HOSTILE
from tests.ui_support import fake_desk, jobs_end, open_page, press, shown

PROBLEM = "固定资产账实不符，部分设备购置后未登记入账。"


desk = pytest.fixture(fake_desk)


def current(at: AppTest) -> str:
    """Give the conversation in the address."""
    value = at.query_params["c"]
    return value if isinstance(value, str) else value[0]


# ---------------------------------------------------------------------- all pages


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("", "别的单位是怎么整改的"),
        ("draft", "整改方案"),
        ("compare", "同类单位对照"),
        ("library", "整改通报"),
        ("settings", "模型与运行状态"),
    ],
)
def test_each_page_opens(desk: FakeReviewer, path: str, title: str) -> None:
    at = open_page(path)
    assert not at.exception
    assert title in shown(at)


@pytest.mark.parametrize("path", ["", "draft", "compare", "library", "settings"])
def test_each_page_says_what_to_do_when_the_library_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    empty = FakeReviewer(tmp_path, notices_count=0)
    monkeypatch.setattr(state, "build_reviewer", lambda _settings: empty)
    st.cache_resource.clear()
    at = open_page(path)
    assert not at.exception
    ways_in = [button.label for button in at.button]
    assert path in ("draft", "settings") or any("导入" in label for label in ways_in)


def test_a_library_that_cannot_be_opened_is_said_in_chinese(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_settings: object) -> None:
        raise LibraryError("案例库读取失败", where="library.sqlite", todo="请从备份恢复")

    monkeypatch.setattr(state, "build_reviewer", broken)
    st.cache_resource.clear()
    at = open_page()
    assert not at.exception
    assert "案例库读取失败。请从备份恢复" in shown(at)


def test_hostile_source_text_reaches_no_page_as_markup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeReviewer(tmp_path, hostile=True)
    monkeypatch.setattr(state, "build_reviewer", lambda _settings: fake)
    st.cache_resource.clear()
    notice = next(n for n in fake.notices() if HOSTILE in n.cases[0].problem)
    at = open_page("library", n=notice.id)
    assert not at.exception
    assert "&lt;script&gt;" in shown(at)
    assert "<script" not in shown(at)
    fake.store.save_draft(DraftRecord("", HOSTILE, "待拟", None, UnitProfile()))
    at = open_page("draft")
    assert not at.exception
    assert "<script" not in shown(at)
    assert "[点我]" not in at.radio(key="p").options[0]


# ---------------------------------------------------------------------- 问答


def ask(at: AppTest, question: str) -> AppTest:
    return at.chat_input[0].set_value(question).run()


def test_an_answer_is_shown_with_its_sources_and_stored(desk: FakeReviewer) -> None:
    at = ask(open_page(), "固定资产账实不符怎么整改？")
    html = shown(at)
    assert 'href="#c-0-1"' in html
    assert 'id="c-0-1"' in html
    assert "<mark>" in html
    assert "依据：案例 5 · 单位 5" in html
    assert "虚线标出 1 句" in html
    (stored,) = desk.store.conversations()
    assert stored.title == "固定资产账实不符怎么整改？"
    assert current(at) == stored.id


def test_the_panel_shows_the_cited_line_with_number_and_file(desk: FakeReviewer) -> None:
    at = ask(open_page(), "固定资产账实不符怎么整改？")
    (stored,) = desk.store.conversations()
    answer = desk.store.conversation(stored.id).turns[0].answer
    citation = answer.citations[0]
    line = desk.lines(citation.notice_id)[citation.line - 1]
    assert f'<span class="no">{citation.line}</span><mark>{line}</mark>' in shown(at)
    assert f"{citation.source} 第 {citation.line} 行" in shown(at)


def test_a_conversation_is_found_again_by_its_address(desk: FakeReviewer) -> None:
    ask(open_page(), "党费收缴不规范怎么整改？")
    (stored,) = desk.store.conversations()
    at = open_page(c=stored.id)
    assert "党费收缴不规范怎么整改？" in shown(at)
    assert "摸清底数" in shown(at)


def test_an_unknown_address_is_said_and_the_start_is_shown(desk: FakeReviewer) -> None:
    at = open_page(c="no-such")
    assert "没有这个会话" in shown(at)
    assert "可以这样问" in shown(at)


def test_a_follow_up_is_searched_with_its_context_and_says_so(desk: FakeReviewer) -> None:
    at = ask(open_page(), "固定资产账实不符怎么整改？")
    at = press(at, "follow-0")
    assert "按上文理解为：固定资产账实不符怎么整改？，这些单位建了哪些制度？" in shown(at)
    assert len(desk.store.conversation(current(at)).turns) == 2


def test_a_suggestion_asks_its_question(desk: FakeReviewer) -> None:
    at = press(open_page(), "suggest-0")
    assert not at.exception
    assert len(desk.store.conversations()) == 1


def test_nothing_found_is_said_plainly(desk: FakeReviewer) -> None:
    at = ask(open_page(), "量子计算机采购")
    assert "库中没有相近案例" in shown(at)


def test_feedback_is_kept(desk: FakeReviewer) -> None:
    at = ask(open_page(), "固定资产账实不符怎么整改？")
    (stored,) = desk.store.conversations()
    at.feedback[0].set_value(0).run()
    assert desk.store.conversation(stored.id).turns[0].score == 0


def test_conversations_are_renamed_deleted_and_searched(desk: FakeReviewer) -> None:
    stream = desk.stream_answer("党费")
    for question in ("固定资产甲", "党费收缴乙", "公务接待丙", "组织生活会丁"):
        desk.store.save_turn(None, question, stream.answer)
    at = open_page()
    at.text_input(key="conversation-search").set_value("收缴乙").run()
    opened = [b for b in at.sidebar.button if b.key and b.key.startswith("open-")]
    assert [b.label for b in opened] == ["党费收缴乙"]
    at = opened[0].click().run()
    assert "党费收缴乙" in shown(at)
    menu: Any = at.get_by_key(f"menu-{current(at)}")
    at = menu.set_value("改名").run()
    at.text_input(key=f"title-{current(at)}").set_value("另一个名字").run()


def test_a_suggested_filter_is_offered_not_applied(desk: FakeReviewer) -> None:
    at = ask(open_page(), "开发区的固定资产怎么整改？")
    assert at.button(key="ask-on-unit_types-开发区").label == "只看开发区？"
    at = press(at, "ask-on-unit_types-开发区")
    assert at.button(key="ask-off-unit_types-开发区")
    at = ask(at, "党费收缴怎么整改？")
    last = desk.store.conversation(current(at)).turns[-1].answer
    assert {item.notice.unit_type for item in last.evidence} == {"开发区"}


def test_long_conversations_show_their_end_first(desk: FakeReviewer) -> None:
    answer = desk.stream_answer("党费收缴怎么整改？")
    for _ in answer:
        pass
    conversation = desk.store.save_turn(None, "第0问", answer.answer)
    for number in range(1, 25):
        desk.store.save_turn(conversation, f"第{number}问", answer.answer)
    at = open_page(c=conversation)
    assert "第24问" in shown(at)
    assert "第0问" not in shown(at).replace('class="hidden">第0问', "")
    at = press(at, "earlier")
    assert "第5问" in shown(at)


# ---------------------------------------------------------------------- 起草


def drafted(desk: FakeReviewer, problem: str = PROBLEM) -> DraftRecord:
    record = desk.store.save_draft(DraftRecord("", problem, "待拟", None, UnitProfile()))
    return desk.store.save_draft(replace(record, draft=desk.draft(problem), state="在拟"))


def test_pasted_problems_become_a_list(desk: FakeReviewer) -> None:
    at = open_page("draft")
    area = at.text_area[0]
    at = area.set_value("固定资产账实不符。\n公务接待先接待后补单。").run()
    at = press(at, "add-first")
    assert "认出 2 个问题" in shown(at)
    at = press(at, "take-first")
    assert [r.problem for r in desk.store.drafts()] == [
        "固定资产账实不符。",
        "公务接待先接待后补单。",
    ]
    assert len(at.radio(key="p").options) == 2


def test_a_problem_is_drafted_and_stored(desk: FakeReviewer) -> None:
    record = desk.store.save_draft(DraftRecord("", PROBLEM, "待拟", None, UnitProfile()))
    at = press(open_page("draft"), f"write-{record.id}")
    assert not at.exception
    stored = desk.store.draft_record(record.id)
    assert stored.state == "在拟"
    assert stored.draft is not None
    assert "质量检查" in shown(at)
    assert 'id="e-1"' in shown(at)


def test_an_edit_is_stored_as_it_is_made(desk: FakeReviewer) -> None:
    record = drafted(desk)
    at = open_page("draft")
    at.text_area(key=f"text-{record.id}-0-0").set_value("逐件盘点，列出差异清单。").run()
    stored = desk.store.draft_record(record.id)
    assert stored.draft is not None
    assert stored.draft.measures[0].text == "逐件盘点，列出差异清单。"
    assert stored.version == record.version + 1


def test_measures_are_added_and_the_check_follows(desk: FakeReviewer) -> None:
    record = drafted(desk)
    at = press(open_page("draft"), f"add-{record.id}-0")
    stored = desk.store.draft_record(record.id)
    assert stored.draft is not None
    assert len(stored.draft.measures) == 5
    assert "措施 5" in shown(at)


def test_a_fix_is_one_click(desk: FakeReviewer) -> None:
    record = drafted(desk)
    at = open_page("draft")
    fix = next(b for b in at.button if b.label == "修正")
    at = fix.click().run()
    stored = desk.store.draft_record(record.id)
    assert stored.draft is not None
    assert "首次核对，长期坚持" in stored.draft.measures[3].text


def test_the_profile_fills_what_is_blank(desk: FakeReviewer) -> None:
    record = drafted(desk)
    desk.store.save_profile(
        UnitProfile("青禾镇党委", "乡镇", "2025年9月30日", "", (("责任领导", "李某"),))
    )
    at = open_page("draft")
    press(at, f"fill-{record.id}-{record.version}")
    stored = desk.store.draft_record(record.id)
    assert stored.draft is not None
    assert {m.responsible for m in stored.draft.measures} == {"责任领导：李某"}
    assert {m.deadline for m in stored.draft.measures} == {"2025年9月30日前"}


def test_finishing_goes_to_the_next_problem(desk: FakeReviewer) -> None:
    first = drafted(desk)
    second = drafted(desk, "公务接待审批手续不全。")
    at = press(open_page("draft"), "finish")
    assert desk.store.draft_record(first.id).state == "定稿"
    assert at.radio(key="p").value == second.id


def test_all_waiting_problems_are_drafted_at_once(desk: FakeReviewer) -> None:
    for problem in ("固定资产账实不符。", "公务接待补单。", "党费收缴不规范。"):
        desk.store.save_draft(DraftRecord("", problem, "待拟", None, UnitProfile()))
    press(open_page("draft"), "batch")
    jobs_end()
    assert all(record.draft for record in desk.store.drafts())


def test_a_draft_is_found_again_by_its_address(desk: FakeReviewer) -> None:
    drafted(desk)
    second = drafted(desk, "公务接待审批手续不全。")
    at = open_page("draft", p=second.id)
    assert at.radio(key="p").value == second.id


def test_the_question_of_an_answer_is_handed_to_drafting(desk: FakeReviewer) -> None:
    at = ask(open_page(), "固定资产账实不符怎么整改？")
    conversation = current(at)
    at.button(key=f"draft-turn-{conversation}-0").click().run()
    assert at.session_state["_session"].handed_problem == "固定资产账实不符怎么整改？"


# ---------------------------------------------------------------------- 对标


def test_every_number_of_the_comparison_opens_its_cases(desk: FakeReviewer) -> None:
    at = open_page("compare")
    html = shown(at)
    unit = desk.notices()[0]
    comparison = desk.compare(unit.id)
    row = next(row for row in comparison.matrix if row.unit.count)
    assert f'href="#k-{row.topic}-0"' in html
    assert f'id="k-{row.topic}-0"' in html
    assert desk.case(row.unit.case_ids[0]).problem in html


def test_gaps_and_the_caveat_are_shown(desk: FakeReviewer) -> None:
    html = shown(open_page("compare"))
    assert "同类单位查出、本单位未提" in html
    assert "不等于不存在" in html


def test_peers_can_be_changed_and_a_small_sample_is_said(desk: FakeReviewer) -> None:
    at = open_page("compare", held={"peers-menu": True})
    unit = at.selectbox(key="u").value
    peers = at.multiselect(key=f"peers-{unit}")
    at = peers.set_value(peers.value[:1]).run()
    assert "样本不足" in shown(at)


def test_stored_answers_carry_their_cases_not_whole_notices(desk: FakeReviewer) -> None:
    ask(open_page(), "固定资产账实不符怎么整改？")
    (stored,) = desk.store.conversations()
    evidence = desk.store.conversation(stored.id).turns[0].answer.evidence
    assert all(item.notice.cases == (item.case,) for item in evidence)


def test_an_answer_outlives_the_notice_it_cites(desk: FakeReviewer) -> None:
    ask(open_page(), "固定资产账实不符怎么整改？")
    (stored,) = desk.store.conversations()
    answer = desk.store.conversation(stored.id).turns[0].answer
    desk.remove(answer.citations[0].notice_id)
    st.cache_resource.clear()
    html = shown(open_page(c=stored.id))
    assert "原文件已移出案例库" in html
    assert f"<mark>{answer.citations[0].quote}</mark>" in html

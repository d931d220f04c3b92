"""Reading many notices for what they say or list: nothing kept that need not be, nothing missed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.cleaning import keeps_characters, normalise, put_in
from assistant.corrections import Action, Correction
from assistant.counting import answer_count
from assistant.library import Library, open_library
from assistant.models import Notice
from assistant.passages import norm
from assistant.taxonomy.thesaurus import (
    ConceptTest,
    find_concepts,
    fold,
    load_thesaurus,
    spellings,
)
from tests.factory import make_notice

PROBLEMS = {
    "党费收缴不及时": ("一是补缴D费。", "二是建立台账。"),
    "固定资产账实不符": ("一是盘点。",),
}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    held = open_library(tmp_path)
    for number in range(3):
        document, notice = make_notice(f"aaaa000{number}", PROBLEMS, sha256=f"{number}")
        held.put(document, (notice,), origin=f"{number}")
    yield held
    held.close()


def test_outlines_are_kept_and_after_a_change_only_what_changed_is_read(library: Library) -> None:
    before = library.outlines()
    assert library.outlines() is before
    library.correct("aaaa0001", Correction("aaaa0001-02", Action.DROP, "固定资产账实不符"))
    library.remove("aaaa0002")
    after = library.outlines()
    assert [(outline.id, len(outline.cases)) for outline in after] == [
        ("aaaa0000", 2),
        ("aaaa0001", 1),
    ]
    assert after[0] is before[0]


def test_texts_are_those_of_the_cases_with_what_people_changed(library: Library) -> None:
    library.correct("aaaa0001", Correction("aaaa0001-01", Action.PROBLEM, "党费收缴不及时", "晚交"))
    found = dict(library.texts(["aaaa0001", "aaaa0000", "gone0000"]))
    assert set(found) == {"aaaa0000", "aaaa0001"}
    for notice_id, texts in found.items():
        cases = library.notice(notice_id).cases
        assert [(t.id, t.problem, t.category, t.topics) for t in texts] == [
            (c.id, c.problem, c.category, c.topics) for c in cases
        ]
        assert [[m.text for m in t.measures] for t in texts] == [
            [m.text for m in c.measures] for c in cases
        ]
    assert found["aaaa0001"][0].problem == "晚交"


def test_more_notices_than_are_read_at_once_are_all_read(tmp_path: Path) -> None:
    held = open_library(tmp_path)
    document, _ = make_notice("x", PROBLEMS)
    held.put(document, [make_notice(f"{n:08d}", PROBLEMS)[1] for n in range(250)])
    ids = [outline.id for outline in held.outlines()]
    assert {notice_id for notice_id, _ in held.texts(ids)} == set(ids)
    assert len(ids) == 250


def test_counting_reads_in_full_only_what_it_counts(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.correct("aaaa0001", Correction("aaaa0001-01", Action.DROP, "党费收缴不及时"))
    monkeypatch.setattr(library, "notices", None)
    read: list[str] = []
    notice = library.notice

    def noted(notice_id: str) -> Notice:
        read.append(notice_id)
        return notice(notice_id)

    monkeypatch.setattr(library, "notice", noted)
    answer = answer_count("有多少条党费问题", library)
    assert answer is not None
    assert [item.case.id for item in answer.evidence] == ["aaaa0000-01", "aaaa0002-01"]
    assert answer.evidence[0].case.measures
    assert read == ["aaaa0000", "aaaa0002"]


CHARACTERS = (
    "党费收缴DdXNAEP中国共产以同志为核心的新时代特色社会主义思想帐账Ａ３ 2:,；;()⼈豈《》“”占屏"
)


@given(st.text(alphabet=CHARACTERS, max_size=40))
def test_no_character_of_a_norm_text_is_left_out(raw: str) -> None:
    if keeps_characters(raw):
        assert set(normalise(raw).text) <= set(raw) | put_in()
        for character in set(fold(norm(raw))) - put_in():
            assert any(one in raw for one in spellings(character))


TERMS = [term for group in load_thesaurus()[::40] for term in group.terms]


@given(st.lists(st.sampled_from([*TERMS, "。", "的", "不到位，", "帐目"]), max_size=6))
def test_looking_for_some_concepts_says_what_looking_for_all_says(parts: list[str]) -> None:
    text = "".join(parts).replace("…", "某些")
    present = set(find_concepts(text))
    for group in load_thesaurus()[::40]:
        assert ConceptTest([group.id]).holds(text) is (group.id in present)

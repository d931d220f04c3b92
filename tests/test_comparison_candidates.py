"""Choosing what a comparison reads in full gives the comparison that reading all would give."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.comparing.candidates import Candidates
from assistant.comparison import compare
from assistant.corrections import Action, Correction
from assistant.library import Library, open_library
from assistant.models import DateField, Notice
from tests.factory import make_notice

PROBLEMS = (
    "报销不规范",
    "党费收缴不及时",
    "账实不符",
    "会议记录不全",
    "合同管理混乱",
    "学习不深入",
)
TOPICS = ("T01", "T11", "T13", "T19", "T22")


def _made(number: int, chance: random.Random) -> Notice:
    said: dict[str, tuple[str, ...]] = {
        f"{chance.choice(PROBLEMS)}{at}": ("一是整改。",) for at in range(chance.randint(1, 6))
    }
    unit = chance.choice(("清溪镇党委", "白石街道党工委", f"第{number}镇党委"))
    document, notice = make_notice(f"{number:08d}", said, unit=unit)
    # the same problem once as done and once as ongoing is one problem
    cases = tuple(
        replace(
            case,
            topics=tuple(chance.sample(TOPICS, chance.randint(0, 2))),
            problem=notice.cases[0].problem + "。" if chance.random() < 0.3 else case.problem,
        )
        for case in notice.cases
    )
    return replace(
        notice,
        cases=cases,
        sha256=document.sha256,
        unit_type=chance.choice(("乡镇", "街道")),
        feedback_date=DateField("某日", f"{chance.randint(2018, 2024)}-03-01"),
    )


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    chance = random.Random(5)
    library = open_library(tmp_path_factory.mktemp("home"))
    for number in range(60):
        document, _ = make_notice(f"{number:08d}", {f"问题{number}": ("改。",)})
        document = replace(document, sha256=f"sha{number}", source=f"{number:03d}.txt")
        notice = replace(_made(number, chance), sha256=f"sha{number}", source=document.source)
        library.put(document, [notice])
    return library


def _compared(unit: Notice, others: tuple[Notice, ...], peer_ids: tuple[str, ...] = ()) -> object:
    return compare(unit, others, topic_names={}, kind_names={}, peer_ids=peer_ids)


def test_a_comparison_with_the_chosen_is_the_comparison_with_all(library: Library) -> None:
    candidates = Candidates(library)
    everything = library.notices()
    for unit in everything:
        assert _compared(unit, candidates.for_unit(unit)) == _compared(unit, everything)
    assert any(compare(u, everything, topic_names={}, kind_names={}).repeats for u in everything)


def test_few_are_read_in_full(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = library.notices()[0]
    monkeypatch.setattr(library, "notices", None)
    alone = replace(unit, unit="别处没有的单位")
    assert len(Candidates(library).for_unit(alone)) == 6


def test_named_peers_are_read_whatever_their_type(library: Library) -> None:
    unit = library.notices()[0]
    named = tuple(notice.id for notice in library.notices()[10:13])
    chosen = Candidates(library).for_unit(unit, named)
    assert _compared(unit, chosen, named) == _compared(unit, library.notices(), named)


def test_a_correction_is_counted(tmp_path: Path) -> None:
    library = open_library(tmp_path)
    for number, topic in enumerate(("T01", "T01", "T02")):
        document, notice = make_notice(f"{number:08d}", {f"报销不规范{number}": ("改。",)})
        case = replace(notice.cases[0], topics=(topic,))
        document = replace(document, sha256=f"sha{number}", source=f"{number}.txt")
        notice = replace(notice, cases=(case,), sha256=document.sha256, source=document.source)
        library.put(document, [notice])
    candidates = Candidates(library)
    unit, other, _ = library.notices()
    before = [notice.id for notice in candidates.for_unit(unit)]
    case = other.cases[0]
    library.correct(other.id, Correction(case.id, Action.DROP, case.problem))
    after = [notice.id for notice in candidates.for_unit(unit)]
    assert other.id in before
    assert other.id not in after

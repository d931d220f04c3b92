"""A library of the size where new cases are folded in: found at once, searched all along."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from assistant import indexing
from assistant.indexing import CaseIndex
from assistant.models import Notice
from assistant.retrieval import Retriever
from assistant.taxonomy.thesaurus import load_thesaurus
from tests.fakes_retrieval import FakeLibrary, make_notice
from tests.waiting import wait_for
from vectorstore.store import FOLD_ENTRIES_FROM

pytestmark = pytest.mark.slow

CASES_EACH = 40
SUBJECTS = ["党费收缴", "合同管理", "信访积案", "河道保洁", "厂房盘活", "会议记录", "接待公函"]
FAULTS = ["基数不准", "程序缺失", "台账混乱", "进展缓慢", "无人负责"]
LATE = make_notice(
    "ffffffff", "松岭乡党委", "乡镇", [("低保动态管理滞后", ["逐户停发并追缴多领资金。"], None)]
)


def notice(number: int) -> Notice:
    items = []
    for place in range(CASES_EACH):
        at = number * CASES_EACH + place
        subject, fault = SUBJECTS[at % len(SUBJECTS)], FAULTS[at // len(SUBJECTS) % len(FAULTS)]
        told = f"第{at}号单位对{subject}逐项核实，限{at % 28 + 2}日内建立{subject}制度并公示结果"
        items.append((f"{subject}{fault}（{at}号单位）", [told], None))
    return make_notice(f"{number:08x}", f"第{number}街道", "街道", items)


def test_what_is_imported_into_a_large_library_is_found_at_once_and_search_never_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = load_thesaurus()[:80]
    monkeypatch.setattr(indexing, "load_thesaurus", lambda: groups)
    library = FakeLibrary([notice(number) for number in range(-(-FOLD_ENTRIES_FROM // CASES_EACH))])
    index = CaseIndex(tmp_path, library)
    index.reconcile()
    retriever = Retriever(library, index)
    done, seen = threading.Event(), []

    def search_on() -> None:
        while not done.is_set():
            seen.append(len(retriever.search("党费收缴基数不准").hits))

    searching = threading.Thread(target=search_on)
    searching.start()
    try:
        wait_for(lambda: seen)
        before = len(seen)
        library.put(LATE)
        index.reconcile()
        wait_for(lambda: len(seen) > before)
    finally:
        done.set()
        searching.join()
    generation = index.current()
    assert generation is not None
    assert len(generation.segments) == 2
    assert retriever.search("低保停发追缴").hits[0].case.id == "ffffffff-01"
    assert min(seen) == 10

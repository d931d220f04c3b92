"""Entries on disk read back as they were, in any order, and leave no file behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from vectorstore.entries import Entry
from vectorstore.spool import Spool, Texts

ENTRIES = [
    Entry(
        "a-01", "党费收缴不及时", ("党费收缴", "不及时"), {"topics": ("党费", "组织"), "years": ()}
    ),
    Entry("a-02", "", (), {}),
    Entry("b-01", "含有\n换行、\u2028 与 “引号” 𠀀", ("𠀀",), {"levels": ("县级",)}),
]


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    made = Spool(tmp_path / "new" / "place")
    for entry in ENTRIES:
        made.append(entry)
    return made


def test_entries_come_back_as_they_were(spool: Spool) -> None:
    with spool:
        assert list(spool) == ENTRIES
        assert list(spool) == ENTRIES
        assert (len(spool), spool[1], spool[-1]) == (3, ENTRIES[1], ENTRIES[2])
        assert spool[1:] == ENTRIES[1:]
        assert spool[:100:2] == ENTRIES[::2]
        with pytest.raises(IndexError):
            spool[3]


def test_reading_does_not_disturb_appending(spool: Spool) -> None:
    with spool:
        assert spool[0] == ENTRIES[0]
        spool.append(ENTRIES[0])
        assert list(spool) == [*ENTRIES, ENTRIES[0]]


def test_the_file_has_no_name_and_goes_with_the_spool(spool: Spool, tmp_path: Path) -> None:
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    with spool:
        pass
    with pytest.raises(ValueError, match="closed"):
        spool[0]


def test_an_empty_spool_is_empty(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        assert not spool
        assert list(Texts(spool)) == []


def test_texts_are_read_one_by_one_and_in_slices(spool: Spool) -> None:
    with spool:
        texts = Texts(spool)
        assert list(texts) == [entry.text for entry in ENTRIES]
        assert texts[1:] == [entry.text for entry in ENTRIES[1:]]
        assert (texts[0], len(texts)) == ("党费收缴不及时", 3)

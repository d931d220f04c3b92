"""The list of drafts is opened with every click: it reads again only what was saved since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import NotFound
from assistant.library import Library
from assistant.models import DraftRecord, UnitProfile
from assistant.record import desk as module
from assistant.record.desk import Desk


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library(tmp_path / "library.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were read, one entry a draft."""
    texts: list[str] = []
    real = module._read_record

    def counted(body: str, owner: str) -> DraftRecord:
        record = real(body, owner)
        texts.append(record.problem)
        return record

    monkeypatch.setattr(module, "_read_record", counted)
    return texts


def saved(desk: Desk, *problems: str) -> list[DraftRecord]:
    return [
        desk.save_draft(DraftRecord("", problem, "待拟", None, UnitProfile()))
        for problem in problems
    ]


def test_only_what_was_saved_since_is_read_again(library: Library, read: list[str]) -> None:
    desk = Desk(library)
    _, second, _ = saved(desk, "甲", "乙", "丙")
    desk.drafts()
    assert sorted(read) == sorted(["甲", "乙", "丙"])
    read.clear()
    desk.drafts()
    assert read == []
    desk.save_draft(replace(second, state="在拟"))
    assert [record.state for record in desk.drafts()] == ["待拟", "在拟", "待拟"]
    assert read == ["乙"]
    read.clear()
    assert desk.draft_record(second.id).version == 2
    assert read == []


def test_one_draft_is_given_without_its_older_versions(library: Library, read: list[str]) -> None:
    desk = Desk(library)
    [record] = saved(desk, "甲")
    for state in ("在拟", "定稿", "在拟"):
        desk.save_draft(replace(record, state=state))
    read.clear()
    assert desk.draft_record(record.id).version == 4
    assert read == ["甲"]
    assert desk.held("没有这一份") is None


def test_what_is_deleted_or_anothers_is_not_found_though_it_was_read(library: Library) -> None:
    desk, other = Desk(library, "甲"), Desk(library, "乙")
    [record] = saved(desk, "甲的问题")
    assert desk.draft_record(record.id).owner == "甲"
    assert other.held(record.id) is None
    assert other.drafts() == ()
    assert Desk(library, "丙", everyone=True).drafts(everyone=True)[0].owner == "甲"
    desk.delete_draft(record.id)
    with pytest.raises(NotFound):
        desk.draft_record(record.id)


def test_more_drafts_than_are_kept_are_all_listed(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RECORDS_KEPT", 3)
    monkeypatch.setattr(module, "READ_AT_ONCE", 2)
    desk = Desk(library)
    saved(desk, *(f"第{n}个" for n in range(8)))
    for _ in range(2):
        assert [record.problem for record in desk.drafts()] == [f"第{n}个" for n in range(8)]

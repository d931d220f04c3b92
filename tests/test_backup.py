"""A backup is whole, made while others write, and comes back without losing the old record."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.backup import back_up, restore
from assistant.errors import LibraryError
from assistant.library import open_library
from tests.factory import make_notice


def fill(home: Path, count: int) -> None:
    library = open_library(home)
    for number in range(count):
        document, notice = make_notice(f"aaaa{number:04d}", {"问题": ("改。",)}, sha256=f"{number}")
        library.put(document, (notice,), origin=f"{number}")
    library.close()


def test_a_backup_comes_back_and_the_old_record_stays_beside_it(tmp_path: Path) -> None:
    fill(tmp_path / "a", 3)
    library = open_library(tmp_path / "a")
    assert back_up(library, tmp_path / "b.sqlite").notices == 3
    library.close()
    fill(tmp_path / "c", 1)
    held, aside = restore(tmp_path / "b.sqlite", tmp_path / "c")
    assert held.notices == 3
    assert len(open_library(tmp_path / "c").notices()) == 3
    assert aside is not None
    assert aside.exists()


def test_a_backup_made_while_others_write_is_one_moment_of_the_record(tmp_path: Path) -> None:
    library = open_library(tmp_path / "a")
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            document, notice = make_notice(
                f"bbbb{number:04d}", {"问": ("改。",)}, sha256=f"{number}"
            )
            twin = replace(notice, id=f"cccc{number:04d}", cases=())
            library.put(document, (notice, twin), origin=f"{number}")
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            held = back_up(library, tmp_path / f"{number}.sqlite")
            assert held.notices % 2 == 0  # a file's notices come together or not at all
    finally:
        stop.set()
        writer.join()


def test_a_backup_never_overwrites_and_a_wrong_file_never_replaces(tmp_path: Path) -> None:
    fill(tmp_path / "a", 1)
    library = open_library(tmp_path / "a")
    back_up(library, tmp_path / "b.sqlite")
    with pytest.raises(LibraryError, match="已存在"):
        back_up(library, tmp_path / "b.sqlite")
    library.close()
    (tmp_path / "wrong").write_bytes(b"no database" * 500)
    with pytest.raises(LibraryError):
        restore(tmp_path / "wrong", tmp_path / "a")
    with pytest.raises(LibraryError, match="找不到"):
        restore(tmp_path / "none", tmp_path / "a")
    assert len(open_library(tmp_path / "a").notices()) == 1

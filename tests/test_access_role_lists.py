"""Role lists stored by one process hold in every other of the same home, at the next look."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.access.guarded import GuardedReviewer
from assistant.access.policy import Identity, Role
from assistant.access.role_lists import RoleLists
from assistant.errors import AccessRefused
from assistant.review import Reviewer, build_reviewer
from assistant.settings import Settings, load_settings, save_settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZHENGGAI_ACCESS", "header")
    save_settings(load_settings(tmp_path), {"admins": ("boss",), "default_role": "无"})
    return tmp_path


@pytest.fixture
def two(home: Path) -> Iterator[tuple[Reviewer, Reviewer]]:
    """Two open products on one home, as two app processes have them."""
    pair = build_reviewer(load_settings(home)), build_reviewer(load_settings(home))
    yield pair
    for one in pair:
        one.library.close()


def role(reviewer: Reviewer, name: str) -> Role:
    return reviewer.settings.access_rules().user(Identity(name)).role


def as_boss(reviewer: Reviewer) -> GuardedReviewer:
    return GuardedReviewer(reviewer, reviewer.settings.access_rules().user(Identity("boss")))


def test_lists_stored_at_one_process_hold_at_the_other(two: tuple[Reviewer, Reviewer]) -> None:
    one, other = two
    with pytest.raises(AccessRefused):
        role(other, "wang")
    as_boss(one).save_settings({"reviewers": ("wang",)})
    assert role(one, "wang") is role(other, "wang") is Role.REVIEWER
    as_boss(other).save_settings({"reviewers": (), "default_role": "经办"})
    assert role(one, "wang") is role(other, "wang") is Role.CLERK


def test_an_admin_taken_off_at_one_process_is_none_at_the_other(
    two: tuple[Reviewer, Reviewer],
) -> None:
    one, other = two
    as_boss(one).save_settings({"admins": ("chief",)})
    with pytest.raises(AccessRefused):
        role(other, "boss")
    assert role(other, "chief") is Role.ADMIN


def test_what_was_stored_between_reading_and_opening_holds(home: Path) -> None:
    read = load_settings(home)
    save_settings(load_settings(home), {"admins": ("chief",)})
    assert RoleLists().over(read).admins == ("chief",)


def test_another_process_stores_and_this_one_sees(two: tuple[Reviewer, Reviewer]) -> None:
    one, _ = two
    home = one.settings.home
    store = (
        "from assistant.settings import load_settings, save_settings;"
        f"save_settings(load_settings({str(home)!r}), {{'reviewers': ('li',)}})"
    )
    subprocess.run([sys.executable, "-c", store], check=True, timeout=240)
    assert role(one, "li") is Role.REVIEWER


def test_only_the_lists_are_taken_over(two: tuple[Reviewer, Reviewer]) -> None:
    one, other = two
    as_boss(one).save_settings({"reviewers": ("wang",), "rectification_months": 6})
    assert other.settings.reviewers == ("wang",)
    assert other.settings.rectification_months == 0
    assert one.settings.rectification_months == 6


def test_a_broken_file_takes_no_rights_and_gives_none(
    two: tuple[Reviewer, Reviewer], caplog: pytest.LogCaptureFixture
) -> None:
    one, other = two
    as_boss(one).save_settings({"reviewers": ("wang",)})
    assert role(other, "wang") is Role.REVIEWER
    one.settings.file.write_text('admins = ["eve"', encoding="utf-8")
    for reviewer in two:
        assert role(reviewer, "boss") is Role.ADMIN
        assert role(reviewer, "wang") is Role.REVIEWER
        with pytest.raises(AccessRefused):
            role(reviewer, "eve")
    assert "not read anew" in caplog.text


def test_variables_go_on_winning(
    two: tuple[Reviewer, Reviewer], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    monkeypatch.setenv("ZHENGGAI_REVIEWERS", "zhao")
    save_settings(one.settings, {"reviewers": ("wang",)})
    assert other.settings.reviewers == ("zhao",)


def test_a_file_that_is_the_same_is_not_read_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = load_settings(home)
    lists = RoleLists()
    first = lists.over(held)
    monkeypatch.setattr("assistant.access.role_lists.load_settings", lambda _home: 1 / 0)
    assert lists.over(held) is first
    os.utime(held.file, ns=(1, 1))
    with pytest.raises(ZeroDivisionError):
        lists.over(held)


def test_without_a_file_the_settings_given_hold(tmp_path: Path) -> None:
    held = Settings(home=tmp_path, admins=("boss",))
    assert RoleLists().over(held) is held

"""What may be published: persons masked, contacts dropped, doubtful items named. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from assistant.export.entries import Entry
from assistant.export.skeleton import load_wording
from assistant.writing.masking import safe_text

_LEFTOVER = re.compile(r"[（(]\s*[）)]|[，、；](?=[。；，])")


@dataclass(frozen=True, slots=True)
class Withheld:
    """A problem left out of the public notice, and the reason the office gave."""

    position: int
    problem: str
    reason: str


@cache
def _rules() -> tuple[re.Pattern[str], tuple[tuple[str, re.Pattern[str]], ...]]:
    rules = load_wording("progress")["publication"]
    return (
        re.compile("|".join(rules["drop"])),
        tuple((name, re.compile(pattern)) for name, pattern in rules["doubts"].items()),
    )


def publishable(text: str) -> str:
    """Mask private persons and drop telephone numbers, addresses of mail, identity numbers."""
    drop, _ = _rules()
    return _LEFTOVER.sub("", drop.sub("", safe_text(drop.sub("", text)))).strip()


def doubts_of(text: str) -> tuple[str, ...]:
    """Name what an approver has to decide before this text is published."""
    _, doubts = _rules()
    return tuple(name for name, pattern in doubts if pattern.search(text))


def withheld_of(entries: tuple[Entry, ...]) -> tuple[Withheld, ...]:
    """Give the problems the office marked as 拟不公开."""
    return tuple(
        Withheld(entry.position, entry.draft.problem, entry.row.withheld)
        for entry in entries
        if entry.row and entry.row.withheld.strip()
    )


def publication_notes(entries: tuple[Entry, ...]) -> tuple[str, ...]:
    """Say what was left out and what to decide, for whoever approves the notice."""
    held = withheld_of(entries)
    notes = [
        f"第{item.position}个问题按“拟不公开”未列入公开稿，理由：{item.reason}" for item in held
    ]
    hidden = {item.position for item in held}
    for entry in entries:
        if entry.position in hidden:
            continue
        said = f"{entry.draft.problem}{entry.row.progress if entry.row else ''}"
        for doubt in doubts_of(said):
            notes.append(f"第{entry.position}个问题{doubt}，请核定是否公开")
    return tuple(notes)

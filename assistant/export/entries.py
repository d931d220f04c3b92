"""What a plan, ledger or report is made of: drafts, bare or as stored with their ledger rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from assistant.export.text import bare_heading
from assistant.models import Answerable, Draft, DraftRecord, LedgerRow
from assistant.taxonomy.classify import load_taxonomy


@dataclass(frozen=True, slots=True)
class Entry:
    """One problem, its draft, and what the office has reported of it."""

    position: int
    """From 1, in the order given."""
    draft: Draft
    row: LedgerRow | None = None
    id: str = ""
    version: int = 0
    number: str = ""
    state: str = ""
    """State of the draft (`待拟 在拟 定稿`), not of the rectification."""
    updated: str = ""

    @property
    def category(self) -> str:
        """The outermost heading of the feedback, unlabelled; the topic group without one."""
        if self.draft.category:
            return bare_heading(self.draft.category[0])
        if self.row and self.row.category:
            return self.row.category
        topics = load_taxonomy().topics
        known = [topics[topic].group for topic in self.draft.topics if topic in topics]
        return known[0] if known else ""


def entries_of(payload: Sequence[Draft | DraftRecord]) -> tuple[Entry, ...]:
    """Number drafts or records; a record without a draft is a problem without measures."""
    return tuple(_entry(position, item) for position, item in enumerate(payload, 1))


def _entry(position: int, item: Draft | DraftRecord) -> Entry:
    if isinstance(item, Draft):
        return Entry(position, item)
    draft = item.draft or Draft(
        item.problem, (), "", "", (), (), answerable=Answerable.NO, category=item.category
    )
    if item.category and not draft.category:
        draft = replace(draft, category=item.category)
    return Entry(
        position,
        draft,
        item.ledger,
        item.id,
        item.version,
        item.number,
        item.state,
        item.updated,
    )


def by_category(entries: Sequence[Entry]) -> Iterator[tuple[str, tuple[Entry, ...]]]:
    """Group entries under the headings of the feedback, order kept; one unnamed group without."""
    if not all(entry.draft.category for entry in entries):
        yield "", tuple(entries)
        return
    for heading, group in groupby(entries, key=lambda entry: entry.category):
        yield heading, tuple(group)

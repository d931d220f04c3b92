"""Files out of the pages, and what their reader must know: numbers of persons that were masked.

A download is made after its page has been drawn and draws nothing itself. So the drawer of the
drafts says beforehand what the files will have masked, and what a file did is told with whatever
the user does next, until they have seen it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import streamlit as st

from assistant.export.bundle import Exported, Payload
from assistant.export.fonts import font_note, missing_fonts
from assistant.export.masked import texts_of
from assistant.models import DraftRecord, UnitProfile
from assistant.personal_data import find_numbers, told
from assistant.ui.desk import ReviewDesk
from assistant.ui.kit import note
from assistant.ui.state import session

TEXTS_KEPT = 4096


def file_of(
    desk: ReviewDesk, kind: str, payload: Callable[[], Payload], form: str
) -> Callable[[], bytes]:
    """Give what makes a file when its button is pressed."""
    state = session()

    def make() -> bytes:
        made = desk.export_noted(kind, payload(), form)
        if said := told_of(made):
            state.notes["export"] = f"刚才导出的“{made.name}”{'；'.join(said)}。"
        return made.content

    return make


def told_of(made: Exported) -> list[str]:
    """Give the notes for who made a file here: fonts are a matter of where it is opened."""
    about_fonts = font_note(missing_fonts())
    return [one for one in made.notes if one != about_fonts]


def export_told() -> None:
    """Say what the last file had masked or left out, until the user has seen it."""
    said = session().notes.get("export", "")
    if not said:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="export-told"):
        note(said, "warn")
        st.button("知道了", key="export-seen", type="tertiary", on_click=_forget)


def _forget() -> None:
    session().notes.pop("export", None)


def to_be_masked(records: Sequence[DraftRecord], profile: UnitProfile) -> str:
    """Say what a file of these drafts will have masked of what users wrote; empty where nothing.

    The cases a draft rests on are left out: of these it was masked when they were read.
    """
    found = told(text for text in _texts(records, profile) if _has_numbers(text))
    return f"含{found}，导出的文件中会遮盖。" if found else ""


def _texts(records: Sequence[DraftRecord], profile: UnitProfile) -> Iterator[str]:
    yield from texts_of(profile)
    for record in records:
        yield record.problem
        yield from texts_of(record.ledger)
        if record.draft is not None:
            yield from (record.draft.cause, record.draft.goal)
            yield from texts_of(record.draft.measures)


@lru_cache(maxsize=TEXTS_KEPT)
def _has_numbers(text: str) -> bool:
    return bool(find_numbers(text))

"""What one visitor owns (typed, under one key) and the one reviewer all visitors share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import streamlit as st

from assistant.access.guarded import GuardedReviewer
from assistant.evaluation import Evaluation
from assistant.models import FeedbackItem, Filters, Finding, Notice, Overview
from assistant.review import Reviewer, build_reviewer
from assistant.settings import load_settings
from assistant.taxonomy.classify import load_taxonomy
from assistant.ui.answers import Answers
from assistant.ui.desk import ReviewDesk
from assistant.ui.jobs import Jobs
from assistant.ui.visitor import current_user

LINES_KEPT = 256
opened = threading.Event()
"""Set once the library has been opened: until then a visitor is told to wait."""


@dataclass
class Session:
    """What one visitor's page remembers between runs; everything lasting is in the library."""

    runs: int = 0
    """Runs of the script so far: one that was ended sees whether another follows."""
    filters: Filters = field(default_factory=Filters)
    conversation: str = ""
    pending: str = ""
    """A question to ask on the next run: a suggestion or a follow-up was pressed."""
    suggested: Filters = field(default_factory=Filters)
    """Filters read from the last question, offered as chips."""
    shown_turns: int = 10
    handed_problem: str = ""
    """A problem handed from 问答 or 案例库 to 起草."""
    found: tuple[FeedbackItem, ...] = ()
    """Problems read from an uploaded list, not yet added."""
    found_in: str = ""
    opened_draft: str = ""
    """A draft to open on the next run."""
    written_back: tuple[tuple[str, int], ...] = ()
    """(draft, version before) of what the last ledger changed, so that it can be taken back."""
    making: tuple[str, str] | None = None
    """(draft, cause) to write on this run: a press asked for it."""
    checked: tuple[object, tuple[Finding, ...]] | None = None
    """(which version of which draft, what was found): the last draft that was checked."""
    evidence_drawn: tuple[object, tuple[str, tuple[str, ...]]] | None = None
    """(problem, cases, revision of the library; panels and cards) of the draft shown last."""
    opened_measures: dict[str, int] = field(default_factory=dict)
    """By draft: the measure that is open to edit; at first the first."""
    generations: dict[str, int] = field(default_factory=dict)
    """By draft: grows when its widgets must forget what they hold."""
    library_filters: Filters = field(default_factory=Filters)
    own_unit: Notice | None = None
    """An own list read for comparison; not stored."""
    peers: dict[str, list[str]] = field(default_factory=dict)
    """By unit: the peers chosen by hand."""
    checks_shown: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By comparison: the self-check list as its editor came up."""
    checks_edited: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By comparison: the self-check list as last edited, so that leaving the page loses nothing."""
    evaluation: Evaluation | None = None
    """Figures of the last judged file."""
    jobs_done: int = 0
    """Pieces of background work done when the page was last drawn as a whole."""
    notes: dict[str, str] = field(default_factory=dict)
    """Short messages for the next run, by page."""


def session() -> Session:
    """Give this visitor's state."""
    return cast(Session, st.session_state.setdefault("_session", Session()))


@st.cache_resource(show_spinner=False)
def shared() -> Reviewer:
    """Give the reviewer all visitors share, opened once for the whole process."""
    desk = build_reviewer(load_settings())
    opened.set()
    return desk


def reviewer() -> GuardedReviewer:
    """Give the reviewer as this visitor may use it; raises `AccessRefused`."""
    desk = shared()
    return GuardedReviewer(desk, current_user(desk.settings))


@st.cache_resource
def jobs() -> Jobs:
    """Give the table of background jobs, shared so that a reload finds a running import."""
    return Jobs()


@st.cache_resource
def answers() -> Answers:
    """Give the answers being written, shared so that a reload finds its own."""
    return Answers()


@st.cache_resource(max_entries=1, show_spinner=False)
def _outlines(revision: int, _load: Callable[[], tuple[Notice, ...]]) -> tuple[Notice, ...]:
    return _load()


def outlines(desk: ReviewDesk) -> tuple[Notice, ...]:
    """Give all notices without the text of their cases: what lists and filters need, at once."""
    return _outlines(desk.library.revision(), desk.outlines)


@st.cache_resource(max_entries=2, show_spinner=False)
def _overview(revision: int, _load: Callable[[], Overview]) -> Overview:
    return _load()


def overview(desk: ReviewDesk) -> Overview:
    """Count the library, anew only after it has changed."""
    return _overview(desk.library.revision(), desk.overview)


@st.cache_resource(max_entries=LINES_KEPT, show_spinner=False)
def _lines(notice_id: str, _load: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
    return _load(notice_id)


def lines(desk: ReviewDesk, notice_id: str) -> tuple[str, ...]:
    """Give the raw lines of a notice's file; ids come from content, so they never go stale."""
    return _lines(notice_id, desk.lines)


def topic_name(topic: str) -> str:
    """Give the Chinese name of a topic id."""
    known = load_taxonomy().topics.get(topic)
    return known.name if known else topic


def kind_name(kind: str) -> str:
    """Give the Chinese name of a measure kind id."""
    known = load_taxonomy().kinds.get(kind)
    return known.name if known else kind


def redraw(draft_id: str) -> None:
    """Give the widgets of a draft new keys, so that they show what is stored."""
    generations = session().generations
    generations[draft_id] = generations.get(draft_id, 0) + 1


def topic_group(topic: str) -> str:
    """Give the group of a topic."""
    known = load_taxonomy().topics.get(topic)
    return known.group if known else "其他"

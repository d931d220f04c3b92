"""A small real world: invented notices read by the real stages into a real Library and index."""

from __future__ import annotations

from pathlib import Path

from assistant.review import Reviewer, build_reviewer
from assistant.settings import load_settings

DATA = Path(__file__).parent / "data"
NOTICES = (DATA / "yunhe_street.txt", DATA / "shimen_town.txt")


def open_reviewer(home: Path, *, filled: bool = True) -> Reviewer:
    """Open a reviewer on `home`, with the two notices read unless told otherwise."""
    reviewer = build_reviewer(load_settings(home=home))
    if filled:
        reviewer.ingest(list(NOTICES))
    return reviewer

"""What the app of `browser_app.py` runs: the real pages, only the reviewer's builder replaced."""

import os
from pathlib import Path

import assistant.ui.state as state
from assistant.settings import Settings
from assistant.ui.shell import main
from tests.fakes_ui import FakeReviewer
from tests.fakes_ui_hostile import make_settings_hostile


def build(settings: Settings) -> FakeReviewer:
    made = FakeReviewer(
        Path(os.environ["FAKE_HOME"]),
        notices_count=int(os.environ.get("FAKE_NOTICES", "8")),
        pause=float(os.environ.get("FAKE_PAUSE", "0.02")),
        until=Path(os.environ["FAKE_UNTIL"]) if "FAKE_UNTIL" in os.environ else None,
        hostile=os.environ.get("FAKE_HOSTILE") == "1",
    )
    made.settings = settings
    if made.hostile:
        make_settings_hostile(made)
    return made


vars(state)["build_reviewer"] = build
main()

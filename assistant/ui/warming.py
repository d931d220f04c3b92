"""Which of the web framework's files a browser loads while its first page stands idle."""

from __future__ import annotations

import json
from pathlib import Path

import streamlit

PARTS = (
    *("Selectbox", "TextInput", "TextArea", "Button", "MenuButton", "ButtonGroup", "Radio"),
    *("Checkbox", "NumberInput", "DownloadButton", "Feedback", "Multiselect"),
)
"""The controls our pages come with; editors of tables and uploads are large and come when used."""
FOLDER = Path(streamlit.__file__).parent / "static" / "static" / "js"
_FILE = Path(__file__).parent / "assets" / "warming.js"
_EMPTY = "const PARTS = [];"


def part_files(folder: Path = FOLDER) -> tuple[str, ...]:
    """Give the file of each part; their names change with each version of the framework."""
    found = {path.name.partition(".")[0]: path.name for path in folder.glob("*.js")}
    return tuple(found[part] for part in PARTS if part in found)


def warming_js() -> bytes:
    """Write the script that loads them."""
    script = _FILE.read_text(encoding="utf-8")
    return script.replace(_EMPTY, f"const PARTS = {json.dumps(part_files())};").encode()

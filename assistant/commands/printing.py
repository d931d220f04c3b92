"""How commands print values. Imports nothing heavy."""

from __future__ import annotations

import argparse
import json

from assistant.contract import Json

Options = argparse.Namespace


def print_json(value: object) -> None:
    """Print one JSON value."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def print_line(value: Json) -> None:
    """Print one JSON value on one line, at once."""
    print(json.dumps(value, ensure_ascii=False), flush=True)

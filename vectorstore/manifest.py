"""What a generation consists of, written down beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vectorstore.errors import BrokenIndex

FORMAT = "2"


@dataclass(frozen=True)
class Manifest:
    """What a generation consists of; folders are relative to the store."""

    name: str
    stamp: dict[str, str]
    encoder: str
    segments: list[str]
    removed: list[str]
    """Ids of the first segment that are gone or were written anew in the second."""
    remote_dimension: int = 0
    format: str = FORMAT


def owners(manifest: Manifest) -> Sequence[str]:
    """Return the generation folders a generation needs."""
    places = [manifest.encoder, *manifest.segments]
    return sorted({manifest.name, *(place.split("/")[0] for place in places)})


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a generation's folder; raises `BrokenIndex`."""
    try:
        manifest = Manifest(**json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise BrokenIndex(f"{folder}: manifest") from error
    if manifest.format != FORMAT:
        raise BrokenIndex(f"{folder}: format {manifest.format}")
    return manifest


def write_atomically(path: Path, value: object) -> None:
    """Write JSON so that a reader finds the old file or the whole new one."""
    aside = path.with_suffix(".new")
    with aside.open("w", encoding="utf-8") as file:
        file.write(json.dumps(value, ensure_ascii=False))
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)

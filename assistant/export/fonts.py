"""Fonts the official format names, and which of them this machine lacks."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FC_LIST_SECONDS = 20


@dataclass(frozen=True, slots=True)
class MissingFont:
    """A font named in the format that is not installed, and what may stand in for it."""

    name: str
    fallback: str
    """The first installed stand-in, or empty."""


@cache
def load_format() -> Mapping[str, Any]:
    """Read the style table."""
    content: Mapping[str, Any] = yaml.load(
        Path(__file__).with_name("gongwen.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader
    )
    return content


def fonts_named() -> tuple[str, ...]:
    """Give every font the style table names."""
    table = load_format()
    names = [table["latin"], *(look["font"] for look in table["styles"].values())]
    return tuple(dict.fromkeys(names))


@cache
def installed_fonts() -> frozenset[str] | None:
    """Ask fontconfig for the families of this machine; `None` where it cannot be asked."""
    program = shutil.which("fc-list")
    if program is None:
        return None
    try:
        listing = subprocess.run(
            [program, ":", "family"],
            capture_output=True,
            text=True,
            timeout=FC_LIST_SECONDS,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return frozenset(
        name.strip() for line in listing.splitlines() for name in line.split(",") if name.strip()
    )


def missing_fonts(installed: Sequence[str] | None = None) -> tuple[MissingFont, ...]:
    """Give the fonts this machine lacks; nothing where that cannot be known."""
    known = frozenset(installed) if installed is not None else installed_fonts()
    if known is None:
        return ()
    fallbacks = load_format()["fallbacks"]
    return tuple(
        MissingFont(name, next((n for n in fallbacks.get(name, ()) if n in known), ""))
        for name in fonts_named()
        if name not in known
    )


def font_note(missing: Sequence[MissingFont]) -> str:
    """Say which fonts are missing and what to do; empty where none is."""
    if not missing:
        return ""
    listed = "、".join(
        f"{font.name}（本机将以{font.fallback}显示）" if font.fallback else font.name
        for font in missing
    )
    return (
        f"本机未安装公文字体：{listed}。文件中已按名称指定字体，"
        "在装有这些字体的电脑上打开、打印即为规范字体；字体不随文件附带"
    )

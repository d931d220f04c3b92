"""Prompt templates as files, and the one function that fills them. Imports nothing of ours.

Each `<name>.md` opens with a comment that documents its variables; the model never sees it.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from string import Template

_HEADER = re.compile(r"\A<!--(?P<header>.*?)-->\s*", re.DOTALL)
_DOCUMENTED = re.compile(r"^\s*\$(?P<name>[a-z_]+)\s+\S", re.MULTILINE)


@cache
def _read(name: str) -> tuple[str, Template]:
    text = resources.files(__name__).joinpath(f"{name}.md").read_text(encoding="utf-8")
    header = _HEADER.match(text)
    if header is None:
        raise ValueError(f"prompt {name}: no opening comment that documents its variables")
    return header["header"], Template(text[header.end() :].strip())


def variables(name: str) -> frozenset[str]:
    """Return the names a template needs."""
    template = _read(name)[1]
    if not template.is_valid():
        raise ValueError(f"prompt {name}: a lone $ in the text")
    return frozenset(template.get_identifiers())


def documented(name: str) -> frozenset[str]:
    """Return the names the opening comment of a template explains."""
    return frozenset(found["name"] for found in _DOCUMENTED.finditer(_read(name)[0]))


def render(name: str, **values: str) -> str:
    """Fill a template; missing and unused variables are both errors, `$` in values is plain text.

    >>> render("rewrite", history="党费有什么问题", question="那怎么补").count("那怎么补")
    1
    """
    needed = variables(name)
    if missing := sorted(needed - values.keys()):
        raise ValueError(f"prompt {name}: no value for {', '.join(missing)}")
    if unused := sorted(values.keys() - needed):
        raise ValueError(f"prompt {name}: no variable named {', '.join(unused)}")
    return _read(name)[1].substitute(values)

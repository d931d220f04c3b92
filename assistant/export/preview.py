"""What a Word document of ours shows, as plain blocks: for a preview that needs no word processor.

Reads the very bytes that are downloaded, so a preview cannot differ from the file.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import docx
from docx.table import Table
from docx.text.paragraph import Paragraph

from assistant.export.fonts import load_format


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph with the name of its style, or a table."""

    style: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def blocks_of(content: bytes) -> tuple[Block, ...]:
    """Give paragraphs and tables in their order."""
    return tuple(_blocks(content))


def _blocks(content: bytes) -> Iterator[Block]:
    names = {str(style["name"]): key for key, style in load_format()["styles"].items()}
    for part in docx.Document(io.BytesIO(content)).iter_inner_content():
        if isinstance(part, Paragraph):
            style = part.style.name if part.style is not None else ""
            yield Block(names.get(style or "", "body"), part.text)
        elif isinstance(part, Table):
            rows = tuple(tuple(cell.text for cell in row.cells) for row in part.rows)
            yield Block("table", rows=rows)

"""The Word page of a plan on screen: read from the file that would be downloaded."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from assistant.export.preview import Block, blocks_of
from assistant.models import Draft
from assistant.ui.desk import ReviewDesk
from assistant.ui.exporting import told_of
from assistant.ui.kit import note, shown_errors
from assistant.ui.safe import plain

BLOCKS_SHOWN = 800
_BLANK = re.compile(r"【[\s　]*】")
_LABEL = re.compile(r"^([^：。<]{2,8}：)")


@st.dialog("Word 版面预览", width="large")
def preview_dialog(desk: ReviewDesk, drafts: Sequence[Draft]) -> None:
    """Show the plan as its pages would read; fonts and page breaks are the word processor's."""
    with shown_errors(), st.spinner("正在排版…"):
        made = desk.export_noted("plan", list(drafts), "docx")
        blocks = blocks_of(made.content)
        for told in told_of(made):
            note(f"{told}。", "warn")
        if len(blocks) > BLOCKS_SHOWN:
            note(f"方案很长，只预览前 {BLOCKS_SHOWN} 段；导出的文件是完整的。", "warn")
        st.html(sheet_html(blocks[:BLOCKS_SHOWN]))


def sheet_html(blocks: Sequence[Block]) -> str:
    """Draw blocks as an official document: blanks yellow, labels bold."""
    body = "".join(_table(block) if block.style == "table" else _line(block) for block in blocks)
    return (
        f'<article class="sheet" tabindex="0" aria-label="版面预览" lang="zh-CN">{body}</article>'
    )


def _line(block: Block) -> str:
    text = _BLANK.sub(lambda match: f"<mark>{match.group()}</mark>", plain(block.text))
    if block.style == "body":
        text = _LABEL.sub(r"<b>\1</b>", text)
    return f'<p class="{plain(block.style)}">{text or "&nbsp;"}</p>'


def _table(block: Block) -> str:
    rows = [
        "".join(f"<{tag}>{plain(cell)}</{tag}>" for cell in row)
        for tag, row in zip(["th", *["td"] * len(block.rows)], block.rows, strict=False)
    ]
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"

"""An office's own .docx as the ground of a document: its page, letterhead and styles stay."""

from __future__ import annotations

import io
import re
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from assistant.errors import LoadError
from assistant.loading.limits import DEFAULT_LIMITS, open_archive

PLACE = re.compile(r"^[【\[{]*\s*正文\s*[】\]}]*$")
"""A paragraph that says 【正文】 is where the text goes; without one it goes to the end."""


def open_template(content: bytes) -> Any:
    """Open a template; raises `LoadError` for what is not a Word document."""
    open_archive(content, DEFAULT_LIMITS).close()
    try:
        document = docx.Document(io.BytesIO(content))
    except (PackageNotFoundError, KeyError, ValueError) as error:
        raise LoadError("模板不是 Word 文档", where="模板", todo="请另存为 .docx 后再用") from error
    if document.element.body.find(qn("w:sectPr")) is None:
        raise LoadError("模板没有页面设置", where="模板", todo="请用 Word 打开后另存为 .docx")
    return document


def detach_tail(document: Any) -> list[Any]:
    """Cut the template at 【正文】: what stands after it is given back, to end the document."""
    body = document.element.body
    elements = [element for element in body if element.tag != qn("w:sectPr")]
    for position, element in enumerate(elements):
        if element.tag == qn("w:p") and PLACE.match(_text(element)):
            body.remove(element)
            tail = elements[position + 1 :]
            for later in tail:
                body.remove(later)
            return tail
    return []


def _text(paragraph: Any) -> str:
    return "".join(node.text or "" for node in paragraph.iter(qn("w:t"))).strip()

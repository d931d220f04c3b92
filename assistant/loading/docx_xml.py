"""The XML of a Word file: which part is which, parsed safely."""

from __future__ import annotations

import posixpath
import zipfile
from typing import Any

from lxml import etree

from assistant.errors import LoadError
from assistant.loading.limits import read_entry

Element = Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
)


def parse_xml(data: bytes) -> Element:
    """Parse without entities, network or oversized trees; a DTD is refused."""
    for strict, common in _STRICT:
        data = data.replace(strict, common)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise LoadError(
            "文件内部结构损坏或超出限制", todo="请用原软件打开后另存一份再导入"
        ) from error
    if root.getroottree().docinfo.doctype:
        raise LoadError(
            "文件内部带有不允许的 XML 声明，已拒绝读取", todo="请用原软件打开后另存一份再导入"
        )
    return root


class WordPackage:
    """The parts of a docx, found through its relationships rather than by name."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = {n.replace("\\", "/").lstrip("/"): n for n in archive.namelist()}
        targets = self._targets("", "officeDocument")
        self._main = targets[0] if targets else "word/document.xml"
        if self._main not in self._names:
            raise LoadError("找不到正文，文件不完整", todo="请用原软件打开后另存一份再导入")
        self.document = self._parse(self._main)

    def part(self, kind: str) -> Element | None:
        """The root of the first part of a kind (`styles`, `numbering`…), or `None`."""
        parts = self.parts(kind)
        return parts[0] if parts else None

    def parts(self, kind: str) -> list[Element]:
        """The roots of all parts of a kind (`header`…)."""
        return [self._parse(name) for name in self._targets(self._main, kind)]

    def _parse(self, name: str) -> Element:
        return parse_xml(read_entry(self._archive, self._names[name]))

    def _targets(self, source: str, kind: str) -> list[str]:
        folder, base = posixpath.split(source)
        relations = posixpath.join(folder, "_rels", f"{base}.rels")
        if relations not in self._names:
            return []
        found = []
        for relation in self._parse(relations):
            if relation.get("TargetMode") == "External":
                continue
            target = relation.get("Target", "")
            path = posixpath.normpath(
                target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            )
            if relation.get("Type", "").endswith(f"/{kind}") and path in self._names:
                found.append(path)
        return found


def child(element: Element | None, name: str) -> Element | None:
    """The first child with a WordprocessingML name."""
    return element.find(f"{W}{name}") if element is not None else None


def child_value(element: Element | None, name: str) -> str:
    """The `w:val` of a child, or empty."""
    found = child(element, name)
    return found.get(f"{W}val", "") if found is not None else ""


def is_on(element: Element | None, name: str) -> bool:
    """Whether a toggle such as `w:vanish` is set."""
    found = child(element, name)
    return found is not None and found.get(f"{W}val") not in ("0", "false", "off")


def integer(text: str | None, default: int) -> int:
    """A whole number from an attribute, or `default`."""
    try:
        return int(text or "")
    except ValueError:
        return default

"""The formats we read: what users call them and how their names end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A format told by content."""

    words: str
    """What users call it."""
    suffixes: tuple[str, ...]
    """Endings worth offering in a file picker."""
    others: tuple[str, ...] = ()
    """Further endings such a file may honestly have."""
    format: str = ""
    """The name in `Document.format`, when it is not the kind's own."""


KINDS = {
    "txt": Kind("纯文本", (".txt", ".md"), (".text", ".log", "")),
    "csv": Kind("纯文本表格", (".csv", ".tsv"), (), "txt"),
    "docx": Kind("Word 文档（docx）", (".docx", ".docm", ".dotx"), (".dotm",)),
    "doc": Kind("Word 97 文档（doc/wps）", (".doc", ".dot", ".wps", ".wpt")),
    "wordxml": Kind("Word XML 文档", (".xml",), (".doc",), "doc"),
    "rtf": Kind("RTF 文档", (".rtf",)),
    "odt": Kind("ODF 文档（odt）", (".odt", ".ott")),
    "fodt": Kind("ODF 文档（fodt）", (".fodt",), (".xml",), "odt"),
    "pdf": Kind("PDF", (".pdf",)),
    "ofd": Kind("OFD 版式文件", (".ofd",)),
    "html": Kind(
        "网页", (".html", ".htm", ".shtml", ".xhtml"), (".jsp", ".asp", ".aspx", ".php", "")
    ),
    "mht": Kind("单文件网页", (".mht", ".mhtml"), (), "html"),
    "xlsx": Kind("Excel 工作簿（xlsx）", (".xlsx", ".xlsm"), (".xltx", ".xltm", ".xlsb")),
    "xls": Kind("Excel 97 工作簿（xls/et）", (".xls", ".et", ".ett"), (".xlt",)),
    "ods": Kind("ODF 表格（ods）", (".ods",), (".ots",)),
}

SUPPORTED_SUFFIXES = frozenset(suffix for kind in KINDS.values() for suffix in kind.suffixes)
_KNOWN = SUPPORTED_SUFFIXES | {suffix for kind in KINDS.values() for suffix in kind.others}


def is_honest(kind: str, suffix: str) -> bool:
    """Whether a file of this kind may end like this; text may end in anything unknown."""
    own = KINDS[kind]
    if suffix in own.suffixes or suffix in own.others:
        return True
    return kind == "txt" and suffix not in _KNOWN

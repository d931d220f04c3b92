"""One file from bytes to classified notices: load, mask, parse, classify. Knows no record.

ID, mobile and card numbers are masked at this door, in place: they are never stored or searched.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath

from assistant.errors import LoadError
from assistant.loading.limits import DEFAULT_LIMITS, Limits
from assistant.loading.load import load_bytes, load_file
from assistant.models import Document, Notice
from assistant.parsing.parse import parse_document
from assistant.personal_data import mask_document
from assistant.taxonomy.classify import classify, load_taxonomy

READING_VERSION = "4"
"""Raise with every change of the rules that read: files read by older rules are read anew."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file gave."""

    document: Document
    notices: tuple[Notice, ...]


def read_file(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> Reading:
    """Read one file; raises `LoadError` or `ParseError`."""
    document = mask_document(load_file(path, limits=limits))
    taxonomy = load_taxonomy()
    parsed = tuple(classify(notice, taxonomy) for notice in parse_document(document))
    return Reading(document, parsed)


def load_upload(name: str, content: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Load uploaded bytes under their own name, guarded like a file on disk."""
    plain = PurePath(name.replace("\\", "/")).name
    if plain in ("", ".", ".."):
        raise LoadError("文件名无效", where=name, todo="请改名后重新上传")
    return mask_document(load_bytes(plain, content, limits=limits))


def read_upload(name: str, content: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Reading:
    """Read uploaded bytes; raises `LoadError` or `ParseError`."""
    document = load_upload(name, content, limits=limits)
    taxonomy = load_taxonomy()
    return Reading(
        document, tuple(classify(notice, taxonomy) for notice in parse_document(document))
    )

"""Load a file into a `Document`: sniff it, read it under limits, refuse what must be refused.

Plain text is read here; every other format goes to a reading process, so that a hostile or broken
file costs that process and nothing else.
"""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePath, PureWindowsPath

from assistant.errors import EmptyFile, LoadError, Scanned, TooLarge
from assistant.loading import ocr, text, worker
from assistant.loading.content import Content
from assistant.loading.kinds import KINDS, SUPPORTED_SUFFIXES, is_honest
from assistant.loading.limits import DEFAULT_LIMITS, MEGABYTE, Limits, check_lines
from assistant.loading.secrecy import check_secrecy
from assistant.loading.sniff import READABLE, sniff
from assistant.models import Document
from assistant.system_text import shown

__all__ = ["SUPPORTED_SUFFIXES", "load_bytes", "load_file"]


def load_file(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read the file at `path`; every failure is a `LoadError` that names the file."""
    try:
        if path.is_dir():
            raise LoadError(
                "是文件夹，不是文件", where=path.name or str(path), todo="请选择其中的文件"
            )
        if not path.is_file():
            raise LoadError(
                "文件不存在或不是普通文件", where=path.name or str(path), todo="请检查文件路径"
            )
        with path.open("rb") as stream:
            content = stream.read(limits.bytes + 1)
    except (OSError, ValueError) as error:
        raise LoadError(
            "文件打不开", where=path.name, todo="请检查文件是否被占用、是否有读取权限"
        ) from error
    return load_bytes(path.name, content, limits=limits)


def load_bytes(name: str, content: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read a file's bytes, as an upload brings them; `name` is only shown and hinted at."""
    source = _base_name(name)
    try:
        read = _read(source, content, limits)
    except LoadError as error:
        raise type(error)(error.what, where=source, todo=error.todo) from error
    return read


def _read(source: str, content: bytes, limits: Limits) -> Document:
    if len(content) > limits.bytes:
        raise TooLarge(
            f"文件超过 {limits.bytes // MEGABYTE} MB，未读取", todo="请拆分或删去图片后再导入"
        )
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise EmptyFile("文件是空的", todo="请检查是否选错了文件")
    kind = sniff(source, content)
    read = text.read(content, kind, limits) if kind == "txt" else _guarded(kind, content, limits)
    check_lines(len(read.lines), limits)
    check_secrecy(read)
    if not any(line.strip() for line in read.lines):
        raise EmptyFile("文件里没有文字", todo=f"请检查文件内容；{READABLE}")
    return Document(
        source=source,
        sha256=hashlib.sha256(content).hexdigest(),
        format=KINDS[kind].format or kind,
        lines=_encodable(read),
        tables=read.tables,
        warnings=(*_suffix_warning(source, kind), *read.warnings),
    )


def _guarded(kind: str, content: bytes, limits: Limits) -> Content:
    try:
        return worker.run(kind, content, limits)
    except Scanned:
        if kind != "pdf" or not limits.ocr or ocr.find_tesseract() is None:
            raise
    return worker.run(ocr.KIND, content, ocr.scan_limits(limits))


def _base_name(name: str) -> str:
    return shown(PureWindowsPath(PurePath(name).name).name) or "未命名文件"


def _encodable(read: Content) -> tuple[str, ...]:
    # 半个代理对写不进数据库
    return tuple(line.encode("utf-8", "replace").decode("utf-8") for line in read.lines)


def _suffix_warning(source: str, kind: str) -> tuple[str, ...]:
    suffix = PurePath(source).suffix.lower()
    if is_honest(kind, suffix):
        return ()
    return (f"扩展名是 {suffix or '空'}，内容实为{KINDS[kind].words}，已按内容读取",)

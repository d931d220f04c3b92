"""Word 97 files without LibreOffice: the text by the piece table. Automatic numbers are lost."""

from __future__ import annotations

import io
import re
import struct

import olefile

from assistant.errors import Encrypted, LoadError
from assistant.loading.content import Content, LineBuilder
from assistant.loading.limits import Limits

NO_NUMBERS = "未找到 LibreOffice，自动编号和表格结构未能还原，请对照原文核对"
_MAGIC = 0xA5EC
_ENCRYPTED = 0x0100
_SECOND_TABLE = 0x0200
_TEXT_LENGTH = 0x4C
_PIECES = 0x01A2
_FIELD = re.compile("\x13[^\x13\x14\x15]*(?:\x14([^\x13\x15]*))?\x15")
_CONTROL = re.compile(r"[\x00-\x06\x08\x0e-\x1f]")


def read(content: bytes, kind: str, limits: Limits) -> Content:
    """Read a doc's text; `kind` is always `doc`."""
    text = _text(content)
    builder = LineBuilder(limits)
    builder.warnings.append(NO_NUMBERS)
    while _FIELD.search(text):  # a field's code goes, its result stays
        text = _FIELD.sub(lambda match: match.group(1) or "", text)
    text = text.replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n")
    for line in text.split("\n"):
        row = re.sub("\x07{2,}", "\x07", line).strip("\x07").replace("\x07", "\t")
        builder.add(_CONTROL.sub("", row))
    return builder.content()


def check_password(content: bytes) -> None:
    """Raise `Encrypted` for a file with an opening password."""
    header = _stream(content, "WordDocument")
    if len(header) > 12 and struct.unpack_from("<H", header, 10)[0] & _ENCRYPTED:
        raise Encrypted("文件设有打开密码", todo="请用原软件去掉密码后另存一份再导入")


def _text(content: bytes) -> str:
    main = _stream(content, "WordDocument")
    try:
        magic, flags = struct.unpack_from("<H", main)[0], struct.unpack_from("<H", main, 10)[0]
        if magic != _MAGIC:
            raise _damaged()
        length = struct.unpack_from("<i", main, _TEXT_LENGTH)[0]
        offset, size = struct.unpack_from("<II", main, _PIECES)
        table = _stream(content, "1Table" if flags & _SECOND_TABLE else "0Table")
        return _pieces(main, table[offset : offset + size])[:length]
    except (struct.error, UnicodeDecodeError, IndexError) as error:
        raise _damaged() from error


def _pieces(main: bytes, table: bytes) -> str:
    position = 0
    while table[position] == 1:  # formatting runs before the piece table
        position += 3 + struct.unpack_from("<H", table, position + 1)[0]
    size = struct.unpack_from("<I", table, position + 1)[0]
    table = table[position + 5 : position + 5 + size]
    count = (size - 4) // 12
    bounds = struct.unpack_from(f"<{count + 1}I", table)
    parts: list[str] = []
    for index in range(count):
        place = struct.unpack_from("<I", table, 4 * (count + 1) + 8 * index + 2)[0]
        length = bounds[index + 1] - bounds[index]
        if place & 0x40000000:
            start = (place & 0x3FFFFFFF) // 2
            parts.append(main[start : start + length].decode("cp1252", "replace"))
        else:
            parts.append(main[place : place + 2 * length].decode("utf-16-le", "replace"))
    return "".join(parts)


def _stream(content: bytes, name: str) -> bytes:
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as file:
            return bytes(file.openstream(name).read())
    except (OSError, ValueError, IndexError, TypeError, struct.error) as error:
        raise _damaged() from error


def _damaged() -> LoadError:
    return LoadError("文件已损坏，无法读取正文", todo="请用原软件打开，另存为 docx 再导入")

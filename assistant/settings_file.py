"""The settings file in the home: flat TOML, written whole and readable by its owner only."""

from __future__ import annotations

import json
import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

from assistant.errors import SettingsError, reason_of

FILE_NAME = "settings.toml"
_PLACE = re.compile(r"line (\d+), column (\d+)")
_HEADER = "# 整改参谋的设置；由设置页写入，也可以手工修改。含密钥，请勿外传。\n"


def read_file(path: Path) -> dict[str, object]:
    """Return what the file says; an absent file says nothing."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(
            f"设置文件读不出来（{reason_of(error)}）", where=str(path), todo="请检查文件权限"
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(
            "设置文件不是 UTF-8 编码", where=str(path), todo="请另存为 UTF-8"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"设置文件写法不对（{_place_of(error)}）",
            where=str(path),
            todo='请按 名称 = "值" 的格式改正，或删除该文件后重新设置',
        ) from error


def write_file(path: Path, values: Mapping[str, object]) -> None:
    """Replace the file in one step; nobody else can read it at any moment."""
    lines = [f"{name} = {_literal(value)}\n" for name, value in sorted(values.items())]
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # mkstemp creates the file with 0600.
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".settings-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.writelines([_HEADER, *lines])
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise SettingsError(
            f"设置保存不了（{reason_of(error)}）",
            where=str(path),
            todo="请检查文件夹权限和磁盘空间",
        ) from error


def _place_of(error: tomllib.TOMLDecodeError) -> str:
    found = _PLACE.search(str(error))
    return f"第{found[1]}行第{found[2]}列" if found else "在文件末尾"


def _literal(value: object) -> str:
    """Write a value as TOML; an object goes in as JSON text, which the settings read back."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_literal(part) for part in value)}]"
    if isinstance(value, Mapping):
        return _literal(json.dumps(value, ensure_ascii=False))
    # JSON strings are TOML strings but for DEL, which TOML wants escaped.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")

"""What several commands share: options to reviewer, files to rows, values to print."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.commands.printing import Options
from assistant.commands.writing import write_whole
from assistant.errors import LoadError, SettingsError
from assistant.models import Filters
from assistant.operation import logs
from assistant.review import Reviewer, build_reviewer
from assistant.settings import Settings, load_settings

if TYPE_CHECKING:
    from assistant.export.bundle import Payload

FILTER_FIELDS = {
    "unit_type": "unit_types",
    "inspection": "inspections",
    "status": "statuses",
    "topic": "topics",
    "notice": "notice_ids",
    "level": "levels",
    "year": "years",
}


def parse_filters(words: Iterable[str]) -> Filters:
    """Turn `项=值` words into filters; raises `SettingsError` for a wrong one."""
    found: dict[str, tuple[str | int, ...]] = {}
    for word in words:
        key, equals, value = word.partition("=")
        field = FILTER_FIELDS.get(key.strip())
        if not equals or field is None or not value.strip():
            raise SettingsError(
                "筛选条件写法不对",
                where=word,
                todo=f"应为 项=值，项可取：{'、'.join(FILTER_FIELDS)}",
            )
        if field == "years" and not value.strip().isdigit():
            raise SettingsError("年份应为数字", where=word, todo="例如 year=2023")
        item: str | int = int(value) if field == "years" else value.strip()
        found[field] = (*found.get(field, ()), item)
    return Filters(**found)  # type: ignore[arg-type]


def settings_of(options: Options) -> Settings:
    """Read the settings of the chosen home; from here on this process logs as they say."""
    settings = load_settings(home=options.home)
    serving = options.command in ("api", "mcp")
    logs.configure(settings.log_plan(options.command if serving else "command"))
    return settings


def reviewer_of(options: Options) -> Reviewer:
    """Open the product on the chosen home."""
    return build_reviewer(settings_of(options))


def need_one(word: str | None, batch: Path | None, name: str) -> None:
    """Demand either a word or a batch file."""
    if bool(word and word.strip()) == bool(batch):
        raise SettingsError(f"请给出{name}，或用 --batch 指定文件（二者取一）")


def read_bytes(path: Path) -> bytes:
    """Read a file; raises `LoadError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise LoadError(
            f"读不了文件（{error.strerror}）", where=str(path), todo="请检查路径和权限"
        ) from error


def read_batch(path: Path) -> Iterator[Mapping[str, object]]:
    """Read `{id, query}` lines; raises `LoadError` that names the line."""
    for number, line in enumerate(read_bytes(path).decode("utf-8-sig", "replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise LoadError("不是 JSON", where=f"{path.name} 第{number}行") from error
        if not isinstance(row, dict) or "id" not in row or not str(row.get("query", "")).strip():
            raise LoadError("缺少 id 或 query", where=f"{path.name} 第{number}行")
        yield row


def write_out(path: Path, reviewer: Reviewer, kind: str, payload: Payload) -> None:
    """Export in the form the suffix of `path` names."""
    _name, content = reviewer.export(kind, payload, path.suffix.lstrip(".").lower())
    write_whole(path, content)

"""What several commands share: options to reviewer, files to rows, values to print."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.commands.printing import Options
from assistant.commands.writing import write_whole
from assistant.comparing.peers import LEVELS
from assistant.errors import LoadError, SettingsError, reason_of
from assistant.models import Filters, StatusClass
from assistant.operation import logs
from assistant.review import Reviewer, build_reviewer
from assistant.settings import Settings, load_settings
from assistant.taxonomy.classify import load_taxonomy
from assistant.taxonomy.units import OTHER, load_unit_rules

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
        found[field] = (*found.get(field, ()), _value(field, value.strip(), word))
    return Filters(**found)  # type: ignore[arg-type]


def _value(field: str, value: str, word: str) -> str | int:
    """Give the value as the Library has it; one that no case can have is a slip of the pen."""
    if field == "years":
        if not value.isdecimal() or len(value) != len("2026"):
            raise SettingsError("年份应为四位数字", where=word, todo="例如 year=2023")
        return int(value)
    if field == "topics":
        topics = load_taxonomy().topics
        named = {topic.name: topic.id for topic in topics.values()}
        if value not in topics and value not in named:
            raise SettingsError("没有这个主题", where=word, todo=f"可取：{'；'.join(named)}")
        return named.get(value, value)
    known = _known().get(field)
    if known is not None and value not in known:
        raise SettingsError("没有这个取值", where=word, todo=f"可取：{'、'.join(known)}")
    return value


def _known() -> dict[str, tuple[str, ...]]:
    rules = load_unit_rules()
    return {
        "unit_types": (*(row.name for row in rules.types), OTHER),
        "inspections": ("巡察", "巡视"),
        "statuses": tuple(StatusClass),
        "levels": LEVELS,
    }


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


def read_bytes(path: Path, *, most: int | None = None) -> bytes:
    """Read a file, `most` bytes of it where told; raises `LoadError`."""
    try:
        with path.open("rb") as file:
            return file.read(-1 if most is None else most)
    except OSError as error:
        raise LoadError(
            f"读不了文件（{reason_of(error)}）", where=str(path), todo="请检查路径和权限"
        ) from error


_BATCH_FORM = '每行应为 {"id": 编号, "query": "问题"}'


def read_batch(path: Path) -> Iterator[Mapping[str, object]]:
    """Read `{id, query}` lines; raises `LoadError` that names the line."""
    # lines end at line feeds alone: a query may hold what else breaks lines
    for number, line in enumerate(read_bytes(path).decode("utf-8-sig", "replace").split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise LoadError(
                "不是 JSON", where=f"{path.name} 第{number}行", todo=_BATCH_FORM
            ) from error
        query = str(row.get("query", "")) if isinstance(row, dict) else ""
        if not query.strip() or "id" not in row:
            raise LoadError("缺少 id 或 query", where=f"{path.name} 第{number}行", todo=_BATCH_FORM)
        # JSON can spell half a surrogate pair, which is no text
        yield {**row, "query": query.encode("utf-8", "replace").decode()}


def form_of(path: Path) -> str:
    """Give the form of export that the suffix of a path names."""
    return path.suffix.lstrip(".").lower()


def write_out(path: Path, reviewer: Reviewer, kind: str, payload: Payload) -> None:
    """Export in the form the suffix of `path` names."""
    _name, content = reviewer.export(kind, payload, form_of(path))
    write_whole(path, content)

"""Looks at installation, Library, index and endpoint, and says how to mend what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assistant.errors import AssistantError
from assistant.operation import doctor_machine as machine
from assistant.operation import doctor_services as services
from assistant.settings import Settings

Look = Callable[[Settings], str]
"""Gives how it is; raises `AssistantError` that says what is wrong and what to do."""

LOOKS: tuple[tuple[str, Look], ...] = (
    ("运行环境", machine.programs),
    ("SQLite", machine.sqlite),
    ("数据目录", machine.home),
    ("文件权限", machine.permissions),
    ("日志", machine.log_folder),
    ("系统时间", machine.clock),
    ("案例库", services.library),
    ("向量数据库", services.chroma),
    ("检索索引", services.index),
    ("旧版文档与预览", machine.office),
    ("公文字体", machine.fonts),
    ("模型服务", services.endpoint),
    ("向量接口", services.embeddings),
    ("重排接口", services.rerank),
    ("访问控制", services.access),
    ("环境变量", machine.variables),
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    message: str
    """A Chinese sentence: how it is, or what is wrong and what to do."""


def examine(settings: Settings) -> tuple[Check, ...]:
    """Look at everything; a failing check never stops the next."""
    return tuple(_look(name, look, settings) for name, look in LOOKS)


def _look(name: str, look: Look, settings: Settings) -> Check:
    try:
        return Check(name, ok=True, message=look(settings))
    except AssistantError as error:
        return Check(name, ok=False, message=str(error))

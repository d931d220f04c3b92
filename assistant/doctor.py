"""Looks at installation, Library, index and endpoint, and says how to mend what is wrong."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from assistant.endpoint_check import check_endpoint
from assistant.errors import AssistantError
from assistant.library import open_library
from assistant.review import Reviewer, build_reviewer
from assistant.settings import Settings, unknown_variables

MEGABYTE = 1 << 20
LEAST_FREE_MB = 200


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    message: str
    """A Chinese sentence: how it is, or what is wrong and what to do."""


def examine(settings: Settings) -> tuple[Check, ...]:
    """Look at everything; a failing check never stops the next."""
    looks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("运行环境", _python),
        ("数据目录", _home),
        ("案例库", _library),
        ("检索索引", _index),
        ("旧版文档支持", _office),
        ("模型服务", _endpoint),
        ("环境变量", _variables),
    )
    return tuple(_look(name, look, settings) for name, look in looks)


def _look(name: str, look: Callable[[Settings], str], settings: Settings) -> Check:
    try:
        return Check(name, ok=True, message=look(settings))
    except AssistantError as error:
        return Check(name, ok=False, message=str(error))


def _python(_settings: Settings) -> str:
    wanted = ("chromadb", "streamlit", "openai", "langchain-text-splitters", "sqlalchemy")
    found = []
    for name in wanted:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError as error:
            raise AssistantError(
                f"缺少组件 {name}", todo="请重新运行 make demo 或 make test 安装"
            ) from error
    return f"Python {sys.version.split()[0]}；{'，'.join(found)}"


def _home(settings: Settings) -> str:
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.home):
            pass
    except OSError as error:
        raise AssistantError(
            f"数据目录不可写（{error.strerror}）",
            where=str(settings.home),
            todo="请检查权限，或用 --home 换一个目录",
        ) from error
    free = shutil.disk_usage(settings.home).free // MEGABYTE
    if free < LEAST_FREE_MB:
        raise AssistantError(f"磁盘只剩 {free} MB", where=str(settings.home), todo="请先清理磁盘")
    return f"{settings.home}（可写，余 {free} MB）"


def _library(settings: Settings) -> str:
    library = open_library(settings.home)
    try:
        library.check()
        overview = library.overview()
    finally:
        library.close()
    return f"{overview.notices}份通报，{overview.cases}条案例，完整性检查通过"


def _index(settings: Settings) -> str:
    reviewer: Reviewer = build_reviewer(settings)
    try:
        cases = reviewer.overview().cases
        if not cases:
            return "案例库为空，尚无索引"
        first = reviewer.notices()[0].cases[0]
        if not reviewer.search(first.problem, limit=1).hits:
            raise AssistantError("索引查不到库中的案例", todo="请运行 zhenggai reindex 重建")
        return "可检索，与案例库一致"
    finally:
        reviewer.library.close()


def _office(_settings: Settings) -> str:
    if shutil.which("soffice") or shutil.which("libreoffice"):
        return "已安装 LibreOffice，可读 doc、wps、rtf、odt"
    return "未安装 LibreOffice：doc、wps、rtf、odt 不能完整读取，可另存为 docx 后导入"


def _endpoint(settings: Settings) -> str:
    config = settings.chat_config()
    if config is None:
        return "未设置，离线运行（回答与草稿直接依据案例整理）"
    report = check_endpoint(config)
    if not report.ok:
        raise AssistantError(report.message)
    return report.message


def _variables(_settings: Settings) -> str:
    unknown = unknown_variables()
    if unknown:
        raise AssistantError(
            f"不认识的设置：{'、'.join(unknown)}", todo="请对照 README 检查是否拼错"
        )
    return "没有写错的设置"

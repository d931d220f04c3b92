"""What doctor looks at on the machine: programs, folders, permissions, fonts, clock, variables."""

from __future__ import annotations

import shutil
import sqlite3
import stat
import sys
import tempfile
from contextlib import closing
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version

from assistant.errors import AssistantError, reason_of
from assistant.export.fonts import installed_fonts, missing_fonts
from assistant.library import open_library
from assistant.settings import Settings, unknown_variables

MEGABYTE = 1 << 20
LEAST_FREE_MB = 200
PYTHON = (3, 11)
SQLITE = (3, 35, 0)
"""From here on SQLite gives back what a statement changed, which the Library asks for."""
COMPONENTS = (
    *("chromadb", "streamlit", "openai", "langchain-text-splitters", "sqlalchemy"),
    *("fastapi", "prometheus-client", "python-json-logger"),
)
BUILT = datetime(2026, 1, 1).astimezone()
"""No machine with a right clock is earlier."""
CLOCK_SLACK = timedelta(hours=1)
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def programs(_settings: Settings) -> str:
    """Python and the packages."""
    if sys.version_info < PYTHON:
        raise AssistantError(
            f"Python 版本太旧（{sys.version.split()[0]}）",
            todo="请安装 Python 3.11 或更新版本后重新安装本程序",
        )
    found = []
    for name in COMPONENTS:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError as error:
            raise AssistantError(
                f"缺少组件 {name}", todo="请重新运行 make demo 或离线安装包中的 install.sh"
            ) from error
    return f"Python {sys.version.split()[0]}；{'，'.join(found)}"


def sqlite(_settings: Settings) -> str:
    """SQLite: new enough, with full text."""
    if sqlite3.sqlite_version_info < SQLITE:
        raise AssistantError(
            f"SQLite 版本太旧（{sqlite3.sqlite_version}）",
            todo="请改用自带较新 SQLite 的 Python（3.35 或更新）",
        )
    try:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute("CREATE VIRTUAL TABLE probe USING fts5(words)")
    except sqlite3.Error as error:
        raise AssistantError(
            f"SQLite 不支持全文检索（{error}）", todo="请改用带 FTS5 的 Python 发行版"
        ) from error
    return f"SQLite {sqlite3.sqlite_version}，支持全文检索"


def home(settings: Settings) -> str:
    """The home: writable, with room."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.home):
            pass
    except OSError as error:
        raise AssistantError(
            f"数据目录不可写（{reason_of(error)}）",
            where=str(settings.home),
            todo="请检查权限，或用 --home 换一个目录",
        ) from error
    free = shutil.disk_usage(settings.home).free // MEGABYTE
    if free < LEAST_FREE_MB:
        raise AssistantError(
            f"磁盘只剩 {free} MB",
            where=str(settings.home),
            todo=f"请先清理磁盘，至少留出 {LEAST_FREE_MB} MB",
        )
    return f"{settings.home}（可写，余 {free} MB）"


def permissions(settings: Settings) -> str:
    """Files with keys in them: nobody else may read them."""
    secret = [settings.file, settings.home / "cookie_secret"]
    for path in secret:
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            continue
        if mode & OTHERS:
            raise AssistantError(
                f"含密钥的文件其他用户可读（权限 {stat.S_IMODE(mode):o}）",
                where=str(path),
                todo=f"请运行 chmod 600 {path}",
            )
    open_home = settings.home.is_dir() and settings.home.stat().st_mode & OTHERS
    note = "；数据目录其他用户可进入，如机器多人共用请 chmod 700" if open_home else ""
    return f"含密钥的文件只有本用户可读{note}"


def log_folder(settings: Settings) -> str:
    """Where logs go."""
    if not settings.log_folder:
        return "只写到标准错误输出（由 systemd 或容器收集）"
    folder = settings.log_plan().folder
    assert folder is not None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise AssistantError(
            f"日志目录不可写（{reason_of(error)}）",
            where=str(folder),
            todo="请检查权限，或修改 ZHENGGAI_LOG_FOLDER",
        ) from error
    return f"{folder}（可写）"


def office(_settings: Settings) -> str:
    """LibreOffice, for old formats and the preview."""
    if shutil.which("soffice") or shutil.which("libreoffice"):
        return "已安装 LibreOffice，可读 doc、wps、rtf、odt，可预览 Word"
    return (
        "未安装 LibreOffice：doc、wps、rtf、odt 不能完整读取（可另存为 docx 后导入），"
        "Word 不能预览（不影响导出）"
    )


def fonts(_settings: Settings) -> str:
    """Fonts of the official format, for the preview; the exported file only names them."""
    if installed_fonts() is None:
        return "未安装 fontconfig，无法得知字体；不影响导出，预览时以系统字体代替"
    missing = missing_fonts()
    if not missing:
        return "公文字体齐全"
    without = [font.name for font in missing if not font.fallback]
    if without:
        return (
            f"缺少 {'、'.join(without)} 且无相近字体：预览的版面不准（不影响导出的文件），"
            "可安装 fonts-noto-cjk"
        )
    stand_ins = "、".join(f"{font.name}→{font.fallback}" for font in missing)
    return f"预览以相近字体代替（{stand_ins}），不影响导出的文件"


def clock(settings: Settings) -> str:
    """The clock: deadlines are computed from it, and the audit is ordered by it."""
    now = datetime.now().astimezone()
    if now < BUILT:
        raise AssistantError(
            f"系统时间不对（{now:%Y-%m-%d %H:%M}）", todo="请校准系统时间（如 timedatectl）"
        )
    library = open_library(settings.home, settings.library_url())
    try:
        newest = library.audit_entries(limit=1)
    finally:
        library.close()
    if newest and datetime.fromisoformat(newest[0].at) > now + CLOCK_SLACK:
        raise AssistantError(
            f"系统时间早于案例库最后一次操作（{newest[0].at}）",
            todo="请校准系统时间（如 timedatectl）；时间曾被调快的，可忽略本条",
        )
    return f"{now:%Y-%m-%d %H:%M %z}"


def variables(_settings: Settings) -> str:
    """Variables that look like ours and name nothing."""
    unknown = unknown_variables()
    if unknown:
        raise AssistantError(
            f"不认识的设置：{'、'.join(unknown)}", todo="请对照 README 检查是否拼错"
        )
    return "没有写错的设置"

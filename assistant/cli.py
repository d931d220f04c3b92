"""The command line: `zhenggai …`. Parses words, calls a command, turns errors into one line.

stdout carries the result and nothing else; progress and errors go to stderr. Exit status 0 done,
1 a named error, 2 bad usage.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from assistant.errors import AssistantError, reason_of
from assistant.system_text import as_text

EXIT_ERROR, EXIT_INTERRUPTED = 1, 130

_CHINESE = {
    "the following arguments are required: ": "缺少参数：",
    "unrecognized arguments: ": "不认识的参数：",
    "invalid choice: ": "不能取 ",
    "choose from": "可选",
    "expected one argument": "需要一个值",
    "expected at least one argument": "至少需要一个值",
    "argument ": "参数 ",
}
_MOST = 1_000_000
_PORTS = range(1, 2**16)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)

ROOMS = {
    "reading": ("parse", "list", "show"),
    "library": ("ingest", "remove", "reindex"),
    "keeping": ("backup", "restore"),
    "auditing": ("audit",),
    "asking": ("search", "ask", "draft", "compare"),
    "measuring": ("eval",),
    "running": ("serve", "demo", "doctor"),
    "programs": ("api", "mcp"),
}
"""Module of `assistant.commands` → its commands; loaded when run, so that each starts fast."""


class _Parser(argparse.ArgumentParser):
    """argparse with its few sentences in Chinese."""

    def error(self, message: str) -> NoReturn:
        for english, chinese in _CHINESE.items():
            message = message.replace(english, chinese)
        self.exit(2, f"用法不对：{message}。请用 {self.prog} --help 查看用法\n")

    def format_help(self) -> str:
        text = super().format_help()
        for english, chinese in (
            ("usage: ", "用法："),
            ("positional arguments:", "参数："),
            ("options:", "选项："),
            ("show this help message and exit", "显示本说明"),
            ("show program's version number and exit", "显示版本"),
        ):
            text = text.replace(english, chinese)
        return text


def _words(word: str) -> str:
    """Read words as the terminal sent them: UTF-8, or the Chinese code page of an old one."""
    try:
        return as_text(word)
    except UnicodeDecodeError as error:
        raise argparse.ArgumentTypeError("含有认不出的字符，请把终端编码设为 UTF-8") from error


def _count(word: str) -> int:
    try:
        count = int(word)
    except ValueError:
        count = 0
    if not 1 <= count <= _MOST:
        raise argparse.ArgumentTypeError(f"应为 1 到 {_MOST} 之间的整数：'{word}'")
    return count


def _port(word: str) -> int:
    try:
        port = int(word)
    except ValueError:
        port = 0
    if port not in _PORTS:
        raise argparse.ArgumentTypeError(f"应为 1 到 {_PORTS[-1]} 之间的整数：'{word}'")
    return port


if TYPE_CHECKING:
    _Verbs = argparse._SubParsersAction[_Parser]


def build_parser() -> argparse.ArgumentParser:
    """Describe every command; the names and options are a contract with other programs."""
    parser = _Parser(
        prog="zhenggai",
        description="整改参谋：把巡察巡视整改通报变成可查、可引、可对照的案例。默认离线运行，不上传任何文件。",
    )
    parser.add_argument(
        "--home",
        type=Path,
        default=None,
        metavar="目录",
        help="案例库与索引所在目录（或设 ZHENGGAI_HOME）",
    )
    parser.add_argument("--version", action="version", version=f"整改参谋 {version('zhenggai')}")
    verbs = parser.add_subparsers(
        dest="command", metavar="命令", required=True, parser_class=_Parser
    )
    _add_reading(verbs)
    _add_library(verbs)
    _add_auditing(verbs)
    _add_asking(verbs)
    _add_running(verbs)
    return parser


def _verb(verbs: _Verbs, name: str, text: str) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=text, description=text)
    verb.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="输出格式：text 供人看，json 供程序用",
    )
    # also accepted after the command; SUPPRESS keeps a value given before it
    verb.add_argument("--home", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return verb


def _add_reading(verbs: _Verbs) -> None:
    verb = _verb(verbs, "parse", "只解析文件，不入库")
    verb.add_argument("files", nargs="+", type=Path, metavar="文件")
    verb = _verb(verbs, "ingest", "导入文件或文件夹（可中断，重跑时跳过已导入的）")
    verb.add_argument("paths", nargs="+", type=Path, metavar="路径")


def _add_library(verbs: _Verbs) -> None:
    _verb(verbs, "list", "列出案例库中的通报")
    verb = _verb(verbs, "show", "查看一份通报或一条案例")
    verb.add_argument("id", metavar="编号")
    verb = _verb(verbs, "remove", "从案例库删除一份通报")
    verb.add_argument("id", metavar="编号")
    _verb(verbs, "reindex", "重建检索索引")
    verb = _verb(verbs, "backup", "备份案例库（运行中也可备份）")
    verb.add_argument("file", type=Path, metavar="备份文件")
    verb = _verb(verbs, "restore", "用备份恢复案例库（原库移到一旁，不删除）")
    verb.add_argument("file", type=Path, metavar="备份文件")


def _add_auditing(verbs: _Verbs) -> None:
    verb = _verb(verbs, "audit", "查看或导出操作日志：谁在何时做了什么")
    verb.add_argument("--since", default="", metavar="日期", help="从哪一天起，如 2026-01-01")
    verb.add_argument("--until", default="", metavar="日期", help="到哪一天止（含）")
    verb.add_argument(
        "--who", type=_words, metavar="账号", help="只看某人（“本机”指未登录的本机使用）"
    )
    verb.add_argument(
        "--action", type=_words, default="", metavar="操作", help="只看某种操作，如 导出"
    )
    verb.add_argument(
        "--limit", type=_count, default=1000, metavar="N", help="最多几条（默认 1000）"
    )
    verb.add_argument("--out", type=Path, metavar="文件", help="导出为 .xlsx 或 .csv")


def _add_asking(verbs: _Verbs) -> None:
    verb = _verb(verbs, "search", "查找相近案例")
    verb.add_argument("query", nargs="?", type=_words, metavar="查询")
    verb.add_argument("--limit", type=_count, default=10, metavar="N", help="最多几条（默认 10）")
    verb.add_argument(
        "--filter",
        action="append",
        type=_words,
        default=[],
        metavar="项=值",
        help="限定条件，可多次：unit_type、inspection、status、topic、notice、level、year",
    )
    verb.add_argument(
        "--batch", type=Path, metavar="文件.jsonl", help='每行 {"id","query"}，逐行输出'
    )
    verb = _verb(verbs, "ask", "提问，回答逐句注明出处")
    verb.add_argument("question", nargs="?", type=_words, metavar="问题")
    verb.add_argument(
        "--batch", type=Path, metavar="文件.jsonl", help='每行 {"id","query"}，逐行输出'
    )
    verb = _verb(verbs, "draft", "为新问题起草整改措施")
    verb.add_argument("problem", nargs="?", type=_words, metavar="问题")
    for option, metavar, text in (
        ("--unit", "名称", "本单位名称"),
        ("--unit-type", "类型", "本单位类型，如 乡镇、街道、国资国企"),
        ("--deadline", "日期", "集中整改截止日，如 2025年9月30日"),
        ("--feedback-date", "日期", "反馈日期"),
    ):
        verb.add_argument(option, type=_words, default="", metavar=metavar, help=text)
    verb.add_argument("--unit-profile", type=Path, metavar="文件.yaml", help="单位信息文件")
    verb.add_argument(
        "--batch", type=Path, metavar="文件", help="反馈意见（docx/txt/xlsx…），逐条起草"
    )
    verb.add_argument(
        "--out",
        type=Path,
        action="append",
        default=[],
        metavar="文件",
        help="导出为 .docx（方案）、.xlsx（台账）或 .zip（送审包），可多次",
    )
    verb.add_argument("--template", type=Path, metavar="文件.docx", help="本单位的公文模板")
    verb = _verb(verbs, "compare", "与同类单位对标")
    verb.add_argument("unit", metavar="单位|编号|文件")
    verb.add_argument("--peers", default="auto", help="auto 或用逗号分开的通报编号")
    verb.add_argument("--out", type=Path, metavar="文件", help="导出为 .xlsx 或 .docx")
    verb = _verb(verbs, "eval", "用评测集计算检索、解析、引用、外来事实等指标")
    verb.add_argument("--queries", type=Path, metavar="文件.jsonl", help="带判定的查询")
    verb.add_argument("--notices", type=Path, metavar="文件.jsonl", help="带标注的通报")
    verb.add_argument(
        "--baseline", type=Path, metavar="文件.json", help="与此基线比较（默认用上次保存的）"
    )
    verb.add_argument("--save", action="store_true", help="把本次检索指标保存为基线")


def _add_running(verbs: _Verbs) -> None:
    for name, text in (("serve", "启动网页版"), ("demo", "载入示例通报并打开网页版")):
        verb = _verb(verbs, name, text)
        _add_place(verb, port=8501)
    _add_place(_verb(verbs, "api", "启动供其他程序调用的 HTTP 接口"), port=8502)
    _verb(verbs, "mcp", "以 MCP 工具的形式供其他程序调用（标准输入输出）")
    _verb(verbs, "doctor", "检查安装、案例库、索引和模型服务")


def _add_place(verb: argparse.ArgumentParser, *, port: int) -> None:
    verb.add_argument(
        "--port", type=_port, default=port, metavar="端口", help=f"端口（默认 {port}）"
    )
    verb.add_argument(
        "--address", default="127.0.0.1", metavar="地址", help="监听地址（默认只限本机）"
    )


def _run(options: argparse.Namespace) -> int:
    room = next(room for room, commands in ROOMS.items() if options.command in commands)
    module = importlib.import_module(f"assistant.commands.{room}")
    status = int(getattr(module, f"run_{options.command}")(options))
    if sys.stdout is not None:  # what is still held back fails here, where it can be told
        sys.stdout.flush()
    return status


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    options = build_parser().parse_args(arguments)
    try:
        return _run(options)
    except AssistantError as error:
        print(f"错误：{error}", file=sys.stderr)
        return EXIT_ERROR
    except BrokenPipeError:
        _drop_output()  # the reader of our output left
        return EXIT_ERROR
    except OSError as error:
        if error.errno not in _FULL:
            raise
        _drop_output()
        print(f"错误：写不下去了（{reason_of(error)}）。请检查磁盘空间后重试", file=sys.stderr)
        return EXIT_ERROR
    except KeyboardInterrupt:
        kept = "；已完成的部分已保存，重跑时会跳过" if _resumes(options) else ""
        print(f"\n已中断{kept}。", file=sys.stderr)
        return EXIT_INTERRUPTED


def _resumes(options: argparse.Namespace) -> bool:
    """Tell whether the same command goes on where it was interrupted."""
    return options.command == "ingest" or (options.command == "draft" and bool(options.batch))


def _drop_output() -> None:
    """Let nothing more be said on stdout, not even at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())

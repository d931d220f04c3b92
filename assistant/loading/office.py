"""Old and foreign word-processor files: converted to docx by LibreOffice, where it is installed.

LibreOffice runs under a profile made for the one conversion, without macros, without links to
anywhere (settings, and a dead proxy for what the settings miss), under a time and memory limit.
It is never given a web page.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from assistant.errors import LoadError, LoadTimeout, UnsupportedFormat
from assistant.loading import docx, rich_text, word_binary
from assistant.loading.content import Content
from assistant.loading.limits import (
    MEGABYTE,
    Limits,
    check_declarations,
    open_archive,
    read_entry,
)

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

SUFFIXES = {"doc": ".doc", "rtf": ".rtf", "odt": ".odt", "fodt": ".fodt", "wordxml": ".xml"}
NAMES = ("soffice", "libreoffice")
PLACES = (
    "/usr/lib/libreoffice/program/soffice",
    "/opt/libreoffice/program/soffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
)
MEMORY = 4_096 * MEGABYTE
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
{items}
</oor:items>
"""
_ITEM = (
    '<item oor:path="/org.openoffice.Office.{path}"><prop oor:name="{name}" oor:op="fuse">'
    "<value>{value}</value></prop></item>"
)
_SETTINGS = (
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Writer/Content/Update", "Link", "0"),
    ("Calc/Content/Update", "Link", "2"),
)
_DEAD_PROXY = "http://127.0.0.1:9"


def read(content: bytes, kind: str, limits: Limits) -> Content:
    """Read `doc` (and wps), `rtf`, `odt` and their XML siblings."""
    if kind == "doc":
        word_binary.check_password(content)
    program = find_office()
    if program is None:
        return _without_office(content, kind, limits)
    _check_xml(content, kind, limits)
    return docx.read(convert(program, content, SUFFIXES[kind], limits), "docx", limits)


def _check_xml(content: bytes, kind: str, limits: Limits) -> None:
    """Let no entities and no container that unpacks to too much reach the converter."""
    if kind in ("fodt", "wordxml"):
        check_declarations(content)
    if kind == "odt":
        with open_archive(content, limits) as archive:
            for name in archive.namelist():
                if name.lower().endswith((".xml", ".rdf")):
                    check_declarations(read_entry(archive, name))


def find_office() -> str | None:
    """The LibreOffice program, or `None`."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or next((place for place in PLACES if Path(place).is_file()), None)


def convert(program: str, content: bytes, suffix: str, limits: Limits) -> bytes:
    """Convert a file's bytes to docx."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        profile = folder / "profile" / "user"
        profile.mkdir(parents=True)
        items = "\n".join(_ITEM.format(path=p, name=n, value=v) for p, n, v in _SETTINGS)
        (profile / "registrymodifications.xcu").write_text(
            _PROFILE.format(items=items), encoding="utf-8"
        )
        source = folder / f"source{suffix}"
        source.write_bytes(content)
        run_office(program, source, folder, "docx", limits)
        target = folder / "out" / "source.docx"
        if not target.is_file():
            raise LoadError(
                "LibreOffice 未能转换此文件，文件可能已损坏或设有密码",
                todo="请用原软件打开，另存为 docx 再导入",
            )
        return target.read_bytes()


def run_office(program: str, source: Path, folder: Path, form: str, limits: Limits) -> None:
    """Convert `source` into `folder`/out, with the profile that lies in `folder`."""
    command = [
        program,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--nodefault",
        "--nofirststartwizard",
        "--convert-to",
        form,
        "--outdir",
        str(folder / "out"),
        str(source),
    ]
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "http_proxy": _DEAD_PROXY,
        "https_proxy": _DEAD_PROXY,
    }
    try:
        subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limits.seconds,
            check=False,
            preexec_fn=_more_memory if resource is not None else None,
        )
    except subprocess.TimeoutExpired as error:
        raise LoadTimeout(
            f"转换超过 {limits.seconds} 秒，已停止", todo="请用原软件另存为 docx 再导入"
        ) from error
    except OSError as error:
        raise LoadError("LibreOffice 无法启动", todo="请用原软件另存为 docx 再导入") from error


def _more_memory() -> None:
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    value = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (value, hard))


def _without_office(content: bytes, kind: str, limits: Limits) -> Content:
    if kind == "doc":
        return word_binary.read(content, kind, limits)
    if kind == "rtf":
        return rich_text.read(content, kind, limits)
    raise UnsupportedFormat(
        "读取此格式需要 LibreOffice，本机未找到",
        todo="请安装 LibreOffice，或用原软件另存为 docx 再导入",
    )

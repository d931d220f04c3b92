"""Doctor names what is wrong and how to mend it: one test for each state it can find."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from collections import namedtuple
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from assistant.cli import main
from assistant.export import fonts
from assistant.operation import doctor_machine
from assistant.operation.doctor import LOOKS, Check, examine
from assistant.settings import Settings, load_settings
from tests.fakes_model_server import ModelServer
from tests.ports import free_port
from tests.world import open_reviewer

KEY = "sk-should-never-be-shown"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a filled home; who changes it takes a copy."""
    home = tmp_path_factory.mktemp("filled")
    open_reviewer(home).library.close()
    return home


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Path:
    shutil.copytree(filled, tmp_path / "home")
    return tmp_path / "home"


def look(name: str, home: Path, **changes: object) -> Check:
    """Run one look on a home."""
    settings = load_settings(home)
    if changes:
        values = {**settings.model_dump(), **changes}
        settings = Settings(**values)
    function = dict(LOOKS)[name]
    found = [check for check in examine_only(settings, name, function) if check.name == name]
    return found[0]


def examine_only(
    settings: Settings, name: str, function: Callable[[Settings], str]
) -> tuple[Check, ...]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("assistant.operation.doctor.LOOKS", ((name, function),))
        return examine(settings)


def assert_broken(check: Check, *said: str) -> None:
    assert not check.ok, check.message
    for words in said:
        assert words in check.message


def test_a_healthy_home_is_healthy_in_every_respect(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["--home", str(home), "doctor", "--format", "json"])
    checks = json.loads(capsys.readouterr().out)
    assert [check["name"] for check in checks if not check["ok"]] == []
    assert [check["name"] for check in checks] == [name for name, _ in LOOKS]
    assert status == 0
    assert main(["--home", str(home), "doctor"]) == 0
    assert capsys.readouterr().out.count("✓") == len(LOOKS)


def test_one_broken_thing_makes_the_exit_status_1_and_hides_no_other(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHENGGAI_BASE_ULR", "x")
    assert main(["--home", str(home), "doctor"]) == 1
    said = capsys.readouterr().out
    assert "✗ 环境变量：不认识的设置：ZHENGGAI_BASE_ULR" in said
    assert said.count("✓") == len(LOOKS) - 1


def test_an_old_python(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 2))
    assert_broken(look("运行环境", home), "Python 版本太旧", "请安装 Python 3.11")


def test_a_missing_component(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(doctor_machine, "version", missing)
    assert_broken(look("运行环境", home), "缺少组件 chromadb", "请重新运行")


def test_an_old_sqlite_and_one_without_full_text(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "sqlite_version_info", (3, 31, 1))
        assert_broken(look("SQLite", home), "SQLite 版本太旧", "请改用")
    connect = sqlite3.connect

    def without(path: str) -> sqlite3.Connection:
        connection = connect(path)
        connection.set_authorizer(lambda *_: sqlite3.SQLITE_DENY)
        return connection

    monkeypatch.setattr(sqlite3, "connect", without)
    assert_broken(look("SQLite", home), "不支持全文检索", "FTS5")


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    settings = Settings(home=tmp_path / "home")
    check = examine_only(settings, "数据目录", dict(LOOKS)["数据目录"])[0]
    assert_broken(check, "数据目录不可写", "用 --home 换一个目录")


def test_a_full_disk(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10, 9, 5 << 20))
    assert_broken(look("数据目录", home), "磁盘只剩 5 MB", "请先清理磁盘")


@pytest.mark.parametrize("name", ["settings.toml", "cookie_secret"])
def test_a_file_with_keys_that_others_may_read(home: Path, name: str) -> None:
    path = home / name
    path.write_text("")
    path.chmod(0o644)
    assert_broken(look("文件权限", home), "其他用户可读（权限 644）", f"chmod 600 {path}")
    path.chmod(0o600)
    assert look("文件权限", home).ok


def test_a_home_open_to_others_is_mentioned(home: Path) -> None:
    home.chmod(0o755)
    assert "chmod 700" in look("文件权限", home).message
    home.chmod(0o700)
    assert "chmod 700" not in look("文件权限", home).message


def test_a_log_folder_that_cannot_be_written(home: Path, tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("")
    check = look("日志", home, log_folder=str(tmp_path / "logs"))
    assert_broken(check, "日志目录不可写", "ZHENGGAI_LOG_FOLDER")
    assert look("日志", home, log_folder=str(tmp_path / "good")).ok


def test_a_clock_that_is_wrong(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Early(datetime):
        days = 0.0

        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now().astimezone() - timedelta(days=cls.days)

    monkeypatch.setattr(doctor_machine, "datetime", Early)
    assert look("系统时间", home).ok
    Early.days = 2
    assert_broken(look("系统时间", home), "系统时间早于案例库最后一次操作", "请校准系统时间")
    Early.days = 20_000
    assert_broken(look("系统时间", home), "系统时间不对", "timedatectl")


def test_a_damaged_library(home: Path) -> None:
    path = home / "library.sqlite"
    content = bytearray(path.read_bytes())
    content[4096:-4096] = b"\x55" * (len(content) - 8192)
    path.write_bytes(content)
    for side in home.glob("library.sqlite-*"):
        side.unlink()
    assert_broken(look("案例库", home), "案例库", "备份")


def test_a_library_of_a_newer_version(home: Path) -> None:
    with sqlite3.connect(home / "library.sqlite") as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    assert_broken(look("案例库", home), "更新的版本", "99")


def test_a_database_that_does_not_answer(home: Path) -> None:
    url = f"postgresql://zg:{KEY}@127.0.0.1:{free_port()}/zg"
    check = look("案例库", home, database_url=url)
    assert_broken(check, "数据库")
    assert KEY not in check.message


def test_a_database_address_that_is_wrong(home: Path) -> None:
    assert_broken(look("案例库", home, database_url="mysql://x"), "数据库地址写法不对")


def test_a_broken_index_is_mended_or_told(home: Path) -> None:
    (home / "index" / "current.json").write_text("{")
    assert look("检索索引", home).ok
    shutil.rmtree(home / "index")
    (home / "index").write_text("a file where the folder was")
    assert_broken(look("检索索引", home), "索引", "请检查磁盘空间和目录权限")


def test_a_chroma_server_that_does_not_answer(home: Path) -> None:
    url = f"http://{KEY}@127.0.0.1:{free_port()}"
    check = look("向量数据库", home, chroma_url=url)
    assert_broken(check, "连不上向量数据库服务", "ZHENGGAI_CHROMA_URL")
    assert KEY not in check.message
    assert_broken(look("向量数据库", home, chroma_url="chroma:8000"), "向量库地址写法不对")


def test_a_model_endpoint_that_does_not_answer(home: Path) -> None:
    check = look(
        "模型服务", home, base_url=f"http://127.0.0.1:{free_port()}/v1", model="m", api_key=KEY
    )
    assert not check.ok
    assert KEY not in check.message


@pytest.mark.parametrize(("name", "field"), [("向量接口", "embeddings"), ("重排接口", "rerank")])
def test_an_endpoint_that_gives_nothing_usable(home: Path, name: str, field: str) -> None:
    with ModelServer() as server:
        changes = {f"{field}_base_url": server.url, f"{field}_model": "m"}
        check = look(name, home, **changes, **{f"{field}_api_key": KEY})
    assert_broken(check, "接口没有给出可用的结果", f"ZHENGGAI_{field.upper()}_BASE_URL")
    assert KEY not in check.message
    outside = {f"{field}_base_url": "https://api.example.com/v1", f"{field}_model": "m"}
    assert_broken(look(name, home, **outside), "内网")


def test_missing_office_and_fonts_are_told_but_are_no_fault(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert look("旧版文档与预览", home).ok
    assert "未安装 LibreOffice" in look("旧版文档与预览", home).message
    monkeypatch.setattr(doctor_machine, "installed_fonts", lambda: frozenset())
    monkeypatch.setattr(
        doctor_machine, "missing_fonts", lambda: (fonts.MissingFont("方正小标宋简体", ""),)
    )
    check = look("公文字体", home)
    assert check.ok
    assert "缺少 方正小标宋简体" in check.message


def test_a_door_open_to_everybody(home: Path) -> None:
    hosts = {"allowed_hosts": ("zhenggai.example.gov",)}
    assert_broken(look("访问控制", home, **hosts), "没有设置登录", "ZHENGGAI_ACCESS")
    check = look("访问控制", home, **hosts, open_without_login=True)
    assert_broken(check, "没有设置登录而允许本机以外访问", "zhenggai.example.gov")
    assert_broken(look("访问控制", home, access="oidc"), "没有填 oidc_metadata_url")
    header = look("访问控制", home, access="header")
    assert header.ok
    assert "ZHENGGAI_HEADER_SECRET" in header.message
    closed = look("访问控制", home, access="header", header_secret=KEY, admins=("zhang",))
    assert closed.ok
    assert "管理员 1 人或组" in closed.message
    assert KEY not in closed.message

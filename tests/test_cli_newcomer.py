"""The command line in unpractised hands: every slip gets one Chinese sentence, no traceback."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

import pytest

from assistant.cli import main
from tests.world import NOTICES

ODD_BYTES = os.fsdecode(b"\xff\xfe")
"""As a terminal hands over what is no text in any code page."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    assert main(["--home", str(home), "ingest", str(NOTICES[1]), "--format", "json"]) == 0
    return home


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run a command that must end with a named error of one line; gives the line."""
    capsys.readouterr()
    assert main(words) == 1
    told = capsys.readouterr().err.strip()
    assert told.startswith("错误：")
    assert "\n" not in told
    return told


def misused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run a command that must be bad usage; gives what is said."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    return capsys.readouterr().err


# ------------------------------------------------------------------ words and numbers


@pytest.mark.parametrize(
    "command", [("search",), ("ask",), ("draft",), ("draft", "党费", "--unit")]
)
def test_bytes_that_are_no_text_are_bad_usage(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "认不出的字符" in misused(capsys, *command, ODD_BYTES)


@pytest.mark.skipif(sys.platform == "win32", reason="words come as text there")
def test_words_of_an_old_chinese_terminal_are_read(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    words = ("--home", str(filled), "search", os.fsdecode("党费".encode("gb18030")))
    assert main([*words, "--limit", "1", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["query"] == "党费"


@pytest.mark.parametrize("given", ["0", "-3", "很多", "9" * 30])
@pytest.mark.parametrize("command", [("search", "党费"), ("audit",)])
def test_a_count_that_is_none_is_bad_usage(
    command: tuple[str, ...], given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "应为 1 到" in misused(capsys, *command, f"--limit={given}")


@pytest.mark.parametrize("command", ["serve", "demo", "api"])
def test_a_port_that_is_none_is_bad_usage(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "应为 1 到 65535" in misused(capsys, command, "--port=99999")


def test_a_port_in_use_is_a_named_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for command in ("api", "serve"):
            words = ("--home", str(tmp_path), command, "--port", port)
            assert "端口被占用" in refused(capsys, *words)


@pytest.mark.parametrize(
    "given", ["unit_type=火星", "status=快了", "level=宇宙", "topic=天气", "year=²", "year=23"]
)
def test_a_filter_no_case_can_meet_is_named_with_what_could_be_meant(
    given: str, filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, "--home", str(filled), "search", "党费", "--filter", given)
    assert given in told
    assert "可取" in told or "例如" in told


def test_a_topic_may_be_given_by_its_name(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    words = ("--home", str(filled), "search", "党费", "--format", "json", "--filter")
    assert main([*words, "topic=党费收缴使用管理"]) == 0
    by_name = json.loads(capsys.readouterr().out)["results"]
    assert main([*words, "topic=T19"]) == 0
    assert by_name == json.loads(capsys.readouterr().out)["results"] != []


def test_an_unknown_case_is_named_as_it_was_typed(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "N01-99" in refused(capsys, "--home", str(filled), "show", "N01-99")


def test_help_and_version_are_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    assert "显示版本" in told
    assert "show" not in told.replace("    show ", "")


# ------------------------------------------------------------------ files


@pytest.mark.parametrize(
    "content",
    [
        "leaders: 张某",
        "leaders: [a]",
        "name: [甲, 乙]",
        "leaders:\n  责任领导: [甲]",
        "- a",
        "nam: 甲",
        "name: [",
    ],
)
def test_a_unit_profile_written_wrongly_is_told(
    content: str, filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "单位.yaml"
    path.write_text(content, encoding="utf-8")
    words = ("--home", str(filled), "draft", "党费少缴", "--unit-profile", str(path))
    assert "单位.yaml" in refused(capsys, *words)


def test_dates_of_a_unit_profile_are_words(
    filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "单位.yaml"
    path.write_text("name:\ndeadline: 2031-02-30\nfeedback_date: 2031-01-05\n", encoding="utf-8")
    words = ("--home", str(filled), "draft", "党费少缴", "--unit-profile", str(path))
    assert main([*words, "--format", "json"]) == 0
    assert "None" not in capsys.readouterr().out


@pytest.mark.parametrize("out", ["方案.pdf", "方案"])
def test_a_form_that_cannot_be_written_is_told_before_the_work(
    out: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    words = ("--home", str(home), "draft", "--batch", str(tmp_path / "没有"), "--out", out)
    assert "可用：.docx" in refused(capsys, *words)
    assert "可用：.docx" in refused(capsys, "--home", str(home), "compare", "甲镇", "--out", out)
    assert not home.exists()


def test_a_file_that_is_no_backup_is_named_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "不是备份.db"
    path.write_text("今天天气不错", encoding="utf-8")
    told = refused(capsys, "--home", str(tmp_path / "home"), "restore", str(path))
    assert told.startswith(f"错误：{path}：不能用作备份")


def test_why_a_file_cannot_be_read_is_said_in_chinese(
    filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--home", str(filled), "search", "--batch")
    assert "找不到" in refused(capsys, *words, str(tmp_path / "没有.jsonl"))
    assert "是文件夹" in refused(capsys, *words, str(tmp_path))


def test_a_batch_line_that_is_none_is_shown_how_it_should_be(
    filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = tmp_path / "q.jsonl"
    batch.write_text('{"id":1,"query":"党费\\ud800\u2028少缴"}\n{"id":2}\n', encoding="utf-8")
    capsys.readouterr()
    assert main(["--home", str(filled), "search", "--batch", str(batch), "--limit", "1"]) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["id"] == 1
    assert captured.err.startswith('错误：q.jsonl 第2行：缺少 id 或 query。每行应为 {"id"')


@pytest.mark.skipif(sys.platform == "win32", reason="names are text there")
def test_a_file_named_in_the_old_code_page_is_held_under_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ("--home", str(tmp_path / "home"))
    for name in ("青田通报".encode("gb18030"), b"\xff"):
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name + b".txt"))
        path.write_bytes(NOTICES[1].read_bytes() + name)
        assert main([*home, "ingest", str(path)]) == 0
    capsys.readouterr()
    assert main([*home, "list", "--format", "json"]) == 0
    held = {notice["source"] for notice in json.loads(capsys.readouterr().out)}
    assert held == {"青田通报.txt", r"\xff.txt"}


@pytest.mark.parametrize("name", ["整改?一组", "整改#1", "100%20整改"])
def test_a_home_may_have_any_name(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / name
    assert main(["--home", str(home), "ingest", str(NOTICES[1])]) == 0
    capsys.readouterr()
    assert main(["--home", str(home), "search", "党费", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["results"]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_longest_name_a_disk_takes_is_written(
    filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"{'长' * 83}.csv"
    assert main(["--home", str(filled), "audit", "--out", str(path)]) == 0
    assert "已导出" in capsys.readouterr().out
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def test_nothing_found_in_the_audit_is_said(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["--home", str(filled), "audit", "--action", "没有这种操作"]) == 0
    assert capsys.readouterr().out == "没有符合条件的记录。\n"


def test_the_json_of_the_audit_comes_also_with_a_file(
    filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    out = tmp_path / "日志.csv"
    assert main(["--home", str(filled), "audit", "--out", str(out), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["action"] == "导入"
    assert out.read_text(encoding="utf-8-sig").startswith("时间,")


# ------------------------------------------------------------------ what is asked


def test_what_is_typed_is_masked_at_this_door_too(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = "13812345678"
    for command in ("search", "ask", "draft"):
        capsys.readouterr()
        words = ("--home", str(filled), command, f"电话{number}的人违规领取补贴")
        assert main([*words, "--format", "json"]) == 0
        assert number not in capsys.readouterr().out


@pytest.mark.parametrize("command", ["search", "ask", "draft"])
def test_a_mark_of_secrecy_is_refused_at_this_door_too(
    command: str, filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, "--home", str(filled), command, "机密★三年\n某项工作落实不力")
    assert "国家秘密标志" in told


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_behind_the_output_is_told(
    filled: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr("sys.stdout", full)
        assert main(["--home", str(filled), "list"]) == 1
        monkeypatch.undo()
    assert "磁盘已满" in capfd.readouterr().err

"""Logs tell what was done and how long it took, and never what was asked, read or kept secret."""

from __future__ import annotations

import json
import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.cli import main
from assistant.errors import LoadError, SettingsError
from assistant.operation import logs
from assistant.operation.logs import LogPlan, configure, masked
from assistant.operation.operations import endpoint_call, identified, operation
from assistant.settings import Settings, load_settings
from tests.fakes_model_server import ModelServer, says
from tests.world import NOTICES, open_reviewer

KEY = "sk-9f8e7d6c5b4a39281706"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    held, level = list(root.handlers), root.level
    yield
    for handler in [handler for handler in root.handlers if handler not in held]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_human_lines_tell_operation_outcome_and_time(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogPlan())
    with operation("search") as done:
        done.note(hits=3)
    line = capsys.readouterr().err
    assert " INFO operations: search ok operation=search outcome=ok ms=" in line
    assert line.rstrip().endswith("hits=3")


def test_json_lines_are_one_object_each(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogPlan(form="json"))
    with operation("draft"):
        pass
    logging.getLogger("assistant.x").error("第一行\n第二行")
    first, second = lines(capsys)
    assert (first["operation"], first["outcome"], first["level"]) == ("draft", "ok", "INFO")
    assert isinstance(first["ms"], float)
    assert first["at"]
    assert first["logger"] == "assistant.operations"
    assert second["message"] == "第一行\n第二行"


def test_what_is_done_within_bears_the_same_id(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogPlan(form="json"))
    with identified("abc123"), operation("ask"), operation("search"):
        pass
    with operation("alone"):
        pass
    search, ask, alone = lines(capsys)
    assert search["id"] == ask["id"] == "abc123"
    assert alone["id"] not in ("", "abc123")


def test_a_named_error_is_an_outcome_and_our_own_mistake_an_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(LogPlan(form="json"))
    with pytest.raises(LoadError), operation("ingest"):
        raise LoadError("读不了文件")
    with pytest.raises(ZeroDivisionError), operation("ingest"):
        raise ZeroDivisionError
    named, mistake = lines(capsys)
    assert (named["level"], named["outcome"]) == ("INFO", "LoadError")
    assert (mistake["level"], mistake["outcome"]) == ("ERROR", "ZeroDivisionError")


SECRETS = [
    (f"Authorization: Bearer {KEY}", KEY),
    ("authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    ("api_key=abcd1234efgh", "abcd1234efgh"),
    ('{"api_key": "abcd1234efgh", "n": 1}', "abcd1234efgh"),
    ("{'password': 'p4ss-w0rd!'}", "p4ss-w0rd!"),
    ("GET /x?token=abcd1234efgh&y=1", "abcd1234efgh"),
    ("postgresql+psycopg://zg:hunter22@db/zg", "hunter22"),
    ("http://tok3nv4lue@chroma:8000", "tok3nv4lue"),
    (f"model refused {KEY} as key", KEY),
    ("密码：mimahenchang", "mimahenchang"),
    ("身份证 11010519491231002X 已登记", "11010519491231002X"),
    ("联系 13912345678 处理", "13912345678"),
]


@pytest.mark.parametrize(("line", "secret"), SECRETS)
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_key_password_or_number_of_a_person_reaches_a_line(
    line: str, secret: str, form: logs.LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(LogPlan(form=form))
    logger = logging.getLogger("assistant.somewhere")
    logger.warning("%s", line, extra={"detail": line})
    try:
        raise ValueError(line)
    except ValueError:
        logger.exception("failed")
    said = capsys.readouterr().err
    assert secret not in said
    assert said.count(logs.MASK) >= 3
    if form == "json":
        assert all(json.loads(one) for one in said.splitlines())


def test_what_is_no_secret_stays() -> None:
    for line in (
        "2026-03-02 09:15:01 INFO ms=1391.2345678 id=a1b2c3d4 files=12",
        "sha256=3f1c13912345678aa published cases-1764278400123456789",
        "http://127.0.0.1:8501/readyz 200",
        "max_tokens 4096",
    ):
        assert masked(line) == line


def test_a_secret_of_the_settings_is_masked_whatever_it_looks_like(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(
        home=tmp_path,
        api_token="plainword",  # type: ignore[arg-type]
        api_tokens={"甲:经办": "otherword"},  # type: ignore[dict-item]
    )
    configure(settings.log_plan("api"))
    logging.getLogger("assistant.x").warning("got plainword and otherword")
    said = capsys.readouterr().err
    assert "plainword" not in said
    assert "otherword" not in said


def test_others_are_quiet_and_our_level_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogPlan(level="ERROR"))
    for name in ("httpx", "chromadb.telemetry", "streamlit.runtime", "uvicorn.access"):
        logging.getLogger(name).info("chatter")
    with operation("search"):
        pass
    assert capsys.readouterr().err == ""
    logging.getLogger("httpx").warning("trouble")
    assert "trouble" in capsys.readouterr().err


def test_a_line_cannot_be_forged_by_what_it_names(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogPlan())
    logging.getLogger("assistant.x").warning("%s", "a.txt\n2026-01-01 00:00:00 INFO x: forged")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_file_is_private_and_rotates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES", 2_000)
    configure(LogPlan(folder=tmp_path / "logs", role="api"))
    logger = logging.getLogger("assistant.x")
    for number in range(400):
        logger.info("line %d", number)
    files = sorted(path.name for path in (tmp_path / "logs").iterdir())
    assert files == ["zhenggai-api.log", *(f"zhenggai-api.log.{n}" for n in range(1, 6))]
    newest = tmp_path / "logs" / "zhenggai-api.log"
    assert stat.S_IMODE(newest.stat().st_mode) == 0o600
    assert "line 399" in newest.read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(SettingsError, match="日志目录不可写"):
        configure(LogPlan(folder=tmp_path / "logs"))


def test_a_call_of_an_endpoint_tells_its_host_and_sizes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(LogPlan(form="json"))
    with endpoint_call("chat", "http://user:pw@model.example:8000/v1?k=secretsecret") as call:
        call.note(sent_chars=120)
    line = lines(capsys)[0]
    assert line["host"] == "model.example"
    assert line["sent_chars"] == 120
    assert "secretsecret" not in json.dumps(line)


def test_a_day_of_work_logs_no_text_of_notices_questions_or_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything a user or a notice said stays out, whatever the operation, down to DEBUG."""
    reviewer = open_reviewer(tmp_path, filled=False)
    configure(LogPlan(form="json", level="DEBUG"))
    question, problem = "党费收缴不及时怎么整改？", "村级党费多年未核定基数"
    with ModelServer() as server:
        reviewer.ingest(list(NOTICES))
        server.script = [says("逐人核定党费缴费基数[1]。")] * 4
        reviewer.save_settings({"base_url": server.url, "model": "m", "api_key": KEY, "retries": 0})
        answer = reviewer.ask(question)
        reviewer.draft(problem)
        reviewer.compare(reviewer.notices()[0].id)
        reviewer.export("answer", answer, "docx")
    said = capsys.readouterr().err
    reviewer.library.close()
    done = {json.loads(line)["operation"] for line in said.splitlines() if "operation" in line}
    assert {"ingest", "index", "ask", "answer", "draft", "compare", "export", "chat"} <= done
    for text in (question, problem, KEY, "党费", "逐人", *(notice.stem for notice in NOTICES)):
        assert text not in said


def test_single_commands_are_silent_and_servers_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(tmp_path)
    assert settings.log_plan().level == "WARNING"
    assert settings.log_plan("api").level == "INFO"
    assert main(["--home", str(tmp_path), "search", "党费"]) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("ZHENGGAI_LOG_LEVEL", "INFO")
    assert main(["--home", str(tmp_path), "search", "党费"]) == 0
    assert "search ok" in capsys.readouterr().err

"""The command line is a contract: JSON alone on stdout, exit status, Chinese errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.cli import main
from tests.world import NOTICES


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    assert main(["--home", str(home), "ingest", *map(str, NOTICES), "--format", "json"]) == 0
    return home


def run_json(capsys: pytest.CaptureFixture[str], *words: str) -> object:
    capsys.readouterr()
    assert main([*words, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_parse_prints_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    notices = run_json(capsys, "parse", str(NOTICES[0]))
    assert isinstance(notices, list)
    assert notices[0].keys() >= {
        *("source", "title", "unit", "unit_type", "inspection", "team", "period"),
        *("feedback_date", "published_date", "start_line", "end_line", "problems"),
    }
    problem = notices[0]["problems"][3]
    assert problem.keys() >= {
        *("number", "line", "end_line", "category", "problem", "kind", "measures"),
        *("status", "status_class", "topics"),
    }
    lines = NOTICES[0].read_text(encoding="utf-8").split("\n")
    assert problem["problem"] in lines[problem["line"] - 1]
    assert problem["topics"][0] == "T19"


def test_search_in_batch_prints_a_line_for_each_query(
    filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = tmp_path / "q.jsonl"
    batch.write_text(
        '{"id":"a","query":"党费少缴"}\n\n{"id":"b","query":"白条"}\n', encoding="utf-8"
    )
    capsys.readouterr()
    assert main(["--home", str(filled), "search", "--batch", str(batch), "--limit", "3"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in rows] == ["a", "b"]
    assert rows[0].keys() >= {"answerable", "results"}
    assert rows[0]["results"][0].keys() >= {
        *("case_id", "source", "line", "unit", "unit_type", "problem", "score"),
    }


def test_filters_constrain_and_wrong_ones_are_named(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = run_json(capsys, "--home", str(filled), "search", "党费", "--filter", "unit_type=街道")
    assert isinstance(found, dict)
    assert {row["unit_type"] for row in found["results"]} == {"街道"}
    assert main(["--home", str(filled), "search", "党费", "--filter", "颜色=红"]) == 1
    assert "筛选条件写法不对" in capsys.readouterr().err


def test_ask_draft_and_compare_print_their_contracts(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ("--home", str(filled))
    answer = run_json(capsys, *home, "ask", "党费收缴不及时怎么整改")
    assert isinstance(answer, dict)
    assert answer.keys() >= {
        "answer",
        "citations",
        "unsupported",
        "answerable",
        "evidence",
        "model",
    }
    draft = run_json(capsys, *home, "draft", "镇里多个村党费年底一次性补收", "--unit", "青田镇党委")
    assert isinstance(draft, dict)
    assert draft["measures"][0].keys() >= {
        *("text", "kind", "evidence", "responsible", "deadline", "deliverable"),
    }
    comparison = run_json(capsys, *home, "compare", "云禾街道")
    assert isinstance(comparison, dict)
    assert comparison.keys() >= {
        *("unit", "peers", "basis", "matrix", "gaps", "measure_gaps", "self_check", "notes"),
    }


def test_a_feedback_document_becomes_a_plan_and_a_ledger(
    filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feedback = tmp_path / "反馈意见.txt"
    feedback.write_text(
        "关于巡察青田镇党委的反馈意见\n\n一、主要问题\n（一）财务管理方面\n"
        "1.白条入账问题突出。\n2.公务接待超标准。\n（二）党的建设方面\n3.党费收缴不规范。\n",
        encoding="utf-8",
    )
    for name in ("方案.docx", "台账.xlsx"):
        out = tmp_path / name
        words = ["--home", str(filled), "draft", "--batch", str(feedback), "--out", str(out)]
        drafts = run_json(capsys, *words)
        assert isinstance(drafts, list)
        assert [d["problem"].rstrip("。") for d in drafts] == [
            "白条入账问题突出",
            "公务接待超标准",
            "党费收缴不规范",
        ]
        assert out.read_bytes()[:2] == b"PK"


def test_list_show_and_remove(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = ("--home", str(tmp_path))
    assert main([*home, "ingest", str(NOTICES[1])]) == 0
    listed = run_json(capsys, *home, "list")
    assert isinstance(listed, list)
    notice_id = listed[0]["id"]
    shown = run_json(capsys, *home, "show", f"{notice_id}-01")
    assert isinstance(shown, dict)
    assert len(shown["problems"]) == 1
    assert main([*home, "remove", notice_id]) == 0
    assert main([*home, "show", notice_id]) == 1
    assert "没有这份通报" in capsys.readouterr().err


def test_one_bad_file_is_named_and_the_rest_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "空白.txt"
    empty.write_bytes(b"")
    assert main(["parse", str(empty), str(NOTICES[0]), "--format", "json"]) == 1
    captured = capsys.readouterr()
    assert len(json.loads(captured.out)) == 1
    assert captured.err.startswith("错误：空白.txt")


def test_bad_usage_exits_2_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["ingest"])
    assert stopped.value.code == 2
    assert "缺少参数" in capsys.readouterr().err


def test_neither_question_nor_batch_is_a_named_error(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(filled), "ask"]) == 1
    assert "请给出问题" in capsys.readouterr().err


def test_doctor_finds_a_healthy_home_healthy(
    filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checks = run_json(capsys, "--home", str(filled), "doctor")
    assert isinstance(checks, list)
    assert {check["name"]: check["ok"] for check in checks}["检索索引"]


def test_eval_compares_with_the_baseline_it_saved(
    filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = tmp_path / "q.jsonl"
    relevant = [{"file": "yunhe_street.txt", "line": 18, "grade": 3}]
    rows = [
        {"id": "a", "type": "ask", "query": "党费收缴不及时怎么整改", "relevant": relevant},
        {"id": "b", "type": "draft", "query": "村里党费年底一次性补收", "relevant": relevant},
    ]
    queries.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    words = ("--home", str(filled), "eval", "--queries", str(queries))
    first = run_json(capsys, *words, "--save")
    assert isinstance(first, dict)
    assert "尚无基线" in first["difference"]
    assert first["citations"]["citations"] == first["citations"]["exact"] > 0
    assert first["drafts"]["foreign_facts"] == 0
    again = run_json(capsys, *words)
    assert isinstance(again, dict)
    assert again["difference"]["all"] == 0.0
    assert main([*words, "--baseline", str(queries)]) == 1
    assert "基线文件" in capsys.readouterr().err

"""设置: embeddings, word lists, figures on judged questions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import IndexUnavailable
from assistant.review import build_reviewer
from assistant.settings import load_settings
from assistant.ui.settings import short_path
from tests.fakes_retrieval_server import EmbeddingServer
from tests.fakes_ui import FakeReviewer
from tests.ui_support import fake_desk, open_page, press, shown

desk = pytest.fixture(fake_desk)
NOTICE = Path(__file__).resolve().parent / "data" / "yunhe_street.txt"


@pytest.fixture
def endpoint() -> Iterator[EmbeddingServer]:
    server = EmbeddingServer()
    yield server
    server.close()


def test_an_embeddings_endpoint_is_saved_and_its_key_not_shown(desk: FakeReviewer) -> None:
    at = open_page("settings")
    at = at.segmented_control(key="embeddings-kind").set_value("向量服务").run()
    at.text_input(key="embeddings-url").set_value("http://127.0.0.1:9/v1")
    at.text_input(key="embeddings-model").set_value("bge")
    at.text_input(key="embeddings-key").set_value("sk-hidden").run()
    at = press(at, "save-embeddings")
    assert desk.settings.embeddings_model == "bge"
    assert "检索已按新的设置进行" in shown(at)
    assert "sk-hidden" not in shown(open_page("settings"))


def test_a_rerank_endpoint_is_saved_and_taken_away(desk: FakeReviewer) -> None:
    at = open_page("settings")
    at = at.segmented_control(key="rerank-kind").set_value("重排服务").run()
    at.text_input(key="rerank-url").set_value("http://127.0.0.1:9/v1")
    at.text_input(key="rerank-model").set_value("bge-reranker").run()
    at = press(at, "save-rerank")
    assert desk.settings.rerank_model == "bge-reranker"
    at = at.segmented_control(key="rerank-kind").set_value("不重排").run()
    press(at, "save-rerank")
    assert desk.settings.rerank_base_url == ""


@pytest.mark.parametrize("field", ["ocr", "model_reading"])
def test_reading_is_switched_on(desk: FakeReviewer, field: str) -> None:
    assert getattr(desk.settings, field) is False
    at = open_page("settings").toggle(key=f"switch-{field}").set_value(True).run()
    assert not at.exception
    assert getattr(desk.settings, field) is True


def test_what_the_environment_decides_cannot_be_switched(
    desk: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHENGGAI_OCR", "false")
    assert open_page("settings").toggle(key="switch-ocr").disabled


def test_a_long_path_shows_its_end_only() -> None:
    assert short_path(Path("/srv/data/offices/one/zhenggai")) == "…/one/zhenggai"
    assert short_path(Path.home() / "zhenggai") == "~/zhenggai"


def test_new_embeddings_are_searched_with_at_once(home: Path, endpoint: EmbeddingServer) -> None:
    reviewer = build_reviewer(load_settings(home))
    reviewer.ingest([NOTICE])
    reviewer.save_settings({"embeddings_base_url": endpoint.url, "embeddings_model": "e"})
    assert endpoint.requests
    assert reviewer.search("固定资产").hits
    reviewer.library.close()


def test_embeddings_that_cannot_be_had_leave_all_as_it_was(home: Path) -> None:
    reviewer = build_reviewer(load_settings(home))
    reviewer.ingest([NOTICE])
    with pytest.raises(IndexUnavailable):
        reviewer.save_settings(
            {"embeddings_base_url": "http://127.0.0.1:9/v1", "embeddings_model": "e"}
        )
    assert load_settings(home).embeddings_base_url == ""
    assert reviewer.search("固定资产").hits
    reviewer.library.close()


def test_the_word_lists_are_told(desk: FakeReviewer) -> None:
    assert "同义词" in shown(open_page("settings"))


def test_figures_on_judged_questions_are_shown(desk: FakeReviewer) -> None:
    case = desk.notices()[0].cases[0]
    found = {"file": desk.notices()[0].source, "line": case.line, "grade": 3}
    rows = [
        {"id": "1", "type": "原话", "query": case.problem, "relevant": [found]},
        {"id": "2", "type": "无答案", "query": "量子计算机", "relevant": []},
    ]
    content = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    at = open_page("settings", held={"figures-box": True})
    at = at.file_uploader(key="figures-file").upload("题.jsonl", content, "text/plain").run()
    at = press(at, "figures-run")
    assert "nDCG@10" in shown(at)
    assert "没有答案的 1 题，如实说没有的 1 题" in shown(at)


def test_a_judged_file_that_is_wrong_is_told_by_line(desk: FakeReviewer) -> None:
    at = open_page("settings", held={"figures-box": True})
    at = at.file_uploader(key="figures-file").upload("题.jsonl", b"{}", "text/plain").run()
    assert "题.jsonl 第1行：评测题目格式不对" in shown(press(at, "figures-run"))

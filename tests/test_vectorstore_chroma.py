"""Chroma itself: exact enough, silent, and the same behind a server."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import chromadb
import numpy as np
import pytest

from tests.fakes_vectorstore import CONCEPTS, make_entries, opened, publish, vectors_of
from tests.ports import end_server, free_port
from tests.waiting import wait_for
from vectorstore import dense
from vectorstore.errors import PoorGraph, StoreUnreachable
from vectorstore.segment import Segment
from vectorstore.store import Store


def test_chroma_finds_what_an_exact_scan_finds(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, make_entries(600))
    generation = opened(held)
    segment = generation.segments[0]
    for text in ("党费基数", "厂房闲置", "接待没有公函"):
        query, _ = generation.encoder.encode_query(text)
        rows = vectors_of(segment).query(query, 50)
        exact = np.sort(segment.whole @ query)[::-1][:50]
        assert np.allclose(segment.whole[rows] @ query, exact, atol=1e-4)


def test_where_the_graph_loses_rows_the_segment_is_searched_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Store(tmp_path / "whole", concepts=CONCEPTS)
    publish(whole, make_entries(600))
    monkeypatch.setattr(dense, "CHECK_ALL_UP_TO", 100)
    monkeypatch.setattr(dense, "CHECK_MISSING", -1.0)  # nothing astray is too much already
    with pytest.raises(PoorGraph):
        dense.build("", tmp_path / "alone", "name", np.eye(200, dtype=np.float32))
    assert not (tmp_path / "alone").exists()
    held = Store(tmp_path / "exact", concepts=CONCEPTS)
    publish(held, make_entries(600))
    assert not list((tmp_path / "exact").rglob("chroma.sqlite3"))
    monkeypatch.undo()
    reopened = opened(Store(tmp_path / "exact", concepts=CONCEPTS))
    for text in ("党费基数", "厂房闲置", "接待没有公函"):
        found = [match.id for match in reopened.search(text).matches]
        assert found == [match.id for match in opened(whole).search(text).matches]
    reopened.open_vectors()


def test_the_default_embedder_cannot_be_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("the default embedder was called")

    for name in ("__call__", "_download_model_if_not_exists"):
        monkeypatch.setattr(
            f"chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2.ONNXMiniLM_L6_V2.{name}",
            unreachable,
        )
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, make_entries(30))
    assert opened(held).search("党费").matches
    segment = opened(held).segments[0]
    assert isinstance(segment, Segment)
    assert vectors_of(segment)._collection._embedding_function is None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with pytest.raises(ValueError, match="embedding"):
            vectors_of(segment)._collection.query(query_texts=["党费"])


def test_telemetry_is_off_and_no_env_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("CHROMA_API_IMPL=nonsense\nANONYMIZED_TELEMETRY=True\n")
    monkeypatch.chdir(tmp_path)
    settings = dense._settings()
    assert settings.anonymized_telemetry is False
    assert settings.chroma_api_impl != "nonsense"
    held = Store(tmp_path / "index", concepts=CONCEPTS)
    publish(held, make_entries(5))


def test_a_server_that_is_down_is_told(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS, url="http://127.0.0.1:9")
    with pytest.raises(StoreUnreachable):
        publish(held, make_entries(5))


@pytest.mark.slow
def test_a_server_holds_the_collection_by_one_setting(tmp_path: Path) -> None:
    port = free_port()
    command = Path(sys.executable).with_name("chroma")
    server = subprocess.Popen(
        [command, "run", "--path", str(tmp_path / "server"), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
    )
    try:
        held = Store(tmp_path / "index", concepts=CONCEPTS, url=f"http://127.0.0.1:{port}")
        wait_for(lambda: _published(held), seconds=120)
        assert opened(held).search("党费收缴").matches
        assert not list((tmp_path / "index").glob("*/base/chroma/chroma.sqlite3"))
        publish(held, make_entries(31))
        publish(held, make_entries(32))
        opened(held)
        client = chromadb.HttpClient(host="127.0.0.1", port=port, settings=dense._settings())
        assert 1 <= len(client.list_collections()) <= 2
    finally:
        end_server(server)


def _published(held: Store) -> bool:
    try:
        publish(held, make_entries(30))
    except StoreUnreachable:
        return False
    return True

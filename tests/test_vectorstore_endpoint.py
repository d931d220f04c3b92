"""Embeddings and reranking over a real HTTP server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes_retrieval_server import EmbeddingServer
from vectorstore.entries import Concepts, Entry
from vectorstore.errors import EmbeddingFailed
from vectorstore.openai_embeddings import EndpointConfig, EndpointReranker, OpenAIEmbeddings
from vectorstore.store import Store

TEXTS = [f"{chr(0x4E00 + number)}类问题" for number in range(50)]


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    held = EmbeddingServer()
    yield held
    held.close()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "kept.sqlite"


def encoder(server: EmbeddingServer, cache: Path, **changes: Any) -> OpenAIEmbeddings:
    config = EndpointConfig(server.url, "m", use_proxy=False, batch=8, retries=2)
    return OpenAIEmbeddings(replace(config, **changes), cache=cache)


def test_rows_come_in_order_and_of_length_one(server: EmbeddingServer, cache: Path) -> None:
    rows = encoder(server, cache).encode(TEXTS)
    assert rows.shape == (50, 4)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    ratios = rows[:, 0] / rows[:, 1] * 4
    assert np.allclose(ratios, [ord(text[0]) for text in TEXTS], rtol=1e-3)


def test_texts_go_in_batches_and_are_asked_once(server: EmbeddingServer, cache: Path) -> None:
    encoder(server, cache).encode(TEXTS)
    assert server.requests == 7
    encoder(server, cache).encode([*TEXTS, "新增问题"])
    assert server.requests == 8
    assert server.texts.count(TEXTS[0]) == 1


def test_a_busy_server_is_asked_again(server: EmbeddingServer, cache: Path) -> None:
    server.script = [429, 500]
    assert encoder(server, cache, at_once=1).encode(TEXTS[:8]).shape == (8, 4)
    assert server.requests == 3


def test_what_arrived_before_a_failure_is_kept(server: EmbeddingServer, cache: Path) -> None:
    server.script = [200, 200, 401]
    with pytest.raises(EmbeddingFailed):
        encoder(server, cache, at_once=1).encode(TEXTS)
    before = len(server.texts)
    server.script = []
    encoder(server, cache, at_once=1).encode(TEXTS)
    assert before >= 16
    assert len(server.texts) - before <= len(TEXTS) - 16


def test_a_damaged_store_of_rows_is_begun_anew(server: EmbeddingServer, cache: Path) -> None:
    cache.write_bytes(b"no database, whatever made it so" * 200)
    assert encoder(server, cache).encode(TEXTS).shape == (50, 4)
    encoder(server, cache).encode(TEXTS)
    assert server.requests == 7


def test_rows_that_cannot_be_kept_are_a_named_failure(server: EmbeddingServer, cache: Path) -> None:
    cache.mkdir()
    with pytest.raises(EmbeddingFailed, match="unable to open"):
        encoder(server, cache).encode(TEXTS)


def test_a_changed_model_behind_the_name_is_noticed(server: EmbeddingServer, cache: Path) -> None:
    encoder(server, cache).encode(TEXTS)
    server.columns = 6
    rows = encoder(server, cache).encode([*TEXTS, "新增问题"])
    assert rows.shape == (51, 6)


def test_a_short_answer_is_refused(server: EmbeddingServer, cache: Path) -> None:
    server.drop_one = True
    with pytest.raises(EmbeddingFailed, match="rows"):
        encoder(server, cache).encode(TEXTS[:4])


def test_a_server_that_is_gone_is_told(cache: Path) -> None:
    config = EndpointConfig("http://127.0.0.1:9/v1", "m", retries=0, use_proxy=False)
    with pytest.raises(EmbeddingFailed):
        OpenAIEmbeddings(config, cache=cache).encode(["党费"])


def test_requests_are_spread_when_a_rate_is_set(server: EmbeddingServer, cache: Path) -> None:
    encoder(server, cache, per_minute=6000, at_once=4).encode(TEXTS)
    assert server.requests == 7


def test_an_index_with_an_endpoint_survives_its_absence(
    server: EmbeddingServer, tmp_path: Path
) -> None:
    remote = encoder(server, tmp_path / "kept.sqlite", retries=0)
    held = Store(tmp_path / "index", concepts=Concepts(lambda _text: ()), remote=remote)
    entries = [Entry(f"n-{number:02d}", text, (text,), {}) for number, text in enumerate(TEXTS)]
    held.publish(entries, {entry.id: entry.text for entry in entries}, stamp={})
    generation = held.current()
    assert generation is not None
    assert generation.encoder.remote_dimension == 4
    assert generation.search(TEXTS[7]).matches[0].id == "n-07"
    server.script = [500] * 5
    assert generation.search(TEXTS[7]).matches[0].id == "n-07"


def test_reranking_gives_scores_in_the_order_asked(server: EmbeddingServer) -> None:
    reranker = EndpointReranker(EndpointConfig(server.url, "r", use_proxy=False))
    assert reranker.score("党", ["合同", "党费", "债务"]) == [0.0, 1.0, 0.0]
    server.script = [500]
    with pytest.raises(EmbeddingFailed):
        reranker.score("党", ["合同"])

"""The same index behind one setting: embedded, a Chroma server, a distributed deployment."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import chromadb
import httpx
import numpy as np
import pytest
from chromadb.api import ClientAPI
from chromadb.api.client import Client
from chromadb.api.models.Collection import Collection
from chromadb.errors import InvalidArgumentError

from assistant.cli import main
from assistant.errors import IndexUnavailable, SettingsError
from assistant.review import build_reviewer
from assistant.settings import load_settings
from tests.fakes_vectorstore import CONCEPTS, digests, make_entries, opened, publish
from tests.ports import end_server, free_port
from tests.world import NOTICES, open_reviewer
from vectorstore import dense, store
from vectorstore.address import CLOUD_ROWS, is_remote, read_address
from vectorstore.errors import StoreUnreachable
from vectorstore.store import Store, Update

CHROMA = Path(sys.executable).with_name("chroma")
START_SECONDS = 120


class Server:
    """A real Chroma server that can be ended and started again on its port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [CHROMA, "run", "--path", self.folder, "--host", "127.0.0.1", "--port", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
        )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/api/v2/heartbeat", trust_env=False).is_success:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise AssertionError("chroma did not start")

    def stop(self) -> None:
        if self.process is not None:
            end_server(self.process)
            self.process = None

    def client(self) -> ClientAPI:
        return chromadb.HttpClient(host="127.0.0.1", port=self.port, settings=dense._settings())

    def names(self) -> list[str]:
        return sorted(collection.name for collection in self.client().list_collections())


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("server"))
    yield running
    running.stop()


@pytest.fixture
def server(shared_server: Server) -> Server:
    """Give a running server that holds nothing."""
    if shared_server.process is None:
        shared_server.start()
    for name in shared_server.names():
        shared_server.client().delete_collection(name)
    return shared_server


# ---------------------------------------------------------------------- addresses


def test_addresses_are_read_and_shown_without_their_token() -> None:
    plain = read_address("http://chroma")
    assert (plain.host, plain.port, plain.secure, plain.database) == ("chroma", 8000, False, "")
    full = read_address("https://s%40cret@chroma.lan/zheng")
    assert (full.port, full.token, full.database) == (443, "s@cret", "zheng")
    assert full.shown == "https://chroma.lan:443"
    cloud = read_address("cloud://key@Tenant-A/db")
    assert (cloud.host, cloud.tenant, cloud.database) == ("api.trychroma.com", "Tenant-A", "db")
    assert cloud.most_rows == CLOUD_ROWS
    own = read_address("cloud://key@t/db?host=chroma.lan:9000&ssl=0")
    assert own.shown == "http://chroma.lan:9000"
    assert not is_remote("")


@pytest.mark.parametrize(
    "url",
    ["chroma:8000", "ftp://x", "http://", "cloud://tenant", "http://h:x", "cloud://t/d?host=h:x"],
)
def test_a_wrong_address_is_told_with_the_right_form(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHENGGAI_CHROMA_URL", url)
    with pytest.raises(SettingsError, match=r"向量库地址写法不对.*应为 http"):
        build_reviewer(load_settings(tmp_path))


def test_the_cloud_is_outside_and_needs_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHENGGAI_CHROMA_URL", "cloud://key@localhost/db")
    with pytest.raises(SettingsError, match=r"内网模式.*api\.trychroma\.com"):
        build_reviewer(load_settings(tmp_path))


# ---------------------------------------------------------------------- a server


def test_the_whole_product_on_a_server(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Publish, search, change, drop what is old; the same answers as embedded."""
    embedded = open_reviewer(tmp_path / "embedded")
    monkeypatch.setenv("ZHENGGAI_CHROMA_URL", server.url)
    reviewer = open_reviewer(tmp_path / "home")
    question = "党费收缴不及时怎么整改"
    expected = [hit.case.id for hit in embedded.search(question).hits]
    assert [hit.case.id for hit in reviewer.search(question).hits] == expected
    assert not list((tmp_path / "home").rglob("chroma.sqlite3"))
    for _ in range(3):
        reviewer.reindex()
    assert reviewer.search(question).hits
    # the one in use, and at most one that a search of ours may still hold open
    assert 1 <= len(server.names()) <= 2
    embedded.library.close()
    reviewer.library.close()


def test_new_entries_are_folded_in_and_old_collections_go(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "FOLD_ENTRIES_FROM", 40)
    held = Store(tmp_path / "index", concepts=CONCEPTS, url=server.url)
    publish(held, make_entries(60))
    more = make_entries(66)
    assert held.fold_in(Update(more, digests(more), {"v": "2"}))
    assert len(opened(held)) == 66
    assert len(server.names()) == 2
    found = opened(held).search(more[-1].text).matches
    assert more[-1].id in [match.id for match in found]
    del found
    publish(held, make_entries(70))
    assert len(opened(held)) == 70
    publish(held, make_entries(71))
    assert len(server.names()) <= 2


def test_a_server_that_is_down_at_start_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZHENGGAI_CHROMA_URL", f"http://token123@127.0.0.1:{free_port()}")
    assert main(["--home", str(tmp_path), "ingest", str(NOTICES[0])]) == 1
    said = capsys.readouterr().err
    assert "错误：连不上向量数据库服务" in said
    assert "请检查向量库地址与服务状态" in said
    assert "token123" not in said
    assert "Traceback" not in said


def test_a_server_that_goes_and_comes_back(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHENGGAI_CHROMA_URL", server.url)
    reviewer = open_reviewer(tmp_path / "home")
    server.stop()
    for call in (reviewer.search, reviewer.ask, reviewer.draft):
        with pytest.raises(IndexUnavailable, match="连不上向量数据库服务"):
            call("党费收缴不及时")
    with pytest.raises(IndexUnavailable, match="连不上向量数据库服务"):
        reviewer.reindex()
    server.start()
    assert reviewer.search("党费收缴不及时").hits
    reviewer.library.close()


def test_a_server_that_lost_its_disk_is_filled_anew(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHENGGAI_CHROMA_URL", server.url)
    reviewer = open_reviewer(tmp_path / "home")
    before = server.names()
    for name in before:
        server.client().delete_collection(name)
    assert reviewer.search("党费收缴不及时").hits
    assert server.names() != before
    reviewer.library.close()


def test_a_collection_that_could_not_be_dropped_is_dropped_later(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Store(tmp_path / "index", concepts=CONCEPTS, url=server.url)
    publish(held, make_entries(30))

    def unreachable(_url: str, _name: str) -> None:
        raise StoreUnreachable("gone")

    with monkeypatch.context() as patched:
        patched.setattr(dense, "drop", unreachable)
        publish(held, make_entries(31))
        publish(held, make_entries(32))
    assert len(server.names()) == 3
    opened(held)
    publish(held, make_entries(33))
    assert len(server.names()) <= 2


class ErrorPage(BaseHTTPRequestHandler):
    """A proxy whose server is gone."""

    def do_GET(self) -> None:
        body = b"<html>502 Bad Gateway</html>"
        self.send_response(502)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the name http.server calls

    def log_message(self, *_args: object) -> None:
        pass


def test_the_error_page_of_a_proxy_is_a_named_error(server: Server, tmp_path: Path) -> None:
    held = Store(tmp_path / "index", concepts=CONCEPTS, url=server.url)
    publish(held, make_entries(30))
    generation = opened(held)
    server.stop()
    proxy = HTTPServer(("127.0.0.1", server.port), ErrorPage)
    thread = threading.Thread(target=proxy.serve_forever)
    thread.start()
    try:
        with pytest.raises(StoreUnreachable, match="502"):
            generation.search("党费")
        fresh = Store(tmp_path / "other", concepts=CONCEPTS, url=server.url)
        with pytest.raises(StoreUnreachable):
            publish(fresh, make_entries(30))
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()


# ---------------------------------------------------------------------- distributed


def test_a_distributed_deployment_by_the_same_setting(server: Server, tmp_path: Path) -> None:
    """Over the cloud's own client: no HNSW settings, small batches, short answers."""
    url = f"cloud://key@default_tenant/default_database?host=127.0.0.1:{server.port}&ssl=0"
    held = Store(tmp_path / "index", concepts=CONCEPTS, url=url)
    asked: list[int] = []
    written: list[int] = []
    query, upsert = Collection.query, Collection.upsert
    with pytest.MonkeyPatch.context() as patched:

        def counted_query(self: Collection, **given: object) -> object:
            asked.append(int(str(given["n_results"])))
            return query(self, **given)  # type: ignore[arg-type]

        def counted_upsert(self: Collection, **given: object) -> None:
            written.append(len(given["ids"]))  # type: ignore[arg-type]
            upsert(self, **given)  # type: ignore[arg-type]

        patched.setattr(Collection, "query", counted_query)
        patched.setattr(Collection, "upsert", counted_upsert)
        publish(held, make_entries(700))
        found = opened(held).search("党费基数").matches
    assert written == [300, 300, 100]
    assert max(asked) <= CLOUD_ROWS
    assert found
    configured = server.client().get_collection(server.names()[0], embedding_function=None)
    assert (configured.configuration["hnsw"] or {})["max_neighbors"] != dense.HNSW["max_neighbors"]


def test_the_order_without_a_configuration_is_the_same(server: Server, tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    vectors = generator.normal(size=(200, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    url = f"cloud://key@default_tenant/default_database?host=127.0.0.1:{server.port}&ssl=0"
    dense.build(url, tmp_path, "plain-order", vectors)
    rows = dense.open_vectors(url, tmp_path, "plain-order").query(vectors[7], 20)
    assert list(rows) == list(np.argsort(-(vectors @ vectors[7]), kind="stable")[:20])


def test_a_missing_key_is_told_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHROMA_API_KEY", raising=False)
    held = Store(tmp_path, concepts=CONCEPTS, url="cloud://tenant/db?host=127.0.0.1:9&ssl=0")
    with pytest.raises(StoreUnreachable, match="CHROMA_API_KEY"):
        publish(held, make_entries(5))


def test_a_server_without_hnsw_chooses_its_own_index(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = Client.create_collection
    seen: list[bool] = []

    def refusing(self: Client, name: str, **given: object) -> object:
        seen.append("configuration" in given)
        if "configuration" in given:
            raise InvalidArgumentError("hnsw is not supported")
        return create(self, name, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(Client, "create_collection", refusing)
    held = Store(tmp_path / "index", concepts=CONCEPTS, url=server.url)
    publish(held, make_entries(30))
    assert seen == [True, False]
    assert opened(held).search("党费").matches

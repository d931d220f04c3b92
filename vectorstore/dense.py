"""The vector database: Chroma, embedded, server or cloud by one URL. The only door to chromadb.

A collection is written once, checked and never changed. Chroma's own embedding functions are
never attached: whoever calls brings vectors.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import chromadb
import httpx
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.client import Client
from chromadb.api.collection_configuration import CreateHNSWConfiguration
from chromadb.api.fastapi import FastAPI
from chromadb.api.models.Collection import Collection
from chromadb.config import DEFAULT_DATABASE, DEFAULT_TENANT, Settings
from chromadb.errors import ChromaError, InternalError, InvalidArgumentError, NotFoundError
from numpy.typing import NDArray

from vectorstore.address import Address, is_remote, read_address
from vectorstore.entries import Matrix, Rows
from vectorstore.errors import BrokenIndex, PoorGraph, StoreUnreachable
from vectorstore.seal import check_seal, write_seal

HNSW: CreateHNSWConfiguration = {
    "space": "cosine",
    "ef_construction": 200,
    "max_neighbors": 32,
    "ef_search": 500,
}
"""Half of it (16, 100) saves 50 s at 100,000 rows and loses rows; the defaults lose a tenth."""

TIMEOUT = httpx.Timeout(120, connect=5)
"""Chroma's own client would wait for ever; a write of one batch takes seconds."""

CHECK_ALL_UP_TO = 5000
CHECK_SAMPLE = 200
CHECK_MISSING = 0.02


def _settings() -> Settings:
    # Without _env_file=None a .env of whatever folder we run in reconfigures Chroma.
    return Settings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]


class ChromaVectors:
    """One published collection. Rows are known by their number."""

    def __init__(self, client: ClientAPI, collection: Collection, address: Address | None) -> None:
        self._client, self._collection, self._address = client, collection, address

    def query(self, vector: NDArray[np.float32], count: int) -> Rows:
        """Return the numbers of the `count` nearest rows, best first.

        A distributed deployment gives no more than its limit, whatever is asked for.
        """
        most = self._address.most_rows if self._address else None
        with _named_errors(self._address):
            found = self._collection.query(
                query_embeddings=vector[None].astype(np.float32),
                n_results=min(count, most) if most else count,
                include=[],
            )
        return np.array([int(name) for name in found["ids"][0]], dtype=np.int64)

    def close(self) -> None:
        """Release files and memory."""
        if self._address is None:
            _close(self._client)


@contextmanager
def _named_errors(address: Address | None) -> Iterator[None]:
    """Tell a collection that is broken or gone from a server that does not answer."""
    where = f"{address.shown}: " if address else ""
    try:
        yield
    except NotFoundError as error:
        raise BrokenIndex(f"{where}{error}") from error
    except InternalError as error:
        # embedded it means torn files; a server may have been restarted or be out of memory
        kind = StoreUnreachable if address else BrokenIndex
        raise kind(f"{where}{error}") from error
    except (httpx.HTTPError, ChromaError) as error:
        raise StoreUnreachable(f"{where}{error}") from error


def connect(url: str, folder: Path) -> ClientAPI:
    """Open a client: embedded in `folder` when `url` is empty, see `vectorstore.address`."""
    if not is_remote(url):
        return chromadb.PersistentClient(path=folder, settings=_settings())
    address = read_address(url)
    try:
        client = _remote_client(address)
    except (ValueError, httpx.HTTPError, ChromaError) as error:
        raise StoreUnreachable(f"{address.shown}: {error}") from error
    _bound(client)
    return client


def _close(client: ClientAPI) -> None:
    if isinstance(client, Client):
        client.close()


def _remote_client(address: Address) -> ClientAPI:
    if address.distributed:
        return chromadb.CloudClient(
            tenant=address.tenant,
            database=address.database,
            api_key=address.token or None,
            settings=_settings(),
            cloud_host=address.host,
            cloud_port=address.port,
            enable_ssl=address.secure,
        )
    return chromadb.HttpClient(
        host=address.host,
        port=address.port,
        ssl=address.secure,
        settings=_settings(),
        headers={"Authorization": f"Bearer {address.token}"} if address.token else None,
        tenant=address.tenant or DEFAULT_TENANT,
        database=address.database or DEFAULT_DATABASE,
    )


def _bound(client: ClientAPI) -> None:
    """Bound the waits of a remote client, and have a proxy's error page raise what we catch.

    Chroma raises a bare `Exception` for an answer that is not its own JSON.
    """
    server = getattr(client, "_server", None)
    if isinstance(server, FastAPI):
        server._session.timeout = TIMEOUT
        server._session.event_hooks = {"response": [_refuse_foreign]}


def _refuse_foreign(response: httpx.Response) -> None:
    if response.is_error and "json" not in response.headers.get("content-type", ""):
        raise httpx.HTTPStatusError(
            f"HTTP {response.status_code}", request=response.request, response=response
        )


def build(url: str, folder: Path, name: str, vectors: Matrix) -> None:
    """Write a collection of all rows, check that every row is found, and seal it.

    The seal records the index files as they were published; `open_vectors` compares them,
    because Chroma crashes the process that opens a torn folder.

    Raises `PoorGraph`, with nothing left behind, where too many rows cannot be walked to.
    """
    if is_remote(url):
        address = read_address(url)
        client = connect(url, folder)
        try:
            with _named_errors(address):
                _fill(client, _remote_collection(client, name, address), vectors, address.most_rows)
        except PoorGraph:
            drop(url, name)
            raise
        return
    try:
        _fill_embedded(folder, name, vectors)
    except PoorGraph:
        shutil.rmtree(folder)
        raise
    write_seal(folder)


def _fill_embedded(folder: Path, name: str, vectors: Matrix) -> None:
    client = connect("", folder)
    try:
        settings = HNSW.copy()
        # One write of the index files, at the end; before it Chroma keeps rows in a log.
        settings["sync_threshold"] = max(2, len(vectors))
        settings["batch_size"] = min(1000, settings["sync_threshold"])
        collection = client.create_collection(
            name, embedding_function=None, configuration={"hnsw": settings}
        )
        _fill(client, collection, vectors, None)
    finally:
        _close(client)


def _remote_collection(client: ClientAPI, name: str, address: Address) -> Collection:
    """Create a collection; a deployment that keeps another kind of index chooses by itself.

    Without a configuration distances are Euclidean: for our unit rows the order is the same.
    """
    if not address.distributed:
        try:
            return client.create_collection(
                name, embedding_function=None, configuration={"hnsw": HNSW.copy()}
            )
        except InvalidArgumentError:
            pass  # no HNSW behind this address
    return client.create_collection(name, embedding_function=None)


def _fill(
    client: ClientAPI, collection: Collection, vectors: Matrix, most_rows: int | None
) -> None:
    """Write all rows in batches the server takes, and check that they are found."""
    allowed = client.get_max_batch_size()
    step = min(size for size in (allowed, most_rows, len(vectors)) if size and size > 0)
    for start in range(0, len(vectors), step):
        block = vectors[start : start + step]
        collection.upsert(
            ids=[str(number) for number in range(start, start + len(block))], embeddings=block
        )
    _check(collection, vectors, all_up_to=most_rows or CHECK_ALL_UP_TO)


def _check(collection: Collection, vectors: Matrix, *, all_up_to: int) -> None:
    """Raise unless what was written is found again: `BrokenIndex`, or `PoorGraph`."""
    if collection.count() != len(vectors):
        raise BrokenIndex(f"{collection.count()} of {len(vectors)} rows were stored")
    if len(vectors) <= all_up_to:
        found = collection.query(query_embeddings=vectors[:1], n_results=len(vectors), include=[])
        lost = len(vectors) - len(found["ids"][0])
        if lost:
            raise BrokenIndex(f"{lost} of {len(vectors)} rows are not found")
        return
    picked = np.linspace(0, len(vectors) - 1, CHECK_SAMPLE).astype(int)
    found = collection.query(query_embeddings=vectors[picked], n_results=20, include=["distances"])
    astray = [
        number
        for number, ids, near in zip(picked, found["ids"], found["distances"] or [], strict=True)
        # Equal texts have equal vectors: a twin at no distance is as good as the row itself.
        if str(number) not in ids and (not near or near[0] > 1e-4)
    ]
    # A graph is an approximation: among many thousands a few rows cannot be walked to.
    if len(astray) > CHECK_MISSING * CHECK_SAMPLE:
        raise PoorGraph(f"{len(astray)} of {CHECK_SAMPLE} rows cannot be walked to")


def open_vectors(url: str, folder: Path, name: str) -> ChromaVectors:
    """Open a published collection; raises `BrokenIndex` rather than let Chroma crash on it."""
    if not is_remote(url):
        check_seal(folder)
    address = read_address(url) if is_remote(url) else None
    with _named_errors(address):
        client = connect(url, folder)
        collection = client.get_collection(name, embedding_function=None)
    return ChromaVectors(client, collection, address)


def reach(url: str) -> str:
    """Return the version of a server that answers; raises `StoreUnreachable`."""
    with _named_errors(read_address(url)):
        return str(connect(url, Path()).get_version())


def version() -> str:
    """Return the version of the embedded database."""
    return chromadb.__version__


def drop(url: str, name: str) -> None:
    """Delete a collection of a server, if it is there; embedded ones go with their folder."""
    client = connect(url, Path())
    with suppress(BrokenIndex), _named_errors(read_address(url)):
        client.delete_collection(name)

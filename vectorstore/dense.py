"""The vector database: Chroma, embedded, server or cloud by one URL. The only door to chromadb.

A collection is written once, checked and never changed. Chroma's own embedding functions are
never attached: whoever calls brings vectors.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import chromadb
import httpx
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.client import Client
from chromadb.api.collection_configuration import CreateHNSWConfiguration
from chromadb.api.models.Collection import Collection
from chromadb.config import DEFAULT_DATABASE, Settings
from chromadb.errors import ChromaError, InternalError, NotFoundError
from numpy.typing import NDArray

from vectorstore.entries import Matrix, Rows
from vectorstore.errors import BrokenIndex, StoreUnreachable

HNSW: CreateHNSWConfiguration = {
    "space": "cosine",
    "ef_construction": 200,
    "max_neighbors": 32,
    "ef_search": 500,
}
"""Half of it (16, 100) saves 50 s at 100,000 rows and loses rows; the defaults lose a tenth."""

SEAL = "seal.json"
CHECK_ALL_UP_TO = 5000
CHECK_SAMPLE = 200
CHECK_MISSING = 0.02


def _settings() -> Settings:
    # Without _env_file=None a .env of whatever folder we run in reconfigures Chroma.
    return Settings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]


def is_remote(url: str) -> bool:
    """Tell whether the URL names a server or the cloud rather than embedded use."""
    return urlsplit(url).scheme in ("http", "https", "cloud")


class ChromaVectors:
    """One published collection. Rows are known by their number."""

    def __init__(self, client: ClientAPI, collection: Collection, *, owned: bool) -> None:
        self._client, self._collection, self._owned = client, collection, owned

    def query(self, vector: NDArray[np.float32], count: int) -> Rows:
        """Return the numbers of the `count` nearest rows, best first."""
        try:
            found = self._collection.query(
                query_embeddings=vector[None].astype(np.float32), n_results=count, include=[]
            )
        except (InternalError, NotFoundError) as error:
            raise BrokenIndex(f"chroma query failed: {error}") from error
        except (httpx.HTTPError, ChromaError) as error:
            raise StoreUnreachable(str(error)) from error
        return np.array([int(name) for name in found["ids"][0]], dtype=np.int64)

    def close(self) -> None:
        """Release files and memory."""
        if self._owned:
            _close(self._client)


def connect(url: str, folder: Path) -> ClientAPI:
    """Open a client: embedded in `folder` when `url` is empty.

    `http(s)://[token@]host:port[/database]` is a server, `cloud://tenant/database` the cloud.
    """
    parts = urlsplit(url)
    try:
        if parts.scheme in ("http", "https"):
            return _http_client(parts)
        if parts.scheme == "cloud":
            return chromadb.CloudClient(
                tenant=parts.hostname,
                database=parts.path.strip("/"),
                api_key=parts.username,
                settings=_settings(),
            )
    except (ValueError, httpx.HTTPError, ChromaError) as error:
        raise StoreUnreachable(f"{parts.scheme}://{parts.hostname}: {error}") from error
    return chromadb.PersistentClient(path=folder, settings=_settings())


def _close(client: ClientAPI) -> None:
    if isinstance(client, Client):
        client.close()


def _http_client(parts: SplitResult) -> ClientAPI:
    secure = parts.scheme == "https"
    return chromadb.HttpClient(
        host=parts.hostname or "localhost",
        port=parts.port or (443 if secure else 8000),
        ssl=secure,
        settings=_settings(),
        headers={"Authorization": f"Bearer {parts.username}"} if parts.username else None,
        database=parts.path.strip("/") or DEFAULT_DATABASE,
    )


def build(url: str, folder: Path, name: str, vectors: Matrix) -> None:
    """Write a collection of all rows, check that every row is found, and seal it.

    The seal records the index files as they were published; `open_vectors` compares them,
    because Chroma crashes the process that opens a torn folder.
    """
    client = connect(url, folder)
    try:
        settings = HNSW.copy()
        if not is_remote(url):
            # One write of the index files, at the end; before it Chroma keeps rows in a log.
            settings["sync_threshold"] = max(2, len(vectors))
            settings["batch_size"] = min(1000, settings["sync_threshold"])
        collection = client.create_collection(
            name, embedding_function=None, configuration={"hnsw": settings}
        )
        step = client.get_max_batch_size()
        for start in range(0, len(vectors), step):
            block = vectors[start : start + step]
            collection.upsert(
                ids=[str(number) for number in range(start, start + len(block))], embeddings=block
            )
        _check(collection, vectors)
    finally:
        if not is_remote(url):
            _close(client)
    if not is_remote(url):
        (folder / SEAL).write_text(json.dumps(_state(folder)), encoding="utf-8")


def _check(collection: Collection, vectors: Matrix) -> None:
    """Raise unless what was written is found again."""
    if collection.count() != len(vectors):
        raise BrokenIndex(f"{collection.count()} of {len(vectors)} rows were stored")
    if len(vectors) <= CHECK_ALL_UP_TO:
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
        raise BrokenIndex(f"{len(astray)} of {CHECK_SAMPLE} rows are not found")


def open_vectors(url: str, folder: Path, name: str) -> ChromaVectors:
    """Open a published collection; raises `BrokenIndex` rather than let Chroma crash on it."""
    if not is_remote(url):
        check_seal(folder)
    try:
        client = connect(url, folder)
        collection = client.get_collection(name, embedding_function=None)
    except (InternalError, NotFoundError) as error:
        raise BrokenIndex(f"chroma cannot open {name}: {error}") from error
    except (ChromaError, httpx.HTTPError) as error:
        raise StoreUnreachable(str(error)) from error
    return ChromaVectors(client, collection, owned=not is_remote(url))


def drop(url: str, names: Sequence[str]) -> None:
    """Delete collections of a server; embedded ones go with their folder."""
    client = connect(url, Path())
    held = {collection.name for collection in client.list_collections()}
    for name in held.intersection(names):
        client.delete_collection(name)


def check_seal(folder: Path) -> None:
    """Compare an embedded collection with its seal; raises `BrokenIndex`."""
    try:
        sealed = json.loads((folder / SEAL).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenIndex(f"{folder}: no seal") from error
    # Sizes first: an interrupted write can leave a sparse file of terabytes, not to be read.
    if sealed["sizes"] != _sizes(folder) or sealed != _state(folder):
        raise BrokenIndex(f"{folder}: index files changed since they were published")


def _index_files(folder: Path) -> list[Path]:
    """Return the finished index files; a collection of one row has none worth the name."""
    finished = [path.parent for path in folder.glob("*/index_metadata.pickle")]
    return sorted(path for home in finished for path in home.iterdir() if path.is_file())


def _sizes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_size for path in _index_files(folder)}


def _state(folder: Path) -> dict[str, object]:
    """Describe the index files byte for byte, and the SQLite file by what it holds.

    Chroma touches the SQLite file whenever it opens it, so only its soundness and row count
    can be compared; the index files of a finished collection stay as they are.
    """
    digests = {}
    for path in _index_files(folder):
        with path.open("rb") as file:
            digests[str(path.relative_to(folder))] = hashlib.file_digest(file, "sha1").hexdigest()
    return {
        "sizes": _sizes(folder),
        "digests": digests,
        "sqlite": _sqlite_state(folder / "chroma.sqlite3"),
    }


def _sqlite_state(path: Path) -> list[object]:
    if not path.exists():
        raise BrokenIndex(f"{path} is missing")
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            rows = connection.execute("SELECT count(*) FROM embeddings").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise BrokenIndex(f"{path}: {error}") from error
    return [verdict, rows]

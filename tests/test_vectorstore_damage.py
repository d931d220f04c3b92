"""What is torn is told and rebuilt; a build may be killed at any moment."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tests.fakes_vectorstore import CONCEPTS, make_entries, opened, publish
from vectorstore.errors import BrokenIndex
from vectorstore.store import Store


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Publish once; who changes the folder takes a copy."""
    folder = tmp_path_factory.mktemp("built")
    publish(Store(folder, concepts=CONCEPTS), make_entries(30))
    return folder


def _spoil_vectors(home: Path) -> None:
    target = next(home.glob("base/chroma/*/link_lists.bin"))
    with target.open("r+b") as file:
        file.truncate(1 << 40)  # the sparse terabyte that an interrupted write leaves


def _cut_vectors(home: Path) -> None:
    target = next(home.glob("base/chroma/*/data_level0.bin"))
    target.write_bytes(target.read_bytes()[:1000])


def _drop_vectors(home: Path) -> None:
    for path in home.glob("base/chroma/*/*"):
        path.unlink()


def _garble_sqlite(home: Path) -> None:
    (home / "base/chroma/chroma.sqlite3").write_bytes(b"not a database" * 100)


def _empty_sqlite(home: Path) -> None:
    (home / "base/chroma/chroma.sqlite3").write_bytes(b"")


def _garble_words(home: Path) -> None:
    (home / "base/words.sqlite").write_bytes(b"not a database" * 100)


def _cut_whole(home: Path) -> None:
    path = home / "base/whole.npy"
    path.write_bytes(path.read_bytes()[:200])


def _drop_manifest(home: Path) -> None:
    (home / "manifest.json").unlink()


def _garble_encoder(home: Path) -> None:
    (home / "encoder/encoder.json").write_text("{")


SPOILERS = [
    _spoil_vectors, _cut_vectors, _drop_vectors, _garble_sqlite, _empty_sqlite,
    _garble_words, _cut_whole, _drop_manifest, _garble_encoder,
]  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILERS)
def test_a_spoilt_generation_is_told_and_never_opened(
    built: Path, tmp_path: Path, spoil: object
) -> None:
    folder = tmp_path / "index"
    shutil.copytree(built, folder)
    home = next(folder.glob("cases-*"))
    assert callable(spoil)
    assert Store(folder, concepts=CONCEPTS).current() is not None
    spoil(home)
    held = Store(folder, concepts=CONCEPTS)
    with pytest.raises(BrokenIndex):
        held.current()
    publish(held, make_entries(30))
    assert len(opened(held)) == 30


def test_a_spoilt_pointer_is_told(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, make_entries(5))
    (tmp_path / "current.json").write_text("{")
    with pytest.raises(BrokenIndex):
        held.current()
    publish(held, make_entries(5))
    assert len(opened(held)) == 5


@pytest.mark.slow
def test_killing_the_builder_at_any_time_leaves_a_whole_index(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from tests.fakes_vectorstore import CONCEPTS, Store, make_entries, publish
        held = Store(Path(sys.argv[1]), concepts=CONCEPTS)
        print("ready", flush=True)
        for number in range(1000):
            publish(held, make_entries(400 + number))
        """
    )
    reader = Store(tmp_path, concepts=CONCEPTS)
    publish(reader, make_entries(400))
    for attempt in range(8):
        child = subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.15 + 0.11 * attempt)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert opened(reader).search("党费收缴").matches[0].score > 0
        assert len(opened(Store(tmp_path, concepts=CONCEPTS))) >= 400
    publish(reader, make_entries(50))
    assert len(opened(reader)) == 50
    assert len(list(tmp_path.glob("cases-*"))) <= 2

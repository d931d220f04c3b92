"""Generations on disk: published whole, reopened, rebuilt when broken, swept when unused."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from collections.abc import Iterable
from pathlib import Path

import chromadb
import numpy as np
import pytest

from vectorstore import dense, lexical, store
from vectorstore.entries import Concepts, Entry
from vectorstore.errors import BrokenIndex, IndexBusy, StoreUnreachable
from vectorstore.generation import Generation
from vectorstore.lexical import FullText
from vectorstore.locks import FolderUse, building
from vectorstore.segment import Segment
from vectorstore.store import Store

SUBJECTS = [
    "党费收缴",
    "合同管理",
    "信访积案",
    "河道保洁",
    "厂房盘活",
    "债务化解",
    "会议记录",
    "接待公函",
]
FAULTS = ["基数不准", "程序缺失", "台账混乱", "进展缓慢", "无人负责"]


def find(text: str) -> Iterable[str]:
    return [subject for subject in SUBJECTS if subject in text]


CONCEPTS = Concepts(find, (("党费收缴", "会费"), ("厂房盘活", "空厂房")))


def make_entries(count: int = 40, *, first: int = 0) -> list[Entry]:
    entries = []
    for number in range(first, first + count):
        subject = SUBJECTS[number % len(SUBJECTS)]
        fault = FAULTS[number // len(SUBJECTS) % len(FAULTS)]
        parts = (f"{subject}{fault}", f"第{number}单位对{subject}逐项核实并建立制度{number}")
        kind = "街道" if number % 2 else "乡镇"
        entries.append(
            Entry(f"n{number % 5}-{number:03d}", "\n".join(parts), parts, {"kind": (kind,)})
        )
    return entries


def digests(entries: Iterable[Entry]) -> dict[str, str]:
    return {entry.id: str(hash((entry.text, entry.parts))) for entry in entries}


def publish(held: Store, entries: list[Entry], *, stamp: str = "1") -> None:
    held.publish(entries, digests(entries), stamp={"revision": stamp})


def opened(held: Store) -> Generation:
    generation = held.current()
    assert generation is not None
    return generation


def test_an_empty_store_has_nothing_current(tmp_path: Path) -> None:
    held = Store(tmp_path / "index", concepts=CONCEPTS)
    assert held.current() is None
    assert held.stamp() == {}


def test_what_is_published_is_found(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    entries = make_entries()
    publish(held, entries)
    for entry in entries[:8]:
        assert opened(held).search(entry.text).matches[0].id == entry.id


def test_one_entry_is_enough(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, make_entries(1))
    assert [m.id for m in opened(held).search("党费").matches] == ["n0-000"]


def test_a_text_with_nothing_in_it_does_not_stop_a_build(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, [*make_entries(3), Entry("empty", "", ())])
    assert len(opened(held)) == 4
    assert opened(held).search("").matches is not None


def test_a_query_that_shares_nothing_has_no_known_weight(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, make_entries())
    assert opened(held).search("饕餮魑魅").known == 0.0


def test_filters_hold_exactly(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    entries = make_entries()
    publish(held, entries)
    found = opened(held).search("党费收缴", wanted={"kind": ["街道"]}, limit=100)
    assert {m.id for m in found.matches} == {e.id for e in entries if e.labels["kind"] == ("街道",)}
    assert opened(held).search("党费", wanted={"kind": ["学校"]}).matches == ()
    both = opened(held).search("党费", wanted={"kind": ["学校", "乡镇"]}, limit=100)
    assert len(both.matches) == 20


def test_chroma_finds_what_an_exact_scan_finds(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, make_entries(600))
    generation = opened(held)
    segment = generation.segments[0]
    for text in ("党费基数", "厂房闲置", "接待没有公函"):
        query, _ = generation.encoder.encode_query(text)
        rows = segment._vectors.query(query, 50)
        exact = np.sort(segment.whole @ query)[::-1][:50]
        assert np.allclose(segment.whole[rows] @ query, exact, atol=1e-4)


def test_words_find_an_exact_figure(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    entries = make_entries()
    entries[17] = Entry("n2-017", "清退津贴9480元", ("清退津贴9480元",), {})
    publish(held, entries)
    assert opened(held).search("9480元").matches[0].id == "n2-017"


def test_the_same_query_gives_the_same_order(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, make_entries())
    first = opened(held).search("制度")
    assert first == opened(Store(tmp_path, concepts=CONCEPTS)).search("制度")


def test_readers_notice_a_new_generation_without_reopening(tmp_path: Path) -> None:
    reader, writer = Store(tmp_path, concepts=CONCEPTS), Store(tmp_path, concepts=CONCEPTS)
    publish(writer, make_entries(10))
    before = opened(reader)
    publish(writer, make_entries(20), stamp="2")
    assert len(before) == 10
    assert len(opened(reader)) == 20
    assert reader.stamp() == {"revision": "2"}


def test_a_generation_in_use_is_kept_and_swept_later(tmp_path: Path) -> None:
    reader, writer = Store(tmp_path, concepts=CONCEPTS), Store(tmp_path, concepts=CONCEPTS)
    publish(writer, make_entries(10))
    generation = opened(reader)
    publish(writer, make_entries(12))
    assert generation.search("党费").matches
    assert len(list(tmp_path.glob("cases-*"))) == 2
    del generation
    opened(reader)
    publish(writer, make_entries(14))
    publish(writer, make_entries(16))
    assert len(list(tmp_path.glob("cases-*"))) <= 2


def test_searching_goes_on_while_generations_are_published(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, make_entries(10))
    stop, problems, searches = threading.Event(), [], [0]

    def search() -> None:
        while not stop.is_set():
            found = opened(held).search("党费收缴").matches
            searches[0] += 1
            if not found or "00" not in found[0].id:
                problems.append(found)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for round_number in range(4):
        publish(held, make_entries(10 + round_number))
    stop.set()
    for thread in threads:
        thread.join()
    assert not problems
    assert searches[0] > 0


def test_a_build_that_fails_leaves_the_old_generation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, make_entries(10))

    def full_disk(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lexical, "build", full_disk)
    with pytest.raises(OSError, match="No space"):
        publish(held, make_entries(20))
    monkeypatch.undo()
    assert len(opened(Store(tmp_path, concepts=CONCEPTS))) == 10
    publish(held, make_entries(20))
    assert len(opened(held)) == 20


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
def test_a_spoilt_generation_is_told_and_never_opened(tmp_path: Path, spoil: object) -> None:
    publish(Store(tmp_path, concepts=CONCEPTS), make_entries(30))
    home = next(tmp_path.glob("cases-*"))
    assert callable(spoil)
    spoil(home)
    held = Store(tmp_path, concepts=CONCEPTS)
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


def test_one_builder_at_a_time(tmp_path: Path) -> None:
    with building(tmp_path), pytest.raises(IndexBusy), building(tmp_path, wait=0.2):
        pass
    with building(tmp_path, wait=0.0):
        pass


def test_a_folder_in_use_is_not_free(tmp_path: Path) -> None:
    use = FolderUse([tmp_path])
    assert not FolderUse.is_free(tmp_path)
    use.release()
    assert FolderUse.is_free(tmp_path)


@pytest.mark.slow
def test_killing_the_builder_at_any_time_leaves_a_whole_index(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from tests.test_vectorstore_store import CONCEPTS, Store, make_entries, publish
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


# ---------------------------------------------------------------------- folding in


@pytest.fixture
def small_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "FOLD_ENTRIES_FROM", 50)


def fold(held: Store, entries: list[Entry]) -> bool:
    return held.fold_in(entries, digests(entries), stamp={"revision": "2"})


def test_small_collections_ask_for_a_new_fit(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, make_entries(40))
    assert not fold(held, make_entries(41))


@pytest.mark.usefixtures("small_fold")
def test_folded_entries_are_found_first_by_their_own_words(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    entries = make_entries(100)
    publish(held, entries)
    fresh = Entry("new-1", "低保金误发给去世人员，已追回", ("低保金误发给去世人员，已追回",), {})
    assert fold(held, [*entries, fresh])
    generation = opened(held)
    assert len(generation.segments) == 2
    found = generation.search("死了的人还在领低保").matches
    assert found[0].id == "new-1"
    assert found[0].dense > 0.4
    assert generation.search(entries[7].text).matches[0].id == entries[7].id


@pytest.mark.usefixtures("small_fold")
def test_changed_and_removed_entries_are_seen_as_they_are_now(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    entries = make_entries(100)
    publish(held, entries)
    changed = Entry(entries[3].id, "河道非法采砂未查处", ("河道非法采砂未查处",), {})
    assert fold(held, [*entries[:3], changed, *entries[5:]])
    found = opened(held).search("非法采砂", limit=200).matches
    assert found[0].id == changed.id
    assert sum(match.id == changed.id for match in found) == 1
    assert entries[4].id not in {match.id for match in found}


@pytest.mark.usefixtures("small_fold")
def test_folding_again_starts_from_the_fit_and_sweeps_the_step_between(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    entries = make_entries(100)
    publish(held, entries)
    for count in range(1, 4):
        more = [*entries, *make_entries(count, first=200)]
        assert fold(held, more)
        assert len(opened(held)) == 100 + count
    assert len(list(tmp_path.glob("cases-*"))) <= 3


@pytest.mark.usefixtures("small_fold")
def test_only_removing_needs_no_second_segment(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    entries = make_entries(100)
    publish(held, entries)
    assert fold(held, entries[:95])
    assert len(opened(held).search("制度", limit=200).matches) == 95


@pytest.mark.usefixtures("small_fold")
def test_too_much_change_asks_for_a_new_fit(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, make_entries(100))
    assert not fold(held, make_entries(130))


# ---------------------------------------------------------------------- Chroma itself


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
    assert segment._vectors._collection._embedding_function is None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with pytest.raises(ValueError, match="embedding"):
            segment._vectors._collection.query(query_texts=["党费"])


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
    port = 18431
    command = Path(sys.executable).with_name("chroma")
    server = subprocess.Popen(
        [command, "run", "--path", str(tmp_path / "server"), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
    )
    try:
        held = Store(tmp_path / "index", concepts=CONCEPTS, url=f"http://127.0.0.1:{port}")
        for _ in range(100):
            try:
                publish(held, make_entries(30))
                break
            except StoreUnreachable:
                time.sleep(0.1)
        assert opened(held).search("党费收缴").matches
        assert not list((tmp_path / "index").glob("*/base/chroma/chroma.sqlite3"))
        publish(held, make_entries(31))
        publish(held, make_entries(32))
        opened(held)
        client = chromadb.HttpClient(host="127.0.0.1", port=port, settings=dense._settings())
        assert 1 <= len(client.list_collections()) <= 2
    finally:
        server.terminate()
        server.wait()


# ---------------------------------------------------------------------- full text


def test_words_are_ranked_and_unknown_ones_find_nothing(tmp_path: Path) -> None:
    path = tmp_path / "words.sqlite"
    lexical.build(path, ["党费收缴", "党费补缴补缴", "合同", ""])
    words = FullText(path)
    rows, scores = words.query(["补缴", "党费"], 10)
    assert rows.tolist()[0] == 1
    assert (np.diff(scores) <= 0).all()
    assert words.query(["饕餮"], 10)[0].tolist() == []
    assert words.query(['"; DROP', "NEAR("], 10)[0].tolist() == []
    assert words.texts(np.array([2, 0])) == ["合同", "党费收缴"]


def test_only_what_is_meant_literally_is_asked_for_word_by_word() -> None:
    assert lexical.exact_words("清退9480元，利率9.2%，2023年，41个党员") == ["9480", "9.2"]
    assert lexical.exact_words("XX镇的APP") == ["app"]
    assert "管理" in lexical.exact_words("《村干部管理办法》怎么改的")
    assert lexical.exact_words("党费没按时交怎么办") == []


def test_figures_with_a_point_stay_one_word(tmp_path: Path) -> None:
    path = tmp_path / "words.sqlite"
    lexical.build(path, ["利率9.2%偏高", "利率9偏高", "第2季度"])
    assert FullText(path).query(["9.2"], 10)[0].tolist() == [0]


def test_common_words_are_left_out_of_large_collections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexical, "LARGE", 10)
    path = tmp_path / "words.sqlite"
    lexical.build(path, [*["整改 制度"] * 19, "整改 低保"])
    words = FullText(path)
    assert words.query(["整改", "低保"], 10)[0].tolist() == [19]
    assert len(words.query(["整改"], 10)[0]) == 10


def test_manifest_is_plain_json(tmp_path: Path) -> None:
    held = Store(tmp_path, concepts=CONCEPTS)
    publish(held, make_entries(5))
    name = json.loads((tmp_path / "current.json").read_text())["generation"]
    manifest = json.loads((tmp_path / name / "manifest.json").read_text())
    assert manifest["segments"] == [f"{name}/base"]

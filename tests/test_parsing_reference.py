"""Figures on the judged corpus beside the repository: the bars the reading must hold."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from assistant.models import Document
from assistant.parsing.export_json import notice_json
from assistant.parsing.parse import parse_document

pytestmark = pytest.mark.reference


def _documents(folder: Path) -> list[Document]:
    found = []
    for path in sorted(folder.glob("*.txt")):
        content = path.read_bytes()
        lines = tuple(content.decode("utf-8-sig").split("\n"))
        found.append(Document(path.name, hashlib.sha256(content).hexdigest(), "txt", lines))
    return found


def _figures(shared: Path, folder: Path) -> dict[str, Any]:
    parsed = [
        notice_json(notice)
        for document in _documents(shared / "corpus")
        for notice in parse_document(document)
    ]
    predicted = folder / "predicted.json"
    predicted.write_text(json.dumps(parsed, ensure_ascii=False), encoding="utf-8")
    script = shared / "tools" / "score_parse.py"
    done = subprocess.run(
        [sys.executable, str(script), str(predicted), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def test_the_judged_corpus_is_read_above_the_bars(shared: Path, tmp_path: Path) -> None:
    figures = _figures(shared, tmp_path)
    assert figures["notices"].endswith("0 spurious")
    assert figures["problem"]["f1"] >= 0.985
    assert figures["measure"]["f1"] >= 0.97
    assert figures["status_accuracy"] >= 0.97
    assert figures["category_accuracy"] >= 0.97
    assert figures["field_accuracy"] >= 0.97


def test_text_is_parsed_at_a_megabyte_a_second(shared: Path) -> None:
    lines = tuple(line for doc in _documents(shared / "corpus") for line in doc.lines)
    size = sum(len(line.encode()) for line in lines)
    document = Document("全部.txt", "0" * 64, "txt", lines)
    parse_document(document)
    taken = []
    for _ in range(3):
        started = time.process_time()
        parse_document(document)
        taken.append(time.process_time() - started)
    assert size / min(taken) >= 800_000
